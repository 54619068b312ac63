#pragma once
// What the pipeline asks of the rooms behind it: to prepare an input, to judge whether it may come in and go out, and
// to word the answer. Preparing and judging are pure functions, so the same bytes always give the same result; the
// rooms are wired in gateway/app.

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "fhir_model/base/issue.h"
#include "fhir_model/base/result.h"
#include "fhir_model/node/tree.h"
#include "gateway/pipeline/message.h"
#include "gateway/pipeline/store.h"
#include "mappers/normalise/facts.h"

namespace passerelle::pipeline {

using normalise::DocumentAction;
using normalise::DocumentFacts;
using normalise::MergeFacts;
using normalise::PatientFacts;

// One input, read and mapped. With `refusal` set the rest may be empty; what was found before it is kept.
struct Prepared {
  std::string format;      // "hl7v2", "cda", "fhir"
  std::string control_id;  // MSH-10, ClinicalDocument.id, Bundle.identifier
  std::string event;       // "ADT^A01", "ClinicalDocument", "Bundle"
  std::string processing_id;  // MSH-11
  std::string unit;           // PV1-3.1, for routing
  std::optional<Error> refusal;
  Issues issues;
  std::optional<node::Tree> bundle;  // Bundle of type collection, as mappers/engine/draft.h says
  std::string ledger_json;
  std::vector<Identifier> named;  // identifiers of the patient, as the source has them
  std::optional<PatientFacts> patient;
  std::vector<DocumentFacts> documents;
  std::vector<MergeFacts> merges;  // applied in this order
  std::optional<bool> to_record;  // DESTDMP, where the message carries it: whether that says Y
  std::string acknowledges;  // an incoming acknowledgement: MSA-2; it is never answered
};

class Input {  // one per format: gateway/inputs/<name>
 public:
  virtual ~Input() = default;
  virtual bool Recognises(const Frame& frame) const = 0;
  virtual Prepared Prepare(const Frame& frame) const = 0;
  // What the sender is told. `refusal` is nullptr when the message was integrated. Empty bytes: no answer is due.
  virtual Answer Respond(const Frame& frame, const Prepared& prepared, const Error* refusal) const = 0;
  // ack = "commit": the answer on receipt, before anything was looked at but the envelope. Nothing where the sender
  // gets the verdict.
  virtual std::optional<Answer> RespondToReceipt(const Frame& frame) const = 0;
  // The messages of a batch, each of which is kept and decided on its own; empty for a single message.
  virtual std::vector<std::string> Split(const Frame&) const { return {}; }
  // What is kept of the batch itself, as a message of its own before them; empty: nothing.
  virtual std::string Envelope(const Frame&) const { return {}; }
  // One answer of those to the messages of a batch.
  virtual Answer Join(const Frame&, const std::vector<Answer>& answers) const { return answers.front(); }
};

// The rules that stand above the mapping.
class Policy {
 public:
  virtual ~Policy() = default;
  // Whether this input may come in at all in this environment (safety rule 10). May add findings.
  virtual Status Admit(const Frame& frame, Prepared& prepared) const = 0;
};

// Applies a prepared message to the record inside the transaction: links, versions, masks, deliveries.
class Record {
 public:
  virtual ~Record() = default;
  struct Applied {
    State state = State::Stored;
    std::string cause;                   // why withheld or parked
    std::vector<std::string> resources;  // "Patient/…/_history/1"
  };
  // What is found on the way is added to `issues`. An Error is the sender's to mend (AE) or a circumstance (AR); then
  // nothing of the message is applied. Called from many threads.
  virtual Result<Applied> Apply(Transaction& transaction, Seq seq, const Frame& frame, const Prepared& prepared,
                                Issues& issues) const = 0;
};

}  // namespace passerelle::pipeline
