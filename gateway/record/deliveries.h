#pragma once
// What a message owes to the targets: written in the same transaction as the record, behind the gate.

#include <string>
#include <vector>

#include "gateway/pipeline/stages.h"
#include "gateway/record/record.h"

namespace passerelle::record {

struct Owing {
  pipeline::Transaction& transaction;
  const Settings& settings;
  pipeline::Seq seq;
  std::string_view now;  // ISO 8601 UTC
  std::string_view patient;
  const std::vector<std::string>& written;
  const std::vector<pipeline::DocumentFacts>& documents;
};

struct Left {
  pipeline::State state = pipeline::State::Stored;
  std::string cause;
  std::vector<std::string> versions;  // "Patient/…/_history/2"
};

// Asks the gate; where it is open, owes one transaction Bundle to each target of kind fhir that this environment may
// reach. Where it is shut the message is withheld, with the gate's reason.
Result<Left> OweDeliveries(const Owing& owing);

}  // namespace passerelle::record
