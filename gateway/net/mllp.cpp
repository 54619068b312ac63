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

// One connection and the frames it brings.
class Server {
 public:
  // `taker` is nullptr where frames are taken whole, by `handler`.
  Server(Stream& stream, const MllpOptions& options, MllpConversation* taker, const MllpHandler& handler)
      : stream_(stream), options_(options), taker_(taker), handler_(handler), framer_(options.frame_bytes_max) {}

  Awaitable<void> Run() {
    std::vector<char> buffer(kReadBytesMin);
    while (true) {
      co_await WaitUntil(options_.listen.accepting);
      auto read = co_await stream_.ReadSome(buffer.data(), buffer.size(), TimeLeft());
      if (!read) break;
      if (!framer_.InFrame()) begun_ = Clock::now();
      framer_.Feed({buffer.data(), *read});
      if (*read == buffer.size() && buffer.size() < kReadBytesMax) buffer.resize(buffer.size() * 4);
      if (!co_await AnswerFrames()) co_return;
      if (taker_ == nullptr || framer_.begun_bytes() < kPartBytes) continue;
      if (!co_await taker_->TakePart(framer_.TakeBegun())) co_return;
    }
    // A frame that never ended is kept too (no byte that reached us is lost); nobody waits for its answer.
    MllpFrame rest;
    if (framer_.Finish(rest)) co_await Take(std::move(rest));
  }

 private:
  milliseconds TimeLeft() const {
    if (!framer_.InFrame()) return kNoTimeout;
    auto spent = std::chrono::duration_cast<milliseconds>(Clock::now() - begun_);
    return std::max(milliseconds(1), options_.frame_timeout - spent);
  }

  Awaitable<std::string> Take(MllpFrame frame) {
    return taker_ != nullptr ? taker_->Take(std::move(frame)) : handler_(std::move(frame), stream_.peer());
  }

  // Answers every frame that is there; one that begins behind them begins now. False when the connection has to end.
  Awaitable<bool> AnswerFrames() {
    MllpFrame frame;
    while (framer_.Next(frame)) {
      co_await WaitUntil(options_.listen.accepting);
      bool end = frame.truncated;
      std::string answer = co_await Take(std::move(frame));
      if (!answer.empty()) {
        auto written = co_await stream_.Write(WrapMllp(answer), options_.write_timeout);
        if (!written) co_return false;
      }
      if (end) co_return false;  // what follows of an oversize frame is not worth reading
      begun_ = Clock::now();
    }
    co_return true;
  }

  Stream& stream_;
  const MllpOptions& options_;
  MllpConversation* taker_;
  const MllpHandler& handler_;
  MllpFramer framer_;
  Clock::time_point begun_{};
};

}  // namespace

Result<std::unique_ptr<Listener>> ListenMllp(asio::any_io_executor executor, const MllpOptions& options,
                                             MllpHandler handler) {
  return Listen(std::move(executor), options.listen, [options, handler](Stream& stream) -> Awaitable<void> {
    Server server(stream, options, nullptr, handler);
    co_await server.Run();
  });
}

Result<std::unique_ptr<Listener>> ListenMllp(asio::any_io_executor executor, const MllpOptions& options,
                                             MllpConversations begin) {
  return Listen(std::move(executor), options.listen, [options, begin](Stream& stream) -> Awaitable<void> {
    const MllpHandler nobody;
    auto taker = begin(stream.peer());
    Server server(stream, options, taker.get(), nobody);
    co_await server.Run();
  });
}

namespace {

Awaitable<Result<std::string>> AwaitAnswer(Stream& stream, milliseconds timeout) {
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

}  // namespace

Awaitable<Result<std::string>> ExchangeMllp(Stream& stream, std::string_view message, milliseconds timeout) {
  CO_CHECK_OK(co_await stream.Write(WrapMllp(message), timeout));
  co_return co_await AwaitAnswer(stream, timeout);
}

Awaitable<Result<std::string>> ExchangeMllp(Stream& stream, Source& message, milliseconds timeout) {
  CO_TRY(auto piece, message.Next());
  piece.insert(piece.begin(), kFrameStart);  // some receivers want to see the header with it
  CO_CHECK_OK(co_await stream.Write(piece, timeout));
  CO_CHECK_OK(co_await WriteAll(stream, message, timeout));
  const std::string end{kFrameEnd, '\r'};
  CO_CHECK_OK(co_await stream.Write(end, timeout));
  co_return co_await AwaitAnswer(stream, timeout);
}

}  // namespace passerelle::net
