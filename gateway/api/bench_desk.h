#pragma once
// BenchDesk: the labelling bench as the routes see it: runs that a vendor opens, sends to and closes, the
// evidence that they leave, and the campaign. Answers are JSON as docs/openapi.json describes it. Safe from
// any thread.

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

#include "fhir_model/base/issue.h"
#include "fhir_model/base/result.h"
#include "gateway/net/awaitable.h"

namespace passerelle::api {

// Who asks. A vendor sees his own runs and what they left, nothing else (safety rule 18).
struct BenchGuest {
  std::string name;
  bool sees_all = false;
  Language language = Language::English;
};

struct BenchOrder {
  std::string product, version, suite;
};

struct BenchReport {
  std::string_view content_type;
  std::string file_name, bytes;
};

// What of the evidence is asked for; empty: of the newest version of the first product.
struct EvidenceQuery {
  std::string product, version;
};

// Which events of the campaign; empty: any.
struct CampaignQuery {
  std::string product, requirement, event, couloir;
  std::optional<std::int64_t> week;
  std::size_t count_max = 200;
};

// A run that is not there, or is another's, is RouteUnknown.
class BenchDesk {
 public:
  virtual ~BenchDesk() = default;

  virtual Result<std::string> Overview(const BenchGuest& guest) = 0;  // suites, and the runs he may see
  virtual Awaitable<Result<std::string>> Open(BenchGuest guest, BenchOrder order) = 0;
  virtual Result<std::string> Run(const BenchGuest& guest, const std::string& run) = 0;
  // How many changes the run has seen; grows.
  virtual Result<std::int64_t> Changes(const BenchGuest& guest, const std::string& run) = 0;
  // One message that comes over HTTP instead of MLLP; gives the run with its verdicts.
  virtual Awaitable<Result<std::string>> Send(BenchGuest guest, std::string run, std::string bytes) = 0;
  virtual Awaitable<Result<std::string>> Close(BenchGuest guest, std::string run) = 0;
  virtual Result<BenchReport> Report(const BenchGuest& guest, const std::string& run,
                                     std::string_view format) = 0;
  virtual Result<std::string> Input(const BenchGuest& guest, const std::string& run,
                                    std::string_view sha256) = 0;

  virtual Result<std::string> Evidence(const BenchGuest& guest, const EvidenceQuery& query) = 0;
  virtual Result<std::string> Campaign() = 0;
  virtual Result<std::string> CampaignEvents(const CampaignQuery& query) = 0;
};

}  // namespace passerelle::api
