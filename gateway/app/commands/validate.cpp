// passerelle validate

#include <unistd.h>

#include <algorithm>
#include <array>
#include <chrono>
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
#include "profiles/validator/read.h"
#include "profiles/validator/suppressions.h"
#include "profiles/validator/validator.h"

namespace passerelle::app {
namespace {

namespace fs = std::filesystem;

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
  for (const auto& error : report.skipped) {
    std::fprintf(stderr, "passerelle: %s\n", error.Text().c_str());
    bool whole = std::any_of(packages.begin(), packages.end(), [&](const std::string& package) {
      return packages::IsOneFile(package) && error.place.path.starts_with(package);
    });
    if (whole) worst = kUnreadable;  // it was named and nothing of it is known
  }
  return known;
}

Result<node::Tree> Parse(std::string bytes, const spec::Definitions& definitions, Issues& flaws) {
  auto start = bytes.find_first_not_of("\xEF\xBB\xBF \t\r\n");
  bool xml = start != bytes.npos &&
             (bytes[start] == '<' || bytes.starts_with("\xFF\xFE") || bytes.starts_with("\xFE\xFF"));
  if (xml) return xml::ParseFhir(std::move(bytes), kFileLimits, definitions);
  return validator::ReadJson(std::move(bytes), kFileLimits, definitions, flaws);
}

constexpr std::string_view kResourceFiles[] = {".json", ".xml", ".ndjson"};

// What is named or found in a folder; or why it cannot be checked.
struct Found {
  std::string file;
  std::optional<Error> fault = {};
};

// The resource files of a folder and below, in the order of their names. A folder that does not read is said,
// the others are still looked at.
void Collect(const fs::path& folder, std::vector<Found>& found) {
  std::vector<fs::directory_entry> entries;
  std::error_code fault;
  for (fs::directory_iterator at(folder, fault), end; !fault && at != end; at.increment(fault))
    entries.push_back(*at);
  if (fault) found.push_back({folder.string(), Error{errors::FileUnreadable, fault.message()}});
  std::ranges::sort(entries);
  for (const auto& entry : entries) {
    std::error_code none;
    if (entry.symlink_status(none).type() == fs::file_type::directory)
      Collect(entry.path(), found);
    else if (std::ranges::find(kResourceFiles, entry.path().extension()) != std::end(kResourceFiles) &&
             !entry.is_directory(none))
      found.push_back({entry.path().string()});
  }
}

// A folder stands for the resource files in it and below.
std::vector<Found> Expand(const std::vector<std::string>& named) {
  std::vector<Found> found;
  for (const auto& name : named) {
    std::error_code none;
    if (!fs::is_directory(name, none)) {
      found.push_back({name});
      continue;
    }
    auto before = found.size();
    Collect(name, found);
    if (found.size() == before) found.push_back({name, Error{errors::FolderEmpty, ".json, .xml, .ndjson"}});
  }
  return found;
}

// One call of the command: what it is asked, and what came of it so far.
class Validation {
 public:
  Validation(const Known& known, const validator::Validator& validator, validator::ValidateOptions options,
             bool text, Language language)
      : known_(known),
        validator_(validator),
        options_(std::move(options)),
        text_(text),
        language_(language) {}

  int CheckFile(const Found& found) {
    const auto& file = found.file;
    auto bytes = found.fault ? Result<std::string>(*found.fault) : ReadFile(file);
    if (!bytes) return ++resources_, Unread(file, bytes.error());
    auto suppressions = SuppressionsOf(file);
    if (!suppressions) return Fail(suppressions.error(), kUnreadable);
    if (!file.ends_with(".ndjson")) return CheckResource(file, 0, *std::move(bytes), *suppressions);
    int worst = kClean;
    std::uint32_t line = 0;
    for (std::string_view rest = *bytes; !rest.empty();) {
      auto end = std::min(rest.find('\n'), rest.size());
      std::string_view one = rest.substr(0, end);
      rest.remove_prefix(std::min(end + 1, rest.size()));
      ++line;
      if (one.find_first_not_of(" \t\r") != one.npos)
        worst = std::max(worst, CheckResource(file, line, std::string(one), *suppressions));
    }
    return worst;
  }

  // How many there were, how many are wrong, where text is read by people; and how far it is, on a
  // terminal.
  void Summarise() const {
    std::fprintf(stderr,
                 language_ == Language::French
                     ? "ressources : %zu, dont %zu avec erreurs ; erreurs : %zu, avertissements : %zu\n"
                     : "resources: %zu, with errors: %zu; errors: %zu, warnings: %zu\n",
                 resources_, refused_, errors_, warnings_);
  }
  void Progress(std::size_t done, std::size_t of) {
    auto now = std::chrono::steady_clock::now();
    if (isatty(STDERR_FILENO) == 0 || (now - shown_ < std::chrono::seconds(1) && done != of)) return;
    if (shown_ != std::chrono::steady_clock::time_point{}) std::fprintf(stderr, "%zu/%zu\r", done, of);
    shown_ = now;
  }

 private:
  Result<validator::Suppressions> SuppressionsOf(const std::string& file) const {
    std::string beside = file + ".suppress";
    std::error_code none;
    if (file == "-" || !fs::exists(beside, none)) return validator::Suppressions();
    TRY(auto lines, ReadFile(beside));
    return validator::Suppressions::Read(lines, beside);
  }

  // `line`: of a resource that is one line of its file; 0: it is the whole file.
  int CheckResource(const std::string& file, std::uint32_t line, std::string bytes,
                    const validator::Suppressions& suppressions) {
    ++resources_;
    Issues found;
    auto tree = Parse(std::move(bytes), known_.library->base(), found);
    if (!tree) {
      Error error = std::move(tree).error();
      if (line != 0) error.place.line = line;
      return Unread(file, error);
    }
    validator_.Validate(*tree, options_, found);
    std::vector<Issue> issues = suppressions.Apply(found).all();
    std::size_t errors_before = errors_;
    for (auto& issue : issues) {
      if (line != 0) issue.place.line = line;
      errors_ += issue.severity >= Severity::Error;
      warnings_ += issue.severity == Severity::Warning;
      if (text_)
        PrintLine(file, SeverityCode(issue.severity), issue.place, issue.Text(language_), issue.rule->id,
                  issue.source);
    }
    if (!text_) std::printf("%s\n", json::OutcomeJson(issues, language_).c_str());
    bool wrong = errors_ != errors_before;
    refused_ += wrong;
    return wrong ? kFindings : kClean;
  }

  int Unread(const std::string& file, const Error& error) {
    ++errors_, ++refused_;
    std::string sentence(language_ == Language::French ? error.info->fr : error.info->en);
    if (text_)
      PrintLine(file, "error", error.place, sentence, error.info->name, error.detail);
    else
      std::printf("%s\n", json::OutcomeJson(error, language_).c_str());
    bool unread = error.info == &errors::FileUnreadable || error.info == &errors::FolderEmpty;
    return unread ? kUnreadable : kFindings;
  }

  // FILE:LINE:COLUMN: severity PLACE: text [rule] (profile)
  static void PrintLine(const std::string& file, std::string_view severity, const Place& place,
                        const std::string& text, std::string_view rule, const std::string& more) {
    std::string line = file;
    if (place.line != 0) line += ":" + std::to_string(place.line) + ":" + std::to_string(place.column);
    line += ": " + std::string(severity);
    if (!place.path.empty()) line += " " + place.path;
    line += ": " + text + " [" + std::string(rule) + "]";
    if (!more.empty()) line += " (" + more + ")";
    std::printf("%s\n", line.c_str());
  }

  const Known& known_;
  const validator::Validator& validator_;
  validator::ValidateOptions options_;
  bool text_;
  Language language_;
  std::size_t resources_ = 0, refused_ = 0, errors_ = 0, warnings_ = 0;
  std::chrono::steady_clock::time_point shown_;
};

// "2026-03-01T12:00:00.000+00:00", for constraints that ask now().
std::string Now() {
  std::time_t seconds = std::time(nullptr);
  std::tm utc{};
  gmtime_r(&seconds, &utc);
  char text[32];
  return {text, std::strftime(text, sizeof text, "%Y-%m-%dT%H:%M:%S.000+00:00", &utc)};
}

int Run(const Arguments& arguments) {
  std::string format = arguments.Get("--format").value_or("json"),
              language = arguments.Get("--language").value_or("en");
  if (arguments.files().empty() || (format != "json" && format != "text"))
    return Fail({errors::UsageWrong, "validate wants files; --format is json or text"}, kUsage);
  if (language != "en" && language != "fr")
    return Fail({errors::UsageWrong, "--language is en or fr"}, kUsage);
  int worst = kClean;
  auto known = Learn(arguments, worst);
  if (!known) return Fail(known.error(), kUnreadable);
  terminology::Terminology terminology(*known->library);
  validator::Validator validator(*known->library, terminology);
  validator::ValidateOptions options;
  options.profiles = arguments.All("--profile");
  options.for_publication = arguments.Has("--for-publication");
  options.now = Now();
  Validation validation(*known, validator, std::move(options), format == "text",
                        language == "fr" ? Language::French : Language::English);
  auto files = Expand(arguments.files());
  for (std::size_t i = 0; i < files.size(); ++i) {
    worst = std::max(worst, validation.CheckFile(files[i]));
    validation.Progress(i + 1, files.size());
  }
  if (format == "text") validation.Summarise();
  return worst;
}

constexpr std::array<std::string_view, 5> kOptions = {"--package", "--profile", "--format", "--language",
                                                      "--definitions"};
constexpr std::array<std::string_view, 1> kFlags = {"--for-publication"};

}  // namespace

extern const Command kValidate;
const Command kValidate{
    "validate",
    "is a FHIR resource what the specification and its profiles ask for",
    R"(usage: passerelle validate [--package P]... [--profile URL]... [--format json|text] [--language en|fr]
                           [--for-publication] FILE...

One OperationOutcome per file, one a line; of FILE.ndjson, one per line of the file. A folder stands for the .json,
.xml and .ndjson files in it and below, of which there must be some, - for standard input. P is a folder, a .tgz or
one resource file (JSON or XML); URL is checked beside the profiles that a resource names itself. Text says
FILE:LINE:COLUMN: severity PLACE: what is wrong [rule] (profile), nothing of a file that is right, and a summary on
standard error. With --for-publication what HL7 asks of what it publishes counts too.

FILE.suppress, if there is one, says which findings are accepted and why: a line is RULE PLACE REASON, with * for any
text. They are still said, as information. The definitions pack is searched at --definitions, then beside the binary.

Ends with 0: no errors, 1: errors, 2: usage, 3: a file or package could not be read; the worst of all.
)",
    kOptions,
    kFlags,
    Run};

}  // namespace passerelle::app
