#include "gateway/net/mllp.h"

#include <boost/asio/redirect_error.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>

#include <vector>

#include "gateway/net/errors.h"

namespace passerelle::net {
namespace {

namespace asio = boost::asio;
using Clock = std::chrono::steady_clock;

constexpr std::size_t kReadBytesMin = 4 * 1024, kReadBytesMax = 64 * 1024;  // a silent connection should cost little
constexpr milliseconds kPause{20};
constexpr std::size_t kAnswerBytesMax = 1u << 20;

Awaitable<void> WaitUntil(const std::function<bool()>& ready) {
  asio::steady_timer timer(co_await asio::this_coro::executor);
  while (ready && !ready()) {
    timer.expires_after(kPause);
    co_await timer.async_wait(asio::use_awaitable);
  }
}

// Answers every frame that is there; one that begins behind them begins now. False when the connection has to end.
Awaitable<bool> AnswerFrames(Stream& stream, MllpFramer& framer, const MllpOptions& options,
                             const MllpHandler& handler, Clock::time_point& begun) {
  MllpFrame frame;
  while (framer.Next(frame)) {
    co_await WaitUntil(options.listen.accepting);
    bool end = frame.truncated;
    std::string answer = co_await handler(std::move(frame), stream.peer());
    if (!answer.empty()) {
      auto written = co_await stream.Write(WrapMllp(answer), options.write_timeout);
      if (!written) co_return false;
    }
    if (end) co_return false;  // what follows of an oversize frame is not worth reading
    begun = Clock::now();
  }
  co_return true;
}

Awaitable<void> ServeMllp(Stream& stream, const MllpOptions& options, const MllpHandler& handler) {
  MllpFramer framer(options.frame_bytes_max);
  std::vector<char> buffer(kReadBytesMin);
  Clock::time_point begun{};
  while (true) {
    co_await WaitUntil(options.listen.accepting);
    milliseconds timeout = kNoTimeout;
    if (framer.InFrame()) {
      auto spent = std::chrono::duration_cast<milliseconds>(Clock::now() - begun);
      timeout = std::max(milliseconds(1), options.frame_timeout - spent);
    }
    auto read = co_await stream.ReadSome(buffer.data(), buffer.size(), timeout);
    if (!read) break;
    if (!framer.InFrame()) begun = Clock::now();
    framer.Feed({buffer.data(), *read});
    if (*read == buffer.size() && buffer.size() < kReadBytesMax) buffer.resize(buffer.size() * 4);
    if (!co_await AnswerFrames(stream, framer, options, handler, begun)) co_return;
  }
  // A frame that never ended is kept too (no byte that reached us is lost); nobody waits for its answer.
  MllpFrame rest;
  if (framer.Finish(rest)) co_await handler(std::move(rest), stream.peer());
}

}  // namespace

Result<std::unique_ptr<Listener>> ListenMllp(asio::any_io_executor executor, const MllpOptions& options,
                                             MllpHandler handler) {
  return Listen(std::move(executor), options.listen,
                [options, handler](Stream& stream) { return ServeMllp(stream, options, handler); });
}

Awaitable<Result<std::string>> ExchangeMllp(Stream& stream, std::string_view message, milliseconds timeout) {
  CO_CHECK_OK(co_await stream.Write(WrapMllp(message), timeout));
  MllpFramer framer(kAnswerBytesMax);
  std::vector<char> buffer(kReadBytesMin);
  MllpFrame frame;
  while (!framer.Next(frame)) {
    auto read = co_await stream.ReadSome(buffer.data(), buffer.size(), timeout);
    if (!read) {
      bool late = read.error().info == &errors::SenderTooSlow;
      co_return late ? Error{errors::AnswerTooLate} : read.error();
    }
    framer.Feed({buffer.data(), *read});
  }
  co_return std::move(frame.bytes);
}

}  // namespace passerelle::net
