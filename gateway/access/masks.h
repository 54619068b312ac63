#pragma once
// Masks: the French visibility labels of a document, on the document and on everything derived from it
// (safety rule 3; table TRE_A07, "StatutVisibiliteDocument").

#include <set>
#include <string>
#include <string_view>

#include "fhir_model/node/tree.h"

namespace passerelle::access {

inline constexpr std::string_view kVisibilitySystem =
    "https://mos.esante.gouv.fr/NOS/TRE_A07-StatutVisibiliteDocument/FHIR/TRE-A07-StatutVisibiliteDocument";

using Labels = std::set<std::string, std::less<>>;

// The canonical code for a label as senders write it ("INVISIBLE_REP_LEGAUX" of HL7 v2 is
// "INVISIBLE_REPRESENTANTS_LEGAUX"); empty for what is no visibility label.
std::string_view CanonicalLabel(std::string_view code);

// The visibility labels in DocumentReference.securityLabel, or in meta.security of any other resource.
Labels ReadLabels(const node::Tree& tree, node::NodeIndex resource);

// Replaces the visibility labels there by `labels`; other codings (N, R, V) stay as they are.
void WriteLabels(node::Tree& tree, node::NodeIndex resource, const Labels& labels);

// Who reads.
enum class Reader { Operator, Professional, Patient, LegalRepresentative };

// Whether a resource with these labels is shown to that kind of reader.
bool MayRead(Reader reader, const Labels& labels);

}  // namespace passerelle::access
