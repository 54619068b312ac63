#pragma once
// Record: applies one prepared message to the patient record, inside the transaction that decides it: whose patient
// it is, new versions, replaced and deleted documents, masks on all that is derived, consents, what is owed to the
// targets, and the audit line. All of it, or nothing.

#include <string>
#include <vector>

#include "gateway/access/gate.h"
#include "gateway/pipeline/stages.h"
#include "gateway/record/unchanged.h"

namespace passerelle::record {

struct TargetSettings {
  std::string name;
  std::string kind = "fhir";
  std::string write = "put";  // or "post-if-none-exist"
  bool production = false;
  bool dmp = false;
  // What it wants; empty is all. An event ("ADT^A01") or a type ("ADT"); a feed's name; a unit (PV1-3.1).
  std::vector<std::string> messages, feeds, units;

  // A record store stands behind the gate (safety rule 1); other systems get messages passed on.
  bool IsRecordStore() const { return kind == "fhir" || dmp; }
};

struct Settings {
  access::Environment environment = access::Environment::Test;
  std::vector<TargetSettings> targets;
  std::string lane_key;  // secret under which a patient's lane is hashed
};

class RecordKeeper : public pipeline::Record {
 public:
  explicit RecordKeeper(Settings settings) : settings_(std::move(settings)) {}

  Result<Applied> Apply(pipeline::Transaction& transaction, pipeline::Seq seq, const pipeline::Frame& frame,
                        const pipeline::Prepared& prepared, Issues& issues) const override;
  const Settings& settings() const { return settings_; }

 private:
  Settings settings_;
  mutable Unchanged unchanged_;
};

// What goes to a target, as a Delivery has it.
struct Payload {
  std::string text;
  std::vector<pipeline::Insert> inserts;
};

// The transaction Bundle that brings `resources` ("Patient/…", as they stand in the record) to another FHIR server.
// With "put" each is an update by id, with "post-if-none-exist" a conditional create by the first identifier.
Result<Payload> TransactionBundle(pipeline::Transaction& transaction, const std::vector<std::string>& resources,
                                      std::string_view write);

}  // namespace passerelle::record
