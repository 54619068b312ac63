#pragma once
// Result<T>: a value, or the Error that kept us from making one.
//
// Use Result when an operation fails as a whole; use Issues (issue.h) for what is wrong inside a message that
// can still be carried on. Spelled like a subset of std::expected, which g++ 12 has only with -std=c++23.

#include <cassert>
#include <utility>
#include <variant>

#include "fhir_model/base/error.h"

namespace passerelle {

template <class T = std::monostate>
class [[nodiscard]] Result {
 public:
  Result(T value) : state_(std::in_place_index<0>, std::move(value)) {}
  Result(Error error) : state_(std::in_place_index<1>, std::move(error)) {}

  bool has_value() const { return state_.index() == 0; }
  explicit operator bool() const { return has_value(); }

  T& value() & {
    assert(has_value());
    return std::get<0>(state_);
  }
  const T& value() const& {
    assert(has_value());
    return std::get<0>(state_);
  }
  T&& value() && {
    assert(has_value());
    return std::get<0>(std::move(state_));
  }
  const Error& error() const& {
    assert(!has_value());
    return std::get<1>(state_);
  }
  Error&& error() && {
    assert(!has_value());
    return std::get<1>(std::move(state_));
  }

  T& operator*() & { return value(); }
  const T& operator*() const& { return value(); }
  T&& operator*() && { return std::move(*this).value(); }
  T* operator->() { return &value(); }
  const T* operator->() const { return &value(); }

 private:
  std::variant<T, Error> state_;
};

using Status = Result<>;
inline Status Ok() { return std::monostate{}; }

// TRY(auto x, Parse(bytes)); gives x its value, or returns the Error to the caller.
// CO_TRY is the same inside a coroutine; CHECK_OK and CO_CHECK_OK are for a Status.
#define PASSERELLE_JOIN_(a, b) a##b
#define PASSERELLE_JOIN(a, b) PASSERELLE_JOIN_(a, b)
#define PASSERELLE_TRY(tmp, ret, decl, expr) \
  auto tmp = (expr);                         \
  if (!tmp) ret std::move(tmp).error();      \
  decl = *std::move(tmp)
#define PASSERELLE_CHECK(tmp, ret, expr) \
  if (auto tmp = (expr); !tmp) ret std::move(tmp).error()
#define TRY(decl, ...) PASSERELLE_TRY(PASSERELLE_JOIN(try_, __LINE__), return, decl, (__VA_ARGS__))
#define CO_TRY(decl, ...) PASSERELLE_TRY(PASSERELLE_JOIN(try_, __LINE__), co_return, decl, (__VA_ARGS__))
#define CHECK_OK(...) PASSERELLE_CHECK(PASSERELLE_JOIN(try_, __LINE__), return, (__VA_ARGS__))
#define CO_CHECK_OK(...) PASSERELLE_CHECK(PASSERELLE_JOIN(try_, __LINE__), co_return, (__VA_ARGS__))

}  // namespace passerelle
