#include "gateway/app/bench_gateway.h"

#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <csignal>
#include <cstdio>
#include <filesystem>
#include <thread>

#include "gateway/app/command.h"
#include "gateway/app/gateway.h"
#include "gateway/app/process.h"
#include "gateway/labelling/errors.h"

namespace passerelle::app {
namespace {

namespace fs = std::filesystem;
constexpr std::string_view kFeedLine = "feed bench: mllp://127.0.0.1:";
constexpr int kPollMs = 20;

Settings BenchSettings(const std::string& folder) {
  Settings settings;
  settings.data = folder + "/gateway";
  settings.environment = access::Environment::Test;
  settings.http.listen.port = 0;
  settings.feeds.front().name = "bench";
  settings.feeds.front().listen.port = 0;
  settings.feeds.front().fictitious = true;
  TargetSettings target;
  target.name = "bench-dmp", target.kind = "folder", target.url = folder + "/delivered", target.dmp = true;
  settings.targets.push_back(std::move(target));
  return settings;
}

// In the child: tells the parent its lines, then runs until the parent ends it.
[[noreturn]] void Serve(const std::string& folder, const std::optional<std::string>& definitions,
                        int to_parent) {
  ::prctl(PR_SET_PDEATHSIG, SIGTERM);
  HardenProcess();
  auto gateway = Gateway::Start(BenchSettings(folder), definitions);
  std::string text;
  if (gateway) {
    for (const auto& line : (*gateway)->Banner()) text += line + "\n";
  } else {
    text = "error " + gateway.error().Text() + "\n";
  }
  text += "\n";
  if (::write(to_parent, text.data(), text.size()) < 0) ::_exit(kFindings);
  ::close(to_parent);
  if (gateway) (*gateway)->Run();
  ::_exit(kClean);
}

std::string ReadBanner(int from_child) {
  std::string text;
  char buffer[512];
  for (ssize_t n; !text.ends_with("\n\n") && (n = ::read(from_child, buffer, sizeof buffer)) > 0;)
    text.append(buffer, static_cast<std::size_t>(n));
  ::close(from_child);
  return text;
}

}  // namespace

Result<std::unique_ptr<BenchGateway>> BenchGateway::Start(const std::string& folder,
                                                          const std::optional<std::string>& definitions) {
  std::error_code none;
  // A gateway's own folder is not the bench's: its data lies at the top, ours below `gateway`.
  if (fs::exists(folder + "/access-token", none))
    return Error{errors::ProductionRefused, "the folder is a gateway's: give the bench its own"};
  fs::create_directories(folder + "/delivered", none);
  int pipe[2];
  if (::pipe(pipe) != 0) return Error{errors::ProductionRefused, "no pipe"};
  std::fflush(nullptr);
  pid_t child = ::fork();
  if (child == 0) {
    ::close(pipe[0]);
    Serve(folder, definitions, pipe[1]);
  }
  ::close(pipe[1]);
  auto banner = ReadBanner(pipe[0]);
  auto at = banner.find(kFeedLine);
  auto port = at == banner.npos ? 0 : std::atoi(banner.c_str() + at + kFeedLine.size());
  std::unique_ptr<BenchGateway> gateway(
      new BenchGateway(folder + "/delivered", child, static_cast<std::uint16_t>(port)));
  if (port == 0) return Error{errors::ProductionRefused, "the bench's gateway did not start: " + banner};
  gateway->last_ = "";
  for (const auto& entry : fs::directory_iterator(gateway->delivered_, none))  // of earlier runs
    gateway->last_ = std::max(gateway->last_, entry.path().filename().string());
  return gateway;
}

BenchGateway::~BenchGateway() {
  if (child_ <= 0) return;
  ::kill(child_, SIGTERM);
  ::waitpid(child_, nullptr, 0);
}

std::vector<std::string> BenchGateway::Look() {
  std::vector<std::string> names, payloads;
  std::error_code none;
  for (const auto& entry : fs::directory_iterator(delivered_, none)) {
    auto name = entry.path().filename().string();
    if (!name.starts_with('.') && name > last_) names.push_back(name);
  }
  std::sort(names.begin(), names.end());
  for (const auto& name : names)
    if (auto bytes = ReadFile(delivered_ + "/" + name)) payloads.push_back(*std::move(bytes));
  if (!names.empty()) last_ = names.back();
  return payloads;
}

std::vector<std::string> BenchGateway::NewDeliveries(int wait_ms) {
  auto payloads = Look();
  for (int waited = 0; payloads.empty() && waited < wait_ms; waited += kPollMs) {
    std::this_thread::sleep_for(std::chrono::milliseconds(kPollMs));
    payloads = Look();
  }
  return payloads;
}

}  // namespace passerelle::app
