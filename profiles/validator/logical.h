#pragma once
// A JSON object that is no resource, as its logical model reads it. Private to this room.

#include <optional>
#include <string_view>

#include "fhir_model/node/tree.h"
#include "fhir_model/spec/library.h"

namespace passerelle::validator {

// A copy of `object` with the elements that the model names: where an element has the extension
// json-property-key, each member of the object that stands there is an element of its own, with the member's
// name in the child that is the key and its value in the other child. Nothing when the model is not known.
std::optional<node::Tree> ReadAsModel(const node::Tree& object, const spec::Library& library,
                                      std::string_view canonical);

}  // namespace passerelle::validator
