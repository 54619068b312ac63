// passerelle serve

#include <array>
#include <cstdio>

#include "gateway/app/command.h"
#include "gateway/app/errors.h"
#include "gateway/app/gateway.h"
#include "gateway/app/process.h"

namespace passerelle::app {
namespace {

int Run(const Arguments& arguments) {
  if (!arguments.files().empty()) return Fail({errors::UsageWrong, "serve takes no files"}, kUsage);
  HardenProcess();
  auto settings = LoadSettings(arguments.Get("--config"));
  if (!settings)
    return Fail(settings.error(),
                settings.error().info == &errors::SettingsUnreadable ? kUnreadable : kUsage);
  auto gateway = Gateway::Start(*std::move(settings), arguments.Get("--definitions"));
  if (!gateway) return Fail(gateway.error(), kFindings);
  for (const auto& line : (*gateway)->Banner()) std::printf("passerelle: %s\n", line.c_str());
  std::puts("passerelle: ready");
  std::fflush(stdout);
  (*gateway)->Run();
  return kClean;
}

constexpr std::array<std::string_view, 2> kOptions = {"--config", "--definitions"};

}  // namespace

extern const Command kServe;
const Command kServe{"serve",
                     "the gateway: takes messages in, keeps them, normalises them, passes them on",
                     R"(usage: passerelle serve [--config FILE] [--definitions FILE]

Without a file: MLLP on 127.0.0.1:2575, HTTP on 127.0.0.1:8080, data in ./passerelle-data, environment test.
Ends on SIGTERM or SIGINT. Exit codes: 0 stopped, 1 could not start, 2 wrong settings, 3 settings not readable,
74 the disk did not confirm a write.
)",
                     kOptions,
                     {},
                     Run};

}  // namespace passerelle::app
