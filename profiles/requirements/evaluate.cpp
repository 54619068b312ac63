#include "profiles/requirements/evaluate.h"

#include <algorithm>
#include <array>
#include <map>
#include <set>

#include "profiles/requirements/functions.h"

namespace passerelle::requirements {
namespace {

using path::Item;
using path::ItemKind;

constexpr std::size_t kFindingsMax = 200;  // of one requirement in one run: more would help nobody
constexpr std::size_t kQuotedMax = 160;    // bytes of a quoted value
constexpr std::array<std::string_view, 6> kVerdicts = {"N-A",           "PASS", "MANUAL",
                                                       "INDETERMINATE", "WARN", "FAIL"};

constexpr std::string_view kForeign = "no country code, profile or OID says that this is French: the ";

// What the bench has to bring when a product's tree of that kind is there. Other kinds come from the product
// itself: where there is none, there is nothing to say.
struct Brought {
  Kind kind;
  std::array<Kind, 2> after;
  std::string_view missing;
};
constexpr Brought kBrought[] = {
    {Kind::Draft, {Kind::Message, Kind::Document}, "the run brought no FHIR made of the input"},
    {Kind::Ack, {Kind::Message, Kind::Message}, "the run brought no acknowledgement"},
    {Kind::Response, {Kind::Fhir, Kind::Fhir}, "the run brought no answer to the resource"},
    {Kind::Delivery, {Kind::Message, Kind::Fhir}, "the run watched no target"},
    {Kind::Audit, {Kind::Message, Kind::Fhir}, "the run brought no audit events"},
};

bool Has(const Run& run, Kind kind) {
  auto is = [&](const auto& x) { return x.kind == kind; };
  return std::any_of(run.subjects.begin(), run.subjects.end(), is);
}

// Cut at a character's border.
std::string Quoted(std::string_view text) {
  if (text.size() <= kQuotedMax) return std::string(text);
  std::size_t end = kQuotedMax;
  while (end > 0 && (static_cast<unsigned char>(text[end]) & 0xC0) == 0x80) --end;
  return std::string(text.substr(0, end)) + "...";
}

// Whether an expression is a plain path, whose text then names what is missing.
bool IsPlain(std::string_view text) {
  return text.find_first_not_of("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789.-@:`") ==
         text.npos;
}

// Where `name` would stand below the focus.
std::string MissingPath(const node::Tree& tree, node::NodeIndex focus, std::string_view name) {
  std::string path = tree.Path(focus);
  if (tree.format() == node::Format::Hl7v2) {
    auto dash = name.find('-');
    auto segment = name.substr(0, dash);
    if (dash == name.npos || !path.starts_with(segment)) return std::string(name);
    auto in_hand = std::string_view(path).substr(0, path.find('-'));
    return std::string(in_hand) + std::string(name.substr(dash));
  }
  std::string below(name);
  std::erase(below, '`');
  if (tree.format() == node::Format::Cda) std::replace(below.begin(), below.end(), '.', '/');
  return path + (tree.format() == node::Format::Cda ? "/" : ".") + below;
}

// Where somebody who mends it would look: the node in hand, or, of a whole message, the segment that is
// named.
Place NearestPlace(const node::Tree& tree, node::NodeIndex focus, std::string_view missing) {
  auto segment = focus != node::kRoot || tree.format() != node::Format::Hl7v2
                     ? node::kNone
                     : tree.Child(focus, missing.substr(0, missing.find('-')));
  return tree.PlaceOf(segment == node::kNone ? focus : segment);
}

// How much of a text is a literal of the tables: all of it or its begin. What stands in the message is
// nobody's words, whatever it reads like.
std::size_t PhraseIn(const Item& said, std::string_view text, std::span<const std::string> phrases) {
  std::size_t longest = 0;
  if (said.kind == ItemKind::String)
    for (const auto& phrase : phrases)
      if (text.starts_with(phrase)) longest = std::max(longest, phrase.size());
  return longest;
}

class Evaluation {
 public:
  Evaluation(const Catalogue& catalogue, const Run& run, const World& world)
      : catalogue_(catalogue), run_(run), host_(run, world) {}

  void Ask(const Requirement& requirement, Report& report);

 private:
  void AskRefused(const Refused& refused);
  void AskCheck(const Check& check);
  void AskSubject(const Check& check, const Subject& subject);
  void AskNode(const Check& check, const Subject& subject, const Item& focus);
  bool IsFrench(const Subject& subject);
  std::optional<bool> Holds(const path::Expression& expression, const Item& focus);
  std::vector<Item> Items(const path::Expression& expression, const Item& focus);
  Place PlaceFor(const Check& check, const Item& focus, std::vector<Item>& at);
  void Add(Verdict verdict, const Subject* subject, std::string cause);
  path::Environment Environment() {
    path::Environment environment;
    environment.services = &host_;
    environment.steps_max = 20'000'000;
    return environment;
  }

  const Catalogue& catalogue_;
  const Run& run_;
  Host host_;
  path::Machine machine_;
  const Requirement* requirement_ = nullptr;
  std::vector<Finding> found_;
  bool passed_ = false;
  const Subject* foreign_ = nullptr;       // that passed, but proves nothing
  std::map<const Subject*, bool> french_;  // as far as it was asked
};

void Evaluation::Add(Verdict verdict, const Subject* subject, std::string cause) {
  Finding finding;
  finding.requirement = requirement_;
  finding.id = requirement_->id;
  finding.verdict = verdict;
  if (subject) finding.subject = subject->name.empty() ? std::string(KindName(subject->kind)) : subject->name;
  finding.cause = std::move(cause);
  found_.push_back(std::move(finding));
}

std::optional<bool> Evaluation::Holds(const path::Expression& expression, const Item& focus) {
  auto held = machine_.Test(expression, focus, Environment());
  if (held) return *held;
  host_.Miss("an answer: " + held.error().Text());
  return std::nullopt;
}

std::vector<Item> Evaluation::Items(const path::Expression& expression, const Item& focus) {
  auto items = machine_.Evaluate(expression, focus, Environment());
  if (items) return {items->begin(), items->end()};
  host_.Miss("an answer: " + items.error().Text());
  return {};
}

Place Evaluation::PlaceFor(const Check& check, const Item& focus, std::vector<Item>& at) {
  if (focus.kind != ItemKind::Node) return {};
  if (!check.place) {
    at = {focus};
    return focus.tree->PlaceOf(focus.node);
  }
  at = Items(*check.place, focus);
  if (!at.empty() && at.front().kind == ItemKind::Node) return at.front().tree->PlaceOf(at.front().node);
  std::string missing(!at.empty() ? path::TextOf(at.front()) : check.place->text());
  auto place = NearestPlace(*focus.tree, focus.node, missing);
  if (!at.empty() || IsPlain(missing)) place.path = MissingPath(*focus.tree, focus.node, missing);
  at.clear();
  return place;
}

bool Evaluation::IsFrench(const Subject& subject) {
  auto [known, is_new] = french_.emplace(&subject, true);
  const auto* sign = is_new ? catalogue_.FrenchSign(subject.kind) : nullptr;
  if (sign) known->second = Holds(*sign, Item::Of(*subject.tree, node::kRoot)).value_or(false);
  return known->second;
}

void Evaluation::AskNode(const Check& check, const Subject& subject, const Item& focus) {
  host_.Forget();
  auto held = Holds(*check.test, focus);
  if (!host_.missing().empty() || !held)
    return Add(Verdict::Indeterminate, &subject, "missing: " + host_.missing());
  if (*held) {
    if (!IsFrench(subject)) foreign_ = &subject;
    passed_ = true;
    return;
  }
  if (found_.size() >= kFindingsMax) return;
  bool warns = check.minor || requirement_->WeightIn(run_.mode) == Weight::Minor;
  Add(warns ? Verdict::Warn : Verdict::Fail, &subject, {});
  Finding finding = std::move(found_.back());
  found_.pop_back();
  std::vector<Item> at;
  finding.place = PlaceFor(check, focus, at);
  if (check.expected)
    if (auto items = Items(*check.expected, focus); !items.empty()) {
      finding.expected = Quoted(path::TextOf(items.front()));
      finding.phrase = PhraseIn(items.front(), finding.expected, check.phrases);
    }
  if (check.found) at = Items(*check.found, focus);
  for (const auto& item : at) {
    auto text = path::TextOf(item);
    if (text.empty()) continue;
    if (!finding.found.empty()) finding.found += ", ";
    finding.found += Quoted(text);
    finding.found_is_ours =
        check.found && at.size() == 1 &&
        (check.found_is_said || PhraseIn(item, finding.found, check.found_phrases) == text.size());
    if (finding.found.size() > 2 * kQuotedMax) break;
  }
  found_.push_back(std::move(finding));
}

void Evaluation::AskSubject(const Check& check, const Subject& subject) {
  host_.Enter(subject);
  host_.Forget();
  Item root = Item::Of(*subject.tree, node::kRoot);
  auto applies = check.when ? Holds(*check.when, root) : std::optional(true);
  if (applies && !*applies && host_.missing().empty()) return;
  std::vector<Item> nodes;
  if (applies && host_.missing().empty())
    nodes = check.each ? Items(*check.each, root) : std::vector<Item>{root};
  if (!host_.missing().empty()) return Add(Verdict::Indeterminate, &subject, "missing: " + host_.missing());
  if (check.series && !run_.earlier && !nodes.empty())
    return Add(Verdict::Indeterminate, &subject, "missing: the messages before this one");
  for (const auto& focus : nodes) AskNode(check, subject, focus);
}

void Evaluation::AskCheck(const Check& check) {
  for (const auto& [kind, reason, error, place] : run_.unreadable)
    if (kind == check.kind)
      Add(Verdict::Indeterminate, nullptr, std::string(KindName(kind)) + " not readable: " + reason);
  bool any = false;
  for (const auto& subject : run_.subjects) {
    if (subject.kind != check.kind) continue;
    any = true;
    AskSubject(check, subject);
  }
  bool watched = std::find(run_.watched.begin(), run_.watched.end(), check.kind) != run_.watched.end();
  if (any || watched) return;
  for (const auto& brought : kBrought)
    if (brought.kind == check.kind && (Has(run_, brought.after[0]) || Has(run_, brought.after[1])))
      Add(Verdict::Indeterminate, nullptr, std::string(brought.missing));
}

void Evaluation::AskRefused(const Refused& refused) {
  for (const auto& [kind, reason, error, place] : run_.unreadable) {
    if (kind != refused.kind || std::ranges::find(refused.errors, error) == refused.errors.end()) continue;
    Add(requirement_->WeightIn(run_.mode) == Weight::Minor ? Verdict::Warn : Verdict::Fail, nullptr, {});
    found_.back().subject = KindName(kind);
    found_.back().place = place;
    found_.back().found = Quoted(reason);
  }
}

void Evaluation::Ask(const Requirement& requirement, Report& report) {
  requirement_ = &requirement;
  found_.clear();
  passed_ = false;
  foreign_ = nullptr;
  if (requirement.means == Means::Person)
    Add(Verdict::Manual, nullptr, requirement.reason);
  else if (requirement.means != Means::Automatic)
    Add(Verdict::Indeterminate, nullptr,
        "needs a " + std::string(MeansName(requirement.means)) + ": " + requirement.reason);
  for (const auto& refused : requirement.refused) AskRefused(refused);
  for (const auto& check : requirement.checks) AskCheck(check);
  // One place is told once, and one cause.
  std::set<std::string> told;
  std::erase_if(found_, [&](const Finding& f) {
    return f.verdict == Verdict::Indeterminate && !told.insert(f.subject + f.cause).second;
  });
  if (found_.empty() && foreign_)
    Add(Verdict::Indeterminate, foreign_, std::string(kForeign) + std::string(KindName(foreign_->kind)));
  if (found_.empty()) Add(passed_ ? Verdict::Pass : Verdict::NotApplicable, nullptr, {});
  report.findings.insert(report.findings.end(), std::make_move_iterator(found_.begin()),
                         std::make_move_iterator(found_.end()));
}

}  // namespace

std::string_view VerdictName(Verdict verdict) { return kVerdicts[static_cast<std::size_t>(verdict)]; }

Verdict Report::Of(std::string_view id) const {
  std::optional<Verdict> worst;
  for (const auto& finding : findings)
    if (finding.id == id) worst = std::max(worst.value_or(Verdict::NotApplicable), finding.verdict);
  return worst.value_or(Verdict::Indeterminate);
}

std::size_t Report::Count(Verdict verdict) const {
  std::set<std::string_view> ids;
  for (const auto& finding : findings) ids.insert(finding.id);
  return static_cast<std::size_t>(
      std::count_if(ids.begin(), ids.end(), [&](std::string_view id) { return Of(id) == verdict; }));
}

Report Evaluate(const Catalogue& catalogue, std::span<const std::string> ids, const Run& run,
                const World& world) {
  Report report;
  Evaluation evaluation(catalogue, run, world);
  for (const auto& id : ids) {
    if (const auto* requirement = catalogue.Find(id)) {
      evaluation.Ask(*requirement, report);
      continue;
    }
    Finding finding;
    finding.id = id;
    finding.verdict = Verdict::Indeterminate;
    finding.cause = "no requirement of that id is in the tables";
    report.findings.push_back(std::move(finding));
  }
  return report;
}

}  // namespace passerelle::requirements
