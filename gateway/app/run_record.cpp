#include "gateway/app/run_record.h"

#include <charconv>
#include <filesystem>

#include "fhir_model/base/digest.h"
#include "fhir_model/json/json.h"
#include "gateway/api/json_writer.h"
#include "gateway/app/command.h"
#include "gateway/app/whole_file.h"
#include "gateway/labelling/errors.h"

namespace passerelle::app {
namespace {

std::string InputPath(const std::string& run_folder, const std::string& digest) {
  return run_folder + "/inputs/" + digest;
}

std::string ExchangePath(const std::string& run_folder, std::size_t number) {
  return run_folder + "/messages/" + std::to_string(number) + ".json";
}

Status Keep(const std::string& path, std::string_view text) {
  std::error_code none;  // the write tells
  std::filesystem::create_directories(std::filesystem::path(path).parent_path(), none);
  return WriteWhole(path, text);
}

// The bytes of a file that the ledger names by their hash.
Result<std::string> ReadNamed(const std::string& path, const std::string& digest) {
  TRY(auto bytes, ReadFile(path));
  if (Sha256Hex(bytes) == digest) return bytes;
  return Error{errors::LedgerBroken, std::filesystem::path(path).filename().string() + " has other bytes"};
}

void WriteExpectation(const labelling::Expectation& expected, api::JsonWriter& out) {
  out.BeginObject().Member("step", expected.id).Member("file", expected.file).Key("ack").BeginArray();
  for (const auto& code : expected.ack) out.Value(code);
  out.EndArray().Member("deliveries", expected.deliveries).EndObject();
}

labelling::Expectation ReadExpectation(const node::Tree& tree, node::NodeIndex at) {
  labelling::Expectation expected;
  expected.id = tree.ChildText(at, "step"), expected.file = tree.ChildText(at, "file");
  for (auto child : node::Children(tree, at))
    if (tree.name(child) == "ack" && !tree[child].text.starts_with('['))
      expected.ack.emplace_back(tree[child].text);
  auto count = tree.ChildText(at, "deliveries");
  std::from_chars(count.data(), count.data() + count.size(), expected.deliveries);
  return expected;
}

Status ReadExchange(std::string text, Step& step) {
  TRY(auto tree, json::Parse(std::move(text), kFileLimits));
  step.answer = tree.ChildText(node::kRoot, "answer");
  step.passed_on = tree.ChildText(node::kRoot, "passed_on") == "true";
  for (auto child : node::Children(tree, node::kRoot)) {
    if (tree.name(child) == "deliveries" && tree[child].kind == node::Kind::Element)
      step.deliveries.push_back(json::Write(tree, child));
    if (tree.name(child) == "expected") step.expected = ReadExpectation(tree, child);
  }
  return Ok();
}

}  // namespace

Status KeepInput(const std::string& run_folder, const std::string& bytes) {
  return Keep(InputPath(run_folder, Sha256Hex(bytes)), bytes);
}

Status KeepExchange(const std::string& run_folder, std::size_t number, const Step& step) {
  return Keep(ExchangePath(run_folder, number), ExchangeText(step));
}

std::string ExchangeText(const Step& step) {
  api::JsonWriter out;
  out.BeginObject().Member("passed_on", step.passed_on).NullIfEmpty("answer", step.answer);
  out.Key("deliveries").BeginArray();
  for (const auto& delivery : step.deliveries) out.Raw(delivery);
  out.EndArray();
  if (step.expected) WriteExpectation(*step.expected, out.Key("expected"));
  return out.EndObject().Take();
}

Result<Step> ReadStep(const std::string& run_folder, std::size_t number,
                      const labelling::LedgerEntry& entry) {
  Step step;
  step.name = "message " + std::to_string(number);
  TRY(step.bytes, ReadNamed(InputPath(run_folder, entry.input), entry.input));
  if (entry.exchange.empty()) return step;
  TRY(auto exchange, ReadNamed(ExchangePath(run_folder, number), entry.exchange));
  CHECK_OK(ReadExchange(std::move(exchange), step));
  return step;
}

}  // namespace passerelle::app
