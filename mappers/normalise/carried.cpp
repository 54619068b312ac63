#include "mappers/normalise/carried.h"

#include <algorithm>
#include <array>

#include "fhir_model/base/digest.h"
#include "fhir_model/base/errors.h"
#include "mappers/cda/cda.h"
#include "mappers/convert/convert.h"
#include "mappers/hl7v2/errors.h"
#include "mappers/normalise/errors.h"
#include "mappers/normalise/rules.h"
#include "mappers/normalise/walk.h"

namespace passerelle::normalise {
namespace {

using node::kNone;
using node::NodeIndex;
using node::Tree;

bool SameWord(std::string_view a, std::string_view b) {
  return std::equal(a.begin(), a.end(), b.begin(), b.end(),
                    [](char x, char y) { return (x | 0x20) == (y | 0x20); });
}

// What each of the three places that speak of the action may say (TC 2.1, regles-gestion).
struct ActionRow {
  std::string_view order_control, result_status, event;
  DocumentAction action;
};
constexpr std::array kActions = {
    ActionRow{"NW", "F", "T02", DocumentAction::Create},
    ActionRow{"RO", "C", "T10", DocumentAction::Replace},
    ActionRow{"CA", "D", "T04", DocumentAction::Delete},
};

std::optional<DocumentAction> ActionOf(std::string_view ActionRow::* column, std::string_view word) {
  for (const auto& row : kActions)
    if (row.*column == word) return row.action;
  return std::nullopt;
}

// The OBX rows of table MetaDMPMSS that the record and the gate ask for.
enum class FlagUse { Visibility, ToRecord };
struct FlagRow {
  std::string_view code;
  FlagUse use;
};
constexpr std::array kFlags = {
    FlagRow{"MASQUE_PS", FlagUse::Visibility},
    FlagRow{"INVISIBLE_PATIENT", FlagUse::Visibility},
    FlagRow{"INVISIBLE_REP_LEGAUX", FlagUse::Visibility},
    FlagRow{"INVISIBLE_REPRESENTANTS_LEGAUX", FlagUse::Visibility},
    FlagRow{"DESTDMP", FlagUse::ToRecord},
};

void ReadFlag(const Tree& message, NodeIndex observation, Carriage& carriage) {
  auto code = FieldText(message, observation, "OBX-3", "OBX-3.1");
  auto row = std::find_if(kFlags.begin(), kFlags.end(), [&](const FlagRow& r) { return r.code == code; });
  if (row == kFlags.end()) return;
  auto word = FieldText(message, observation, "OBX-5", "OBX-5.1");
  bool yes = word == "Y";
  if (row->use == FlagUse::ToRecord) {  // only Y lets it leave (safety rule 1)
    carriage.to_record = yes && carriage.to_record.value_or(true);
    return;
  }
  if (!yes && word != "N") return;
  carriage.labels_given = true;
  if (yes) carriage.labels.emplace_back(code);
}

// An OBX-5 that is text: its data are base64, or XML.
bool IsBase64(const Tree& message, NodeIndex value) {
  return value != kNone && SameWord(message.ChildText(value, "OBX-5.4"), "base64");
}
bool IsXml(const Tree& message, NodeIndex value) {
  return SameWord(message.ChildText(value, "OBX-5.2"), "text") && SameWord(message.ChildText(value, "OBX-5.3"), "xml");
}

bool IsEncapsulated(const Tree& message, NodeIndex observation) {
  return FieldText(message, observation, "OBX-2") == "ED" && IsBase64(message, message.Child(observation, "OBX-5"));
}

// What a message's Base64Notes say, as findings.
void ReportNotes(const Base64Notes& notes, const Place& place, Issues& issues) {
  if (notes.unpadded) issues.Add(rules::Base64Unpadded, place);
  if (notes.white_space) issues.Add(rules::Base64WhiteSpace, place);
}

Status ReadEncapsulated(const Tree& message, NodeIndex observation, bool cisis, const LongValues& long_values,
                        Carriage& carriage, Issues& issues) {
  NodeIndex value = message.Child(observation, "OBX-5");
  NodeIndex data = value == kNone ? kNone : message.Child(value, "OBX-5.5");
  if (data == kNone) return Ok();
  Base64Notes notes;
  Place place = message.PlaceOf(data);
  if (const auto* long_value = FindValue(long_values, message[data].text)) {
    notes.unpadded = !long_value->MissingPadding().empty();
    ReportNotes(notes, place, issues);
    return Ok();
  }
  auto bytes = DecodeBase64(message[data].text, &notes);
  bool is_document = IsXml(message, value);
  if (!bytes && is_document && cisis) return Error{errors::Base64Malformed, bytes.error().detail, place};
  if (!bytes) {
    issues.Add(rules::CarriedBase64Unreadable, place);
    return Ok();
  }
  ReportNotes(notes, place, issues);
  if (!is_document) return Ok();
  if (!cda::LooksLikeCda(*bytes)) {
    if (cisis) return Error{errors::PayloadNotCda, {}, place};
    return Ok();
  }
  carriage.documents.push_back({observation, data, *std::move(bytes)});
  return Ok();
}

std::string_view TypeOf(const Tree& message) {
  return FieldText(message, FindSegment(message, "MSH"), "MSH-9", "MSH-9.1");
}

// The action that ORC-1, OBX-11 and the event agree on. Where there is no document, ORC-1 speaks of an order.
Status ReadAction(const Tree& message, bool cisis, Carriage& carriage) {
  if (!cisis && carriage.documents.empty() && TypeOf(message) != "MDM") return Ok();
  NodeIndex header = FindSegment(message, "MSH"), order = FindSegment(message, "ORC");
  std::array<std::optional<DocumentAction>, 3> said = {
      ActionOf(&ActionRow::event, FieldText(message, header, "MSH-9", "MSH-9.2")),
      ActionOf(&ActionRow::order_control, FieldText(message, order, "ORC-1")),
      carriage.documents.empty() ? std::nullopt
                                 : ActionOf(&ActionRow::result_status,
                                            FieldText(message, carriage.documents[0].observation, "OBX-11")),
  };
  for (const auto& one : said) {
    if (!one) continue;
    if (carriage.action && carriage.action != one && cisis)
      return Error{errors::ActionContradicts, {}, {"ORC-1", 0, 0}};
    if (!carriage.action) carriage.action = one;
  }
  return Ok();
}

// The events of TC 2.1 and LPS 1.1; their business acknowledgements (ZAM) carry none.
bool CarriesDocuments(const Tree& message) {
  auto type = TypeOf(message);
  return type == "ORU" || type == "MDM";
}

// An EI that names a document: ext^^root^ISO, or the root alone.
std::string NameOf(const Tree& message, NodeIndex segment, std::string_view field) {
  std::string name(field);
  auto first = FieldText(message, segment, field, name + ".1"),
       root = FieldText(message, segment, field, name + ".3");
  if (first.empty()) return {};
  return root.empty() ? DocumentName(first, {}) : DocumentName(root, first);
}

}  // namespace

bool IsCisisProfile(std::string_view profile) { return profile.find("CISIS_CDA_HL7") != profile.npos; }

std::string DocumentName(std::string_view root, std::string_view extension) {
  if (extension.empty()) return (convert::IsUuid(root) ? "urn:uuid:" : "urn:oid:") + std::string(root);
  return std::string(root) + "^" + std::string(extension);
}

bool IsCarriedAsBytes(const Tree& message, NodeIndex value) {
  NodeIndex observation = message[value].parent;
  return FieldText(message, observation, "OBX-2") == "ED" && IsBase64(message, value) && !IsXml(message, value);
}

Result<Carriage> FindCarried(const Tree& message, std::string_view profile, const LongValues& long_values,
                             Issues& issues) {
  Carriage carriage;
  bool cisis = IsCisisProfile(profile);
  std::vector<NodeIndex> observations;
  if (node::NameId obx = message.FindName("OBX"); obx != 0)
    ForEachBelow(message, node::kRoot, [&](NodeIndex i) {
      if (message[i].name == obx) observations.push_back(i);
    });
  for (NodeIndex observation : observations) {
    if (!IsEncapsulated(message, observation)) {
      ReadFlag(message, observation, carriage);
      continue;
    }
    CHECK_OK(ReadEncapsulated(message, observation, cisis, long_values, carriage, issues));
  }
  if (cisis && carriage.documents.empty() && CarriesDocuments(message))
    return Error{errors::PayloadMissing, {}, {"OBX-5", 0, 0}};
  CHECK_OK(ReadAction(message, cisis, carriage));
  NodeIndex transcription = FindSegment(message, "TXA");
  carriage.identifier = NameOf(message, transcription, "TXA-12");
  carriage.replaces = NameOf(message, transcription, "TXA-13");
  return carriage;
}

}  // namespace passerelle::normalise
