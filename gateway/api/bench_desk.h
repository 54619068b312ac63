#pragma once
// BenchDesk: the labelling bench as the routes see it: runs that a vendor opens, sends to and closes, the
// evidence that they leave, and the campaign. Answers are JSON as docs/openapi.json describes it. Safe from
// any thread.

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

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

// With a scenario its suite is examined, whatever suite is named.
struct BenchOrder {
  std::string product, version, suite, scenario;
};

struct CampaignOrder {
  int weeks = 104;
  std::uint64_t seed = 1;
};

struct BenchReport {
  std::string_view content_type;
  std::string file_name, bytes;
};

// What of the evidence is asked for; empty: of the newest version of the first product.
struct EvidenceQuery {
  std::string product, version;
};

struct LabelWish {
  std::string product, version, suite;
  std::string expires;  // a day, or empty: never
  std::vector<std::pair<std::string, std::string>> waivers;  // a requirement, and why it is let go
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

  // What a message of the run (counted from 1) brought: the answer and what arrived at the target.
  virtual Result<std::string> Exchange(const BenchGuest& guest, const std::string& run,
                                       std::size_t message) = 0;

  virtual Result<std::string> Evidence(const BenchGuest& guest, const EvidenceQuery& query) = 0;
  // The verdicts of that version's last run asked again, of the bytes that it kept.
  virtual Result<std::string> Replay(const BenchGuest& guest, const EvidenceQuery& query) = 0;
  // The evidence folder as a ZIP, with the inputs and reports of one product (empty: of all) and version:
  // what `passerelle label verify` and `label replay` want.
  virtual Result<std::string> EvidenceArchive(const EvidenceQuery& query) = 0;
  // Signs a label for what the version's last run under that suite proves. LabelInvalid says, in the guest's
  // language, what stands in the way.
  virtual Result<std::string> Grant(const BenchGuest& guest, const LabelWish& wish) = 0;
  // Withdraws a label; gives the ids of all that are. RouteUnknown where there is none of that id.
  virtual Result<std::string> Revoke(const std::string& label) = 0;
  // Begins in the background and takes the place of the last one when it is done. BenchBusy while one runs.
  virtual Status StartCampaign(const CampaignOrder& order) = 0;
  virtual Result<std::string> Campaign(
      Language language) = 0;  // the figures of the last one, and how far one that runs has come
  virtual Result<std::string> CampaignEvents(const CampaignQuery& query) = 0;
};

}  // namespace passerelle::api
