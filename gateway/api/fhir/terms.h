#pragma once
// Terms: the parameters of a FHIR search as the store understands them. Chains ("patient.identifier") and what
// others refer to ("_has:Observation:subject:code") are searched first and put in as the resources found; a patient
// who was merged is looked for under all his ids.

#include <string>
#include <string_view>
#include <vector>

#include "gateway/api/request.h"

namespace passerelle::api::fhir {

// Parameters that say how the answer should look rather than what is looked for.
bool IsResultParameter(std::string_view name);

// Parameters whose value is a patient's trait or number: never repeated in an address (safety rule 19).
bool IsSensitive(std::string_view name);

// SearchParameterUnknown, SearchValueMalformed, SearchTooBroad. `ignored` takes the names of parameters that
// do not exist, when the caller wants them passed over (Prefer: handling=lenient); without it they are
// errors.
Result<std::vector<pipeline::SearchTerm>> TermsOf(pipeline::View& view, const Request& request,
                                                  std::string_view type, const Parameters& parameters,
                                                  std::vector<std::string>* ignored = nullptr);

// A condition as it stands in If-None-Exist or in the address of an entry: "identifier=a|b&active=true".
// ConditionMissing when it names nothing.
Result<std::vector<pipeline::SearchTerm>> ConditionOf(pipeline::View& view, const Request& request,
                                                      std::string_view type, std::string_view query);

// A reference as the store keeps it: relative where it is ours ("http://here/fhir/Patient/1" is "Patient/1").
std::string LocalReference(const Request& request, std::string_view reference);

}  // namespace passerelle::api::fhir
