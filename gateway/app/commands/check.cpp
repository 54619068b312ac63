// passerelle check: files against the labelling requirements, offline.

#include <algorithm>
#include <array>
#include <cstdio>

#include "fhir_model/base/errors.h"
#include "gateway/app/bench.h"
#include "gateway/app/bench_run.h"
#include "gateway/app/command.h"
#include "gateway/app/errors.h"
#include "gateway/labelling/verdicts.h"

namespace passerelle::app {
namespace {

int Run(const Arguments& arguments) {
  const auto* form = labelling::FindReportForm(arguments.Get("--format").value_or("text"));
  if (!form || arguments.files().empty())
    return Fail({errors::UsageWrong,
                 "check wants files; --format is text, json, junit, sarif, trl, testreport, html, github or "
                 "convergence"},
                kUsage);
  auto bench = OpenBench(arguments);
  if (!bench) return Fail(bench.error(), bench.error().info == &errors::UsageWrong ? kUsage : kUnreadable);
  auto suite = (*bench)->catalogue.FindSuite(arguments.Get("--suite").value_or("all"));
  if (!suite) return Fail(suite.error(), kUsage);
  // The FHIR made of a file is the platform's work, not the sender's: only a platform is measured by it.
  auto reader = (*bench)->reader;
  if ((*suite)->couloir != kPlatform) reader.draft = nullptr;
  labelling::SuiteVerdicts verdicts;
  verdicts.suite = (*suite)->id;
  verdicts.title = (*suite)->title;
  verdicts.catalogue_digest = (*bench)->catalogue.digest();
  verdicts.engine = "passerelle " PASSERELLE_VERSION;
  verdicts.product = arguments.Get("--product").value_or("");
  verdicts.time = UtcNow();
  int worst = kClean;
  std::vector<std::unique_ptr<labelling::Input>> inputs;  // --series: the steps before
  std::vector<const requirements::Run*> earlier;
  for (const auto& file : arguments.files()) {
    auto bytes = ReadFile(file);
    if (!bytes) {
      worst = Fail(bytes.error(), kUnreadable);
      continue;
    }
    auto input = labelling::ReadInput(*std::move(bytes), reader);
    if ((*suite)->couloir != kPlatform) input->run.watched.push_back(requirements::Kind::Draft);
    if (arguments.Has("--series")) input->run.earlier = &earlier;
    auto report =
        requirements::Evaluate((*bench)->catalogue, (*suite)->requirements, input->run, (*bench)->world);
    verdicts.files.push_back({file, input->digest, std::string(labelling::InputFormatName(input->format)),
                              labelling::WhyUnread(*input), std::move(report)});
    if (verdicts.files.back().HasFailures()) worst = std::max<int>(worst, kFindings);
    if (!arguments.Has("--series")) continue;
    earlier.push_back(&input->run);
    inputs.push_back(std::move(input));
  }
  verdicts.value_sets = (*bench)->value_sets->Used();
  labelling::SayIn(LanguageOf(arguments), verdicts);
  auto text = form->write(verdicts);
  std::fwrite(text.data(), 1, text.size(), stdout);
  return worst;
}

constexpr std::array<std::string_view, 9> kOptions = {"--suite",      "--format",      "--mode",
                                                      "--value-sets", "--schema",      "--product",
                                                      "--language",   "--definitions", "--package"};
constexpr std::array<std::string_view, 1> kFlags = {"--series"};

}  // namespace

extern const Command kCheck;
const Command kCheck{"check",
                     "verdicts on messages and documents against the labelling requirements",
                     R"(usage: passerelle check [--suite ID] [--format FORM] [--mode test|production]
                        [--value-sets DIR]... [--schema CDA.xsd] [--product NAME] [--language en|fr]
                        [--series] FILE...

FORM is text, json, junit, sarif, trl, testreport, html, github or convergence (xlsx). FILE is HL7 v2, CDA, FHIR,
a mail, an IHE_XDM.zip or its METADATA.XML. ID is a suite (biology, radiology, hospital, practice, pharmacy,
medico-social, platform, device, mail, all) or a case of the official test bench. --value-sets has the French value
sets as SVS XML or JSON, --schema the CDA schema: what is not given cannot be decided, and is said so. --series takes
the files as one run, in order. PASSERELLE_VALUE_SETS and PASSERELLE_CDA_SCHEMA stand in for the options.

Exit: 0 no FAIL, 1 a FAIL or a file that is none of these, 2 usage, 3 a file or folder that cannot be read.
)",
                     kOptions,
                     kFlags,
                     Run};

}  // namespace passerelle::app
