#include "gateway/app/bench_run.h"

#include <algorithm>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/signal_set.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <chrono>
#include <csignal>
#include <cstdio>

#include "fhir_model/base/digest.h"
#include "fhir_model/base/errors.h"
#include "gateway/app/bench_gateway.h"
#include "gateway/app/errors.h"
#include "gateway/app/settings.h"
#include "gateway/inputs/mllp/mllp_input.h"
#include "gateway/net/mllp.h"
#include "mappers/hl7v2/ack.h"
#include "mappers/hl7v2/peek.h"
#include "mappers/normalise/normalise.h"

namespace passerelle::app {
namespace {

namespace asio = boost::asio;
constexpr net::milliseconds kTimeout{60'000};
constexpr int kDeliveryWaitMs = 1500;
constexpr std::string_view kEngine = "passerelle " PASSERELLE_VERSION;

Awaitable<Result<std::string>> Exchange(std::uint16_t port, std::string message) {
  CO_TRY(auto stream, co_await net::Connect("127.0.0.1", port, nullptr, kTimeout));
  auto answer = co_await net::ExchangeMllp(*stream, message, kTimeout);
  co_await stream->Close();
  co_return answer;
}

Awaitable<void> ExchangeInto(std::uint16_t port, std::string message,
                             std::optional<Result<std::string>>& answer) {
  answer = co_await Exchange(port, std::move(message));
}

}  // namespace

int DeliveryWaitMs(const Step& step) {
  return step.expected && step.expected->deliveries > 0 ? step.expected->within_seconds * 1000
                                                        : kDeliveryWaitMs;
}

bool IsMessage(std::string_view bytes) { return normalise::Detect(bytes) == normalise::Format::Hl7v2; }

bool IsPassedOn(std::string_view bytes) {
  return IsMessage(bytes) && !hl7v2::Peek(bytes).IsAcknowledgement();
}

std::string RefusalOf(std::string_view message, const Error& error) {
  const hl7v2::AckError errors[] = {hl7v2::ErrorOf(error)};
  return hl7v2::BuildAck(hl7v2::Peek(message), hl7v2::AckCode::AR, errors,
                         inputs::AckOptionsFor(UtcNow(), message));
}

Result<std::string> ExchangeNow(std::uint16_t port, const std::string& message) {
  asio::io_context network;
  std::optional<Result<std::string>> answer;
  asio::co_spawn(network, ExchangeInto(port, message, answer), asio::detached);
  network.run();
  if (!answer) return Error{errors::InternalFault};
  return *std::move(answer);
}

Result<std::vector<Step>> SendSteps(const std::string& folder, const std::optional<std::string>& definitions,
                                    const std::vector<std::string>& files,
                                    const std::optional<labelling::Scenario>& scenario) {
  TRY(auto gateway, BenchGateway::Start(folder, definitions));
  std::vector<Step> steps;
  for (const auto& file : files) {
    Step step;
    step.name = file;
    TRY(step.bytes, ReadFile(file));
    if (IsMessage(step.bytes)) EndSegmentsWithCr(step.bytes);
    step.passed_on = IsPassedOn(step.bytes);
    if (scenario) step.expected = labelling::ExpectationOf(*scenario, steps.size());
    if (step.passed_on) {
      if (auto answer = ExchangeNow(gateway->port(), step.bytes)) step.answer = *std::move(answer);
      step.deliveries = gateway->NewDeliveries(DeliveryWaitMs(step));
    }
    steps.push_back(std::move(step));
  }
  return steps;
}

namespace {

// One message at a time, from however many connections they come: what is delivered belongs to the last one.
class Turns {
 public:
  explicit Turns(asio::io_context& network) : given_back_(network, asio::steady_timer::time_point::max()) {}
  Awaitable<void> Take() {
    boost::system::error_code cancelled;
    while (taken_) co_await given_back_.async_wait(asio::redirect_error(asio::use_awaitable, cancelled));
    taken_ = true;
  }
  void GiveBack() {
    taken_ = false;
    given_back_.cancel();
  }

 private:
  asio::steady_timer given_back_;
  bool taken_ = false;
};

// What a product sends in a run, passed on to the bench's gateway.
class Relay {
 public:
  Relay(asio::io_context& network, BenchGateway& gateway) : turns_(network), gateway_(gateway) {}

  Awaitable<std::string> PassOn(std::string bytes) {
    co_await turns_.Take();
    auto answer = co_await Answer(std::move(bytes));
    turns_.GiveBack();
    co_return answer;
  }
  std::vector<Step> Steps() {
    CollectDeliveries();
    if (refused_ > 0) std::fprintf(stderr, "%zu more messages were answered AR: the run is full\n", refused_);
    return std::move(steps_);
  }

 private:
  Awaitable<std::string> Answer(std::string bytes) {
    if (steps_.size() >= kMessagesOfARun) {
      ++refused_;
      co_return RefusalOf(bytes, Error{errors::RunFull});
    }
    CollectDeliveries();
    Step step;
    step.name = "message " + std::to_string(steps_.size() + 1);
    step.bytes = std::move(bytes);
    step.passed_on = IsPassedOn(step.bytes);
    if (step.passed_on)
      if (auto answer = co_await Exchange(gateway_.port(), step.bytes)) step.answer = *std::move(answer);
    std::printf("%s: %zu bytes, answered %zu bytes\n", step.name.c_str(), step.bytes.size(),
                step.answer.size());
    std::fflush(stdout);
    steps_.push_back(std::move(step));
    co_return steps_.back().answer;
  }
  // Of the last message: what was not accepted owes none.
  void CollectDeliveries() {
    if (steps_.empty()) return;
    bool accepted = hl7v2::ReadAcknowledgement(steps_.back().answer).code == "AA";
    steps_.back().deliveries = gateway_.NewDeliveries(accepted ? kDeliveryWaitMs : 0);
  }

  Turns turns_;
  BenchGateway& gateway_;
  std::vector<Step> steps_;
  std::size_t refused_ = 0;
};

// Whether anybody connected at all: the first thing a vendor asks when no message came.
class ConnectionWatch {
 public:
  ConnectionWatch(asio::io_context& network, const net::Listener& listener)
      : listener_(listener), timer_(network) {
    Look();
  }
  void TellWhatIsMissing() const {
    std::fprintf(
        stderr, "%s\n",
        seen_
            ? "somebody connected, but no message came: the bench speaks MLLP without TLS, a message stands "
              "between VT (0x0B) and FS CR (0x1C 0x0D)"
            : "nobody connected: see that the product has this host and port, and that nothing between "
              "forbids it");
  }

 private:
  void Look() {
    seen_ = seen_ || listener_.connections() > 0;
    timer_.expires_after(std::chrono::milliseconds(20));
    timer_.async_wait([this](auto error) {
      if (!error) Look();
    });
  }

  const net::Listener& listener_;
  asio::steady_timer timer_;
  bool seen_ = false;
};

}  // namespace

Result<std::vector<Step>> ListenSteps(const std::string& folder,
                                      const std::optional<std::string>& definitions,
                                      const std::string& listen, int seconds) {
  TRY(auto endpoint, ParseEndpoint(listen));
  TRY(auto gateway, BenchGateway::Start(folder, definitions));
  asio::io_context network;
  Relay relay(network, *gateway);
  net::MllpOptions options;
  options.listen.host = endpoint.host, options.listen.port = endpoint.port;
  auto pass_on = [&](net::MllpFrame frame, const net::Peer&) { return relay.PassOn(std::move(frame.bytes)); };
  TRY(auto listener, net::ListenMllp(network.get_executor(), options, pass_on));
  std::printf("send to mllp://%s:%u for %d seconds\n", endpoint.host.c_str(), unsigned{listener->port()},
              seconds);
  std::fflush(stdout);
  ConnectionWatch watch(network, *listener);
  asio::steady_timer end(network, std::chrono::seconds(seconds));
  asio::signal_set signals(network, SIGINT, SIGTERM);
  end.async_wait([&](auto) { network.stop(); });
  signals.async_wait([&](auto, int) { network.stop(); });
  network.run();
  listener->Stop();
  auto steps = relay.Steps();
  if (steps.empty()) watch.TellWhatIsMissing();
  return steps;
}

Result<std::unique_ptr<Examination>> Examination::Begin(const Bench& bench, Subject subject) {
  TRY(auto suite, bench.catalogue.FindSuite(subject.suite));
  return std::unique_ptr<Examination>(new Examination(bench, std::move(subject), *suite));
}

Examination::Examination(const Bench& bench, Subject subject, const requirements::Suite& suite)
    : bench_(bench),
      subject_(std::move(subject)),
      suite_(suite),
      trees_(bench, suite.couloir, bench.reader.mode),
      asked_(suite.requirements) {
  if (subject_.scenario)
    for (const auto& id : subject_.scenario->checks)
      if (std::find(asked_.begin(), asked_.end(), id) == asked_.end()) asked_.push_back(id);
  verdicts_.suite = suite.id;
  verdicts_.title = subject_.scenario ? subject_.scenario->title : suite.title;
  verdicts_.catalogue_digest = bench.catalogue.digest();
  verdicts_.engine = kEngine;
  verdicts_.product = subject_.product + " " + subject_.version;
  verdicts_.time = UtcNow();
}

void Examination::Judge(const Step& step) {
  auto [input, report] = trees_.Judge(step, asked_);
  verdicts_.files.push_back({step.name, input->digest, std::string(labelling::InputFormatName(input->format)),
                             labelling::WhyUnread(*input), std::move(report)});
  verdicts_.value_sets = bench_.value_sets->Used();
  exchanges_.push_back(Sha256Hex(ExchangeText(step)));
}

void Examination::End() {
  if (!subject_.scenario || verdicts_.files.empty()) return;
  auto& findings = verdicts_.files.back().report.findings;
  for (auto step = verdicts_.files.size(); step < subject_.scenario->steps.size(); ++step) {
    auto expected = *labelling::ExpectationOf(*subject_.scenario, step);
    requirements::Finding finding;
    finding.id = std::move(expected.id), finding.subject = std::move(expected.file);
    finding.verdict = requirements::Verdict::Indeterminate;
    finding.cause = "it was never sent";
    findings.push_back(std::move(finding));
  }
}

std::string Examination::id() const {
  if (!subject_.run.empty()) return subject_.run;
  return Sha256Hex(subject_.product + subject_.version + suite_.digest + verdicts_.time).substr(0, 16);
}

std::vector<labelling::Evidence> Examination::Evidence() const {
  std::vector<labelling::Evidence> lines;
  for (std::size_t i = 0; i < verdicts_.files.size(); ++i) {
    const auto& file = verdicts_.files[i];
    labelling::Evidence line;
    line.run = id();
    line.product = subject_.product, line.version = subject_.version;
    line.suite = suite_.id, line.suite_digest = suite_.digest;
    line.engine = kEngine;
    line.tables = bench_.catalogue.digest();
    line.value_sets = verdicts_.value_sets;
    line.mode = bench_.reader.mode == requirements::Mode::Production ? "production" : "test";
    line.input = file.digest;
    line.exchange = exchanges_[i];
    line.time = verdicts_.time;
    line.verdicts = labelling::VerdictsOf(file.report);
    lines.push_back(std::move(line));
  }
  return lines;
}

std::string UtcNow() {
  auto now = std::chrono::floor<std::chrono::seconds>(std::chrono::system_clock::now());
  auto day = std::chrono::floor<std::chrono::days>(now);
  std::chrono::year_month_day date(day);
  std::chrono::hh_mm_ss time(now - day);
  char text[32];
  std::snprintf(text, sizeof text, "%04d-%02u-%02uT%02d:%02d:%02dZ", static_cast<int>(date.year()),
                static_cast<unsigned>(date.month()), static_cast<unsigned>(date.day()),
                static_cast<int>(time.hours().count()), static_cast<int>(time.minutes().count()),
                static_cast<int>(time.seconds().count()));
  return text;
}

}  // namespace passerelle::app
