#pragma once
// Edit: one resource of the record read, changed and put again.

#include <functional>
#include <string_view>

#include "fhir_model/node/tree.h"
#include "gateway/pipeline/store.h"

namespace passerelle::record {

// False where it is not there, or `change` leaves it as it is. What a Binary holds apart from its JSON stays.
Result<bool> Edit(pipeline::Transaction& transaction, std::string_view type, std::string_view id,
                  const std::function<bool(node::Tree&)>& change);

}  // namespace passerelle::record
