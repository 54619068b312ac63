#pragma once
// ReadJson: a text to be validated. Flaws that can be mended are findings, and what is left is validated;
// others are the error that the reader has. Only to tell a person everything at once: what is taken in must
// be JSON.

#include <string>

#include "fhir_model/base/issue.h"
#include "fhir_model/base/limits.h"
#include "fhir_model/base/result.h"
#include "fhir_model/node/tree.h"
#include "fhir_model/spec/spec.h"

namespace passerelle::validator {

Result<node::Tree> ReadJson(std::string bytes, const Limits& limits, const spec::Definitions& definitions,
                            Issues& flaws);

}  // namespace passerelle::validator
