#pragma once
// The families of rules, a file each.

#include "profiles/validator/run.h"

namespace passerelle::validator {

// element.cpp: what one element's definition and its type ask beyond the structure.
void CheckElement(Run& run, node::NodeIndex at, const ChildRules& rule);
void CheckAgainst(Run& run, node::NodeIndex at, std::string_view type, const ElementChecks& checks);
void CheckWholeResource(Run& run, node::NodeIndex at, const ShapeRules& shape);
void CheckResourceId(Run& run, node::NodeIndex at);

// invariants_run.cpp
void CheckInvariants(Run& run, node::NodeIndex at, const ElementChecks& checks);

// values.cpp: fixed, pattern, bounds, length
void CheckValue(Run& run, node::NodeIndex at, const ElementChecks& checks);

// codes.cpp
void CheckCoding(Run& run, node::NodeIndex at);
void CheckBinding(Run& run, node::NodeIndex at, std::string_view type, const ElementChecks& checks);
// The displays that neither a code system nor a value set has; once everything else was checked.
void ReportDisplays(Run& run);

// references.cpp
void CheckReference(Run& run, node::NodeIndex at);
void CheckTargets(Run& run, node::NodeIndex at, const ElementChecks& checks);
void CheckCanonical(Run& run, node::NodeIndex at);
void CheckCanonicalTarget(Run& run, node::NodeIndex at, const ElementChecks& checks);
void CheckContained(Run& run, node::NodeIndex resource);

// types.cpp
void CheckIdentifier(Run& run, node::NodeIndex at);
void CheckAttachment(Run& run, node::NodeIndex at);
std::size_t DecodedSize(std::string_view base64);  // in bytes

// extensions.cpp, narrative.cpp
void CheckExtension(Run& run, node::NodeIndex at);
// Whether an extension stands for an element of another version of FHIR that changes the meaning of what has it.
bool IsModifierOfOtherVersion(std::string_view url);
void CheckNarrative(Run& run, node::NodeIndex at);
// The sections in other languages that a profile wants in, or forbids.
void CheckNarrativeLanguages(Run& run, node::NodeIndex at, const ElementChecks& checks);

// bundle_links.cpp
void CheckBundleLinks(Run& run, node::NodeIndex bundle, std::string_view type, const BundleIndex& index);
void CheckSearchset(Run& run, node::NodeIndex bundle, const BundleIndex& index);

// signatures.cpp
void CheckSignature(Run& run, node::NodeIndex bundle);

// profile_walk.cpp
// Checks what stands at `at` against a profile; false when there is no such profile here.
bool CheckProfile(Run& run, node::NodeIndex at, std::string_view canonical);
// The same for a logical model, of which `at` says no type.
bool CheckLogical(Run& run, node::NodeIndex at, std::string_view canonical);
void CheckClaimedProfiles(Run& run, node::NodeIndex resource);

// Rules of one resource type; specials.cpp has the table.
void CheckSpecials(Run& run, node::NodeIndex resource);
void CheckBundle(Run& run, node::NodeIndex bundle);
void CheckQuestionnaire(Run& run, node::NodeIndex resource);
void CheckQuestionnaireResponse(Run& run, node::NodeIndex response);
void CheckCodeSystem(Run& run, node::NodeIndex resource);
void CheckValueSetResource(Run& run, node::NodeIndex resource);
void CheckConceptMap(Run& run, node::NodeIndex resource);
void CheckOperationDefinition(Run& run, node::NodeIndex resource);
void CheckSearchParameter(Run& run, node::NodeIndex resource);
void CheckCapabilityStatement(Run& run, node::NodeIndex resource);
void CheckStructureDefinition(Run& run, node::NodeIndex resource);
void CheckMeasure(Run& run, node::NodeIndex resource);
void CheckMeasureReport(Run& run, node::NodeIndex resource);
void CheckObservation(Run& run, node::NodeIndex resource);
// conformance.cpp: the url of a resource that has a canonical.
void CheckCanonicalUrl(Run& run, node::NodeIndex resource);

}  // namespace passerelle::validator
