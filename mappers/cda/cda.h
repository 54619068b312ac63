#pragma once
// CDA: bytes to the one tree. XML rules and limits are fhir_model/xml's; this room knows the vocabulary.

#include <string>

#include "fhir_model/base/issue.h"
#include "fhir_model/base/limits.h"
#include "fhir_model/base/result.h"
#include "fhir_model/node/tree.h"

namespace passerelle::cda {

// The ClinicalDocument in `bytes`, also where a stylesheet is wrapped around it. Elements of urn:hl7-org:v3 by their
// bare name, of the known extensions with the usual prefix (sdtc, pharm, lab, ps3-20).
Result<node::Tree> Parse(std::string bytes, const Limits& limits, Issues& issues);

// A document as it stands in the tree, in UTF-8.
std::string Write(const node::Tree& document);

// Whether bytes look like a CDA document: a ClinicalDocument element in the first KiB or inside a wrapper.
bool LooksLikeCda(std::string_view bytes);

}  // namespace passerelle::cda
