// passerelle SUB-COMMAND ...

#include <algorithm>
#include <cstdio>
#include <string_view>
#include <vector>

#include "gateway/app/command.h"

namespace {

using passerelle::app::Command;

void PrintHelp(std::FILE* out) {
  std::fputs("Passerelle: HL7 v2, CDA and FHIR in, FHIR R4 out.\n\nusage: passerelle SUB-COMMAND ...\n\n", out);
  for (const Command* command : passerelle::app::Commands())
    std::fprintf(out, "  %-12.*s %.*s\n", static_cast<int>(command->name.size()), command->name.data(),
                 static_cast<int>(command->summary.size()), command->summary.data());
  std::fputs("\n`passerelle SUB-COMMAND --help` says more.\n", out);
}

void PrintUsage(const Command& command, std::FILE* out) {
  std::fprintf(out, "%.*s", static_cast<int>(command.usage.size()), command.usage.data());
}

}  // namespace

int main(int argc, char** argv) {
  using namespace passerelle;
  std::vector<std::string_view> words(argv + 1, argv + argc);
  if (words.empty() || words[0] == "--help" || words[0] == "help") {
    PrintHelp(words.empty() ? stderr : stdout);
    return words.empty() ? app::kUsage : app::kClean;
  }
  if (words[0] == "--version") {
    std::puts("passerelle " PASSERELLE_VERSION);
    return app::kClean;
  }
  auto all = app::Commands();
  auto found = std::find_if(all.begin(), all.end(), [&](const Command* c) { return c->name == words[0]; });
  if (found == all.end()) {
    std::fprintf(stderr, "passerelle: there is no sub-command %s\n\n", argv[1]);
    PrintHelp(stderr);
    return app::kUsage;
  }
  const Command& command = **found;
  std::span<const std::string_view> rest = std::span(words).subspan(1);
  if (std::find(rest.begin(), rest.end(), "--help") != rest.end()) {
    PrintUsage(command, stdout);
    return app::kClean;
  }
  auto arguments = app::Arguments::Parse(rest, command.options, command.flags);
  if (!arguments) {
    app::Fail(arguments.error(), app::kUsage);
    PrintUsage(command, stderr);
    return app::kUsage;
  }
  return command.run(*arguments);
}
