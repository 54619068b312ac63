#include "gateway/app/bench_run.h"

#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/signal_set.hpp>
#include <boost/asio/steady_timer.hpp>
#include <chrono>
#include <csignal>
#include <cstdio>
#include <filesystem>
#include <fstream>

#include "fhir_model/base/digest.h"
#include "fhir_model/base/errors.h"
#include "fhir_model/json/json.h"
#include "gateway/app/bench_gateway.h"
#include "gateway/app/settings.h"
#include "gateway/net/mllp.h"
#include "mappers/hl7v2/reader.h"

namespace passerelle::app {
namespace {

namespace asio = boost::asio;
constexpr net::milliseconds kTimeout{60'000};
constexpr int kDeliveryWaitMs = 1500;

void EndSegmentsWithCr(std::string& message) {
  if (message.find('\r') != message.npos) {
    std::erase(message, '\n');
  } else {
    std::replace(message.begin(), message.end(), '\n', '\r');
  }
}

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

Result<std::string> ExchangeNow(std::uint16_t port, const std::string& message) {
  asio::io_context network;
  std::optional<Result<std::string>> answer;
  asio::co_spawn(network, ExchangeInto(port, message, answer), asio::detached);
  network.run();
  if (!answer) return Error{errors::InternalFault};
  return *std::move(answer);
}

Status WriteWhole(const std::string& path, std::string_view text, int mode) {
  auto temporary = path + ".part";
  int descriptor = ::open(temporary.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, mode);
  bool written = descriptor >= 0 && ::write(descriptor, text.data(), text.size()) == std::ssize(text) &&
                 ::fsync(descriptor) == 0;
  if (descriptor >= 0) ::close(descriptor);
  if (!written || ::rename(temporary.c_str(), path.c_str()) != 0) return Error{errors::FileUnwritable, path};
  return Ok();
}

}  // namespace

Result<std::vector<Step>> SendSteps(const std::string& folder, const std::optional<std::string>& definitions,
                                    const std::vector<std::string>& files) {
  TRY(auto gateway, BenchGateway::Start(folder, definitions));
  std::vector<Step> steps;
  for (const auto& file : files) {
    Step step;
    step.name = file;
    TRY(step.bytes, ReadFile(file));
    EndSegmentsWithCr(step.bytes);
    TRY(step.answer, ExchangeNow(gateway->port(), step.bytes));
    step.deliveries = gateway->NewDeliveries(kDeliveryWaitMs);
    steps.push_back(std::move(step));
  }
  return steps;
}

Result<std::vector<Step>> ListenSteps(const std::string& folder,
                                      const std::optional<std::string>& definitions,
                                      const std::string& listen, int seconds) {
  TRY(auto endpoint, ParseEndpoint(listen));
  TRY(auto gateway, BenchGateway::Start(folder, definitions));
  std::vector<Step> steps;
  asio::io_context network;
  net::MllpOptions options;
  options.listen.host = endpoint.host, options.listen.port = endpoint.port;
  auto relay = [&](net::MllpFrame frame, const net::Peer&) -> Awaitable<std::string> {
    if (!steps.empty()) steps.back().deliveries = gateway->NewDeliveries(0);
    Step step;
    step.name = "message " + std::to_string(steps.size() + 1);
    step.bytes = std::move(frame.bytes);
    auto answer = co_await Exchange(gateway->port(), step.bytes);
    step.answer = answer ? *answer : std::string();
    std::printf("%s: %zu bytes, answered %zu bytes\n", step.name.c_str(), step.bytes.size(),
                step.answer.size());
    std::fflush(stdout);
    steps.push_back(std::move(step));
    co_return steps.back().answer;
  };
  TRY(auto listener, net::ListenMllp(network.get_executor(), options, relay));
  std::printf("send to mllp://%s:%u for %d seconds\n", endpoint.host.c_str(), unsigned{listener->port()},
              seconds);
  std::fflush(stdout);
  asio::steady_timer end(network, std::chrono::seconds(seconds));
  asio::signal_set signals(network, SIGINT, SIGTERM);
  end.async_wait([&](auto) { network.stop(); });
  signals.async_wait([&](auto, int) { network.stop(); });
  network.run();
  listener->Stop();
  if (!steps.empty()) steps.back().deliveries = gateway->NewDeliveries(kDeliveryWaitMs);
  return steps;
}

std::unique_ptr<Series> ReadSteps(const std::vector<Step>& steps, const labelling::Reader& reader) {
  auto series = std::make_unique<Series>();
  series->earlier.resize(steps.size());
  for (std::size_t i = 0; i < steps.size(); ++i) {
    const auto& step = steps[i];
    auto input = labelling::ReadInput(step.bytes, reader);
    input->run.watched = {requirements::Kind::Delivery};
    Issues issues;
    if (auto answer = hl7v2::Parse(step.answer, {}, issues))
      labelling::AddTree(*input, requirements::Kind::Ack, *std::move(answer), step.answer);
    for (const auto& delivery : step.deliveries)
      if (auto tree = json::Parse(delivery, kFileLimits, reader.definitions))
        labelling::AddTree(*input, requirements::Kind::Delivery, *std::move(tree), delivery);
    for (const auto& before : series->inputs) series->earlier[i].push_back(&before->run);
    input->run.earlier = &series->earlier[i];
    series->inputs.push_back(std::move(input));
  }
  return series;
}

Result<EvidenceFolder> EvidenceFolder::Open(const std::string& folder) {
  std::error_code none;
  std::filesystem::create_directories(folder, none);
  std::string key_file = folder + "/bench-key";
  if (!std::filesystem::exists(key_file, none)) {
    TRY(auto made, SigningKey::Generate());
    CHECK_OK(WriteWhole(key_file, EncodeBase64Url(made.seed()), 0600));
    CHECK_OK(WriteWhole(folder + "/bench-key.pub", EncodeBase64Url(made.public_key()), 0644));
  }
  TRY(auto text, ReadFile(key_file));
  TRY(auto key, SigningKey::FromSeed(DecodeBase64Url(text).value_or("")));
  std::string ledger;
  if (std::filesystem::exists(folder + "/ledger.ndjson", none)) {
    TRY(ledger, ReadFile(folder + "/ledger.ndjson"));
    TRY(auto state, labelling::VerifyLedger(ledger));
    TRY(auto head, ReadFile(folder + "/ledger.head"));
    CHECK_OK(labelling::VerifyHead(key.public_key(), head, state));
  }
  return EvidenceFolder(folder, std::move(ledger), std::move(key));
}

Status EvidenceFolder::Append(const std::vector<labelling::Evidence>& evidence) {
  TRY(auto state, labelling::VerifyLedger(ledger_));
  std::string added;
  for (const auto& line : evidence) added += labelling::LedgerLine(line, state) + "\n";
  std::ofstream out(folder_ + "/ledger.ndjson", std::ios::binary | std::ios::app);
  out << added << std::flush;
  if (!out) return Error{errors::FileUnwritable, "ledger.ndjson"};
  ledger_ += added;
  return WriteWhole(folder_ + "/ledger.head", labelling::SignHead(key_, state), 0644);
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
