#pragma once
// How a message of the journal is shown in a list; one alone shows more.

#include "gateway/api/json_writer.h"
#include "gateway/api/sayings.h"
#include "gateway/pipeline/store.h"

namespace passerelle::api {

void WriteMessage(const pipeline::KeptMessage& message, const Sayings& sayings,
                  JsonWriter& out);  // members of an object

}  // namespace passerelle::api
