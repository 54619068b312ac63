#include "gateway/app/live_run.h"

#include <algorithm>
#include <boost/asio/post.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>

#include "gateway/app/errors.h"
#include "gateway/net/tls.h"
#include "mappers/hl7v2/peek.h"

namespace passerelle::app {

namespace asio = boost::asio;

namespace {

using requirements::Verdict;
constexpr Verdict kVerdicts[] = {Verdict::Fail,   Verdict::Warn, Verdict::Indeterminate,
                                 Verdict::Manual, Verdict::Pass, Verdict::NotApplicable};

// The worst of all messages, for each requirement that was asked.
std::map<std::string, Verdict> WorstOf(const labelling::SuiteVerdicts& verdicts) {
  std::map<std::string, Verdict> worst;
  for (const auto& file : verdicts.files) {
    for (const auto& finding : file.report.findings) {
      auto& known = worst[finding.id];
      known = std::max(known, finding.verdict);
    }
  }
  return worst;
}

void WriteStep(const labelling::ScenarioStep& step, api::JsonWriter& out) {
  out.BeginObject().Member("file", step.file).Member("given", step.given).Key("ack").BeginArray();
  for (const auto& code : step.ack) out.Value(code);
  out.EndArray().RawMember("deliveries",
                           step.deliveries < 0 ? std::string() : std::to_string(step.deliveries));
  out.Member("within_seconds", step.within_seconds).EndObject();
}

}  // namespace

void WriteScenario(const labelling::Scenario& scenario, Language language, api::JsonWriter& out) {
  out.BeginObject().Member("id", scenario.id).Member("suite", scenario.suite);
  out.Member("title", scenario.title.In(language)).Key("steps").BeginArray();
  for (const auto& step : scenario.steps) WriteStep(step, out);
  out.EndArray().EndObject();
}

void WriteSummary(const RunSummary& summary, api::JsonWriter& out) {
  out.Member("id", summary.id).Member("product", summary.product).Member("version", summary.version);
  out.Member("suite", summary.suite).Member("owner", summary.owner).Member("began", summary.began);
  out.NullIfEmpty("ended", summary.ended)
      .Member("message_count", static_cast<std::int64_t>(summary.messages));
  out.Key("counts").BeginObject();
  for (const auto& [verdict, count] : summary.counts) out.Member(verdict, static_cast<std::int64_t>(count));
  out.EndObject();
}

LiveRun::LiveRun(Setup setup, std::unique_ptr<Examination> examination, Subject subject)
    : setup_(std::move(setup)),
      subject_(std::move(subject)),
      id_(examination->id()),
      examination_(std::move(examination)) {}

LiveRun::~LiveRun() { StopListening(); }

Status LiveRun::StartGateway() {
  TRY(gateway_, BenchGateway::Start(setup_.folder, setup_.definitions));
  if (!setup_.settings.certificate_file.empty()) {
    TRY(certificate_, ReadFile(setup_.settings.certificate_file));
  }
  return Ok();
}

Awaitable<Status> LiveRun::Listen() {
  net::MllpOptions options;
  options.listen.host = setup_.settings.listen.host;
  options.listen.port = setup_.settings.listen.port;
  if (!certificate_.empty()) {
    CO_TRY(options.listen.tls,
           net::MakeServerTls({setup_.settings.certificate_file, setup_.settings.key_file, {}, {}}));
  }
  auto relay = [weak = weak_from_this()](net::MllpFrame frame, const net::Peer&) -> Awaitable<std::string> {
    auto run = weak.lock();
    if (!run) co_return std::string();
    co_return co_await run->Relay(std::move(frame));
  };
  CO_TRY(auto listener, net::ListenMllp(setup_.network, options, relay));
  std::lock_guard guard(mutex_);
  listener_ = std::move(listener);
  co_return Ok();
}

Awaitable<std::string> LiveRun::Relay(net::MllpFrame frame) {
  struct Answered {
    asio::steady_timer told;
    std::string text;
  };
  auto answered = std::make_shared<Answered>(
      Answered{asio::steady_timer(setup_.network, asio::steady_timer::time_point::max()), {}});
  auto tell = [answered, network = setup_.network](std::string answer) {
    asio::post(network, [answered, answer = std::move(answer)]() mutable {
      answered->text = std::move(answer);
      answered->told.cancel();
    });
  };
  asio::post(setup_.hands, [run = shared_from_this(), bytes = std::move(frame.bytes), tell]() mutable {
    (void)run->Take(std::move(bytes), tell);  // what was refused was told
  });
  boost::system::error_code cancelled;
  co_await answered->told.async_wait(asio::redirect_error(asio::use_awaitable, cancelled));
  co_return answered->text;
}

void LiveRun::StopListening() {
  std::lock_guard guard(mutex_);
  if (!listener_) return;
  asio::post(setup_.network, [listener = std::exchange(listener_, nullptr)] { listener->Stop(); });
}

void LiveRun::Change(const std::function<void()>& how) {
  std::lock_guard guard(mutex_);
  how();
  ++changes_;
}

Status LiveRun::Take(std::string bytes, const std::function<void(std::string)>& answered) {
  if (!gateway_) return answered({}), Ok();
  Status room =
      steps_.size() >= kMessagesOfARun ? Status(Error{errors::RunFull}) : KeepInput(setup_.folder, bytes);
  if (!room) {
    Error refusal(*room.error().info);  // where our files lie is nothing for a sender
    answered(RefusalOf(bytes, refusal));
    return refusal;
  }
  Step step;
  step.name = "message " + std::to_string(steps_.size() + 1);
  step.bytes = std::move(bytes);
  step.passed_on = IsPassedOn(step.bytes);
  if (subject_.scenario) step.expected = labelling::ExpectationOf(*subject_.scenario, steps_.size());
  if (step.passed_on)
    if (auto answer = ExchangeNow(gateway_->port(), step.bytes)) step.answer = *std::move(answer);
  answered(step.answer);
  Change([&] { steps_.push_back(step); });  // shown while what it brings about is waited for
  if (step.passed_on) step.deliveries = gateway_->NewDeliveries(DeliveryWaitMs(step));
  if (auto kept = KeepExchange(setup_.folder, steps_.size(), step); !kept) {
    Change([&] { steps_.pop_back(); });  // a verdict that nobody could ask again is none
    return kept;
  }
  std::lock_guard one_at_a_time(*setup_.judging);
  Change([&] {
    steps_.back() = step;
    examination_->Judge(step);
  });
  return Ok();
}

std::vector<labelling::Evidence> LiveRun::Finish() {
  StopListening();
  gateway_.reset();
  Change([&] {
    ended_ = UtcNow();
    examination_->End();
  });
  return examination_->Evidence();
}

std::int64_t LiveRun::changes() const {
  std::lock_guard guard(mutex_);
  return changes_;
}

RunSummary LiveRun::Summary() const {
  std::lock_guard guard(mutex_);
  const auto& verdicts = examination_->verdicts();
  RunSummary summary{id_,
                     subject_.product,
                     subject_.version,
                     subject_.suite,
                     setup_.owner,
                     verdicts.time,
                     ended_,
                     steps_.size(),
                     {}};
  std::map<Verdict, std::size_t> counts;
  for (const auto& [id, verdict] : WorstOf(verdicts)) ++counts[verdict];
  for (auto verdict : kVerdicts)
    if (counts[verdict] > 0) summary.counts.emplace_back(requirements::VerdictName(verdict), counts[verdict]);
  return summary;
}

labelling::SuiteVerdicts LiveRun::Verdicts(Language language) const {
  std::lock_guard guard(mutex_);
  auto verdicts = examination_->verdicts();
  labelling::SayIn(language, verdicts);
  return verdicts;
}

void LiveRun::WriteMessages(Language language, api::JsonWriter& out) const {
  auto verdicts = examination_->verdicts();
  labelling::SayIn(language, verdicts);
  std::string lines = labelling::AsJson(verdicts);  // one for each message that was judged
  std::string_view rest = lines;
  out.Key("messages").BeginArray();
  for (const auto& step : steps_) {
    auto end = rest.find('\n');
    auto line = rest.substr(0, end);
    rest = end == rest.npos ? std::string_view() : rest.substr(end + 1);
    out.BeginObject().Member("name", step.name).Member("passed_on", step.passed_on);
    out.NullIfEmpty("ack", hl7v2::ReadAcknowledgement(step.answer).code);
    out.Member("bytes", static_cast<std::int64_t>(step.bytes.size()));
    out.Member("deliveries", static_cast<std::int64_t>(step.deliveries.size()));
    out.RawMember("judged", line).EndObject();
  }
  out.EndArray();
}

std::string LiveRun::Json(Language language) const {
  api::JsonWriter out;
  out.BeginObject();
  WriteSummary(Summary(), out);
  std::lock_guard guard(mutex_);
  out.Member("changes", changes_);
  out.Member("host", setup_.settings.listen.host);
  out.RawMember("port", listener_ ? std::to_string(listener_->port()) : std::string());
  out.NullIfEmpty("certificate", certificate_);
  if (subject_.scenario) WriteScenario(*subject_.scenario, language, out.Key("scenario"));
  out.Key("requirements").BeginArray();
  for (const auto& id : examination_->asked()) {
    const auto* requirement = setup_.bench->catalogue.Find(id);
    if (requirement == nullptr) continue;
    out.BeginObject().Member("id", id).Member("sentence", requirement->sentence.In(language));
    out.Member("weight", std::string(requirements::WeightName(requirement->weight)));
    out.Member("means", std::string(requirements::MeansName(requirement->means))).EndObject();
  }
  out.EndArray();
  WriteMessages(language, out);
  return out.EndObject().Take();
}

}  // namespace passerelle::app
