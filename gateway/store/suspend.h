#pragma once
// How a coroutine waits for another thread of the store.

#include <boost/asio/associated_executor.hpp>
#include <boost/asio/async_result.hpp>
#include <boost/asio/execution/outstanding_work.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/prefer.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <functional>
#include <memory>

#include "fhir_model/base/result.h"
#include "gateway/net/awaitable.h"

namespace passerelle::store {

using Resume = std::function<void(Status)>;

// Suspends the coroutine; `start` is given a function that resumes it, from any thread, on its own executor.
template <class Start>
Awaitable<Status> Suspend(Start& start) {
  namespace asio = boost::asio;
  auto initiate = [&start](auto handler) {
    auto executor =
        asio::prefer(asio::get_associated_executor(handler), asio::execution::outstanding_work.tracked);
    auto shared = std::make_shared<decltype(handler)>(std::move(handler));
    start([shared, executor](Status status) {
      asio::post(executor, [shared, status = std::move(status)]() mutable { (*shared)(std::move(status)); });
    });
  };
  co_return co_await asio::async_initiate<const asio::use_awaitable_t<>, void(Status)>(std::move(initiate),
                                                                                       asio::use_awaitable);
}

}  // namespace passerelle::store
