#pragma once
// Carried: the CDA documents inside an HL7 v2 message, and what the message says is to happen to them
// (TC 2.1: ORC-1, OBX-11, the event, and the OBX rows of table MetaDMPMSS).

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "fhir_model/base/issue.h"
#include "fhir_model/base/result.h"
#include "fhir_model/node/tree.h"
#include "mappers/normalise/facts.h"
#include "mappers/normalise/long_values.h"

namespace passerelle::normalise {

struct CarriedDocument {
  node::NodeIndex observation = node::kNone;  // its OBX
  node::NodeIndex data = node::kNone;         // OBX-5.5, the base64
  std::string bytes;                          // the document as it was sent
};

struct Carriage {
  std::vector<CarriedDocument> documents;
  std::optional<DocumentAction> action;  // as the message declares it
  std::vector<std::string> labels;       // visibility rows that say Y
  bool labels_given = false;             // there were visibility rows at all
  std::optional<bool> to_record;         // DESTDMP
  std::string identifier, replaces;      // TXA-12, TXA-13: "urn:oid:..." or "root^extension"
};

// Errors (the whole message is refused): hl7v2 ActionContradicts, Base64Malformed and PayloadNotCda for the
// document itself under a CISIS profile. Base64 beside the document that cannot be decoded is a finding.
// `long_values` are those that the message comes without; none of them is a document (AreCarriedOnly).
Result<Carriage> FindCarried(const node::Tree& message, std::string_view profile, const LongValues& long_values,
                             Issues& issues);

// Whether a value of OBX-5 is base64 that nobody looks into: an ED that is not XML.
bool IsCarriedAsBytes(const node::Tree& message, node::NodeIndex value);

// Whether message and document mean the same person (safety rule 15): INS with its root, local identifiers
// under the same root, birth name, birth date, sex; what one of them does not say is not compared.
// PatientDiffers names what differs, never the values.
Status CheckSamePatient(const node::Tree& message, const node::Tree& document);

// Whether MSH-21 or the feed's setting names one of the French transport profiles (CISIS_CDA_HL7_V2,
// ..._LPS).
bool IsCisisProfile(std::string_view profile);

// How a document is named in DocumentReference.masterIdentifier: "urn:oid:ROOT", or "ROOT^EXTENSION".
std::string DocumentName(std::string_view root, std::string_view extension);

}  // namespace passerelle::normalise
