#include "gateway/targets/mllp/mllp_target.h"

#include "gateway/net/http_client.h"
#include "gateway/net/mllp.h"
#include "gateway/targets/errors.h"
#include "mappers/hl7v2/ack.h"
#include "mappers/hl7v2/rewrite.h"

namespace passerelle::targets {
namespace {

constexpr net::milliseconds kConnectTimeout{5'000};

class MllpTarget : public Target {
 public:
  MllpTarget(net::Url url, std::shared_ptr<net::TlsContext> tls, TargetOptions options)
      : url_(std::move(url)), tls_(std::move(tls)), options_(std::move(options)) {}

  std::size_t at_once_max() const override { return 1; }

  Awaitable<Verdict> Deliver(const pipeline::Delivery& delivery) override {
    if (hl7v2::Peek(delivery.payload).IsAcknowledgement()) co_return co_await Tell(delivery.payload);
    auto answer = co_await Exchange(delivery);
    if (!answer) {
      stream_.reset();
      co_return VerdictOf(Say::Unwilling, answer.error());
    }
    auto acknowledged = hl7v2::ReadAcknowledgement(*answer);
    auto code = hl7v2::AckCodeNamed(acknowledged.code);
    if (!code || acknowledged.control_id != hl7v2::Peek(delivery.payload).control_id) {
      stream_.reset();  // whose answer it was we cannot know, nor what comes next
      co_return VerdictOf(Say::Unwilling, Error{errors::TargetTalksRubbish});
    }
    if (hl7v2::Accepts(*code)) co_return Verdict{Say::Taken, 0, {}};
    bool circumstance = *code == hl7v2::AckCode::AR || *code == hl7v2::AckCode::CR;
    co_return VerdictOf(
        circumstance ? Say::Unwilling : Say::Refused,
        Error{circumstance ? errors::TargetUnwilling : errors::TargetRefused, acknowledged.code});
  }

 private:
  // A message that cannot be read was kept and passed on as it came; so it goes. A large one comes into memory to be
  // rewritten, and only for that.
  Awaitable<Result<std::string>> ExchangeOnce(const pipeline::Delivery& delivery) {
    CO_TRY(auto large, OpenLarge(options_, delivery));
    if (large != nullptr && !options_.rewrites)
      co_return co_await net::ExchangeMllp(*stream_, *large, options_.answer_timeout);
    std::string message = delivery.payload;
    if (large != nullptr) { CO_TRY(message, net::ReadAll(*large)); }
    if (options_.rewrites)
      if (auto rewritten = hl7v2::Rewrite(message)) message = *std::move(rewritten);
    co_return co_await net::ExchangeMllp(*stream_, message, options_.answer_timeout);
  }

  // An acknowledgement is answered by nobody: written is all that can be known. On a connection of its own.
  Awaitable<Verdict> Tell(const std::string& acknowledgement) {
    auto stream = co_await net::Connect(url_.host, url_.port, tls_, kConnectTimeout);
    if (!stream) co_return VerdictOf(Say::Unwilling, stream.error());
    auto written = co_await (*stream)->Write(net::WrapMllp(acknowledgement), options_.answer_timeout);
    if (!written) co_return VerdictOf(Say::Unwilling, written.error());
    co_await (*stream)->Close();
    co_return Verdict{Say::Taken, 0, {}};
  }

  // A kept connection may have ended while nothing was sent: then once more on a new one.
  Awaitable<Result<std::string>> Exchange(const pipeline::Delivery& delivery) {
    if (stream_ != nullptr) {
      auto answer = co_await ExchangeOnce(delivery);
      if (answer) co_return answer;
      stream_.reset();
    }
    CO_TRY(stream_, co_await net::Connect(url_.host, url_.port, tls_, kConnectTimeout));
    co_return co_await ExchangeOnce(delivery);
  }

  net::Url url_;
  std::shared_ptr<net::TlsContext> tls_;
  const TargetOptions options_;
  std::unique_ptr<net::Stream> stream_;
};

}  // namespace

Result<std::unique_ptr<Target>> MakeMllpTarget(const TargetOptions& options) {
  TRY(auto url, net::ParseUrl(options.url));
  if (url.scheme != "mllp" && url.scheme != "mllps")
    return Error{errors::TargetUnusable, options.name + ": url must be mllp:// or mllps://"};
  std::shared_ptr<net::TlsContext> tls;
  if (url.secure()) {
    TRY(tls, net::MakeClientTls(options.tls));
  }
  return std::unique_ptr<Target>(
      std::make_unique<MllpTarget>(std::move(url), std::move(tls), options));
}

}  // namespace passerelle::targets
