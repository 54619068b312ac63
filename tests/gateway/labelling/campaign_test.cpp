// The campaign: the same seed gives the same log, every step rests on a run, and nothing is labelled that
// fails.

#include "gateway/labelling/campaign.h"

#include <catch2/catch.hpp>

#include "fhir_model/json/json.h"
#include "tests/gateway/labelling/fixture.h"

using namespace passerelle;
using namespace passerelle::labelling;

namespace {

CampaignResult Simulated(std::uint64_t seed, int weeks, const std::string& answer = "AA") {
  static const tests::LabellingBench bench;
  static const auto operators = *ReadOperators(ShippedMutants());
  CampaignBench campaign;
  campaign.catalogue = &bench.catalogue, campaign.operators = operators;
  campaign.reader = bench.reader, campaign.world = &bench.world;
  for (const auto& [name, bytes] : tests::GoodExamples()) campaign.examples[name] = bytes;
  campaign.pipeline = [answer](const std::string&) { return answer; };
  return Simulate({weeks, seed}, campaign);
}

std::vector<node::Tree> Lines(const std::string& log) {
  std::vector<node::Tree> lines;
  for (std::size_t at = 0; at < log.size();) {
    auto end = log.find('\n', at);
    lines.push_back(*json::Parse(log.substr(at, end - at), kFileLimits));
    at = end + 1;
  }
  return lines;
}

}  // namespace

TEST_CASE("the same seed gives the same log and report, another seed another") {
  auto a = Simulated(11, 50), b = Simulated(11, 50), c = Simulated(12, 50);
  CHECK(a.products == 187);  // 167 labelled in the end, 20 refused
  CHECK(a.log == b.log);
  CHECK(CampaignHtml(a, {50, 11}) == CampaignHtml(b, {50, 11}));
  CHECK(a.log_digest != c.log_digest);
}

TEST_CASE("every grant names the run it rests on, and that run failed nothing") {
  auto result = Simulated(5, 60);
  std::size_t granted = 0, deposits = 0;
  for (const auto& line : Lines(result.log)) {
    auto text = [&](std::string_view name) { return std::string(line.ChildText(node::kRoot, name)); };
    deposits += text("event") == "deposit";
    if (text("to") != "GRANTED") continue;
    ++granted;
    CHECK(text("run").size() == 16);
    if (text("event") == "grant") CHECK(line.Child(node::kRoot, "failed") == node::kNone);
  }
  CHECK(granted > 5);
  CHECK(deposits > granted / 2);
  CHECK(result.bench_runs >= deposits);
  CHECK(!result.top_failing.empty());
}

TEST_CASE("what the pipeline refuses puts a version under surveillance, and a wrong patient suspends it") {
  auto result = Simulated(5, 60, "AE PatientDiffers");
  CHECK(result.log.find("\"to\":\"SURVEILLANCE\"") != std::string::npos);
  CHECK(result.log.find("\"to\":\"SUSPENDED\"") != std::string::npos);
  CHECK(result.weeks.back().documents_millions == 0);
}

TEST_CASE("the report says of every figure where it comes from, and needs no other file") {
  auto result = Simulated(5, 20);
  auto html = CampaignHtml(result, {20, 5});
  CHECK(html.find("Simulated.") != std::string::npos);
  CHECK(html.find("<script") == std::string::npos);
  CHECK(html.find("src=") == std::string::npos);
  CHECK(html.find("href=") == std::string::npos);
  for (const auto& figures : {result.inputs, result.indicators, result.residuals})
    for (const auto& figure : figures) CHECK(!figure.source.empty());
  CHECK(result.indicators.size() >= 16);
  auto csv = CampaignCsv(result);
  CHECK(std::count(csv.begin(), csv.end(), '\n') == 22);
}
