#include "gateway/app/bench_suite.h"

#include <unistd.h>

#include <cstdio>
#include <cstdlib>
#include <filesystem>

#include "fhir_model/base/digest.h"
#include "fhir_model/base/errors.h"
#include "gateway/app/bench.h"
#include "gateway/app/bench_run.h"
#include "gateway/app/errors.h"
#include "gateway/app/evidence_folder.h"
#include "gateway/labelling/errors.h"
#include "gateway/labelling/scenario.h"
#include "gateway/labelling/verdicts.h"

namespace passerelle::app {
namespace {

constexpr std::size_t kRunIdSize = 16;

// What a run is about.
struct Order {
  Subject subject;
  std::string data;
  const labelling::ReportForm* form = nullptr;
  std::vector<std::string> files;  // empty: the product sends
};

Result<labelling::Scenario> FindScenario(const std::string& name) {
  TRY(auto catalogue, requirements::Catalogue::Shipped());
  if (!name.ends_with(".scn")) return labelling::FindScenario(name, catalogue);
  TRY(auto text, ReadFile(name));
  requirements::SourceFile file{name, std::move(text)};
  TRY(auto scenarios, labelling::ReadScenarios(std::span(&file, 1), catalogue));
  if (scenarios.empty()) return Error{errors::ScenarioUnknown, name};
  return std::move(scenarios.front());
}

Result<Order> ReadOrder(const Arguments& arguments) {
  Order order;
  order.form = labelling::FindReportForm(arguments.Get("--format").value_or("text"));
  order.subject.product = arguments.Get("--product").value_or("");
  order.subject.version = arguments.Get("--version").value_or("");
  order.subject.suite = arguments.Get("--suite").value_or("all");
  order.data = arguments.Get("--data").value_or("");
  if (!order.form || order.subject.product.empty() || order.subject.version.empty() || order.data.empty())
    return Error{errors::UsageWrong, "label run wants --product, --version and --data"};
  order.files.assign(arguments.files().begin() + 1, arguments.files().end());
  if (auto name = arguments.Get("--scenario")) {
    TRY(auto scenario, FindScenario(*name));
    order.subject.suite = scenario.suite;
    auto folder = arguments.Get("--examples").value_or("examples/labelling");
    for (const auto& step : scenario.steps) order.files.push_back(folder + "/" + step.file);
    order.subject.scenario = std::move(scenario);
  }
  return order;
}

// Each run begins with an empty gateway of its own: DATA/runs/ID.
Status MakeRunFolder(const std::string& data, std::string& id) {
  std::error_code fault;
  std::filesystem::create_directories(data + "/runs", fault);
  auto now = UtcNow();
  for (int attempt = 0; !fault; ++attempt) {
    id =
        Sha256Hex(now + " " + std::to_string(getpid()) + " " + std::to_string(attempt)).substr(0, kRunIdSize);
    if (std::filesystem::create_directory(RunFolder(data, id), fault)) return Ok();
  }
  return Error{errors::FileUnwritable, data};
}

Result<std::vector<Step>> Steps(const Arguments& arguments, const Order& order, const std::string& folder) {
  auto pack = arguments.Get("--definitions");
  if (!order.files.empty()) return SendSteps(folder, pack, order.files, order.subject.scenario);
  return ListenSteps(folder, pack, arguments.Get("--listen").value_or("127.0.0.1:2576"),
                     std::atoi(arguments.Get("--seconds").value_or("600").c_str()));
}

// What a run cannot do without is asked before its first message.
int RunOrder(const Arguments& arguments, Order order) {
  auto bench = OpenBench(arguments);
  if (!bench) return Fail(bench.error(), kUnreadable);
  if (auto made = MakeRunFolder(order.data, order.subject.run); !made) return Fail(made.error(), kUnreadable);
  auto folder = RunFolder(order.data, order.subject.run);
  auto examination = Examination::Begin(**bench, order.subject);
  if (!examination) return Fail(examination.error(), kUsage);
  auto evidence = EvidenceFolder::Open(order.data);
  if (!evidence) return Fail(evidence.error(), kFindings);
  auto steps = Steps(arguments, order, folder);
  if (!steps) return Fail(steps.error(), kUnreadable);
  Status kept = Ok();
  for (std::size_t i = 0; i < steps->size(); ++i) {
    const auto& step = (*steps)[i];
    if (kept) kept = KeepInput(folder, step.bytes);
    if (kept) kept = KeepExchange(folder, i + 1, step);
    (*examination)->Judge(step);
  }
  if (kept) kept = evidence->Append((*examination)->Evidence());
  auto verdicts = (*examination)->verdicts();
  labelling::SayIn(LanguageOf(arguments), verdicts);
  auto text = order.form->write(verdicts);
  std::fwrite(text.data(), 1, text.size(), stdout);
  if (!kept) return Fail(kept.error(), kUnreadable);  // the verdicts are told, and leave no evidence
  return verdicts.HasFailures() || steps->empty() ? kFindings : kClean;
}

}  // namespace

int RunLabelling(const Arguments& arguments) {
  auto order = ReadOrder(arguments);
  if (!order) return Fail(order.error(), kUsage);
  std::error_code none;
  if (std::filesystem::exists(order->data + "/access-token", none))
    return Fail({errors::ProductionRefused, "the folder is a gateway's: give the bench its own"}, kUsage);
  return RunOrder(arguments, *std::move(order));
}

}  // namespace passerelle::app
