#pragma once
// HttpTarget: posts the bytes as they are; any 2xx takes them.

#include <optional>

#include "gateway/net/http_client.h"
#include "gateway/targets/target.h"

namespace passerelle::targets {

// Posts to one URL with the target's token and certificate. FhirTarget stands on it.
class HttpSender {
 public:
  static Result<HttpSender> Make(const TargetOptions& options);
  Awaitable<Result<net::HttpResponse>> Post(const pipeline::Delivery& delivery, std::string_view content_type) const;

 private:
  HttpSender(net::Url url, std::shared_ptr<net::TlsContext> tls, TargetOptions options)
      : url_(std::move(url)), tls_(std::move(tls)), options_(std::move(options)) {}

  net::Url url_;
  std::shared_ptr<net::TlsContext> tls_;
  TargetOptions options_;
};

// What a status other than 2xx says; nothing for a 2xx.
std::optional<Verdict> JudgeStatus(int status);

Result<std::unique_ptr<Target>> MakeHttpTarget(const TargetOptions& options);

}  // namespace passerelle::targets
