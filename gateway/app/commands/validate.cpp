// passerelle validate

#include <array>
#include <cstdio>
#include <ctime>
#include <filesystem>
#include <memory>

#include "fhir_model/base/errors.h"
#include "fhir_model/json/json.h"
#include "fhir_model/json/outcome.h"
#include "fhir_model/xml/xml.h"
#include "gateway/app/command.h"
#include "gateway/app/definitions.h"
#include "gateway/app/errors.h"
#include "profiles/packages/pack_builder.h"
#include "profiles/packages/source.h"
#include "profiles/validator/suppressions.h"
#include "profiles/validator/validator.h"

namespace passerelle::app {
namespace {

// Definitions of --package, compiled in memory: their library points into the bytes.
struct Known {
  std::shared_ptr<const MappedDefinitions> mapped;
  std::vector<std::unique_ptr<std::string>> packs;
  std::unique_ptr<spec::Library> library;
};

// Those of `packages` that can be read; the others are said, and the files are checked without them.
std::vector<std::string> Readable(const std::vector<std::string>& packages, int& worst) {
  std::vector<std::string> readable;
  for (const auto& package : packages) {
    auto read = packages::ReadPackage(package, [](std::string_view, std::string) { return Ok(); });
    if (read)
      readable.push_back(package);
    else
      worst = Fail(read.error(), kUnreadable);
  }
  return readable;
}

Result<Known> Learn(const Arguments& arguments, int& worst) {
  Known known;
  TRY(known.mapped, OpenDefinitions(arguments.Get("--definitions")));
  known.library = std::make_unique<spec::Library>(known.mapped->definitions);
  auto packages = Readable(arguments.All("--package"), worst);
  if (packages.empty()) return known;
  packages::PackReport report;
  TRY(auto bytes, packages::BuildPack(packages, report, {}, known.library.get()));
  known.packs.push_back(std::make_unique<std::string>(std::move(bytes)));
  TRY(auto layer, spec::Definitions::Open(std::as_bytes(std::span(*known.packs.back()))));
  known.library->Add(std::move(layer));
  for (const auto& error : report.skipped) std::fprintf(stderr, "%s\n", error.Text().c_str());
  return known;
}

Result<node::Tree> Read(const std::string& file, const spec::Definitions& definitions) {
  TRY(auto bytes, ReadFile(file));
  auto start = bytes.find_first_not_of("\xEF\xBB\xBF \t\r\n");
  bool xml = start != bytes.npos &&
             (bytes[start] == '<' || bytes.starts_with("\xFF\xFE") || bytes.starts_with("\xFE\xFF"));
  if (xml) return xml::ParseFhir(std::move(bytes), kFileLimits, definitions);
  return json::Parse(std::move(bytes), kFileLimits, &definitions);
}

void PrintText(const std::string& file, const Issue& issue) {
  std::string place = file;
  if (issue.place.line != 0)
    place += ":" + std::to_string(issue.place.line) + ":" + std::to_string(issue.place.column);
  std::printf("%s: %s %s: %s [%s]\n", place.c_str(), std::string(SeverityCode(issue.severity)).c_str(),
              issue.place.path.c_str(), issue.Text().c_str(), std::string(issue.rule->id).c_str());
}

int CheckFile(const std::string& file, const Known& known, const validator::Validator& validator,
              const validator::ValidateOptions& options, bool text) {
  auto tree = Read(file, known.library->base());
  if (!tree) {
    if (text)
      std::printf("%s: %s\n", file.c_str(), tree.error().Text().c_str());
    else
      std::printf("%s\n", json::OutcomeJson(tree.error()).c_str());
    return tree.error().info == &errors::FileUnreadable ? kUnreadable : kFindings;
  }
  Issues issues;
  validator.Validate(*tree, options, issues);
  if (std::string beside = file + ".suppress"; std::filesystem::exists(beside)) {
    auto lines = ReadFile(beside);
    auto suppressions = lines ? validator::Suppressions::Read(*lines, beside)
                              : Result<validator::Suppressions>(lines.error());
    if (!suppressions) return Fail(suppressions.error(), kUnreadable);
    issues = suppressions->Apply(issues);
  }
  if (text)
    for (const auto& issue : issues.all()) PrintText(file, issue);
  else
    std::printf("%s\n", json::OutcomeJson(issues.all()).c_str());
  return issues.HasErrors() ? kFindings : kClean;
}

// "2026-03-01T12:00:00.000+00:00", for constraints that ask now().
std::string Now() {
  std::time_t seconds = std::time(nullptr);
  std::tm utc{};
  gmtime_r(&seconds, &utc);
  char text[32];
  return {text, std::strftime(text, sizeof text, "%Y-%m-%dT%H:%M:%S.000+00:00", &utc)};
}

int Run(const Arguments& arguments) {
  std::string format = arguments.Get("--format").value_or("json");
  if (arguments.files().empty() || (format != "json" && format != "text"))
    return Fail({errors::UsageWrong, "validate wants files; --format is json or text"}, kUsage);
  int worst = kClean;
  auto known = Learn(arguments, worst);
  if (!known) return Fail(known.error(), kUnreadable);
  terminology::Terminology terminology(*known->library);
  validator::Validator validator(*known->library, terminology);
  validator::ValidateOptions options;
  options.profiles = arguments.All("--profile");
  options.now = Now();
  for (const auto& file : arguments.files())
    worst = std::max(worst, CheckFile(file, *known, validator, options, format == "text"));
  return worst;
}

constexpr std::array<std::string_view, 4> kOptions = {"--package", "--profile", "--format", "--definitions"};

}  // namespace

extern const Command kValidate;
const Command kValidate{
    "validate",
    "is a FHIR resource what the specification and its profiles ask for",
    R"(usage: passerelle validate [--package P]... [--profile URL]... [--format json|text] FILE...

One OperationOutcome per file, one a line. P is a folder, a .tgz or one resource file; URL is checked beside the
profiles that a resource names itself. FILE.suppress, if there is one, says which findings are accepted and why: a line
is RULE PLACE REASON, with * for any text. The definitions pack is searched at --definitions, then beside the binary.
)",
    kOptions,
    {},
    Run};

}  // namespace passerelle::app
