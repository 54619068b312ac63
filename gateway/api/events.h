#pragma once
// Server-sent events. Each answer ends with what there is, and the listener asks again from there
// (Last-Event-ID, or ?after=N), so nothing has to be kept for him here.

#include <functional>
#include <optional>
#include <string>
#include <string_view>

#include "gateway/api/request.h"
#include "gateway/net/awaitable.h"

namespace passerelle::api {

std::string EventText(std::int64_t id, std::string_view name, std::string_view json);

// Asks `look` for the events after a number, every quarter of a second, until there are some or the wait is
// over; for a listener who has no number yet, once, for where to begin.
using Look = std::function<Result<std::string>(std::optional<std::int64_t> after)>;
Awaitable<Response> FollowWith(Request& request, Look look);

}  // namespace passerelle::api
