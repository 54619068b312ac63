// Pipeline: what is kept, in which order it is decided, and what repeats are told.

#include "gateway/pipeline/pipeline.h"

#include <boost/asio/thread_pool.hpp>
#include <catch2/catch.hpp>
#include <mutex>
#include <thread>

#include "gateway/pipeline/errors.h"
#include "gateway/store/errors.h"
#include "tests/gateway/store/fixture.h"

namespace passerelle::pipeline {
namespace {

constexpr ErrorInfo kContent{9001,           "Content",         422, "AE", "207", "invalid",
                             "Bad content.", "Mauvais contenu."};
constexpr ErrorInfo kTooEarly{9003, "TooEarly", 409, "AR", "204", "not-found", "Not yet.", "Pas encore."};
constexpr ErrorInfo kCircumstance{9002,  "Circumstance", 503,        "AR",
                                  "207", "transient",    "Not now.", "Pas maintenant."};

// Takes everything, answers with the number of times it was asked, thinks as long as the message says
// ("slow").
struct ScriptedInput : Input {
  mutable std::atomic<int> prepared = 0;
  std::optional<Error> refusal;
  std::optional<Answer> on_receipt;

  bool Recognises(const Frame&) const override { return true; }
  Prepared Prepare(const Frame& frame) const override {
    if (frame.bytes.starts_with("slow")) std::this_thread::sleep_for(std::chrono::milliseconds(30));
    Prepared out;
    out.format = "test";
    out.control_id = frame.bytes;
    out.refusal = refusal;
    ++prepared;
    return out;
  }
  Answer Respond(const Frame&, const Prepared&, const Error* error) const override {
    std::string code = error == nullptr ? "AA" : std::string(error->info->ack_code);
    return {code, code + " " + std::to_string(prepared.load()),
            error == nullptr ? 200 : int{error->info->http_status}};
  }
  std::optional<Answer> RespondToReceipt(const Frame&) const override { return on_receipt; }
  std::vector<std::string> Split(const Frame& frame) const override {
    if (frame.bytes != "batch") return {};
    return {"one", "two"};
  }
  Answer Join(const Frame&, const std::vector<Answer>& answers) const override {
    return {"AA", answers[0].bytes + "," + answers[1].bytes, 200};
  }
};

struct AnyPolicy : Policy {
  Status Admit(const Frame&, Prepared&) const override { return Ok(); }
};

Awaitable<void> Sleep(std::chrono::milliseconds time) {
  boost::asio::steady_timer timer(co_await boost::asio::this_coro::executor, time);
  co_await timer.async_wait(boost::asio::use_awaitable);
}

// Leaves a line in the audit chain, in the order in which messages were applied.
struct ListingRecord : Record {
  std::optional<Error> trouble;
  std::string fill;  // what a message takes on the disk
  Result<Applied> Apply(Transaction& transaction, Seq, const Frame& frame, const Prepared&,
                        Issues&) const override {
    if (trouble) return *trouble;
    if (!fill.empty()) CHECK_OK(transaction.SetSetting("fill", fill));
    CHECK_OK(transaction.Audit({"", "applied", "", frame.bytes, "", "", 0}));
    return Applied{State::Stored, {}, {"Patient/1/_history/1"}};
  }
};

struct Bench : store::Fixture {
  boost::asio::thread_pool workers{4};
  std::vector<std::unique_ptr<Input>> inputs;
  ScriptedInput* input;
  AnyPolicy policy;
  ListingRecord record;
  std::string digest = "tables 1";
  std::vector<std::string> undecidable;  // "1 4004"
  std::unique_ptr<Pipeline> pipeline;

  Bench() {
    auto made = std::make_unique<ScriptedInput>();
    input = made.get();
    inputs.push_back(std::move(made));
    Restart();
  }
  ~Bench() { workers.join(); }

  // `beside` is begun before the pipeline resumes.
  void Restart(const std::function<void()>& beside = {}) {
    auto decided_late = [](Transaction& transaction, Seq, const Frame& frame, const Prepared&,
                           const Error* refusal) {
      return transaction.Audit(
          {"", "late", "", frame.bytes + (refusal != nullptr ? " refused" : " taken"), "", "", 0});
    };
    Pipeline::Parts parts{*store,
                          inputs,
                          policy,
                          record,
                          context.get_executor(),
                          workers.get_executor(),
                          [this] { return digest; },
                          {},
                          decided_late,
                          [this](Seq seq, const Error& cause) {
                            undecidable.push_back(std::to_string(seq) + " " + std::to_string(cause.info->code));
                          }};
    pipeline = std::make_unique<Pipeline>(std::move(parts));
    if (beside) beside();
    auto resume = [this]() -> Awaitable<int> {
      co_await pipeline->Resume();
      co_return 0;
    };
    Wait(resume());
  }
  Reply Process(std::string bytes) { return Wait(pipeline->Process(FrameOf(std::move(bytes)))); }
  std::vector<std::string> Noted(std::string_view action) {
    std::vector<std::string> noted;
    const auto trail = store->Read()->AuditTrail(0, 1'000);
    for (const auto& entry : *trail)
      if (entry.action == action) noted.push_back(entry.resource);
    return noted;
  }
  std::vector<std::string> Applied() { return Noted("applied"); }
  std::vector<std::string> Late() { return Noted("late"); }
  KeptMessage Message(Seq seq) { return **store->Read()->Message(seq); }
};

TEST_CASE("a message is kept, decided and answered; a repeat gets the first answer and changes nothing",
          "[pipeline]") {
  Bench bench;
  auto first = bench.Process("a");
  CHECK(first.answer.bytes == "AA 1");
  auto again = bench.Process("a");
  CHECK(again.repeat);
  CHECK(again.answer.bytes == "AA 1");
  CHECK(bench.Applied() == std::vector<std::string>{"a"});
  CHECK(bench.Message(first.seq).state == State::Stored);
}

TEST_CASE("a repeat after AE gets the same answer until the tables change", "[pipeline]") {
  Bench bench;
  bench.input->refusal = Error{kContent};
  CHECK(bench.Process("a").answer.bytes == "AE 1");
  bench.input->refusal.reset();
  CHECK(bench.Process("a").answer.bytes == "AE 1");
  bench.digest = "tables 2";
  CHECK(bench.Process("a").answer.code == "AA");
  CHECK(bench.Message(1).attempts == 2);
}

TEST_CASE("a repeat after AR is another attempt of the same message", "[pipeline]") {
  Bench bench;
  bench.input->refusal = Error{*GENERATE(&kCircumstance, &kTooEarly)};
  auto first = bench.Process("a");
  CHECK(first.answer.bytes == "AR 1");
  bench.input->refusal.reset();
  auto second = bench.Process("a");
  CHECK(second.answer.code == "AA");
  CHECK(second.seq == first.seq);
  CHECK(bench.Message(first.seq).attempts == 2);
}

TEST_CASE("a contradiction found while applying refuses the message and leaves nothing of it", "[pipeline]") {
  Bench bench;
  struct Row {
    const ErrorInfo* error;
    State state;
  };
  // Identities that contradict each other wait for a person; the rest is the sender's to mend.
  auto row =
      GENERATE(Row{&errors::PatientUnclear, State::Parked}, Row{&errors::DocumentOfAnother, State::Parked},
               Row{&errors::DocumentUnknown, State::Refused});
  bench.record.trouble = Error{*row.error};
  auto reply = bench.Process("a");
  CHECK(reply.answer.code == "AE");
  CHECK(bench.Message(reply.seq).state == row.state);
  CHECK(bench.Applied().empty());
}

TEST_CASE("trouble of the store is no verdict: nothing is answered and a repeat is decided", "[pipeline]") {
  Bench bench;
  bench.record.trouble = Error{errors::StoreFault};
  auto reply = bench.Process("a");
  CHECK(reply.trouble);
  CHECK(bench.Message(1).state == State::Kept);
  bench.record.trouble.reset();
  CHECK(bench.Process("a").answer.code == "AA");
}

TEST_CASE("messages acknowledged on receipt are applied in the order in which they came", "[pipeline]") {
  Bench bench;
  bench.input->on_receipt = Answer{"CA", "CA", 200};
  std::vector<std::string> sent;
  for (int i = 0; i < 12; ++i) sent.push_back((i % 3 == 0 ? "slow " : "fast ") + std::to_string(i));
  for (const auto& bytes : sent) {
    auto process = [&bench, frame = bench.FrameOf(bytes)]() -> Awaitable<void> {
      auto reply = co_await bench.pipeline->Process(frame);
      CHECK(reply.answer.bytes == "CA");
    };
    boost::asio::co_spawn(bench.context, process, boost::asio::detached);
  }
  bench.context.restart();
  bench.context.run();
  CHECK(bench.Applied() == sent);
  CHECK(bench.pipeline->backlog() == 0);
  CHECK(bench.Late().size() == sent.size());
}

TEST_CASE("what was acknowledged on receipt is decided once a full disk has room again", "[pipeline]") {
  Bench bench;
  bench.input->on_receipt = Answer{"CA", "CA", 200};
  bench.record.fill = std::string(600 << 10, 'x');
  bench.store->SetPagesMax(80);  // 320 KiB: the bytes fit, what is made of them does not
  auto process = [&]() -> Awaitable<void> {
    auto reply = co_await bench.pipeline->Process(bench.FrameOf("a"));
    CHECK(reply.answer.code == "CA");
    co_await Sleep(std::chrono::milliseconds(300));
    CHECK(bench.pipeline->backlog() == 1);
    bench.store->SetPagesMax(100'000);
  };
  boost::asio::co_spawn(bench.context, process, boost::asio::detached);
  bench.context.restart();
  bench.context.run();
  CHECK(bench.Message(1).state == State::Stored);
  CHECK(bench.Applied() == std::vector<std::string>{"a"});
}

TEST_CASE("a refusal after an acknowledgement on receipt parks the message and tells the sender late",
          "[pipeline]") {
  Bench bench;
  bench.input->refusal = Error{kContent};
  bench.input->on_receipt = Answer{"CA", "CA", 200};
  auto reply = bench.Process("a");
  CHECK(reply.answer.bytes == "CA");
  CHECK(bench.Late() == std::vector<std::string>{"a refused"});
  CHECK(bench.Message(reply.seq).state == State::Parked);
  CHECK(bench.Message(reply.seq).answer->code == "CA");
}

TEST_CASE("what was kept and not decided is decided after a restart, in order, before anything is accepted",
          "[pipeline]") {
  Bench bench;
  for (auto bytes : {"slow 1", "2", "3"}) REQUIRE(bench.Keep(bytes));
  bench.Restart();
  CHECK(bench.Applied() == std::vector<std::string>{"slow 1", "2", "3"});
  CHECK(bench.pipeline->Accepting());
}

TEST_CASE("while that goes on, what is answered on receipt queues behind it and a verdict waits for it",
          "[pipeline]") {
  Bench bench;
  for (auto bytes : {"slow 1", "slow 2", "slow 3"}) REQUIRE(bench.Keep(bytes));
  std::vector<std::string> events;
  auto process = [&bench, &events](std::string bytes, bool on_receipt) -> Awaitable<void> {
    while (!bench.pipeline->AcceptingOnReceipt()) co_await Sleep(std::chrono::milliseconds(1));
    CHECK_FALSE(bench.pipeline->Accepting());
    bench.input->on_receipt = on_receipt ? std::optional(Answer{"CA", "CA", 200}) : std::nullopt;
    auto reply = co_await bench.pipeline->Process(bench.FrameOf(std::move(bytes)));
    events.push_back(reply.answer.code + " after " + std::to_string(bench.Applied().size()));
  };
  bench.Restart([&] {
    boost::asio::co_spawn(bench.context, process("on receipt", true), boost::asio::detached);
    boost::asio::co_spawn(bench.context, process("verdict", false), boost::asio::detached);
  });
  CHECK(bench.Applied() == std::vector<std::string>{"slow 1", "slow 2", "slow 3", "on receipt", "verdict"});
  CHECK(events == std::vector<std::string>{"CA after 0", "AA after 5"});
}

TEST_CASE("what was kept and cannot be read again is parked and alerted; the rest goes on, a repeat brings it anew",
          "[pipeline]") {
  Bench bench;
  for (auto bytes : {"1", "2", "3"}) REQUIRE(bench.Keep(bytes));
  bench.Tamper("UPDATE body SET bytes = x'00' WHERE seq = 2");
  bench.Reopen();
  bench.Restart();
  CHECK(bench.Applied() == std::vector<std::string>{"1", "3"});
  CHECK(bench.pipeline->Accepting());
  CHECK(bench.Message(2).state == State::Parked);
  CHECK(bench.Message(2).cause.starts_with("4004 StoreCorrupt"));
  CHECK(bench.undecidable == std::vector<std::string>{"2 4004"});

  CHECK(bench.Process("2").answer.code == "AA");
  CHECK(bench.Message(2).state == State::Stored);
}

TEST_CASE("what was acknowledged on receipt and cannot be written is parked and alerted", "[pipeline]") {
  Bench bench;
  bench.input->on_receipt = Answer{"CA", "CA", 200};
  bench.record.trouble = Error{errors::StoreFault};
  CHECK(bench.Process("a").answer.code == "CA");
  CHECK(bench.Message(1).state == State::Parked);
  CHECK(bench.undecidable == std::vector<std::string>{"1 4005"});
  CHECK(bench.pipeline->backlog() == 0);
}

TEST_CASE("senders that repeat at the same moment share one attempt", "[pipeline]") {
  Bench bench;
  std::vector<std::string> answers;
  for (int i = 0; i < 5; ++i) {
    auto process = [&]() -> Awaitable<void> {
      auto reply = co_await bench.pipeline->Process(bench.FrameOf("slow"));
      answers.push_back(reply.answer.bytes);
    };
    boost::asio::co_spawn(bench.context, process, boost::asio::detached);
  }
  bench.context.restart();
  bench.context.run();
  CHECK(answers == std::vector<std::string>(5, answers.front()));
  CHECK(bench.Message(1).attempts == 1);
  CHECK(bench.Applied().size() == 1);
}

TEST_CASE("each message of a batch is kept and decided on its own; a repeat of the batch repeats its answer",
          "[pipeline]") {
  Bench bench;
  CHECK(bench.Process("batch").answer.bytes == "AA 1,AA 2");
  CHECK(bench.Applied() == std::vector<std::string>{"one", "two"});
  auto again = bench.Process("batch");
  CHECK(again.answer.bytes == "AA 1,AA 2");
  CHECK(again.repeat);
  CHECK(bench.Applied().size() == 2);
}

}  // namespace
}  // namespace passerelle::pipeline
