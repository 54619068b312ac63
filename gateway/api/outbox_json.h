#pragma once
// How the outbox is shown: never what is delivered, which is a patient's.

#include <string>

#include "gateway/api/json_writer.h"
#include "gateway/api/sayings.h"
#include "gateway/pipeline/store.h"

namespace passerelle::api {

void WriteDelivery(const pipeline::Delivery& delivery, const Sayings& sayings,
                   JsonWriter& out);  // without brackets
// Those of one message with every attempt, as a JSON array.
Result<std::string> DeliveriesJson(pipeline::View& view, pipeline::Seq seq, const Sayings& sayings);

}  // namespace passerelle::api
