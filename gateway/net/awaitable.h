#pragma once
// The coroutine type of the gateway, and nothing else of Asio: include this where a function may wait.

#include <boost/asio/awaitable.hpp>

namespace passerelle {

template <class T>
using Awaitable = boost::asio::awaitable<T>;

}  // namespace passerelle
