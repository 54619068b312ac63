#include "profiles/requirements/functions.h"

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <cstdlib>

#include "fhir_model/base/digest.h"
#include "fhir_model/identity/code_form.h"
#include "fhir_model/identity/identity.h"
#include "fhir_model/ucum/ucum.h"
#include "profiles/requirements/fold.h"
#include "profiles/requirements/names.h"

namespace passerelle::requirements {
namespace {

using node::kNone;
using node::NodeIndex;
using path::Item;
using path::ItemKind;
using Focus = std::span<const Item>;
using Arguments = std::span<const std::span<const Item>>;
using Out = std::vector<Item>;

std::string_view Argument(Arguments arguments, std::size_t i) {
  return i < arguments.size() && !arguments[i].empty() ? path::TextOf(arguments[i].front())
                                                       : std::string_view();
}

bool IsBelow(const node::Tree& tree, NodeIndex i, NodeIndex ancestor) {
  while (i != kNone && i != ancestor) i = tree[i].parent;
  return i == ancestor;
}

void AddBelow(const Item& from, const std::vector<NodeIndex>& nodes, Out& out) {
  for (auto i : nodes)
    if (from.node == node::kRoot || IsBelow(*from.tree, i, from.node)) out.push_back(Item::Of(*from.tree, i));
}

// elements('observation'): all of that name below the focus.
void Elements(Host& host, Focus focus, Arguments arguments, Out& out) {
  for (const auto& item : focus)
    if (item.kind == ItemKind::Node)
      AddBelow(item, host.IndexOf(*item.tree).Named(Argument(arguments, 0)), out);
}

// templated('1.2.250...', ...): all below the focus, itself included, that carry one of the templateIds.
void Templated(Host& host, Focus focus, Arguments arguments, Out& out) {
  for (const auto& item : focus)
    for (std::size_t i = 0; i < arguments.size() && item.kind == ItemKind::Node; ++i)
      AddBelow(item, host.IndexOf(*item.tree).Templated(Argument(arguments, i)), out);
}

// resources('Patient'): all of that type in the focus's tree.
void Resources(Host& host, Focus focus, Arguments arguments, Out& out) {
  for (const auto& item : focus)
    if (item.kind == ItemKind::Node)
      AddBelow(item, host.IndexOf(*item.tree).Resources(Argument(arguments, 0)), out);
}

// parent(): the node around the focus.
void Parent(Host&, Focus focus, Arguments, Out& out) {
  for (const auto& item : focus)
    if (item.kind == ItemKind::Node && item.node != node::kRoot)
      out.push_back(Item::Of(*item.tree, (*item.tree)[item.node].parent));
}

// hasElement(id): whether the focus's document has an element of that ID, with or without '#'. White space
// around a reference is no part of it (xs:anyURI collapses it).
void HasElement(Host& host, Focus focus, Arguments arguments, Out& out) {
  constexpr std::string_view kSpace = " \t\r\n";
  auto id = Argument(arguments, 0);
  id.remove_prefix(std::min(id.find_first_not_of(kSpace), id.size()));
  id = id.substr(0, id.find_last_not_of(kSpace) + 1);
  if (id.starts_with('#')) id.remove_prefix(1);
  for (const auto& item : focus)
    if (item.kind == ItemKind::Node) out.push_back(Item::Of(host.IndexOf(*item.tree).HasId(id)));
}

bool IsInsRoot(std::string_view oid) { return identity::FindInsRoot(oid) != nullptr; }
bool IsFictitious(std::string_view oid) {
  const auto* root = identity::FindInsRoot(oid);
  return root && root->fictitious;
}

// Whether there is more than white space; an empty element has no text at all.
bool HasText(std::string_view text) { return text.find_first_not_of(" \t\r\n") != text.npos; }

struct Predicate {
  std::string_view name;
  bool (*holds)(std::string_view text);
};
constexpr Predicate kPredicates[] = {
    {"insKeyAgrees", identity::InsKeyAgrees},
    {"isInsForm", identity::IsInsForm},
    {"isInsRoot", IsInsRoot},
    {"isFictitiousRoot", IsFictitious},
    {"rppsKeyAgrees", identity::IsRpps},
    {"finessKeyAgrees", identity::IsFiness},
    {"sirenKeyAgrees", identity::IsSiren},
    {"siretKeyAgrees", identity::IsSiret},
    {"loincKeyAgrees", identity::LoincKeyAgrees},
    {"isUcum", ucum::IsUnit},
    {"hasText", HasText},
};

// What a text becomes.
struct Conversion {
  std::string_view name;
  std::string (*make)(std::string_view text);
};
std::string Sha1Base64(std::string_view text) {
  auto digest = Sha1(text);
  return EncodeBase64({reinterpret_cast<const char*>(digest.data()), digest.size()});
}
std::string Sha1Hex(std::string_view text) {
  auto digest = Sha1(text);
  return Hex({reinterpret_cast<const char*>(digest.data()), digest.size()});
}
std::string Decoded(std::string_view text) {
  auto bytes = DecodeBase64(text);
  return bytes ? *std::move(bytes) : std::string();
}
// How a text stands to base64: "padded", "unpadded", "spaced" or "malformed".
std::string Base64Form(std::string_view text) {
  Base64Notes notes;
  if (!DecodeBase64(text, &notes)) return "malformed";
  return notes.unpadded ? "unpadded" : notes.white_space ? "spaced" : "padded";
}
std::string ByteLength(std::string_view text) { return std::to_string(text.size()); }
constexpr Conversion kConversions[] = {
    {"fold", Fold},       {"sha1Base64", Sha1Base64}, {"sha1Hex", Sha1Hex},       {"sha256Hex", Sha256Hex},
    {"decoded", Decoded}, {"base64Form", Base64Form}, {"byteLength", ByteLength},
};

// A code with its system as each standard writes it.
struct Coded {
  std::string_view code, system;
};
Coded CodedOf(const Item& item, Arguments arguments) {
  Coded coded{path::TextOf(item), Argument(arguments, 1)};
  if (item.kind != ItemKind::Node) return coded;
  const auto& tree = *item.tree;
  if (auto code = tree.Child(item.node, "@code"); code != kNone)
    return {tree[code].text, tree.ChildText(item.node, "@codeSystem")};
  if (auto code = tree.Child(item.node, "code"); code != kNone)
    return {tree[code].text, tree.ChildText(item.node, "system")};
  return coded;
}

// The systems that come as OID, as URL and as the short name of HL7 v2.
constexpr std::string_view kSystemNames[][3] = {
    {"2.16.840.1.113883.6.1", "http://loinc.org", "LN"},
    {"1.2.250.1.213.1.1.4.12",
     "https://mos.esante.gouv.fr/NOS/TRE_A05-TypeDocComplementaire/FHIR/TRE-A05-TypeDocComplementaire",
     "TRE_A05"},
};
std::string_view OneName(std::string_view system) {
  if (system.starts_with("urn:oid:")) system.remove_prefix(8);
  for (const auto& names : kSystemNames)
    if (std::find(std::begin(names), std::end(names), system) != std::end(names)) return names[0];
  return system;
}
// An OID and a URL that no row joins may be the same system: only the code decides then.
bool SameSystem(std::string_view a, std::string_view b) {
  a = OneName(a), b = OneName(b);
  auto is_oid = [](std::string_view s) { return s.find_first_not_of("0123456789.") == s.npos; };
  return a.empty() || b.empty() || a == b || is_oid(a) != is_oid(b);
}

const ValueSet* Set(Host& host, std::string_view name) {
  const auto* sets = host.world().value_sets;
  const auto* set = sets ? sets->Find(name) : nullptr;
  if (!set) host.Miss("value set " + std::string(name));
  return set;
}

const Concept* FindConcept(const ValueSet& set, const Coded& coded) {
  for (auto [at, end] = set.concepts.equal_range(coded.code); at != end; ++at)
    if (SameSystem(at->second.system, coded.system)) return &at->second;
  return nullptr;
}

// inValueSet('JDV_J07' [, system])
void InValueSet(Host& host, Focus focus, Arguments arguments, Out& out) {
  const auto* set = Set(host, Argument(arguments, 0));
  for (const auto& item : focus)
    if (set) out.push_back(Item::Of(FindConcept(*set, CodedOf(item, arguments)) != nullptr));
}

// displayIn('JDV_J07' [, system]): what the value set calls the code.
void DisplayIn(Host& host, Focus focus, Arguments arguments, Out& out) {
  const auto* set = Set(host, Argument(arguments, 0));
  for (const auto& item : focus)
    if (const auto* found = set ? FindConcept(*set, CodedOf(item, arguments)) : nullptr)
      out.push_back(Item::Of(std::string_view(found->display)));
}

// associated('ASS_X04'): the codes that the table joins to the focus's code.
void Associated(Host& host, Focus focus, Arguments arguments, Out& out) {
  const auto* set = Set(host, Argument(arguments, 0));
  for (const auto& item : focus) {
    if (!set) return;
    for (auto [at, end] = set->associations.equal_range(CodedOf(item, arguments).code); at != end; ++at)
      out.push_back(Item::Of(std::string_view(at->second)));
  }
}

// comparableTo(unit), convertedTo(from, to): units of measure.
void ComparableTo(Host&, Focus focus, Arguments arguments, Out& out) {
  for (const auto& item : focus)
    out.push_back(Item::Of(ucum::AreComparable(path::TextOf(item), Argument(arguments, 0))));
}
void ConvertedTo(Host& host, Focus focus, Arguments arguments, Out& out) {
  for (const auto& item : focus) {
    auto value = ucum::Convert(path::TextOf(item), Argument(arguments, 0), Argument(arguments, 1));
    if (!value) continue;
    auto kept = host.Keep(*std::move(value));
    kept.kind = ItemKind::Decimal;
    out.push_back(kept);
  }
}

// sameTime(other): whether two times, each a TS of CDA or XDS or a FHIR dateTime, are one, as exactly as the
// coarser of them says. XDS times have no zone and are UTC.
struct Moment {
  std::string digits;  // of UTC, as many as were given, at most to the second
  bool valid = false;
};
Moment MomentOf(std::string_view text) {
  std::string digits;
  std::size_t at = 0;
  auto is_digit = [](char c) { return c >= '0' && c <= '9'; };
  bool dashed = text.size() > 4 && text[4] == '-';  // 2026-01-05T10:00:00+01:00; a zone cannot start there
  for (; at < text.size() && (is_digit(text[at]) || text[at] == 'T' || text[at] == ':' ||
                              (dashed && text[at] == '-' && digits.size() < 8));
       ++at)
    if (is_digit(text[at]) && digits.size() < 14) digits += text[at];
  if (at < text.size() && text[at] == '.')
    for (++at; at < text.size() && is_digit(text[at]);) ++at;
  if (digits.size() < 4 || digits.size() % 2 != 0) return {};
  if (at == text.size() || text[at] == 'Z' || digits.size() < 12) return {digits, true};
  std::string zone;
  for (char c : text.substr(at + 1))
    if (is_digit(c)) zone += c;
  if (zone.size() != 4 || (text[at] != '+' && text[at] != '-')) return {};
  auto number = [&](std::size_t from, std::size_t size) {
    return std::atoi(std::string(digits.substr(from, size)).c_str());
  };
  using namespace std::chrono;
  auto offset =
      minutes((zone[0] - '0') * 600 + (zone[1] - '0') * 60 + (zone[2] - '0') * 10 + (zone[3] - '0'));
  year_month_day day{year(number(0, 4)), month(static_cast<unsigned>(number(4, 2))),
                     std::chrono::day(static_cast<unsigned>(number(6, 2)))};
  if (!day.ok()) return {};
  auto utc =
      sys_days(day) + hours(number(8, 2)) + minutes(number(10, 2)) - (text[at] == '+' ? offset : -offset);
  year_month_day in_utc{floor<days>(utc)};
  hh_mm_ss time{utc - floor<days>(utc)};
  char made[40];  // as much as the compiler can think of
  std::snprintf(made, sizeof made, "%04d%02u%02u%02d%02d", static_cast<int>(in_utc.year()),
                static_cast<unsigned>(in_utc.month()), static_cast<unsigned>(in_utc.day()),
                static_cast<int>(time.hours().count()), static_cast<int>(time.minutes().count()));
  return {made + digits.substr(12), true};
}
void SameTime(Host&, Focus focus, Arguments arguments, Out& out) {
  auto other = MomentOf(Argument(arguments, 0));
  for (const auto& item : focus) {
    auto mine = MomentOf(path::TextOf(item));
    auto common = std::min(mine.digits.size(), other.digits.size());
    out.push_back(Item::Of(mine.valid && other.valid &&
                           mine.digits.substr(0, common) == other.digits.substr(0, common)));
  }
}

// files(): what stands in the archive around the metadata of the focus.
void Files(Host& host, Focus focus, Arguments, Out& out) {
  for (const auto& item : focus) {
    if (item.kind != ItemKind::Node) continue;
    const auto& files = host.IndexOf(*item.tree).Named("file");
    if (files.empty()) host.Miss("the archive around its metadata");
    for (auto i : files) out.push_back(Item::Of(*item.tree, i));
  }
}

// schemaErrors(): the elements of the subject that the CDA schema has something to say about.
NodeIndex ElementAt(const node::Tree& tree, const std::vector<std::uint32_t>& path) {
  NodeIndex at = node::kRoot;
  for (std::uint32_t step : path) {
    NodeIndex child = tree[at].first;
    for (; child != kNone; child = tree[child].next) {
      if (tree[child].attribute || tree[child].kind == node::Kind::Text) continue;
      if (step-- == 0) break;
    }
    if (child == kNone) return at;
    at = child;
  }
  return at;
}
void SchemaErrorsOf(Host& host, Focus focus, Arguments, Out& out) {
  if (focus.empty() || focus.front().kind != ItemKind::Node) return;
  const auto& tree = *focus.front().tree;
  if (const auto* errors = host.SchemaErrors(tree))
    for (const auto& error : *errors) out.push_back(Item::Of(tree, ElementAt(tree, error.path)));
}
// schemaMessage(): what the schema says there.
void SchemaMessage(Host& host, Focus focus, Arguments, Out& out) {
  if (focus.empty() || focus.front().kind != ItemKind::Node) return;
  const auto& tree = *focus.front().tree;
  if (const auto* errors = host.SchemaErrors(tree))
    for (const auto& error : *errors)
      if (ElementAt(tree, error.path) == focus.front().node) {
        out.push_back(Item::Of(std::string_view(error.text)));
        return;
      }
}

// resourceErrors(): the nodes of the focus's resource that the validator finds wrong.
void ResourceErrorsOf(Host& host, Focus focus, Arguments, Out& out) {
  if (focus.empty() || focus.front().kind != ItemKind::Node) return;
  const auto& tree = *focus.front().tree;
  if (const auto* errors = host.ResourceErrors(tree))
    for (const auto& [i, text] : *errors) out.push_back(Item::Of(tree, i));
}
// resourceMessage(): what the validator says there.
void ResourceMessage(Host& host, Focus focus, Arguments, Out& out) {
  if (focus.empty() || focus.front().kind != ItemKind::Node) return;
  const auto* errors = host.ResourceErrors(*focus.front().tree);
  auto found = errors ? errors->find(focus.front().node) : ErrorsByNode::const_iterator();
  if (errors && found != errors->end()) out.push_back(Item::Of(std::string_view(found->second)));
}

// encodingFault(): "byte order mark", "not UTF-8" or nothing, of the subject's bytes against what they
// declare.
void EncodingFault(Host& host, Focus, Arguments, Out& out) {
  auto bytes = host.subject().bytes;
  if (bytes.starts_with("\xEF\xBB\xBF")) return out.push_back(Item::Of(std::string_view("byte order mark")));
  if (host.subject().kind == Kind::Message) {
    auto msh = bytes.substr(0, bytes.find_first_of("\r\n"));
    bool says_utf8 = msh.find("UTF-8") != msh.npos, says_latin = msh.find("8859/") != msh.npos;
    bool is_ascii = std::none_of(bytes.begin(), bytes.end(), [](char c) { return c < 0; });
    bool is_utf8 = !FindInvalidUtf8(bytes);
    if (says_utf8 && !is_utf8) out.push_back(Item::Of(std::string_view("not UTF-8, as MSH-18 says")));
    // Sequences of UTF-8 do not come about by chance in Latin text.
    if (says_latin && is_utf8 && !is_ascii)
      out.push_back(Item::Of(std::string_view("UTF-8, not as MSH-18 says")));
    return;
  }
  auto declaration = bytes.starts_with("<?xml") ? bytes.substr(0, bytes.find("?>")) : std::string_view();
  bool other = declaration.find("encoding") != declaration.npos &&
               declaration.find("UTF-8") == declaration.npos && declaration.find("utf-8") == declaration.npos;
  if (other) return out.push_back(Item::Of(std::string_view("declared as something else than UTF-8")));
  if (FindInvalidUtf8(bytes)) out.push_back(Item::Of(std::string_view("not UTF-8, as declared")));
}

struct Function {
  std::string_view name;
  void (*run)(Host& host, Focus focus, Arguments arguments, Out& out);
};
constexpr Function kFunctions[] = {
    {"elements", Elements},
    {"templated", Templated},
    {"resources", Resources},
    {"hasElement", HasElement},
    {"parent", Parent},
    {"inValueSet", InValueSet},
    {"displayIn", DisplayIn},
    {"associated", Associated},
    {"comparableTo", ComparableTo},
    {"convertedTo", ConvertedTo},
    {"sameTime", SameTime},
    {"files", Files},
    {"schemaErrors", SchemaErrorsOf},
    {"schemaMessage", SchemaMessage},
    {"resourceErrors", ResourceErrorsOf},
    {"resourceMessage", ResourceMessage},
    {"encodingFault", EncodingFault},
};

}  // namespace

std::vector<std::string_view> FunctionNames() {
  std::vector<std::string_view> names;
  for (const auto& row : kPredicates) names.push_back(row.name);
  for (const auto& row : kConversions) names.push_back(row.name);
  for (const auto& row : kFunctions) names.push_back(row.name);
  return names;
}

Status Host::Call(std::string_view function, Focus focus, Arguments arguments, Out& out) {
  for (const auto& row : kPredicates)
    if (row.name == function) {
      for (const auto& item : focus) out.push_back(Item::Of(row.holds(path::TextOf(item))));
      return Ok();
    }
  for (const auto& row : kConversions)
    if (row.name == function) {
      for (const auto& item : focus) out.push_back(Keep(row.make(path::TextOf(item))));
      return Ok();
    }
  for (const auto& row : kFunctions)
    if (row.name == function) row.run(*this, focus, arguments, out);
  return Ok();
}

}  // namespace passerelle::requirements
