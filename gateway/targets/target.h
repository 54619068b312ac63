#pragma once
// Target: one place that deliveries go to. What it says of a delivery decides what becomes of it.

#include <functional>
#include <memory>
#include <string>
#include <string_view>

#include "fhir_model/base/result.h"
#include "gateway/net/awaitable.h"
#include "gateway/net/stream.h"
#include "gateway/pipeline/store.h"

namespace passerelle::targets {

struct TargetOptions {
  std::string name;
  std::string kind = "fhir";  // "fhir", "mllp", "http", "folder"
  std::string url;            // "https://host/fhir", "mllp://host:port", a path
  std::string token_file;     // read for each delivery, so that a token can be changed without a restart
  net::TlsFiles tls;
  net::milliseconds answer_timeout{30'000};
  // Opens a payload that has inserts.
  std::function<Result<std::unique_ptr<net::Source>>(const pipeline::Delivery&)> open = {};
  bool rewrites = false;  // "mllp": messages leave in the form that every receiver reads (hl7v2/rewrite.h)
};

// Taken: it has it. Refused: this content, for ever. Unwilling: anything, at present.
enum class Say : std::uint8_t { Taken, Refused, Unwilling };

struct Verdict {
  Say say = Say::Unwilling;
  int http_status = 0;
  std::string cause;  // stable code and sentence, nothing of the content
};
Verdict VerdictOf(Say say, const Error& error, int http_status = 0);

// What is sent: nothing where the payload itself is.
Result<std::unique_ptr<net::Source>> OpenLarge(const TargetOptions& options, const pipeline::Delivery& delivery);

class Target {
 public:
  virtual ~Target() = default;
  virtual Awaitable<Verdict> Deliver(const pipeline::Delivery& delivery) = 0;
  virtual std::size_t at_once_max() const { return 8; }
};

// TargetUnusable, AddressMalformed, TlsUnusable: shown at start. Runs on the executor that awaits it.
Result<std::unique_ptr<Target>> MakeTarget(const TargetOptions& options);

}  // namespace passerelle::targets
