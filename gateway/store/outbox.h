#pragma once
// Outbox: what is owed to targets. A lane (one target, one patient) is sent strictly in order; only its head
// may go.

#include "gateway/store/session.h"

namespace passerelle::store {

Result<std::int64_t> AddDelivery(const Session& session, const pipeline::Delivery& delivery);
Status NoteAttempt(const Session& session, const pipeline::Attempt& attempt, const pipeline::Delivery& after);
Status OweDeliveryAgain(const Session& session, std::int64_t id);

Result<std::optional<pipeline::Delivery>> ReadDelivery(const Session& session, std::int64_t id);
Result<std::vector<pipeline::Delivery>> ReadDeliveries(const Session& session, std::string_view state,
                                                       std::int64_t after_id, int count_max);
Result<std::vector<pipeline::Delivery>> ReadDeliveriesOf(const Session& session, pipeline::Seq seq);
Result<std::vector<pipeline::Attempt>> ReadAttempts(const Session& session, std::int64_t delivery_id);
Result<std::vector<pipeline::Backlog>> ReadBacklogs(const Session& session);
Result<std::vector<pipeline::Delivery>> DueDeliveries(const Session& session, std::string_view target,
                                                      std::string_view now, int count_max);

}  // namespace passerelle::store
