#pragma once
// The gate: whether something about a patient may leave for a patient's record store (safety rule 1). Asked when a
// delivery is written and again at the moment of sending.

#include <functional>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "fhir_model/base/result.h"
#include "gateway/pipeline/store.h"

namespace passerelle::access {

// Consent.category of the two consents of safety rule 2, in the gateway's own code system (docs/mapping.md).
inline constexpr std::string_view kFeedingConsent = "dmp-feeding";
inline constexpr std::string_view kConsultationConsent = "dmp-consultation";

enum class Environment : std::uint8_t { Test, Production };

// What the gate looks at, read from the record.
struct GateFacts {
  bool opposed = false;           // an active opposition to feeding
  bool qualified = false;         // the identity is validated
  std::string ins_oid;            // root of the patient's INS, empty without one
  std::optional<bool> to_record;  // DESTDMP, where the message carries it
  bool retracted = false;         // a document of the delivery was replaced or deleted
};

// Stable codes for /messages and the console; empty: may leave.
struct GateVerdict {
  std::string_view reason;  // "gate.opposition", ...
  bool open() const { return reason.empty(); }
};

// The first condition that fails, in the order of the rule.
GateVerdict AskGate(const GateFacts& facts, Environment environment);

// Reads what the record knows of the patient: consents, identity. `read` and `search` are those of a transaction or
// of a view.
struct RecordReader {
  std::function<Result<std::optional<pipeline::ResourceVersion>>(std::string_view type, std::string_view id)> read;
  std::function<Result<pipeline::SearchPage>(std::string_view type, std::span<const pipeline::SearchTerm> terms)>
      search;
};
RecordReader ReaderOf(pipeline::Transaction& transaction);
RecordReader ReaderOf(pipeline::View& view);

// `patient` as "Patient/…". A reading error is an Error: what cannot be asked may not leave.
Result<GateFacts> ReadGateFacts(const RecordReader& record, std::string_view patient);

// The gate at the moment of sending: the patient as the record has it now, and whether a document in the delivery's
// Bundle has meanwhile been replaced or deleted.
Result<GateVerdict> AskAgain(pipeline::View& view, const pipeline::Delivery& delivery, Environment environment);

}  // namespace passerelle::access
