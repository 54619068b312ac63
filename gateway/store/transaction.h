#pragma once
// SqliteTransaction: the store's interface over one SQLite connection. On a read connection it serves as a
// View.

#include "gateway/store/session.h"

namespace passerelle::store {

class SqliteTransaction : public pipeline::Transaction {
 public:
  explicit SqliteTransaction(const Session& session) : session_(session) {}

  Result<std::optional<pipeline::ResourceVersion>> Read(std::string_view type, std::string_view id) override;
  Result<std::optional<pipeline::ResourceState>> StateOf(std::string_view type, std::string_view id) override;
  Result<std::optional<pipeline::ResourceVersion>> ReadVersion(std::string_view type, std::string_view id,
                                                               std::int64_t version) override;
  Result<pipeline::SearchPage> History(std::string_view type, std::string_view id, int count_max,
                                       std::string_view page) override;
  Result<pipeline::SearchPage> Search(std::string_view type, std::span<const pipeline::SearchTerm> terms,
                                      int count_max, std::string_view page) override;
  Result<std::vector<pipeline::ResourceVersion>> FindByIdentifier(std::string_view type,
                                                                  std::string_view system,
                                                                  std::string_view value) override;
  Result<std::vector<std::string>> DerivedFrom(std::string_view document) override;
  Result<std::vector<std::string>> DocumentsOf(std::string_view resource) override;
  Result<std::vector<pipeline::KeptMessage>> Messages(const pipeline::MessageFilter& filter) override;
  Result<std::optional<pipeline::KeptMessage>> Message(pipeline::Seq seq) override;
  Result<std::string> MessageBytes(pipeline::Seq seq) override;
  Result<pipeline::MessageBody> MessageAbridged(pipeline::Seq seq) override;
  Result<std::vector<pipeline::Decision>> DecisionsOf(pipeline::Seq seq) override;
  Result<std::vector<pipeline::Seq>> Unprocessed() override;
  Result<std::vector<pipeline::Delivery>> Deliveries(std::string_view state, std::int64_t after_id,
                                                     int count_max) override;
  Result<std::optional<pipeline::Delivery>> OneDelivery(std::int64_t id) override;
  Result<std::vector<pipeline::Delivery>> DeliveriesOf(pipeline::Seq seq) override;
  Result<std::vector<pipeline::Attempt>> AttemptsOf(std::int64_t delivery_id) override;
  Result<std::vector<pipeline::Backlog>> Backlogs() override;
  Result<std::vector<pipeline::Backlog>> FeedBacklogs() override;
  Result<std::int64_t> CountSince(pipeline::State state, std::string_view since) override;
  Result<std::vector<pipeline::Delivery>> Due(std::string_view target, std::string_view now,
                                              int count_max) override;
  Result<std::vector<pipeline::AuditEntry>> AuditTrail(std::int64_t after, int count_max) override;
  Result<std::vector<pipeline::AuditEntry>> AuditOf(std::string_view patient, std::int64_t before,
                                                    int count_max) override;
  Result<std::optional<std::string>> Setting(std::string_view name) override;
  Result<std::vector<std::pair<std::string, std::int64_t>>> Counts() override;

  Result<std::unique_ptr<net::Source>> Open(const pipeline::BodySlice& slice) override;

  using Transaction::Put;
  Result<pipeline::ResourceVersion> Put(std::string_view type, std::string_view id, std::string_view json,
                                        std::string_view method,
                                        const std::optional<pipeline::Content>& content) override;
  Status Delete(std::string_view type, std::string_view id) override;
  Status AddDerived(std::string_view document, std::string_view resource) override;
  Status RemoveDerived(std::string_view document, std::string_view resource) override;
  Status Decide(pipeline::Seq seq, const pipeline::Outcome& outcome) override;
  Status SetState(pipeline::Seq seq, pipeline::State state, std::string_view cause) override;
  Result<std::int64_t> Owe(const pipeline::Delivery& delivery) override;
  Status Note(const pipeline::Attempt& attempt, const pipeline::Delivery& after) override;
  Status OweAgain(std::int64_t delivery_id) override;
  Status Audit(const pipeline::AuditEntry& entry) override;
  Status SetSetting(std::string_view name, std::string_view value) override;

 protected:
  Session session_;
};

}  // namespace passerelle::store
