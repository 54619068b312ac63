#include "gateway/app/gateway.h"

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <cstdio>

#include "gateway/app/gateway_parts.h"

namespace passerelle::app {

namespace asio = boost::asio;

namespace {

constexpr std::chrono::seconds kDrainTime{10};
constexpr std::chrono::milliseconds kDrainStep{20};

}  // namespace

// On SIGHUP. Tables that do not compile change nothing.
Awaitable<void> Gateway::Parts::ReloadTables() {
  while (!stopping) {
    boost::system::error_code cancelled;
    co_await reload.async_wait(asio::redirect_error(asio::use_awaitable, cancelled));
    if (cancelled) co_return;
    auto compile = [this]() -> Awaitable<std::string> {
      auto used = UseTables();
      co_return used ? "tables reloaded" : "tables stay as they were: " + used.error().Text();
    };
    std::string said = co_await asio::co_spawn(workers, compile, asio::use_awaitable);
    std::fprintf(stderr, "passerelle: %s\n", said.c_str());
  }
}

Awaitable<void> Gateway::Parts::WaitForSignal() {
  boost::system::error_code ignored;
  co_await signals.async_wait(asio::redirect_error(asio::use_awaitable, ignored));
  std::fputs("passerelle: stopping\n", stderr);
  stopping = true;
  for (auto& door : doors) door.listener->Stop();
  for (auto& folder : folders) folder->Stop();
  courier->Stop();
  co_await Drain();
  network.stop();
}

// Lets go on what was begun.
Awaitable<void> Gateway::Parts::Drain() {
  asio::steady_timer timer(network);
  auto end = std::chrono::steady_clock::now() + kDrainTime;
  do {  // at least once, for answers that are being written
    timer.expires_after(kDrainStep);
    co_await timer.async_wait(asio::use_awaitable);
  } while (!Idle() && std::chrono::steady_clock::now() < end);
}

Gateway::Gateway(std::unique_ptr<Parts> parts) : parts_(std::move(parts)) {}

// Workers and writer end first; coroutines that still wait are destroyed with the network.
Gateway::~Gateway() {
  parts_->network.stop();
  parts_->workers.stop();
  parts_->workers.join();
  parts_->bench.reset();
  parts_->store.reset();
}

Result<std::unique_ptr<Gateway>> Gateway::Start(Settings settings,
                                                const std::optional<std::string>& definitions) {
  auto parts = std::make_unique<Parts>(std::move(settings));
  std::unique_ptr<Gateway> gateway(new Gateway(std::move(parts)));
  Parts& p = *gateway->parts_;
  p.definitions_file = definitions;
  if (!definitions && !p.settings.definitions.empty()) p.definitions_file = p.settings.definitions;
  TRY(p.definitions, OpenDefinitions(definitions, p.settings.definitions));
  CHECK_OK(p.OpenStore());
  CHECK_OK(p.MakeCourier());
  CHECK_OK(p.MakePipeline());
  for (const auto& feed : p.settings.feeds) CHECK_OK(p.ListenMllp(feed));
  for (const auto& folder : p.settings.folders) CHECK_OK(p.WatchFolder(folder));
  CHECK_OK(p.OpenBenchDesk());
  CHECK_OK(p.MakeServices());
  CHECK_OK(p.ListenHttp());
  p.observed.Note(p.Look());
  return gateway;
}

std::vector<std::string> Gateway::Banner() const {
  const Parts& p = *parts_;
  std::vector<std::string> lines;
  lines.push_back("environment " + EnvironmentName(p.settings) + ", data in " + p.settings.data);
  for (const auto& folder : p.settings.folders) lines.push_back("folder " + folder.name + ": " + folder.path);
  for (const auto& door : p.doors)
    lines.push_back((door.kind == "mllp" ? "feed " + door.name + ": " : "") + door.address + ":" +
                    std::to_string(door.listener->port()));
  if (p.bench) lines.push_back("bench: " + p.settings.bench.data);
  lines.push_back("access token: " + p.access.file);
  if (auto first = parts_->users.FirstToken(RandomBytes); !first.empty())
    lines.push_back("first sign-in to the console, good once: " + first);
  return lines;
}

void Gateway::Run() {
  asio::co_spawn(parts_->network, parts_->pipeline->Resume(), asio::detached);
  asio::co_spawn(parts_->network, parts_->WaitForSignal(), asio::detached);
  asio::co_spawn(parts_->network, parts_->Observe(), asio::detached);
  asio::co_spawn(parts_->network, parts_->ReloadTables(), asio::detached);
  parts_->courier->Start();
  for (auto& folder : parts_->folders) folder->Start();
  parts_->network.run();
}

}  // namespace passerelle::app
