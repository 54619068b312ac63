#pragma once
// Store: the journal of messages, the patient record, the outbox and the audit chain, behind one interface.
//
// There is one writer. Work handed to Write runs on the writer's thread, several pieces to one durable commit
// (group commit): whatever is queued is committed at once, the writer never waits for more. A piece that
// returns an Error is rolled back alone. When the coroutine goes on, its work is on disk (WAL,
// synchronous=FULL). Reading needs no writer: View() gives a consistent view for the calling thread.

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "fhir_model/base/result.h"
#include "gateway/pipeline/message.h"

namespace passerelle::pipeline {

using Seq = std::int64_t;  // number of a message, ascending from 1; what turned out to be a repeat leaves a gap

// ---- the journal

struct KeptMessage {  // one row of the journal
  Seq seq = 0;
  std::string received;
  std::string feed, sender, content_type, format, control_id, event;
  std::vector<std::string> labels;
  net::Peer peer;
  Wholeness wholeness = Wholeness::Whole;
  std::string sha256;  // of the bytes, hex
  State state = State::Kept;
  std::string cause;  // why withheld, refused or parked: a stable code and a sentence without traits
  std::optional<Answer> answer;
  std::string settings_digest;  // of tables and settings under which the last attempt was decided
  std::string findings_json;    // array of findings, as FindingsJson writes them
  std::string ledger_json;      // as convert --ledger writes it
  std::string resources_json;   // ["Patient/…/_history/1", ...] written by it
  int attempts = 0;
};

// References, whose characters need no escape, in the form of `resources_json`.
std::string JsonArray(const std::vector<std::string>& references);

// What Keep found. New: to be processed. Repeat: the same sender sent the same bytes within 30 days;
// `message` says how far that one is and what was answered.
struct Receipt {
  Seq seq = 0;
  bool repeat = false;
  KeptMessage message;
};

// What an attempt decided about a message; written in the same transaction as its effects.
struct Outcome {
  State state = State::Stored;
  std::string cause, format, control_id, event, settings_digest, findings_json, ledger_json, resources_json;
  std::optional<Answer> answer;
  std::vector<Identifier> named;  // whose it is, where it did not come into the record
};

// What was decided about a message, once for each attempt and each change of its state.
struct Decision {
  std::string at;  // ISO 8601 UTC
  State state = State::Kept;
  std::string cause;
  std::optional<Answer> answer;
  std::string settings_digest, resources_json;  // empty: the state alone changed
};

// What came in, as a Frame has it.
struct MessageBody {
  std::string bytes;
  std::shared_ptr<Spool> large;
};

struct MessageFilter {
  std::optional<State> state;
  std::string feed, format, control_id, event;
  std::string finding;  // a rule that its last decision reports
  std::optional<std::vector<std::string>> patients;  // "Patient/…": received of one of them,
  Identifier named;          // or not in the record and naming this; any system if it has none
  std::string since, until;  // received, ISO 8601 UTC or its beginning
  Seq before = 0;  // only smaller seq; 0: from the newest
  int count_max = 50;
};

// ---- the record

// A piece of a kept message.
struct BodySlice {
  std::string sha256;  // of the message, 32 bytes
  std::uint64_t offset = 0, length = 0;
};

// What a Binary holds, where that stands in the message that brought it: base64 without white space.
struct Content {
  BodySlice base64;
  std::string padding;      // that the base64 lacks
  std::uint64_t bytes = 0;  // it decodes to
  std::string digest;       // SHA-256 of those, as base64: what tells whether two are the same
};

struct ResourceVersion {
  std::string type, id;
  std::int64_t version = 0;
  std::string last_updated;  // ISO 8601 UTC with milliseconds
  std::string method;        // "POST", "PUT", "PATCH", "DELETE": what made this version
  bool deleted = false;
  std::string json;  // the resource with id and meta; empty when deleted
  std::optional<Content> content;  // of a Binary: its `data`, which `json` is without
};

struct ResourceState {  // of a latest version that is no deletion
  std::int64_t version = 0;
  std::string digest;  // of its content, whatever the order of members
};

struct SearchTerm {                 // parameters of one search are joined by AND, values of one by OR
  std::string parameter;            // "_id", "identifier", "patient", "subject", "_lastUpdated", "url", ...
  std::vector<std::string> values;  // as in the query, decoded: "urn:oid:1.2|3", "ge2024-01-01", "Patient/1"
};
struct SearchPage {
  std::vector<ResourceVersion> matches;
  std::int64_t total = 0;
  std::string next;  // opaque key for the following page, or empty
};

// ---- the outbox

// A piece of a kept message that goes out with a payload, before its byte `at`.
struct Insert {
  std::uint64_t at = 0;
  BodySlice slice;
};

struct Delivery {
  std::int64_t id = 0;
  Seq seq = 0;          // message that owes it; 0: a write through /fhir
  std::string target;   // name in the configuration
  std::string lane;     // deliveries of one lane and target leave in order of id (keyed hash of the patient)
  std::string payload;  // a transaction Bundle as JSON, or the bytes to pass on
  std::vector<Insert> inserts;  // what `payload` is without, being too large for memory; in order of `at`
  std::string subject;  // "Patient/…": asked again at the gate
  std::string state;    // "owed", "delivered", "parked", "withheld"
  std::string cause;
  int attempts = 0;
  std::string next_try;  // ISO 8601 UTC; empty: at once
  // While it is parked the later ones of its lane wait too (identity events); else they go on (results,
  // documents).
  bool lane_waits = true;
};
struct Attempt {
  std::int64_t delivery_id = 0;
  std::string at;       // ISO 8601 UTC
  std::string outcome;  // "delivered", "retry", "parked", "withheld"
  int http_status = 0;
  std::string cause;
};

// What waits at one target or feed, in one state.
struct Backlog {
  std::string place, state;  // of a target "owed" or "parked", of a feed "kept" or "parked"
  std::int64_t count = 0;
  std::string since;  // when the oldest of their messages was received; empty: a write through /fhir
};

// ---- the audit chain

struct AuditEntry {
  std::string who, action, patient, resource, purpose, at;
  Seq seq = 0;
  std::int64_t id = 0;  // given by the store, ascending
};

// Reading: everything as one moment saw it. A view from Store::Read is for one thread and short-lived (it holds
// the journal's old pages); never keep one across a co_await.
class View {
 public:
  virtual ~View() = default;

  // The latest version, also when that is a deletion; nothing when there never was one.
  virtual Result<std::optional<ResourceVersion>> Read(std::string_view type, std::string_view id) = 0;
  // What tells whether it has changed, without reading it.
  virtual Result<std::optional<ResourceState>> StateOf(std::string_view type, std::string_view id) = 0;
  virtual Result<std::optional<ResourceVersion>> ReadVersion(std::string_view type, std::string_view id,
                                                             std::int64_t version) = 0;
  // Newest first; `id` empty: of the type; `type` empty too: of the whole store.
  virtual Result<SearchPage> History(std::string_view type, std::string_view id, int count_max,
                                     std::string_view page) = 0;
  // Not deleted, in the order of creation, or as a term "_sort" says ("_lastUpdated", "-_lastUpdated").
  // With a term "_total" that is "none" the total is not counted.
  virtual Result<SearchPage> Search(std::string_view type, std::span<const SearchTerm> terms, int count_max,
                                    std::string_view page) = 0;
  // The index (system, value) -> resources that carry this identifier, not deleted, oldest first. An empty
  // system is any system.
  virtual Result<std::vector<ResourceVersion>> FindByIdentifier(std::string_view type,
                                                                std::string_view system,
                                                                std::string_view value) = 0;

  // The bytes, from their place in the message; they may be read when the view is gone.
  virtual Result<std::unique_ptr<net::Source>> Open(const BodySlice& slice) = 0;

  // Which document a resource was derived from: "DocumentReference/x" made "Observation/y".
  virtual Result<std::vector<std::string>> DerivedFrom(std::string_view document) = 0;
  virtual Result<std::vector<std::string>> DocumentsOf(std::string_view resource) = 0;

  virtual Result<std::vector<KeptMessage>> Messages(const MessageFilter& filter) = 0;  // newest first
  virtual Result<std::optional<KeptMessage>> Message(Seq seq) = 0;
  // Checked against the hash that was taken on receipt.
  virtual Result<std::string> MessageBytes(Seq seq) = 0;
  virtual Result<MessageBody> MessageAbridged(Seq seq) = 0;  // a large one does not come into memory
  virtual Result<std::vector<Decision>> DecisionsOf(Seq seq) = 0;  // oldest first
  virtual Result<std::vector<Seq>> Unprocessed() = 0;  // kept, not decided: to be processed after a restart

  // In order of id; `state` empty: all.
  virtual Result<std::vector<Delivery>> Deliveries(std::string_view state, std::int64_t after_id,
                                                   int count_max) = 0;
  virtual Result<std::optional<Delivery>> OneDelivery(std::int64_t id) = 0;
  virtual Result<std::vector<Delivery>> DeliveriesOf(Seq seq) = 0;
  virtual Result<std::vector<Attempt>> AttemptsOf(std::int64_t delivery_id) = 0;
  virtual Result<std::vector<Backlog>> Backlogs() = 0;      // deliveries, by target
  virtual Result<std::vector<Backlog>> FeedBacklogs() = 0;  // messages, by feed
  // Messages in that state that were received since.
  virtual Result<std::int64_t> CountSince(State state, std::string_view since) = 0;
  // The heads of all lanes of a target that are due at `now`: what the courier may send next.
  virtual Result<std::vector<Delivery>> Due(std::string_view target, std::string_view now, int count_max) = 0;

  virtual Result<std::vector<AuditEntry>> AuditTrail(std::int64_t after, int count_max) = 0;
  // Newest first, below `before` (0: from the newest); an empty patient: of everybody.
  virtual Result<std::vector<AuditEntry>> AuditOf(std::string_view patient, std::int64_t before, int count_max) = 0;

  // A small durable map for what has no table of its own ("environment", "lane-epoch").
  virtual Result<std::optional<std::string>> Setting(std::string_view name) = 0;

  // Numbers for /metrics: rows by kind and state ("messages.kept", "deliveries.owed", "resources").
  virtual Result<std::vector<std::pair<std::string, std::int64_t>>> Counts() = 0;
};

// A payload with its inserts, to be sent.
Result<std::unique_ptr<net::Source>> OpenPayload(View& view, const Delivery& delivery);

// Writing, all of it within one transaction, and reading what it has written so far. Valid only inside the
// function it was handed to.
class Transaction : public View {
 public:
  // Makes the next version. The store sets id, meta.versionId and meta.lastUpdated (from its clock) in `json`.
  // Content equal to the latest version (whatever its member order) makes no new one. Updates the indices.
  virtual Result<ResourceVersion> Put(std::string_view type, std::string_view id, std::string_view json,
                                      std::string_view method, const std::optional<Content>& content) = 0;
  Result<ResourceVersion> Put(std::string_view type, std::string_view id, std::string_view json,
                              std::string_view method) {
    return Put(type, id, json, method, std::nullopt);
  }
  virtual Status Delete(std::string_view type, std::string_view id) = 0;  // keeps history

  virtual Status AddDerived(std::string_view document, std::string_view resource) = 0;
  virtual Status RemoveDerived(std::string_view document, std::string_view resource) = 0;

  virtual Status Decide(Seq seq, const Outcome& outcome) = 0;
  virtual Status SetState(Seq seq, State state, std::string_view cause) = 0;

  virtual Result<std::int64_t> Owe(const Delivery& delivery) = 0;
  // An attempt, and the delivery's new state; only state, cause, attempts and next_try of `after` are taken.
  virtual Status Note(const Attempt& attempt, const Delivery& after) = 0;
  // A parked or withheld delivery is owed again, due at once.
  virtual Status OweAgain(std::int64_t delivery_id) = 0;

  virtual Status Audit(const AuditEntry& entry) = 0;
  virtual Status SetSetting(std::string_view name, std::string_view value) = 0;
};

// Whether a piece of work may be run once more, after a rollback, with the same effect. Such pieces share a transaction
// without a savepoint each; should one of them fail, all are rolled back and run again apart.
enum class Rerun : bool { No, Yes };

using Work = std::function<Status(Transaction&)>;

// Whether a sender waits for it. What nobody waits for is written when nobody does, and one piece in every commit else.
enum class Haste : bool { No, Yes };

// Whether a decision about the frame follows at once, so that both can share a commit.
enum class KeepWhen : bool { AtOnce, WithDecision };

// What a piece of work would do if it were done now: found out before its turn, on any thread (Store::Rehearse).
class Rehearsed {
 public:
  virtual ~Rehearsed() = default;
};

// A frame that was handed to the writer. What is handed over later is written later, or in the same commit.
class Keeping {
 public:
  virtual ~Keeping() = default;
  virtual Seq seq() const = 0;    // its number, if it is no repeat
  virtual bool IsNew() const = 0;  // for work on the writer that comes after it: it is there, and no repeat
  virtual Awaitable<Result<Receipt>> Done() = 0;  // the frame's bytes are on disk
};

class Store {
 public:
  virtual ~Store() = default;
  // A place for a message that is too large for memory; from any thread.
  virtual Result<std::unique_ptr<Spool>> MakeSpool() = 0;
  // Bodies over 64 KiB stand in content-addressed files when this returns.
  // Without its decision it is written a few hundredths of a second later all the same.
  virtual Awaitable<Result<std::shared_ptr<Keeping>>> Hand(std::shared_ptr<const Frame> frame, KeepWhen when) = 0;
  Awaitable<Result<Receipt>> Keep(Frame frame);  // Hand at once, then Done
  virtual Awaitable<Status> Write(Work work, Rerun rerun = Rerun::No) = 0;
  // Does the work against what is committed now and keeps its writes; nullptr where that cannot be (it failed, or does
  // what is only done in turn). The calling thread does what would else keep the writer busy.
  virtual std::unique_ptr<Rehearsed> Rehearse(const Work& work) = 0;
  // Puts the rehearsed writes in if nothing that the work read has changed since; else does the work again. The work
  // must be one that may be run again. Does nothing if `of` turned out not to be new. What has no haste is written in
  // the order in which it was handed over, whatever overtakes it.
  virtual Awaitable<Status> WriteRehearsed(Work work, std::unique_ptr<Rehearsed> rehearsed,
                                           std::shared_ptr<const Keeping> of, Haste haste) = 0;
  virtual std::unique_ptr<View> Read() = 0;
  // False below free_mib_min or after a full disk: readers of the network stop reading, nothing is answered.
  virtual bool Accepting() const = 0;
};

}  // namespace passerelle::pipeline
