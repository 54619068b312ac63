// How long a page of GET /api/messages takes over a large journal that the store itself wrote.
//   message_pages [MESSAGES]      prints one JSON line for each kind of page
//
// Pages are asked for through the handler, without a socket: from the newest, from anywhere by key, and
// through each filter of the console, also one that finds nothing.

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <random>

#include "tests/gateway/api/fixture.h"

namespace passerelle::api {
namespace {

constexpr std::int64_t kBatch = 2'000;
constexpr int kPages = 200;

// Every twentieth is refused, every hundredth a laboratory's; sizes as in a quiet hospital.
pipeline::Outcome OutcomeOf(std::int64_t seq) {
  pipeline::Outcome outcome;
  outcome.state = seq % 20 == 0 ? pipeline::State::Refused : pipeline::State::Stored;
  outcome.format = "hl7v2";
  outcome.event = seq % 100 == 0 ? "ORU^R01" : "ADT^A01";
  outcome.control_id = "C" + std::to_string(seq);
  outcome.answer = pipeline::Answer{"AA", "MSH|^~\\&|A|B|C|D|20260301||ACK|1|P|2.5\rMSA|AA|1\r", 200};
  outcome.findings_json = "[]";
  outcome.ledger_json = R"({"leaves":1,"mapped":1,"dropped":0,"unmapped":0,"lines":[]})";
  outcome.resources_json = R"(["Patient/1/_history/1"])";
  return outcome;
}

Awaitable<void> KeepOne(Api& api, std::int64_t seq) {
  auto kept = co_await api.store->Keep(api.FrameOf("message " + std::to_string(seq)));
  if (!kept) std::abort();
}

void Fill(Api& api, std::int64_t messages) {
  for (std::int64_t first = 1; first <= messages; first += kBatch) {
    for (std::int64_t seq = first; seq < first + kBatch; ++seq)
      boost::asio::co_spawn(api.context, KeepOne(api, seq), boost::asio::detached);
    api.context.restart();
    api.context.run();
    auto decided = api.Write([&](pipeline::Transaction& transaction) -> Status {
      for (std::int64_t seq = first; seq < first + kBatch; ++seq)
        CHECK_OK(transaction.Decide(seq, OutcomeOf(seq)));
      return Ok();
    });
    if (!decided) std::abort();
  }
}

void Measure(Api& api, std::string_view name, const std::function<std::string()>& query) {
  std::vector<double> took;
  for (int i = 0; i < kPages; ++i) {
    auto target = "/api/messages?count=50" + query();
    auto begun = std::chrono::steady_clock::now();
    auto answer = api.Call("GET", target);
    took.push_back(
        std::chrono::duration<double, std::milli>(std::chrono::steady_clock::now() - begun).count());
    if (answer.status != 200) std::abort();
  }
  std::sort(took.begin(), took.end());
  std::printf(
      "{\"bench\": \"message-pages\", \"page\": \"%s\", \"p50_ms\": %.2f, \"p95_ms\": %.2f, \"max_ms\": "
      "%.2f}\n",
      std::string(name).c_str(), took[kPages / 2], took[kPages * 95 / 100], took.back());
  std::fflush(stdout);
}

}  // namespace
}  // namespace passerelle::api

int main(int count, char** words) {
  using namespace passerelle::api;
  std::int64_t messages = count > 1 ? std::atoll(words[1]) : 1'000'000;
  Api api;
  Fill(api, messages);
  std::mt19937_64 random(1);
  auto key = [&] {
    return std::to_string(1 + static_cast<std::int64_t>(random() % std::uint64_t(messages)));
  };
  Measure(api, "newest", [] { return std::string(); });
  Measure(api, "anywhere", [&] { return "&before=" + key(); });
  Measure(api, "refused, anywhere", [&] { return "&state=refused&before=" + key(); });
  Measure(api, "one event, anywhere", [&] { return "&event=ORU%5ER01&before=" + key(); });
  Measure(api, "one control id", [&] { return "&control_id=C" + key(); });
  Measure(api, "a state that none has", [] { return std::string("&state=parked"); });
  Measure(api, "a feed that none has", [] { return std::string("&feed=nowhere"); });
  Measure(api, "a format that none has", [] { return std::string("&format=cda"); });
  Measure(api, "a day that had none", [] { return std::string("&since=2027-01-01"); });
}
