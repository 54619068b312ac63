#include "gateway/store/transaction.h"

#include "fhir_model/base/digest.h"
#include "gateway/store/audit.h"
#include "gateway/store/journal.h"
#include "gateway/store/outbox.h"
#include "gateway/store/record.h"
#include "gateway/store/search.h"

namespace passerelle::store {

using namespace pipeline;

namespace {

Result<std::vector<std::string>> Names(Query& rows) {
  std::vector<std::string> names;
  while (rows.Next()) names.push_back(rows.String(0));
  CHECK_OK(rows.Ended());
  return names;
}

void NoteLink(const Session& session, std::string_view document, std::string_view resource) {
  if (session.changes == nullptr) return;
  session.changes->Note(DocumentChange(document));
  session.changes->Note(DerivedChange(resource));
}

}  // namespace

Result<std::optional<ResourceVersion>> SqliteTransaction::Read(std::string_view type, std::string_view id) {
  return ReadResource(session_, type, id);
}

Result<std::optional<ResourceState>> SqliteTransaction::StateOf(std::string_view type, std::string_view id) {
  return ReadResourceState(session_, type, id);
}

Result<std::optional<ResourceVersion>> SqliteTransaction::ReadVersion(std::string_view type,
                                                                      std::string_view id,
                                                                      std::int64_t version) {
  return ReadResourceVersion(session_, type, id, version);
}

Result<SearchPage> SqliteTransaction::History(std::string_view type, std::string_view id, int count_max,
                                              std::string_view page) {
  return ReadHistory(session_, type, id, count_max, page);
}

Result<SearchPage> SqliteTransaction::Search(std::string_view type, std::span<const SearchTerm> terms,
                                             int count_max, std::string_view page) {
  return SearchResources(session_, type, terms, count_max, page);
}

Result<std::vector<ResourceVersion>> SqliteTransaction::FindByIdentifier(std::string_view type,
                                                                         std::string_view system,
                                                                         std::string_view value) {
  return FindResourcesByIdentifier(session_, type, system, value);
}

Result<std::vector<std::string>> SqliteTransaction::DerivedFrom(std::string_view document) {
  Query rows(session_.database, "SELECT resource FROM derived WHERE document = ? ORDER BY resource",
             document);
  return Names(rows);
}

Result<std::vector<std::string>> SqliteTransaction::DocumentsOf(std::string_view resource) {
  Query rows(session_.database, "SELECT document FROM derived WHERE resource = ? ORDER BY document",
             resource);
  return Names(rows);
}

Result<std::vector<KeptMessage>> SqliteTransaction::Messages(const MessageFilter& filter) {
  return ReadMessages(session_, filter);
}

Result<std::optional<KeptMessage>> SqliteTransaction::Message(Seq seq) { return ReadMessage(session_, seq); }
Result<std::string> SqliteTransaction::MessageBytes(Seq seq) { return ReadMessageBytes(session_, seq); }
Result<MessageBody> SqliteTransaction::MessageAbridged(Seq seq) { return ReadMessageAbridged(session_, seq); }
Result<std::vector<pipeline::Decision>> SqliteTransaction::DecisionsOf(Seq seq) {
  return ReadDecisions(session_, seq);
}
Result<std::vector<Seq>> SqliteTransaction::Unprocessed() { return UndecidedMessages(session_); }

Result<std::vector<Delivery>> SqliteTransaction::Deliveries(std::string_view state, std::int64_t after_id,
                                                            int count_max) {
  return ReadDeliveries(session_, state, after_id, count_max);
}

Result<std::optional<Delivery>> SqliteTransaction::OneDelivery(std::int64_t id) {
  return ReadDelivery(session_, id);
}
Result<std::vector<Delivery>> SqliteTransaction::DeliveriesOf(Seq seq) {
  return ReadDeliveriesOf(session_, seq);
}
Result<std::vector<pipeline::Attempt>> SqliteTransaction::AttemptsOf(std::int64_t delivery_id) {
  return ReadAttempts(session_, delivery_id);
}
Result<std::vector<pipeline::Backlog>> SqliteTransaction::Backlogs() { return ReadBacklogs(session_); }

Result<std::vector<pipeline::Backlog>> SqliteTransaction::FeedBacklogs() {
  Query rows(session_.database,
             "SELECT feed, state, count(*), min(received) FROM message WHERE state IN (?, ?)"
             " GROUP BY feed, state",
             static_cast<int>(State::Kept), static_cast<int>(State::Parked));
  std::vector<pipeline::Backlog> all;
  while (rows.Next())
    all.push_back({rows.String(0), std::string(StateName(static_cast<State>(rows.Int(1)))), rows.Int(2),
                   rows.String(3)});
  CHECK_OK(rows.Ended());
  return all;
}

Result<std::vector<Delivery>> SqliteTransaction::Due(std::string_view target, std::string_view now,
                                                     int count_max) {
  return DueDeliveries(session_, target, now, count_max);
}

// Sequence numbers grow with time: the index of states is gone through from the day before on.
Result<std::int64_t> SqliteTransaction::CountSince(State state, std::string_view since) {
  Query row(session_.database,
            "SELECT count(*) FROM message WHERE state = ? AND seq > coalesce((SELECT seq FROM message WHERE"
            " received < ? ORDER BY received DESC, seq DESC LIMIT 1), 0)",
            static_cast<int>(state), since);
  std::int64_t count = row.Next() ? row.Int(0) : 0;
  CHECK_OK(row.Ended());
  return count;
}

Result<std::vector<AuditEntry>> SqliteTransaction::AuditTrail(std::int64_t after, int count_max) {
  return ReadAudit(session_, after, count_max);
}

Result<std::vector<AuditEntry>> SqliteTransaction::AuditOf(std::string_view patient, std::int64_t before,
                                                           int count_max) {
  return ReadAuditOf(session_, patient, before, count_max);
}

Result<std::optional<std::string>> SqliteTransaction::Setting(std::string_view name) {
  Query row(session_.database, "SELECT value FROM setting WHERE name = ?", name);
  if (row.Next()) return std::optional(row.String(0));
  CHECK_OK(row.Ended());
  return std::optional<std::string>();
}

Result<std::vector<std::pair<std::string, std::int64_t>>> SqliteTransaction::Counts() {
  std::vector<std::pair<std::string, std::int64_t>> counts;
  Query messages(session_.database, "SELECT state, count(*) FROM message GROUP BY state");
  while (messages.Next())
    counts.emplace_back("messages." + std::string(StateName(static_cast<State>(messages.Int(0)))),
                        messages.Int(1));
  CHECK_OK(messages.Ended());
  Query deliveries(session_.database, "SELECT state, count(*) FROM delivery GROUP BY state");
  while (deliveries.Next()) counts.emplace_back("deliveries." + deliveries.String(0), deliveries.Int(1));
  CHECK_OK(deliveries.Ended());
  Query resources(session_.database, "SELECT type, count(*) FROM resource WHERE deleted = 0 GROUP BY type");
  while (resources.Next()) counts.emplace_back("resources." + resources.String(0), resources.Int(1));
  CHECK_OK(resources.Ended());
  return counts;
}

Result<ResourceVersion> SqliteTransaction::Put(std::string_view type, std::string_view id,
                                               std::string_view json, std::string_view method,
                                               const std::optional<Content>& content) {
  return PutResource(session_, type, id, json, method, content);
}

Result<std::unique_ptr<net::Source>> SqliteTransaction::Open(const BodySlice& slice) {
  return session_.bodies.Open(Hex(slice.sha256), slice.offset, slice.length);
}

Status SqliteTransaction::Delete(std::string_view type, std::string_view id) {
  return DeleteResource(session_, type, id);
}

Status SqliteTransaction::AddDerived(std::string_view document, std::string_view resource) {
  NoteLink(session_, document, resource);
  return Run(session_.database, "INSERT OR IGNORE INTO derived (document, resource) VALUES (?, ?)", document,
             resource);
}

Status SqliteTransaction::RemoveDerived(std::string_view document, std::string_view resource) {
  NoteLink(session_, document, resource);
  return Run(session_.database, "DELETE FROM derived WHERE document = ? AND resource = ?", document,
             resource);
}

Status SqliteTransaction::Decide(Seq seq, const Outcome& outcome) {
  return DecideMessage(session_, seq, outcome);
}
Status SqliteTransaction::SetState(Seq seq, State state, std::string_view cause) {
  return SetMessageState(session_, seq, state, cause);
}

Result<std::int64_t> SqliteTransaction::Owe(const Delivery& delivery) {
  return AddDelivery(session_, delivery);
}
Status SqliteTransaction::Note(const pipeline::Attempt& attempt, const Delivery& after) {
  return NoteAttempt(session_, attempt, after);
}

Status SqliteTransaction::OweAgain(std::int64_t delivery_id) {
  return OweDeliveryAgain(session_, delivery_id);
}

Status SqliteTransaction::Audit(const AuditEntry& entry) { return AddAudit(session_, entry); }
Status SqliteTransaction::SetSetting(std::string_view name, std::string_view value) {
  return Run(session_.database,
             "INSERT INTO setting (name, value) VALUES (?, ?) ON CONFLICT (name) DO UPDATE SET value = "
             "excluded.value",
             name, value);
}

}  // namespace passerelle::store
