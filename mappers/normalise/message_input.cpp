#include <algorithm>
#include <charconv>
#include <unordered_map>

#include "mappers/cda/cda.h"
#include "mappers/hl7v2/application_errors.h"
#include "mappers/hl7v2/errors.h"
#include "mappers/hl7v2/grammar.h"
#include "mappers/hl7v2/peek.h"
#include "mappers/hl7v2/reader.h"
#include "mappers/normalise/bundle.h"
#include "mappers/normalise/carried.h"
#include "mappers/normalise/errors.h"
#include "mappers/normalise/inputs.h"
#include "mappers/normalise/join.h"
#include "mappers/normalise/rules.h"
#include "mappers/normalise/walk.h"

namespace passerelle::normalise {
namespace {

using node::kNone;
using node::NodeIndex;
using node::Tree;

void TakeFlags(const Carriage& carriage, DocumentFacts& facts) {
  facts.labels = carriage.labels;
  facts.labels_given = carriage.labels_given;
}

// A deletion: which document, by TXA-12 or by the name of the one that is carried; nothing of it is mapped.
Status Delete(const Carriage& carriage, const std::vector<Tree>& documents, Normalised& out) {
  DropDocuments(*out.draft);
  std::vector<std::string> names;
  if (!carriage.identifier.empty()) names.push_back(carriage.identifier);
  for (const Tree& document : documents)
    if (carriage.identifier.empty()) names.push_back(NameOfDocument(document));
  for (auto& name : names) {
    if (name.empty()) continue;
    DocumentFacts facts;
    facts.action = DocumentAction::Delete;
    facts.identifier = std::move(name);
    TakeFlags(carriage, facts);
    out.documents.push_back(std::move(facts));
  }
  if (out.documents.empty()) return Error{errors::DocumentNotNamed, {}, {"TXA-12", 0, 0}};
  return Ok();
}

// Maps one carried document and joins it.
Status Take(const engine::Program& program, const Options& options, const Carriage& carriage,
            std::size_t position, Tree document, Normalised& out) {
  engine::MapOptions map = options.map;
  map.scope += "/document " + std::to_string(position + 1);
  TRY(auto mapped,
      MapDocument(program, std::move(document), carriage.documents[position].bytes, map, out.issues));
  DocumentFacts& facts = mapped.facts;
  if (!carriage.replaces.empty() && facts.replaces.empty()) {
    facts.replaces = carriage.replaces;
    facts.action = DocumentAction::Replace;
  } else if (!carriage.replaces.empty() && facts.replaces != carriage.replaces) {
    out.issues.Add(rules::ReplacedDiffers, {"TXA-13", 0, 0});
  }
  if (carriage.action == DocumentAction::Replace && facts.replaces.empty())
    return Error{errors::ReplacedUnnamed, {}, {"TXA-13", 0, 0}};
  facts.replacement_ordered = carriage.action == DocumentAction::Replace;
  if (!carriage.identifier.empty() && carriage.identifier != facts.identifier)
    out.issues.Add(rules::IdentifierDiffers, {"TXA-12", 0, 0});
  TakeFlags(carriage, facts);
  JoinDocument(*out.draft, mapped, position, out.source->Path(carriage.documents[position].data));
  out.documents.push_back(std::move(facts));
  return Ok();
}

// The transmission to the record and to secure mail, which mails received have behind them.
bool IsTransmission(std::string_view profile) {
  return IsCisisProfile(profile) && !hl7v2::IsLpsProfile(profile);
}

Status Unwrap(const engine::Program& program, const Options& options, std::string_view profile,
              Normalised& out) {
  if (IsTransmission(profile)) CHECK_OK(CheckMssante(*out.source, options.mssante, out.issues));
  static const LongValues kNoValues;
  const LongValues& long_values = options.long_values != nullptr ? *options.long_values : kNoValues;
  TRY(auto carriage, FindCarried(*out.source, profile, long_values, out.issues));
  out.to_record = carriage.to_record;
  std::vector<Tree> documents;
  for (const auto& carried : carriage.documents) {
    TRY(auto document, cda::Parse(carried.bytes, options.limits, out.issues));
    CHECK_OK(CheckSamePatient(*out.source, document));
    documents.push_back(std::move(document));
  }
  if (carriage.action == DocumentAction::Delete) return Delete(carriage, documents, out);
  for (std::size_t i = 0; i < documents.size(); ++i)
    CHECK_OK(Take(program, options, carriage, i, std::move(documents[i]), out));
  return Ok();
}

// A40 and A47 name the one that goes in MRG-1, A44 the patient an account is taken from (safety rule 7).
// Others say what A40 says as earlier versions of the standard did.
struct MergeRow {
  std::string_view event;
  MergeFacts::Kind kind;
};
constexpr MergeRow kMerges[] = {
    {"ADT^A40", MergeFacts::Kind::Patients}, {"ADT^A18", MergeFacts::Kind::Patients},
    {"ADT^A30", MergeFacts::Kind::Patients}, {"ADT^A34", MergeFacts::Kind::Patients},
    {"ADT^A36", MergeFacts::Kind::Patients}, {"ADT^A39", MergeFacts::Kind::Patients},
    {"ADT^A44", MergeFacts::Kind::Visit},    {"ADT^A47", MergeFacts::Kind::Identifier}};

// An MRG and the segments of the patient it stands behind.
struct Pair {
  NodeIndex patient = kNone, merge = kNone, visit = kNone;
};

std::vector<Pair> PairsOf(const Tree& message) {
  std::vector<Pair> pairs;
  Pair at;
  ForEachBelow(message, node::kRoot, [&](NodeIndex i) {
    auto name = message.name(i);
    if (name == "PID") at = {i, kNone, kNone};
    if (name == "MRG") pairs.push_back({at.patient, i, kNone});
    if (name == "PV1" && !pairs.empty() && pairs.back().patient == at.patient) pairs.back().visit = i;
  });
  return pairs;
}

// The account or visit that an A44 names: the first of these fields that has a value.
std::string Account(const Tree& message, const Pair& pair) {
  struct Field {
    NodeIndex Pair::* segment;
    std::string_view field, component;
  };
  static constexpr Field kFields[] = {{&Pair::merge, "MRG-3", "MRG-3.1"},
                                      {&Pair::merge, "MRG-5", "MRG-5.1"},
                                      {&Pair::patient, "PID-18", "PID-18.1"},
                                      {&Pair::visit, "PV1-19", "PV1-19.1"}};
  for (const auto& row : kFields)
    if (auto value = FieldText(message, pair.*row.segment, row.field, row.component); !value.empty())
      return std::string(value);
  return {};
}

// The identifier by which a patient is known in the sender's own domain, else the first.
NodeIndex OwnIdentifier(const Tree& message, NodeIndex segment, std::string_view field,
                        std::string_view type) {
  NodeIndex first = segment == kNone ? kNone : message.Child(segment, field);
  for (NodeIndex i = first; i != kNone; i = message.NextOfName(i))
    if (NodeIndex said = message.Child(i, type); said != kNone && message[said].text == "PI") return i;
  return first;
}

// Takes `name` and the number behind it, if any, from the beginning of a ledger's target: "Patient[2].",
// "Patient.".
std::optional<std::size_t> TakeStep(std::string_view& target, std::string_view name) {
  if (!target.starts_with(name)) return std::nullopt;
  auto rest = target.substr(name.size());
  std::size_t number = 0;
  if (rest.starts_with('[')) {
    auto [end, wrong] = std::from_chars(rest.data() + 1, rest.data() + rest.size(), number);
    rest.remove_prefix(static_cast<std::size_t>(end - rest.data()) + (wrong == std::errc() ? 1 : 0));
  }
  if (!rest.starts_with('.')) return std::nullopt;
  target = rest.substr(1);
  return number;
}

// The Patient that the tables made of an identifier, and the system that they gave it: the record knows it by
// that one.
struct Made {
  std::string url, system;
};

// What the tables made of the identifiers of a message; for as long as its draft stands.
class Makings {
 public:
  explicit Makings(const Normalised& out) : source_(*out.source), bundle_(out.draft->bundle) {
    for (Entry& entry : Entries(bundle_))
      if (entry.type == "Patient") patients_.push_back(std::move(entry));
    for (const auto& line : out.draft->ledger.lines) lines_.emplace(line.leaf, &line);
  }

  Made Of(NodeIndex identifier) const {
    if (identifier == kNone) return {};
    auto line = lines_.find(FirstPart(source_, identifier));
    if (line == lines_.end()) return {};
    for (std::string_view target : line->second->targets) {
      auto patient = TakeStep(target, "Patient");
      auto rank = patient && *patient < patients_.size() ? TakeStep(target, "identifier") : std::nullopt;
      if (rank) return {std::string(patients_[*patient].url), SystemOf(patients_[*patient].resource, *rank)};
    }
    return {};
  }

 private:
  std::string SystemOf(NodeIndex patient, std::size_t rank) const {
    for (NodeIndex i = bundle_.Child(patient, "identifier"); i != kNone; i = bundle_.NextOfName(i))
      if (rank-- == 0) return std::string(bundle_.ChildText(i, "system"));
    return {};
  }

  const Tree& source_;
  const Tree& bundle_;
  std::vector<Entry> patients_;
  std::unordered_map<NodeIndex, const engine::LedgerLine*> lines_;
};

void ReadMerges(Normalised& out) {
  auto row = std::find_if(std::begin(kMerges), std::end(kMerges),
                          [&](const MergeRow& known) { return known.event == out.event; });
  if (row == std::end(kMerges) || !out.patient) return;
  const Tree& message = *out.source;
  out.draft->Settle(message);
  const Makings makings(out);
  const auto pairs = PairsOf(message);
  for (const Pair& pair : pairs) {
    NodeIndex loser = OwnIdentifier(message, pair.merge, "MRG-1", "MRG-1.5");
    auto survivor = makings.Of(OwnIdentifier(message, pair.patient, "PID-3", "PID-3.5"));
    // Only the first may be nameless: a later one that is not known would take the first's place (safety rule
    // 7).
    if (survivor.url.empty() && pair.patient != pairs.front().patient) {
      out.refusal = Error{errors::SurvivorUnnamed, out.event, message.PlaceOf(pair.merge)};
      return;
    }
    MergeFacts facts;
    facts.kind = row->kind;
    facts.survivor_url = survivor.url.empty() ? out.patient->url : survivor.url;
    if (loser != kNone) facts.loser_value = message[FirstPart(message, loser)].text;
    facts.loser_system = makings.Of(loser).system;
    facts.account_value = Account(message, pair);
    out.merges.push_back(std::move(facts));
  }
}

}  // namespace

void NormaliseMessage(const engine::Program& program, std::string bytes, const Options& options,
                      Normalised& out) {
  hl7v2::Peeked peeked = hl7v2::Peek(bytes);
  out.control_id = peeked.control_id;
  out.event = peeked.event();
  out.processing_id = peeked.processing_id.substr(0, peeked.processing_id.find('^'));
  auto refuse = [&](Error error) { out.refusal = std::move(error); };
  hl7v2::ReadOptions read{options.limits, options.charset};
  if (peeked.IsAcknowledgement()) out.acknowledges = hl7v2::ReadAcknowledgement(bytes).control_id;
  auto message = hl7v2::Parse(std::move(bytes), read, out.issues);
  if (!message) return refuse(std::move(message).error());
  if (auto header = hl7v2::CheckHeader(peeked); !header) return refuse(std::move(header).error());
  if (options.long_values != nullptr && !AreCarriedOnly(*message, *options.long_values)) {
    out.whole_needed = true;
    return;
  }
  hl7v2::Group(*message, out.issues);
  out.source = *std::move(message);
  if (peeked.IsAcknowledgement()) return;
  if (!program.Claims(*out.source)) return refuse({errors::EventNotClaimed, out.event, {"MSH-9", 0, 0}});
  auto draft = program.Run(*out.source, options.map, out.issues);
  if (!draft) return refuse(std::move(draft).error());
  out.draft = *std::move(draft);
  std::string_view profile = options.profile.empty() ? std::string_view(peeked.profile) : options.profile;
  if (auto unwrapped = Unwrap(program, options, profile, out); !unwrapped) return refuse(unwrapped.error());
  if (options.long_values != nullptr &&
      !MoveToBinaries(out.draft->bundle, *options.long_values, options.map.id_key)) {
    out.whole_needed = true;
    return;
  }
  out.patient = ReadPatient(out.draft->bundle);
  ReadMerges(out);
}

}  // namespace passerelle::normalise
