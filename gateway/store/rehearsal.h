#pragma once
// Rehearsal: a transaction tried before its turn, on any thread, over what is committed now. What it reads is
// noted; what it writes is made ready (parsed, digested, indexed) but kept. When its turn on the writer has
// come and nothing it read has changed since, the ready rows are put in; else the work runs again from the
// start.
//
// It knows what nearly every message does. Whatever else is asked of it (a deletion, the history, a second
// version of one resource) gives the rehearsal up with NotRehearsed, and the work waits for its turn.

#include <functional>
#include <map>
#include <memory>
#include <variant>

#include "gateway/store/changes.h"
#include "gateway/store/record.h"

namespace passerelle::store {

class Rehearsal : public pipeline::Transaction, public pipeline::Rehearsed {
 public:
  // `view` and `session` are of one connection; `commit` was asked before the view was opened.
  Rehearsal(std::unique_ptr<pipeline::View> view, const Session& session, std::int64_t commit)
      : view_(std::move(view)), session_(session), commit_(commit) {}

  // The work was done: gives the view back and keeps what is to be played.
  void End() { view_.reset(); }
  // On the writer: whether all it read is still so.
  bool Holds(const Changes& changes) const;
  Status Play(pipeline::Transaction& transaction, const Session& session) const;

  Result<std::optional<pipeline::ResourceVersion>> Read(std::string_view type, std::string_view id) override;
  Result<std::optional<pipeline::ResourceState>> StateOf(std::string_view type, std::string_view id) override;
  Result<pipeline::SearchPage> Search(std::string_view type, std::span<const pipeline::SearchTerm> terms,
                                      int count_max, std::string_view page) override;
  Result<std::vector<pipeline::ResourceVersion>> FindByIdentifier(std::string_view type,
                                                                  std::string_view system,
                                                                  std::string_view value) override;
  Result<std::vector<std::string>> DerivedFrom(std::string_view document) override;
  Result<std::vector<std::string>> DocumentsOf(std::string_view resource) override;

  using Transaction::Put;
  Result<pipeline::ResourceVersion> Put(std::string_view type, std::string_view id, std::string_view json,
                                        std::string_view method,
                                        const std::optional<pipeline::Content>& content) override;
  Status AddDerived(std::string_view document, std::string_view resource) override;
  Status Decide(pipeline::Seq seq, const pipeline::Outcome& outcome) override;
  Result<std::int64_t> Owe(
      const pipeline::Delivery& delivery) override;  // its id is given when it is played: 0
  Status Audit(const pipeline::AuditEntry& entry) override;

  Result<std::optional<pipeline::ResourceVersion>> ReadVersion(std::string_view, std::string_view,
                                                               std::int64_t) override {
    return GivenUp();
  }
  Result<pipeline::SearchPage> History(std::string_view, std::string_view, int, std::string_view) override {
    return GivenUp();
  }
  Result<std::vector<pipeline::KeptMessage>> Messages(const pipeline::MessageFilter&) override {
    return GivenUp();
  }
  Result<std::optional<pipeline::KeptMessage>> Message(pipeline::Seq) override { return GivenUp(); }
  Result<std::string> MessageBytes(pipeline::Seq) override { return GivenUp(); }
  Result<pipeline::MessageBody> MessageAbridged(pipeline::Seq) override { return GivenUp(); }
  Result<std::vector<pipeline::Decision>> DecisionsOf(pipeline::Seq) override { return GivenUp(); }
  Result<std::vector<pipeline::Seq>> Unprocessed() override { return GivenUp(); }
  Result<std::vector<pipeline::Delivery>> Deliveries(std::string_view, std::int64_t, int) override {
    return GivenUp();
  }
  Result<std::optional<pipeline::Delivery>> OneDelivery(std::int64_t) override { return GivenUp(); }
  Result<std::vector<pipeline::Delivery>> DeliveriesOf(pipeline::Seq) override { return GivenUp(); }
  Result<std::vector<pipeline::Attempt>> AttemptsOf(std::int64_t) override { return GivenUp(); }
  Result<std::vector<pipeline::Backlog>> Backlogs() override { return GivenUp(); }
  Result<std::vector<pipeline::Backlog>> FeedBacklogs() override { return GivenUp(); }
  Result<std::int64_t> CountSince(pipeline::State, std::string_view) override { return GivenUp(); }
  Result<std::vector<pipeline::Delivery>> Due(std::string_view, std::string_view, int) override {
    return GivenUp();
  }
  Result<std::vector<pipeline::AuditEntry>> AuditTrail(std::int64_t, int) override { return GivenUp(); }
  Result<std::vector<pipeline::AuditEntry>> AuditOf(std::string_view, std::int64_t, int) override {
    return GivenUp();
  }
  Result<std::unique_ptr<net::Source>> Open(const pipeline::BodySlice&) override { return GivenUp(); }
  Result<std::optional<std::string>> Setting(std::string_view) override { return GivenUp(); }
  Result<std::vector<std::pair<std::string, std::int64_t>>> Counts() override { return GivenUp(); }
  Status Delete(std::string_view, std::string_view) override { return GivenUp(); }
  Status RemoveDerived(std::string_view, std::string_view) override { return GivenUp(); }
  Status SetState(pipeline::Seq, pipeline::State, std::string_view) override { return GivenUp(); }
  Status Note(const pipeline::Attempt&, const pipeline::Delivery&) override { return GivenUp(); }
  Status OweAgain(std::int64_t) override { return GivenUp(); }
  Status SetSetting(std::string_view, std::string_view) override { return GivenUp(); }

 private:
  struct Link {
    std::string document, resource;
  };
  struct Decision {
    pipeline::Seq seq;
    pipeline::Outcome outcome;
  };
  using Act = std::variant<ReadyVersion*, Link, Decision, pipeline::Delivery, pipeline::AuditEntry>;

  static Error GivenUp();
  bool IsPlain(std::string_view type, const pipeline::SearchTerm& term) const;
  // What the view found, corrected by what this rehearsal wrote itself.
  std::vector<pipeline::ResourceVersion> WithOwn(std::vector<pipeline::ResourceVersion> found,
                                                 std::string_view type,
                                                 const std::function<bool(const TermEntry&)>& carries);
  std::vector<std::string> WithLinks(std::vector<std::string> found, std::string Link::* given,
                                     std::string Link::* asked, std::string_view name) const;

  std::unique_ptr<pipeline::View> view_;
  Session session_;
  std::int64_t commit_;
  std::vector<ChangeKey> seen_;
  std::vector<Act> acts_;
  std::vector<Link> links_;
  std::map<std::string, std::unique_ptr<ReadyVersion>, std::less<>> own_;  // by "Type/id"
};

}  // namespace passerelle::store
