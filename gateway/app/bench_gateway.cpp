#include "gateway/app/bench_gateway.h"

#include <fcntl.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <csignal>
#include <filesystem>
#include <fstream>
#include <thread>

#include "fhir_model/json/json.h"
#include "gateway/app/command.h"
#include "gateway/labelling/errors.h"

namespace passerelle::app {
namespace {

namespace fs = std::filesystem;
constexpr std::string_view kFeedLine = "feed bench: mllp://127.0.0.1:";
constexpr std::string_view kReadyLine = "passerelle: ready\n";
constexpr int kPollMs = 20;

std::string Quoted(std::string_view text) {
  std::string out;
  json::WriteString(text, out);  // TOML's basic strings are written alike
  return out;
}

std::string Configuration(const std::string& folder, const std::optional<std::string>& definitions) {
  std::string text = "data = " + Quoted(folder + "/gateway") + "\nenvironment = \"test\"\n";
  if (definitions) text += "definitions = " + Quoted(*definitions) + "\n";
  return text + "[http]\nlisten = \"127.0.0.1:0\"\n[[feed]]\nname = \"bench\"\nlisten = \"127.0.0.1:0\"\n" +
         "fictitious = true\n[[target]]\nname = \"bench-dmp\"\nkind = \"folder\"\nurl = " +
         Quoted(folder + "/delivered") + "\ndmp = true\n";
}

// In the child, beside whose memory the parent's threads still run: system calls alone. Its lines go to the
// parent, what it complains of to a file.
[[noreturn]] void Become(const char* configuration, const char* log, int to_parent) {
  ::prctl(PR_SET_PDEATHSIG, SIGTERM);
  int complaints = ::open(log, O_WRONLY | O_CREAT | O_TRUNC, 0600);
  if (complaints >= 0) ::dup2(complaints, STDERR_FILENO);
  ::dup2(to_parent, STDOUT_FILENO);
  ::close_range(STDERR_FILENO + 1, ~0U, 0);  // the parent's connections are not ours
  char program[] = "passerelle", verb[] = "serve", option[] = "--config";
  char* words[] = {program, verb, option, const_cast<char*>(configuration), nullptr};
  ::execv("/proc/self/exe", words);
  ::_exit(kUnreadable);
}

std::string ReadBanner(int from_child) {
  std::string text;
  char buffer[512];
  for (ssize_t n; text.find(kReadyLine) == text.npos && (n = ::read(from_child, buffer, sizeof buffer)) > 0;)
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
  std::string configuration = folder + "/gateway.toml", log = folder + "/gateway.log";
  std::ofstream(configuration) << Configuration(folder, definitions);
  int pipe[2];
  if (::pipe2(pipe, O_CLOEXEC) != 0) return Error{errors::ProductionRefused, "no pipe"};
  pid_t child = ::fork();
  if (child == 0) Become(configuration.c_str(), log.c_str(), pipe[1]);
  ::close(pipe[1]);
  auto banner = ReadBanner(pipe[0]);
  auto at = banner.find(kFeedLine);
  auto port = at == banner.npos ? 0 : std::atoi(banner.c_str() + at + kFeedLine.size());
  std::unique_ptr<BenchGateway> gateway(
      new BenchGateway(folder + "/delivered", child, static_cast<std::uint16_t>(port)));
  if (port == 0) {
    auto why = ReadFile(log);
    return Error{errors::ProductionRefused, "the bench's gateway did not start: " + (why ? *why : banner)};
  }
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
