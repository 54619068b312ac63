// Scenarios: read with every mistake told, and judged so that what did not happen never passes.

#include "gateway/labelling/scenario.h"

#include <catch2/catch.hpp>

#include "gateway/labelling/words.h"
#include <filesystem>

using namespace passerelle;
using namespace passerelle::labelling;
using requirements::Verdict;

namespace {

const requirements::Catalogue& Shipped() {
  static const auto catalogue = *requirements::Catalogue::Shipped();
  return catalogue;
}

std::vector<Scenario> Read(std::string text, std::vector<Error>* errors = nullptr) {
  requirements::SourceFile file{"own.scn", std::move(text)};
  auto scenarios = ReadScenarios(std::span(&file, 1), Shipped(), errors);
  return scenarios ? *std::move(scenarios) : std::vector<Scenario>();
}

constexpr auto kTwoSteps =
    "scenario s suite platform\n"
    "  given a.hl7\n"
    "  send b.hl7\n"
    "    expect ack AE AR\n"
    "    expect delivery 0 within 5\n"
    "  check INS-07\n";

}  // namespace

TEST_CASE("the shipped scenarios are whole, and their messages are among the examples") {
  std::vector<Error> errors;
  auto scenarios = ReadScenarios(ShippedScenarios(), Shipped(), &errors);
  for (const auto& error : errors) UNSCOPED_INFO(error.Text());
  REQUIRE(scenarios);
  CHECK(scenarios->size() >= 7);
  for (const auto& scenario : *scenarios) {
    INFO(scenario.id);
    CHECK(!scenario.title.fr.empty());
    for (const auto& step : scenario.steps) CHECK(std::filesystem::exists("examples/labelling/" + step.file));
  }
}

TEST_CASE("a scenario that names what nobody knows is told line by line") {
  std::vector<Error> errors;
  Read(
      "scenario s suite nowhere\n  send a.hl7\n    expect mail 1\n  check ZZZ-99\n  wait 5\nscenario t suite "
      "mail\n",
      &errors);
  std::vector<unsigned> lines;
  for (const auto& error : errors) lines.push_back(error.place.line);
  CHECK(lines == std::vector<unsigned>{1, 3, 4, 5, 0});
}

TEST_CASE("what was expected and came passes; what came otherwise fails; what never came is not decided") {
  auto scenario = Read(kTwoSteps).front();
  auto verdicts = [&](std::vector<StepOutcome> outcomes) {
    std::vector<Verdict> got;
    for (std::size_t i = 0; auto expected = ExpectationOf(scenario, i); ++i)
      got.push_back(JudgeStep(*expected, i < outcomes.size() ? outcomes[i] : StepOutcome{}).verdict);
    return got;
  };
  CHECK(verdicts({{"AA", 1}, {"AE", 0}}) == std::vector<Verdict>{Verdict::Pass, Verdict::Pass});
  CHECK(verdicts({{"AE", 0}, {"AA", 0}}) == std::vector<Verdict>{Verdict::Fail, Verdict::Fail});
  CHECK(verdicts({{"AA", 1}, {"AR", 2}}) == std::vector<Verdict>{Verdict::Pass, Verdict::Fail});
  CHECK(verdicts({{"", 0}}) == std::vector<Verdict>{Verdict::Indeterminate, Verdict::Indeterminate});
}

TEST_CASE("what a step should have brought is said in French too") {
  auto step = *ExpectationOf(Read(kTwoSteps).front(), 1);
  auto finding = JudgeStep(step, {"AA", 0});
  CHECK(finding.phrase == finding.expected.size());
  CHECK(InLanguage(finding.expected, Language::French) == "acquittement AE ou AR");
  CHECK(InLanguage("1 deliveries", Language::French) == "1 livraison(s)");
  CHECK(InLanguage(JudgeStep(step, {}).cause, Language::French) == "aucune réponse n'est venue");
}

TEST_CASE("a scenario's digest changes with what it asks") {
  auto other = std::string(kTwoSteps);
  other.replace(other.find("AE AR"), 5, "AE");
  CHECK(Read(kTwoSteps).front().digest != Read(other).front().digest);
}
