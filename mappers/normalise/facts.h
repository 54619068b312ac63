#pragma once
// Facts: what the gateway must know of a message beside the resources made of it, to apply the safety rules.

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace passerelle::normalise {

// The person a message is about, as far as matching needs it (safety rules 1, 9, 10, 15).
struct PatientFacts {
  std::string url;  // fullUrl in the draft
  std::string ins, ins_oid;
  bool qualified = false;  // PID-32 says VALI
  std::string birth_name, first_given, birth_date, sex, birth_place;
};

enum class DocumentAction : std::uint8_t { Create, Replace, Delete };

// One clinical document in the message (safety rules 1, 3, 4, 5).
struct DocumentFacts {
  DocumentAction action = DocumentAction::Create;
  std::string url;         // fullUrl of its DocumentReference in the draft; empty for a deletion
  std::string identifier;  // masterIdentifier.value; for a deletion the target's
  std::string replaces;    // identifier of the version it replaces, if it says so
  bool replacement_ordered = false;  // the message itself orders it: T10, ORC-1 RO or OBX-11 C
  std::string set_id;
  std::vector<std::string> derived;  // fullUrls of what was made of its content, Binary included
  std::vector<std::string> labels;   // masks by transport: codes of the French visibility table
  bool labels_given = false;         // the transport carried the flags at all; else they stay as they are
};

// What an MRG of an identity event says (safety rule 7): A40 two patients are one, A44 an account or visit
// belongs to another patient, A47 one identifier becomes another.
struct MergeFacts {
  enum class Kind : std::uint8_t { Patients, Visit, Identifier } kind = Kind::Patients;
  std::string survivor_url;               // fullUrl in the draft of the patient whose PID it stands behind
  std::string loser_system, loser_value;  // MRG-1
  std::string account_value;              // A44: MRG-3 or MRG-5, else PID-18 or PV1-19: what is moved
};

}  // namespace passerelle::normalise
