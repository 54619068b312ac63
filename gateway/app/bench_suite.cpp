#include "gateway/app/bench_suite.h"

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <filesystem>

#include "fhir_model/base/digest.h"
#include "gateway/app/bench.h"
#include "gateway/app/bench_run.h"
#include "gateway/app/errors.h"
#include "gateway/labelling/errors.h"
#include "gateway/labelling/scenario.h"
#include "gateway/labelling/verdicts.h"
#include "mappers/hl7v2/peek.h"

namespace passerelle::app {
namespace {

// What a run is about.
struct Order {
  std::string product, version, data;
  const labelling::ReportForm* form = nullptr;
  std::optional<labelling::Scenario> scenario;
  std::vector<std::string> files;  // empty: the product sends
};

Result<labelling::Scenario> FindScenario(const std::string& name) {
  TRY(auto catalogue, requirements::Catalogue::Shipped());
  std::vector<requirements::SourceFile> files(labelling::ShippedScenarios().begin(),
                                              labelling::ShippedScenarios().end());
  bool own = name.ends_with(".scn");
  if (own) {
    TRY(auto text, ReadFile(name));
    files = {{name, std::move(text)}};
  }
  TRY(auto scenarios, labelling::ReadScenarios(files, catalogue));
  for (auto& scenario : scenarios)
    if (own || scenario.id == name) return std::move(scenario);
  return Error{errors::UsageWrong, "there is no scenario " + name};
}

Result<Order> ReadOrder(const Arguments& arguments) {
  Order order;
  order.form = labelling::FindReportForm(arguments.Get("--format").value_or("text"));
  order.product = arguments.Get("--product").value_or(""),
  order.version = arguments.Get("--version").value_or("");
  order.data = arguments.Get("--data").value_or("");
  if (!order.form || order.product.empty() || order.version.empty() || order.data.empty())
    return Error{errors::UsageWrong, "label run wants --product, --version and --data"};
  order.files.assign(arguments.files().begin() + 1, arguments.files().end());
  if (auto name = arguments.Get("--scenario")) {
    TRY(order.scenario, FindScenario(*name));
    auto folder = arguments.Get("--examples").value_or("examples/labelling");
    for (const auto& step : order.scenario->steps) order.files.push_back(folder + "/" + step.file);
  }
  return order;
}

// Each run begins with an empty gateway: DATA/runs/1, 2, ...
std::string RunFolder(const std::string& data) {
  int number = 1;
  std::error_code none;
  while (std::filesystem::exists(data + "/runs/" + std::to_string(number), none)) ++number;
  return data + "/runs/" + std::to_string(number);
}

Result<std::vector<Step>> Steps(const Arguments& arguments, const Order& order) {
  auto folder = RunFolder(order.data), definitions = arguments.Get("--definitions").value_or("");
  std::optional<std::string> pack;
  if (!definitions.empty()) pack = definitions;
  if (!order.files.empty()) return SendSteps(folder, pack, order.files);
  return ListenSteps(folder, pack, arguments.Get("--listen").value_or("127.0.0.1:2576"),
                     std::atoi(arguments.Get("--seconds").value_or("600").c_str()));
}

// The suite's requirements and those that the scenario names beside them.
std::vector<std::string> Asked(const requirements::Suite& suite, const Order& order) {
  auto ids = suite.requirements;
  if (order.scenario)
    for (const auto& id : order.scenario->checks)
      if (std::find(ids.begin(), ids.end(), id) == ids.end()) ids.push_back(id);
  return ids;
}

void AddExpectations(const Order& order, const std::vector<Step>& steps, labelling::SuiteVerdicts& verdicts) {
  if (!order.scenario) return;
  std::vector<labelling::StepOutcome> outcomes;
  for (const auto& step : steps)
    outcomes.push_back({hl7v2::ReadAcknowledgement(step.answer).code, step.deliveries.size()});
  auto judged = labelling::JudgeSteps(*order.scenario, outcomes);
  for (std::size_t i = 0; i < judged.size() && i < verdicts.files.size(); ++i)
    verdicts.files[i].report.findings.push_back(std::move(judged[i]));
}

labelling::Evidence EvidenceOf(const Order& order, const Bench& bench, const requirements::Suite& suite,
                               const labelling::FileVerdicts& file, const std::string& time) {
  labelling::Evidence evidence;
  evidence.product = order.product, evidence.version = order.version;
  evidence.run = Sha256Hex(order.product + order.version + suite.digest + time).substr(0, 16);
  evidence.suite = suite.id, evidence.suite_digest = suite.digest;
  evidence.engine = "passerelle " PASSERELLE_VERSION;
  evidence.tables = bench.catalogue.digest();
  evidence.value_sets = bench.value_sets->Used();
  evidence.input = file.digest;
  evidence.time = time;
  evidence.verdicts = labelling::VerdictsOf(file.report);
  return evidence;
}

int Judge(const Arguments& arguments, const Order& order, const std::vector<Step>& steps) {
  auto bench = OpenBench(arguments);
  if (!bench) return Fail(bench.error(), kUnreadable);
  auto name = order.scenario ? order.scenario->suite : arguments.Get("--suite").value_or("all");
  auto suite = (*bench)->catalogue.FindSuite(name);
  if (!suite) return Fail(suite.error(), kUsage);
  auto evidence = EvidenceFolder::Open(order.data);
  if (!evidence) return Fail(evidence.error(), kFindings);
  auto reader = (*bench)->reader;
  bool platform = (*suite)->couloir == "PFI";
  if (!platform) reader.draft = nullptr;
  auto series = ReadSteps(steps, reader);
  labelling::SuiteVerdicts verdicts;
  verdicts.suite = (*suite)->id, verdicts.title = order.scenario ? order.scenario->title : (*suite)->title;
  verdicts.catalogue_digest = (*bench)->catalogue.digest();
  verdicts.engine = "passerelle " PASSERELLE_VERSION;
  verdicts.product = order.product + " " + order.version;
  verdicts.time = UtcNow();
  auto ids = Asked(**suite, order);
  for (std::size_t i = 0; i < steps.size(); ++i) {
    auto& input = *series->inputs[i];
    if (!platform) input.run.watched.push_back(requirements::Kind::Draft);
    auto report = requirements::Evaluate((*bench)->catalogue, ids, input.run, (*bench)->world);
    verdicts.files.push_back({steps[i].name, input.digest,
                              std::string(labelling::InputFormatName(input.format)),
                              input.refusal ? input.refusal->Text() : std::string(), std::move(report)});
  }
  AddExpectations(order, steps, verdicts);
  verdicts.value_sets = (*bench)->value_sets->Used();
  std::vector<labelling::Evidence> lines;
  for (const auto& file : verdicts.files)
    lines.push_back(EvidenceOf(order, **bench, **suite, file, verdicts.time));
  if (auto kept = evidence->Append(lines); !kept) return Fail(kept.error(), kUnreadable);
  auto text = order.form->write(verdicts);
  std::fwrite(text.data(), 1, text.size(), stdout);
  return verdicts.HasFailures() || steps.empty() ? kFindings : kClean;
}

}  // namespace

int RunLabelling(const Arguments& arguments) {
  auto order = ReadOrder(arguments);
  if (!order) return Fail(order.error(), kUsage);
  std::error_code none;
  if (std::filesystem::exists(order->data + "/access-token", none))
    return Fail({errors::ProductionRefused, "the folder is a gateway's: give the bench its own"}, kUsage);
  auto steps = Steps(arguments, *order);  // first: it forks, and nothing may run beside it yet
  if (!steps) return Fail(steps.error(), kUnreadable);
  return Judge(arguments, *order, *steps);
}

}  // namespace passerelle::app
