// The HL7 v2 reader takes any bytes: it gives a tree within its limits or an error; what it read can be
// grouped, written and read again to the same, and acknowledged.

#include <cstdint>
#include <cstdlib>
#include <string>

#include "mappers/hl7v2/ack.h"
#include "mappers/hl7v2/grammar.h"
#include "mappers/hl7v2/peek.h"
#include "mappers/hl7v2/reader.h"
#include "mappers/hl7v2/writer.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace passerelle;
  std::string bytes(reinterpret_cast<const char*>(data), size);
  auto peeked = hl7v2::Peek(bytes);
  (void)hl7v2::CheckHeader(peeked);
  (void)hl7v2::ReadAcknowledgement(bytes);
  (void)hl7v2::BuildAck(peeked, hl7v2::AckCode::AA, {}, {"20240306111154", "1", "A", "B"});
  hl7v2::ReadOptions options;
  options.limits.values_max = 50'000;
  Issues issues;
  auto tree = hl7v2::Parse(bytes, options, issues);
  if (!tree) return 0;
  std::string flat = hl7v2::Write(*tree);
  hl7v2::Group(*tree, issues);
  if (hl7v2::Write(*tree) != flat) std::abort();  // grouping keeps every segment and their order
  for (const Issue& issue : issues.all()) (void)issue.Text();
  Issues again;
  auto second = hl7v2::Parse(flat, options, again);
  if (!second) return 0;
  Issues third;
  auto written = hl7v2::Parse(hl7v2::Write(*second), options, third);
  if (written && !node::Equal(*second, node::kRoot, *written, node::kRoot)) std::abort();
  return 0;
}
