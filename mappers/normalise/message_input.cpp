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
struct MergeRow {
  std::string_view event;
  MergeFacts::Kind kind;
};
constexpr MergeRow kMerges[] = {{"ADT^A40", MergeFacts::Kind::Patients},
                                {"ADT^A44", MergeFacts::Kind::Visit},
                                {"ADT^A47", MergeFacts::Kind::Identifier}};

// The account or visit that an A44 names: the first of these fields that has a value.
std::string Account(const Tree& message, NodeIndex merge) {
  struct Field {
    std::string_view segment, field, component;
  };
  static constexpr Field kFields[] = {{"MRG", "MRG-3", "MRG-3.1"},
                                      {"MRG", "MRG-5", "MRG-5.1"},
                                      {"PID", "PID-18", "PID-18.1"},
                                      {"PV1", "PV1-19", "PV1-19.1"}};
  for (const auto& row : kFields) {
    NodeIndex segment = row.segment == "MRG" ? merge : FindSegment(message, row.segment);
    if (auto value = FieldText(message, segment, row.field, row.component); !value.empty())
      return std::string(value);
  }
  return {};
}

// The system that the tables gave an identifier: the record knows it by that one. MRG comes after PID, so the
// last identifier of that value is the one meant.
std::string SystemOf(const Tree& bundle, std::string_view value) {
  std::string system;
  for (const Entry& entry : Entries(bundle)) {
    if (entry.type != "Patient") continue;
    for (NodeIndex child : node::Children(bundle, entry.resource))
      if (bundle.name(child) == "identifier" && bundle.ChildText(child, "value") == value)
        system = bundle.ChildText(child, "system");
  }
  return system;
}

void ReadMerge(Normalised& out) {
  for (const auto& row : kMerges) {
    if (row.event != out.event || !out.patient) continue;
    NodeIndex merge = FindSegment(*out.source, "MRG");
    if (merge == kNone) return;
    MergeFacts facts;
    facts.kind = row.kind;
    facts.survivor_url = out.patient->url;
    facts.loser_value = FieldText(*out.source, merge, "MRG-1", "MRG-1.1");
    facts.loser_system = SystemOf(out.draft->bundle, facts.loser_value);
    facts.account_value = Account(*out.source, merge);
    out.merge = std::move(facts);
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
  ReadMerge(out);
}

}  // namespace passerelle::normalise
