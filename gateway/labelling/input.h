#pragma once
// Input: one file that a vendor shows to the bench, with every tree that is made of it, kept for as long as
// its run is evaluated.
//
// Reading never fails: what cannot be read is said in the run, so that nothing about it can pass.

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "fhir_model/spec/spec.h"
#include "profiles/requirements/run.h"

namespace passerelle::labelling {

enum class InputFormat : std::uint8_t { Unknown, Hl7v2, Cda, Fhir, Mail, Metadata, Archive };
std::string_view InputFormatName(InputFormat format);

// What reading needs. Without `draft` no FHIR is made, and what is asked of it is indeterminate.
struct Reader {
  const spec::Definitions* definitions = nullptr;
  // The FHIR Bundle made of a message or document; nothing: it was refused.
  std::function<std::optional<node::Tree>(std::string bytes, const std::string& digest)> draft;
  requirements::Mode mode = requirements::Mode::Test;
};

struct Input {
  InputFormat format = InputFormat::Unknown;
  std::string digest;      // SHA-256 of the bytes, hex
  std::string control_id;  // MSH-10
  std::optional<Error> refusal;
  std::vector<std::unique_ptr<std::string>> bytes;
  std::vector<std::unique_ptr<node::Tree>> trees;
  requirements::Run run;
};

std::unique_ptr<Input> ReadInput(std::string bytes, const Reader& reader);

// Why nothing that the product makes could be read of the input, so that no verdict is owed; empty: something
// was.
std::string WhyUnread(const Input& input);

// Adds a tree that the bench saw (an answer, a delivery) to the run.
void AddTree(Input& input, requirements::Kind kind, node::Tree tree, std::string bytes = {});

}  // namespace passerelle::labelling
