#include "gateway/labelling/scenario.h"

#include <algorithm>

#include "fhir_model/base/digest.h"
#include "gateway/labelling/errors.h"
#include "profiles/requirements/reader.h"

namespace passerelle::labelling {
namespace {

using requirements::Line;
using requirements::TakeWord;
using requirements::Verdict;

class ScenarioReader {
 public:
  ScenarioReader(std::string file, const requirements::Catalogue& catalogue, std::vector<Scenario>& scenarios,
                 std::vector<Error>& errors)
      : file_(std::move(file)), catalogue_(catalogue), scenarios_(scenarios), errors_(errors) {}

  void Read(std::string_view text) {
    for (const auto& line : requirements::ReadLines(file_, text, errors_)) {
      if (line.depth == 0) {
        Begin(line);
      } else if (scenarios_.empty()) {
        Wrong(line, "nothing is open that this line could belong to");
      } else {
        scenarios_.back().digest += line.word + " " + line.rest + "\n";
        line.depth == 1 ? Inner(line) : Expect(line);
      }
    }
  }

 private:
  void Begin(const Line& line) {
    std::string_view rest = line.rest;
    Scenario scenario;
    scenario.id = TakeWord(rest);
    if (line.word != "scenario" || TakeWord(rest) != "suite" || rest.empty())
      return Wrong(line, "expected scenario ID suite SUITE");
    scenario.suite = rest, scenario.digest = line.rest + "\n";
    if (!catalogue_.FindSuite(scenario.suite)) Wrong(line, "there is no suite " + scenario.suite);
    scenarios_.push_back(std::move(scenario));
  }

  void Inner(const Line& line) {
    auto& scenario = scenarios_.back();
    std::string_view rest = line.rest;
    if (line.word == "en") {
      scenario.title.en = line.rest;
    } else if (line.word == "fr") {
      scenario.title.fr = line.rest;
    } else if (line.word == "given" || line.word == "send") {
      ScenarioStep step;
      step.file = line.rest, step.given = line.word == "given", step.line = line.number;
      if (step.given) step.ack = {"AA"};
      scenario.steps.push_back(std::move(step));
    } else if (line.word == "check") {
      for (auto id = TakeWord(rest); !id.empty(); id = TakeWord(rest)) {
        if (!catalogue_.Find(id)) Wrong(line, "there is no requirement " + std::string(id));
        scenario.checks.emplace_back(id);
      }
    } else {
      Wrong(line, "a scenario has no " + line.word);
    }
  }

  void Expect(const Line& line) {
    if (scenarios_.back().steps.empty()) return Wrong(line, "expect belongs below send");
    auto& step = scenarios_.back().steps.back();
    std::string_view rest = line.rest;
    auto what = TakeWord(rest);
    if (line.word == "expect" && what == "ack" && !rest.empty()) {
      step.ack.clear();
      for (auto code = TakeWord(rest); !code.empty(); code = TakeWord(rest)) step.ack.emplace_back(code);
    } else if (line.word == "expect" && what == "delivery" && !rest.empty()) {
      step.deliveries = Number(TakeWord(rest));
      if (TakeWord(rest) == "within") step.within_seconds = Number(TakeWord(rest));
    } else {
      Wrong(line, "expected expect ack CODE... or expect delivery N [within SECONDS]");
    }
  }

  static int Number(std::string_view text) {
    int number = 0;
    for (char c : text.substr(0, 4)) number = c >= '0' && c <= '9' ? number * 10 + (c - '0') : number;
    return number;
  }

  void Wrong(const Line& line, std::string detail) {
    errors_.push_back(Error{
        errors::ScenarioSyntax, std::move(detail), {file_, static_cast<std::uint32_t>(line.number), 0}});
  }

  std::string file_;
  const requirements::Catalogue& catalogue_;
  std::vector<Scenario>& scenarios_;
  std::vector<Error>& errors_;
};

std::string Joined(const std::vector<std::string>& words) {
  std::string out;
  for (const auto& word : words) out += (out.empty() ? "" : " or ") + word;
  return out;
}

}  // namespace

Result<std::vector<Scenario>> ReadScenarios(std::span<const requirements::SourceFile> files,
                                            const requirements::Catalogue& catalogue,
                                            std::vector<Error>* errors) {
  std::vector<Scenario> scenarios;
  std::vector<Error> found;
  for (const auto& file : files) ScenarioReader(file.name, catalogue, scenarios, found).Read(file.text);
  for (auto& scenario : scenarios) {
    if (scenario.steps.empty())
      found.push_back(Error{errors::ScenarioSyntax, scenario.id + " sends nothing"});
    scenario.digest = Sha256Hex(scenario.digest);
  }
  if (errors) *errors = found;
  if (!found.empty()) return found.front();
  return scenarios;
}

Result<Scenario> FindScenario(std::string_view id, const requirements::Catalogue& catalogue) {
  TRY(auto scenarios, ReadScenarios(ShippedScenarios(), catalogue));
  for (auto& scenario : scenarios)
    if (scenario.id == id) return std::move(scenario);
  return Error{errors::ScenarioUnknown, std::string(id)};
}

std::optional<Expectation> ExpectationOf(const Scenario& scenario, std::size_t step) {
  if (step >= scenario.steps.size()) return std::nullopt;
  const auto& wanted = scenario.steps[step];
  return Expectation{scenario.id + " step " + std::to_string(step + 1), wanted.file, wanted.ack,
                     wanted.deliveries, wanted.within_seconds};
}

requirements::Finding JudgeStep(const Expectation& expected, const StepOutcome& outcome) {
  requirements::Finding finding;
  finding.id = expected.id, finding.subject = expected.file;
  finding.verdict = Verdict::Pass;
  bool wanted = expected.ack.empty() ||
                std::find(expected.ack.begin(), expected.ack.end(), outcome.answer) != expected.ack.end();
  bool delivered =
      expected.deliveries < 0 || outcome.deliveries == static_cast<std::size_t>(expected.deliveries);
  if (outcome.answer.empty() && !expected.ack.empty()) {
    finding.verdict = Verdict::Indeterminate;
    finding.cause = "no answer came";
  } else if (!wanted) {
    finding.verdict = Verdict::Fail;
    finding.expected = "ack " + Joined(expected.ack), finding.found = outcome.answer;
  } else if (!delivered) {
    finding.verdict = Verdict::Fail;
    finding.expected = std::to_string(expected.deliveries) + " deliveries",
    finding.found = std::to_string(outcome.deliveries);
  }
  finding.phrase = finding.expected.size();
  return finding;
}

}  // namespace passerelle::labelling
