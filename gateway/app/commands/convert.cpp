// passerelle convert: a message, document or resource as a FHIR Bundle. Reads no clock and no secret: the
// same bytes everywhere.

#include <algorithm>
#include <array>
#include <cstdio>
#include <fstream>

#include "fhir_model/base/digest.h"
#include "fhir_model/base/errors.h"
#include "fhir_model/json/json.h"
#include "gateway/app/command.h"
#include "gateway/app/definitions.h"
#include "gateway/app/errors.h"
#include "gateway/app/overlays.h"
#include "mappers/hl7v2/batch.h"
#include "mappers/normalise/normalise.h"

namespace passerelle::app {
namespace {

constexpr std::string_view kTimezone = "Europe/Paris";

struct Conversion {
  const normalise::Normaliser& normaliser;
  normalise::Options options;
  normalise::BundleForm form = normalise::BundleForm::Transaction;
  bool pretty = false, explain = false;
  std::ofstream* ledger = nullptr;
};

void PrintFinding(const std::string& file, std::string_view severity, const Place& place,
                  const std::string& text) {
  std::string where = place.path;
  if (place.line != 0) where += " (" + std::to_string(place.line) + ":" + std::to_string(place.column) + ")";
  std::fprintf(stderr, "%s: %.*s: %s%s%s\n", file.c_str(), static_cast<int>(severity.size()), severity.data(),
               where.c_str(), where.empty() ? "" : ": ", text.c_str());
}

void PrintExplanation(const engine::Ledger& ledger) {
  for (const auto& one : engine::Explain(ledger))
    std::fprintf(stderr, "%s <- %s  [%s]\n", one.element.c_str(), one.place.c_str(), one.row.c_str());
}

// One message: its Bundle on a line of standard output.
int ConvertOne(const Conversion& conversion, const std::string& file, std::string bytes) {
  normalise::Options options = conversion.options;
  options.map.scope = Sha256Hex(bytes);
  auto done = conversion.normaliser.Run(std::move(bytes), options);
  for (const auto& issue : done.issues.all())
    PrintFinding(file, SeverityCode(issue.severity), issue.place, issue.Text());
  if (done.refusal) {
    PrintFinding(file, "error", {}, done.refusal->Text());
    return kFindings;
  }
  if (!done.draft) {
    PrintFinding(file, "information", {}, "an acknowledgement holds nothing to convert");
    std::puts("{\"resourceType\":\"Bundle\",\"type\":\"collection\"}");
    return kClean;
  }
  if (conversion.ledger != nullptr || conversion.explain) done.draft->Settle(*done.source);
  if (conversion.ledger != nullptr) *conversion.ledger << done.draft->ledger.Json() << '\n';
  if (conversion.explain) PrintExplanation(done.draft->ledger);
  auto bundle = normalise::BundleAs(*std::move(done.draft), conversion.form);
  if (!bundle) {
    PrintFinding(file, "error", {}, bundle.error().Text());
    return kFindings;
  }
  std::string json = json::Write(*bundle, node::kRoot, conversion.pretty);
  std::fwrite(json.data(), 1, json.size(), stdout);
  std::fputc('\n', stdout);
  return done.issues.HasErrors() ? kFindings : kClean;
}

int ConvertFile(const Conversion& conversion, const std::string& file) {
  auto bytes = ReadFile(file);
  if (!bytes) return Fail(bytes.error(), kUnreadable);
  bool message = conversion.options.format == normalise::Format::Hl7v2 ||
                 (conversion.options.format == normalise::Format::Unknown &&
                  normalise::Detect(*bytes) == normalise::Format::Hl7v2);
  if (!message || !hl7v2::IsBatch(*bytes)) return ConvertOne(conversion, file, *std::move(bytes));
  Issues issues;
  int worst = kClean;
  for (auto one : hl7v2::SplitBatch(*bytes, issues).messages)
    worst = std::max(worst, ConvertOne(conversion, file, std::string(one)));
  for (const auto& issue : issues.all())
    PrintFinding(file, SeverityCode(issue.severity), issue.place, issue.Text());
  return worst;
}

struct FormatWord {
  std::string_view word;
  normalise::Format format;
};
constexpr std::array kFormats = {
    FormatWord{"auto", normalise::Format::Unknown}, FormatWord{"hl7v2", normalise::Format::Hl7v2},
    FormatWord{"cda", normalise::Format::Cda}, FormatWord{"fhir", normalise::Format::Fhir}};

// The words of --from and --as; false after telling what they may be.
bool ReadWords(const Arguments& arguments, Conversion& conversion) {
  std::string from = arguments.Get("--from").value_or("auto"),
              as = arguments.Get("--as").value_or("transaction");
  auto format =
      std::find_if(kFormats.begin(), kFormats.end(), [&](const FormatWord& w) { return w.word == from; });
  if (format == kFormats.end() || (as != "transaction" && as != "document")) return false;
  conversion.options.format = format->format;
  if (as == "document") conversion.form = normalise::BundleForm::Document;
  return true;
}

// The tables in the binary, with those of --overlay over them.
Result<std::vector<engine::TableFile>> TablesOf(const Arguments& arguments) {
  auto tables = engine::ShippedTables();
  if (auto folder = arguments.Get("--overlay")) {
    TRY(auto overlay, ReadOverlay(*folder, 2));
    std::move(overlay.begin(), overlay.end(), std::back_inserter(tables));
  }
  return tables;
}

int Run(const Arguments& arguments) {
  if (arguments.files().empty()) return Fail({errors::UsageWrong, "convert wants at least one file"}, kUsage);
  auto definitions = OpenDefinitions(arguments.Get("--definitions"));
  if (!definitions) return Fail(definitions.error(), kUnreadable);
  auto tables = TablesOf(arguments);
  if (!tables) return Fail(tables.error(), kUnreadable);
  auto program = engine::Program::Compile(*tables, (*definitions)->definitions);
  if (!program) return Fail(program.error(), kUnreadable);
  normalise::Normaliser normaliser(*std::move(program), (*definitions)->definitions);

  Conversion conversion{normaliser,
                        {},
                        normalise::BundleForm::Transaction,
                        arguments.Has("--pretty"),
                        arguments.Has("--explain"),
                        nullptr};
  conversion.options.limits = kFileLimits;
  conversion.options.map.id_key = engine::kPublicIdKey;
  conversion.options.map.timezone = arguments.Get("--timezone").value_or(std::string(kTimezone));
  if (!ReadWords(arguments, conversion))
    return Fail({errors::UsageWrong, "--from is auto, hl7v2, cda or fhir; --as is transaction or document"},
                kUsage);
  std::ofstream ledger;
  if (auto path = arguments.Get("--ledger")) {
    ledger.open(*path, std::ios::binary);
    if (!ledger) return Fail({errors::FileUnwritable, *path}, kUnreadable);
    conversion.ledger = &ledger;
  }
  int worst = kClean;
  for (const auto& file : arguments.files()) worst = std::max(worst, ConvertFile(conversion, file));
  return worst;
}

constexpr std::array<std::string_view, 6> kOptions = {"--from",     "--as",      "--ledger",
                                                      "--timezone", "--overlay", "--definitions"};
constexpr std::array<std::string_view, 2> kFlags = {"--explain", "--pretty"};

}  // namespace

extern const Command kConvert;
const Command kConvert{"convert",
                       "a message, document or resource as a FHIR R4 Bundle",
                       R"(usage: passerelle convert [OPTIONS] FILE...

  --from auto|hl7v2|cda|fhir      what the files are (auto)
  --as transaction|document       the Bundle's type (transaction)
  --ledger FILE                   writes what became of every leaf of the input, one line a message
  --explain                       prints, for each FHIR element, the source and the row it came from
  --overlay DIR                   lays the mapping tables of DIR over those in the binary
  --timezone ZONE                 for times that come without one (Europe/Paris)
  --pretty                        indented JSON
  --definitions FILE              the definitions pack (beside the binary)

One Bundle a line on standard output, in the order of the files ("-" is standard input); findings on standard error.
Exit code: 0 clean, 1 refused or errors, 2 usage, 3 a file could not be read.
)",
                       kOptions,
                       kFlags,
                       Run};

}  // namespace passerelle::app
