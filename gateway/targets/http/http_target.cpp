#include "gateway/targets/http/http_target.h"

#include <algorithm>
#include <array>
#include <fstream>

#include "gateway/net/errors.h"
#include "gateway/targets/errors.h"

namespace passerelle::targets {
namespace {

// Statuses that speak of the content; all others speak of the target, its doors or its load.
constexpr std::array kContentStatuses = {400, 405, 409, 410, 412, 413, 415, 422};

class HttpTarget : public Target {
 public:
  explicit HttpTarget(HttpSender sender) : sender_(std::move(sender)) {}

  Awaitable<Verdict> Deliver(const pipeline::Delivery& delivery) override {
    std::string_view payload = delivery.payload;
    std::string_view type = payload.starts_with("MSH") ? "x-application/hl7-v2+er7"
                            : payload.substr(0, payload.find_first_not_of(" \r\n")).ends_with('{')
                                ? "application/fhir+json"
                                : "application/octet-stream";
    auto answer = co_await sender_.Post(delivery, type);
    if (!answer) co_return VerdictOf(Say::Unwilling, answer.error());
    if (auto verdict = JudgeStatus(answer->status)) co_return *verdict;
    co_return Verdict{Say::Taken, answer->status, {}};
  }

 private:
  HttpSender sender_;
};

}  // namespace

Result<HttpSender> HttpSender::Make(const TargetOptions& options) {
  TRY(auto url, net::ParseUrl(options.url));
  if (url.scheme != "http" && url.scheme != "https")
    return Error{errors::TargetUnusable, options.name + ": url must be http:// or https://"};
  std::shared_ptr<net::TlsContext> tls;
  if (url.secure()) {
    TRY(tls, net::MakeClientTls(options.tls));
  }
  return HttpSender(std::move(url), std::move(tls), options);
}

Awaitable<Result<net::HttpResponse>> HttpSender::Post(const pipeline::Delivery& delivery,
                                                      std::string_view content_type) const {
  net::HttpCall call;
  call.method = "POST";
  call.url = url_;
  call.tls = tls_;
  call.total_timeout = options_.answer_timeout;
  call.headers.Add("Content-Type", std::string(content_type));
  call.headers.Add("Accept", "application/fhir+json");
  if (!options_.token_file.empty()) {
    std::ifstream in(options_.token_file);
    std::string token;
    if (!(in >> token)) co_return Error{errors::TargetUnusable, options_.token_file + " cannot be read"};
    call.headers.Add("Authorization", "Bearer " + token);
  }
  CO_TRY(call.large, OpenLarge(options_, delivery));
  if (call.large == nullptr) call.body = delivery.payload;
  co_return co_await net::Call(std::move(call));
}

std::optional<Verdict> JudgeStatus(int status) {
  if (status >= 200 && status < 300) return std::nullopt;
  bool content =
      std::find(kContentStatuses.begin(), kContentStatuses.end(), status) != kContentStatuses.end();
  const ErrorInfo& info = content ? errors::TargetRefused : errors::TargetUnwilling;
  return VerdictOf(content ? Say::Refused : Say::Unwilling,
                   Error{info, "HTTP " + std::to_string(status)}, status);
}

Result<std::unique_ptr<Target>> MakeHttpTarget(const TargetOptions& options) {
  TRY(auto sender, HttpSender::Make(options));
  return std::unique_ptr<Target>(std::make_unique<HttpTarget>(std::move(sender)));
}

}  // namespace passerelle::targets
