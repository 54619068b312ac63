#pragma once
// Small tables over small inputs: text in, FHIR out.

#include <catch2/catch.hpp>

#include <string>
#include <vector>

#include "fhir_model/json/json.h"
#include "mappers/cda/cda.h"
#include "mappers/engine/engine.h"
#include "mappers/hl7v2/grammar.h"
#include "mappers/hl7v2/reader.h"
#include "tests/support/pack.h"

namespace passerelle::tests {

inline engine::MapOptions Options() {
  engine::MapOptions options;
  options.id_key = engine::kPublicIdKey;
  options.scope = "test";
  options.timezone = "Europe/Paris";
  return options;
}

// The errors of one table file, as "line what".
inline std::vector<std::string> ErrorsOf(std::string text) {
  std::vector<engine::TableFile> files{{"a.map", std::move(text), 0}};
  std::vector<Error> errors;
  auto program = engine::Program::Compile(files, Pack(), &errors);
  std::vector<std::string> all;
  for (const auto& error : errors) all.push_back(std::to_string(error.place.line) + " " + error.detail);
  return all;
}

inline engine::Program Compiled(std::vector<engine::TableFile> files) {
  std::vector<Error> errors;
  auto program = engine::Program::Compile(files, Pack(), &errors);
  for (const auto& error : errors) UNSCOPED_INFO(error.Text());
  REQUIRE(program.has_value());
  return *std::move(program);
}

inline node::Tree Message(std::string text) {
  for (char& c : text)
    if (c == '\n') c = '\r';
  Issues issues;
  auto tree = hl7v2::Parse(std::move(text), {}, issues);
  REQUIRE(tree.has_value());
  hl7v2::Group(*tree, issues);
  return *std::move(tree);
}

inline node::Tree Document(std::string body) {
  Issues issues;
  auto tree = cda::Parse(
      "<ClinicalDocument xmlns=\"urn:hl7-org:v3\" xmlns:sdtc=\"urn:hl7-org:sdtc\" "
      "xmlns:xsi=\"http://www.w3.org/2001/XMLSchema-instance\">" +
          std::move(body) + "</ClinicalDocument>",
      kWireLimits, issues);
  if (!tree) UNSCOPED_INFO(tree.error().Text());
  REQUIRE(tree.has_value());
  return *std::move(tree);
}

struct Mapped {
  engine::Draft draft;
  Issues issues;
  // The resources without their ids, in order, as JSON.
  std::vector<std::string> resources;
  // "place fate" of every leaf, and row or reason behind it.
  std::vector<std::string> ledger;
};

inline Mapped Map(const engine::Program& program, const node::Tree& source,
                  const engine::MapOptions& options = Options()) {
  Mapped out;
  auto draft = program.Run(source, options, out.issues);
  if (!draft) UNSCOPED_INFO(draft.error().Text());
  REQUIRE(draft.has_value());
  out.draft = *std::move(draft);
  out.draft.Settle(source);
  for (const auto& line : out.draft.ledger.lines)
    out.ledger.push_back(line.place + " " + std::string(engine::FateName(line.fate)));
  const auto& bundle = out.draft.bundle;
  for (node::NodeIndex entry : node::Children(bundle, node::kRoot)) {
    node::NodeIndex resource = bundle.Child(entry, "resource");
    if (resource == node::kNone) continue;
    auto copy = bundle.Extract(resource);
    if (auto id = copy.Child(node::kRoot, "id"); id != node::kNone) copy.Remove(id);
    out.resources.push_back(json::Write(copy));
  }
  return out;
}

// One HL7 v2 map of ADT^A01 with these rows for PID.
inline std::vector<std::string> MapPid(std::string rows, std::string pid, std::string more = {}) {
  auto program = Compiled(
      {{"a.map", "message X = ADT^A01\nPID -> Patient\nsegment PID -> Patient\n" + rows + "\n" + more, 0}});
  return Map(program, Message("MSH|^~\\&|A|B|C|D|2026||ADT^A01|1|P|2.5\n" + pid)).resources;
}

}  // namespace passerelle::tests
