#pragma once
// What a message owes to the targets: written in the same transaction as the record, behind the gate.

#include <map>
#include <string>
#include <vector>

#include "gateway/pipeline/stages.h"
#include "gateway/record/record.h"

namespace passerelle::record {

struct Owing {
  pipeline::Transaction& transaction;
  const Settings& settings;
  pipeline::Seq seq;
  const pipeline::Frame& frame;
  const pipeline::Prepared& prepared;
  std::string_view patient;  // "Patient/…", or empty
  const std::vector<std::string>& written;
  const std::map<std::string, std::int64_t, std::less<>>& versions;  // of those, as far as known
  bool retracted = false;  // a document of the message was replaced or deleted before it came
};

struct Left {
  pipeline::State state = pipeline::State::Stored;
  std::string cause;
  std::vector<std::string> versions;  // "Patient/…/_history/2"
};

// Owes one transaction Bundle to each record store that wants this message and that this environment may reach, if the
// gate is open; where it is shut the message is withheld, with the gate's reason. Other targets that want the message
// are owed its bytes as they came. A deletion is no exception: it, too, names the patient, and would not pass the gate
// at the moment of sending.
Result<Left> OweDeliveries(const Owing& owing);

}  // namespace passerelle::record
