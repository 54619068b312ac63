#include "gateway/store/journal.h"

#include "fhir_model/base/digest.h"
#include "gateway/store/chain.h"
#include "gateway/store/errors.h"
#include "gateway/store/spooled_body.h"

namespace passerelle::store {

using pipeline::Answer;
using pipeline::Frame;
using pipeline::KeptMessage;
using pipeline::Outcome;
using pipeline::Receipt;
using pipeline::Seq;
using pipeline::State;

namespace {

constexpr std::int64_t kLoopback = 1, kTls = 2;
constexpr int kWholenessShift = 2;  // the bits above them in peer_flags

std::string Join(const std::vector<std::string>& labels) {
  std::string out;
  for (const auto& label : labels) out += label + '\n';
  return out;
}

std::vector<std::string> Split(std::string_view labels) {
  std::vector<std::string> out;
  for (auto end = labels.find('\n'); end != labels.npos; end = labels.find('\n')) {
    out.emplace_back(labels.substr(0, end));
    labels.remove_prefix(end + 1);
  }
  return out;
}

// The columns of a message that never change, in the order in which they are hashed.
#define RECEIVED_COLUMNS                                                                                  \
  "received, feed, sender, content_type, labels, peer_address, peer_port, peer_flags, peer_certificate, " \
  "sha256, body_bytes, receipt_code, receipt_status, receipt_answer"
constexpr int kReceivedColumns = 14;

// The columns of a step, in the order in which they are hashed.
#define STEP_COLUMNS \
  "seq, at, state, cause, answer_code, answer_status, answer, settings_digest, findings, ledger, resources"
constexpr int kStepColumns = 11;

std::string_view Bytes(const Sha256Digest& digest) {
  return {reinterpret_cast<const char*>(digest.data()), digest.size()};
}

#define MESSAGE_COLUMNS                                                                                     \
  "m.seq, m.received, m.feed, m.sender, m.content_type, m.format, m.control_id, m.event, m.labels, "        \
  "m.peer_address, "                                                                                        \
  "m.peer_port, m.peer_flags, m.peer_certificate, m.sha256, m.state, m.cause, m.receipt_code, "             \
  "m.receipt_status, "                                                                                      \
  "m.receipt_answer, m.attempts, s.answer_code, s.answer_status, s.answer, s.settings_digest, s.findings, " \
  "s.ledger, s.resources "

std::optional<Answer> AnswerAt(const Query& row, int column) {
  if (row.IsNull(column)) return std::nullopt;
  return Answer{row.String(column), row.String(column + 2), static_cast<int>(row.Int(column + 1))};
}

KeptMessage MessageOf(const Query& row) {
  KeptMessage message;
  message.seq = row.Int(0);
  message.received = row.String(1);
  message.feed = row.String(2);
  message.sender = row.String(3);
  message.content_type = row.String(4);
  message.format = row.String(5);
  message.control_id = row.String(6);
  message.event = row.String(7);
  message.labels = Split(row.Text(8));
  message.peer.address = row.String(9);
  message.peer.port = static_cast<std::uint16_t>(row.Int(10));
  message.peer.loopback = (row.Int(11) & kLoopback) != 0;
  message.peer.tls = (row.Int(11) & kTls) != 0;
  message.wholeness = static_cast<pipeline::Wholeness>(row.Int(11) >> kWholenessShift);
  message.peer.certificate_name = row.String(12);
  message.sha256 = Hex(row.Text(13));
  message.state = static_cast<State>(row.Int(14));
  message.cause = row.String(15);
  message.answer = AnswerAt(row, 20);
  if (!message.answer) message.answer = AnswerAt(row, 16);
  message.attempts = static_cast<int>(row.Int(19));
  message.settings_digest = row.String(23);
  message.findings_json = row.String(24);
  message.ledger_json = row.String(25);
  message.resources_json = row.String(26);
  return message;
}

// A later decision may not name what an earlier one found out.
Status AddStep(const Session& session, Seq seq, const Outcome& outcome, std::int64_t& step) {
  Database& db = session.database;
  TRY(auto previous, LastHash(db, "step"));
  std::string at = IsoUtc(session.clock());
  auto state = static_cast<std::int64_t>(outcome.state);
  ChainLink link(previous);
  link.Add(seq).Add(at).Add(state).Add(outcome.cause);
  if (outcome.answer) {
    link.Add(outcome.answer->code).Add(outcome.answer->http_status).Add(outcome.answer->bytes);
  } else {
    link.Add("").Add("").Add("");
  }
  link.Add(outcome.settings_digest)
      .Add(outcome.findings_json)
      .Add(outcome.ledger_json)
      .Add(outcome.resources_json);
  Query insert(db, "INSERT INTO step (" STEP_COLUMNS ", prev_hash, hash) VALUES (?,?,?,?,?,?,?,?,?,?,?,?,?)",
               seq, at, state, outcome.cause);
  if (outcome.answer) {
    insert.Bind(outcome.answer->code);
    insert.Bind(outcome.answer->http_status);
    insert.Bind(Blob{outcome.answer->bytes});
  } else {
    for (int i = 0; i < 3; ++i) insert.Bind(nullptr);
  }
  insert.Bind(outcome.settings_digest);
  insert.Bind(outcome.findings_json);
  insert.Bind(outcome.ledger_json);
  insert.Bind(outcome.resources_json);
  insert.Bind(Blob{previous});
  insert.Bind(Blob{link.Hash()});
  CHECK_OK(insert.Run());
  step = db.last_row_id();
  return Ok();
}

Result<std::optional<Seq>> FindRepeat(const Session& session, const Frame& frame, std::string_view sha256) {
  std::string since = IsoUtc(session.clock() - kRepeatWindow);
  Query repeat(
      session.database,
      "SELECT seq FROM message WHERE sha256 = ? AND sender = ? AND received >= ? ORDER BY seq DESC LIMIT 1",
      Blob{sha256}, frame.sender, since);
  if (repeat.Next()) return std::optional<Seq>(repeat.Int(0));
  CHECK_OK(repeat.Ended());
  return std::optional<Seq>();
}

Status InsertMessage(const Session& session, Seq seq, const Frame& frame, std::string_view sha256) {
  Database& db = session.database;
  TRY(auto previous, LastHash(db, "message"));
  std::string received = frame.received.empty() ? IsoUtc(session.clock()) : frame.received;
  std::string labels = Join(frame.labels);
  std::int64_t flags = (frame.peer.loopback ? kLoopback : 0) | (frame.peer.tls ? kTls : 0) |
                       static_cast<std::int64_t>(frame.wholeness) << kWholenessShift;
  auto body_bytes = static_cast<std::int64_t>(frame.large != nullptr ? frame.large->size() : frame.bytes.size());
  ChainLink link(previous);
  link.Add(received)
      .Add(frame.feed)
      .Add(frame.sender)
      .Add(frame.content_type)
      .Add(labels)
      .Add(frame.peer.address);
  link.Add(frame.peer.port).Add(flags).Add(frame.peer.certificate_name).Add(sha256).Add(body_bytes);
  Query insert(db,
               "INSERT INTO message (seq, " RECEIVED_COLUMNS
               ", format, control_id, event, state, cause, attempts, prev_hash, hash)"
               " VALUES (?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,'','','',0,'',0,?,?)",
               seq, received, frame.feed, frame.sender, frame.content_type, labels, frame.peer.address,
               std::int64_t{frame.peer.port}, flags, frame.peer.certificate_name, Blob{sha256}, body_bytes);
  if (frame.commit_answer) {
    link.Add(frame.commit_answer->code).Add(frame.commit_answer->http_status).Add(frame.commit_answer->bytes);
    insert.Bind(frame.commit_answer->code);
    insert.Bind(frame.commit_answer->http_status);
    insert.Bind(Blob{frame.commit_answer->bytes});
  } else {
    link.Add("").Add("").Add("");
    for (int i = 0; i < 3; ++i) insert.Bind(nullptr);
  }
  insert.Bind(Blob{previous});
  insert.Bind(Blob{link.Hash()});
  CHECK_OK(insert.Run());
  if (frame.large != nullptr || frame.bytes.size() > kInlineBytesMax) return Ok();
  return Run(db, "INSERT INTO body (seq, bytes) VALUES (?, ?)", seq, Blob{frame.bytes});
}

// The rules of the last decision take the place of those of the one before.
Status IndexFindings(const Session& session, Seq seq, std::string_view findings_json) {
  Database& db = session.database;
  CHECK_OK(Run(db,
               "DELETE FROM finding WHERE seq = ? AND rule IN (SELECT f.value ->> 'rule' FROM message m"
               " JOIN step s ON s.id = m.step, json_each(CASE s.findings WHEN '' THEN '[]' ELSE s.findings END) f"
               " WHERE m.seq = ?)",
               seq, seq));
  if (findings_json.size() <= 2) return Ok();
  return Run(db, "INSERT OR IGNORE INTO finding SELECT value ->> 'rule', ? FROM json_each(?)", seq, findings_json);
}

}  // namespace

Result<Receipt> KeepFrame(const Session& session, Seq seq, const Frame& frame, std::string_view sha256) {
  TRY(auto repeat, FindRepeat(session, frame, sha256));
  Receipt receipt;
  receipt.repeat = repeat.has_value();
  if (repeat) {
    receipt.seq = *repeat;
    TRY(auto message, ReadMessage(session, receipt.seq));
    if (message) receipt.message = *std::move(message);
    return receipt;
  }
  CHECK_OK(InsertMessage(session, seq, frame, sha256));
  receipt.seq = receipt.message.seq = seq;
  return receipt;
}

Status DecideMessage(const Session& session, Seq seq, const Outcome& outcome) {
  std::int64_t step = 0;
  CHECK_OK(AddStep(session, seq, outcome, step));
  CHECK_OK(IndexFindings(session, seq, outcome.findings_json));
  for (const auto& [system, value] : outcome.named)
    CHECK_OK(Run(session.database, "INSERT OR IGNORE INTO named (value, system, seq) VALUES (?, ?, ?)", value,
                 system, seq));
  CHECK_OK(Run(session.database,
               "UPDATE message SET state = ?, cause = ?, format = ?, control_id = ?, event = ?, step = ?,"
               " attempts = attempts + 1 WHERE seq = ?",
               static_cast<std::int64_t>(outcome.state), outcome.cause, outcome.format, outcome.control_id,
               outcome.event, step, seq));
  if (session.database.changes() == 0) return Error{errors::MessageUnknown};
  return Ok();
}

Status SetMessageState(const Session& session, Seq seq, State state, std::string_view cause) {
  Outcome outcome;
  outcome.state = state;
  outcome.cause = cause;
  std::int64_t step = 0;
  CHECK_OK(AddStep(session, seq, outcome, step));
  CHECK_OK(Run(session.database, "UPDATE message SET state = ?, cause = ? WHERE seq = ?",
               static_cast<std::int64_t>(state), cause, seq));
  if (session.database.changes() == 0) return Error{errors::MessageUnknown};
  return Ok();
}

Result<std::optional<KeptMessage>> ReadMessage(const Session& session, Seq seq) {
  Query row(session.database,
            "SELECT " MESSAGE_COLUMNS "FROM message m LEFT JOIN step s ON s.id = m.step WHERE m.seq = ?",
            seq);
  if (row.Next()) return std::optional(MessageOf(row));
  CHECK_OK(row.Ended());
  return std::optional<KeptMessage>();
}

namespace {

// A time as a range of numbers: they ascend together, but for the few messages that are received side by side. The plus
// signs keep the time's own index from choosing the order.
constexpr std::string_view kReceivedSince =
    " AND m.seq >= (SELECT seq FROM message WHERE received >= ? ORDER BY received, seq LIMIT 1) - 1000"
    " AND +m.received >= ?";
constexpr std::string_view kReceivedUntil =
    " AND m.seq <= (SELECT seq FROM message WHERE received < ? ORDER BY received DESC, seq DESC LIMIT 1) + 1000"
    " AND +m.received < ?";

// The patients as one JSON array: one statement, however many there are.
constexpr std::string_view kReceivedOf =
    " AND m.seq IN (SELECT seq FROM audit WHERE action = 'receive' AND patient IN (SELECT value FROM "
    "json_each(?))"
    " UNION SELECT seq FROM named WHERE value = ? AND (system = ? OR ? = ''))";

}  // namespace

Result<std::vector<KeptMessage>> ReadMessages(const Session& session, const pipeline::MessageFilter& filter) {
  std::string sql =
      "SELECT " MESSAGE_COLUMNS "FROM message m LEFT JOIN step s ON s.id = m.step WHERE m.seq < ?";
  if (filter.state) sql += " AND m.state = ?";
  if (!filter.feed.empty()) sql += " AND m.feed = ?";
  if (!filter.format.empty()) sql += " AND m.format = ? AND m.format <> ''";
  if (!filter.control_id.empty()) sql += " AND m.control_id = ? AND m.control_id <> ''";
  if (!filter.event.empty()) sql += " AND m.event = ? AND m.event <> ''";
  if (!filter.finding.empty()) sql += " AND m.seq IN (SELECT seq FROM finding WHERE rule = ?)";
  if (filter.patients) sql += kReceivedOf;
  if (!filter.since.empty()) sql += kReceivedSince;
  if (!filter.until.empty()) sql += kReceivedUntil;
  sql += " ORDER BY m.seq DESC LIMIT ?";
  Query rows(session.database, sql, filter.before > 0 ? filter.before : INT64_MAX);
  if (filter.state) rows.Bind(static_cast<std::int64_t>(*filter.state));
  if (!filter.feed.empty()) rows.Bind(filter.feed);
  if (!filter.format.empty()) rows.Bind(filter.format);
  if (!filter.control_id.empty()) rows.Bind(filter.control_id);
  if (!filter.event.empty()) rows.Bind(filter.event);
  if (!filter.finding.empty()) rows.Bind(filter.finding);
  if (filter.patients) {
    rows.Bind(pipeline::JsonArray(*filter.patients));
    for (const auto* text : {&filter.named.value, &filter.named.system, &filter.named.system})
      rows.Bind(*text);
  }
  for (const auto& time : {filter.since, filter.since, filter.until, filter.until})
    if (!time.empty()) rows.Bind(time);
  rows.Bind(filter.count_max);
  std::vector<KeptMessage> messages;
  while (rows.Next()) messages.push_back(MessageOf(rows));
  CHECK_OK(rows.Ended());
  return messages;
}

Result<std::vector<pipeline::Decision>> ReadDecisions(const Session& session, Seq seq) {
  Query rows(session.database,
             "SELECT at, state, cause, answer_code, answer_status, answer, settings_digest, resources"
             " FROM step WHERE seq = ? ORDER BY id",
             seq);
  std::vector<pipeline::Decision> decisions;
  while (rows.Next())
    decisions.push_back({rows.String(0), static_cast<State>(rows.Int(1)), rows.String(2), AnswerAt(rows, 3),
                         rows.String(6), rows.String(7)});
  CHECK_OK(rows.Ended());
  return decisions;
}

Result<std::string> ReadMessageBytes(const Session& session, Seq seq) {
  Query row(
      session.database,
      "SELECT m.sha256, b.bytes, b.seq FROM message m LEFT JOIN body b ON b.seq = m.seq WHERE m.seq = ?",
      seq);
  if (!row.Next()) {
    CHECK_OK(row.Ended());
    return Error{errors::MessageUnknown};
  }
  std::string bytes = row.String(1);
  if (row.IsNull(2)) { TRY(bytes, session.bodies.Read(Hex(row.Text(0)))); }
  if (Bytes(Sha256(bytes)) != row.Text(0))
    return Error{errors::StoreCorrupt, "message " + std::to_string(seq)};
  return bytes;
}

Result<pipeline::MessageBody> ReadMessageAbridged(const Session& session, Seq seq) {
  Query row(session.database, "SELECT sha256, body_bytes FROM message WHERE seq = ?", seq);
  if (!row.Next() || row.Int(1) < static_cast<std::int64_t>(kAbridgedMin)) {
    CHECK_OK(row.Ended());
    TRY(auto bytes, ReadMessageBytes(session, seq));
    return pipeline::MessageBody{std::move(bytes), nullptr};
  }
  TRY(std::shared_ptr<SpooledBody> large, SpooledBody::Open(session.bodies.PathOf(Hex(row.Text(0)))));
  std::string abridged = large->End();
  if (large->sha256() != row.Text(0)) return Error{errors::StoreCorrupt, "message " + std::to_string(seq)};
  return pipeline::MessageBody{std::move(abridged), std::move(large)};
}

Result<bool> IsKept(const Session& session, std::string_view sha256) {
  Query row(session.database, "SELECT 1 FROM message WHERE sha256 = ? LIMIT 1", Blob{sha256});
  bool kept = row.Next();
  CHECK_OK(row.Ended());
  return kept;
}

Result<std::vector<Seq>> UndecidedMessages(const Session& session) {
  Query rows(session.database, "SELECT seq FROM message WHERE state = 0 ORDER BY seq");
  std::vector<Seq> all;
  while (rows.Next()) all.push_back(rows.Int(0));
  CHECK_OK(rows.Ended());
  return all;
}

Result<ChainCheck> CheckMessageChain(const Session& session, std::int64_t after, std::int64_t count_max) {
  TRY(auto previous, HashBefore(session.database, "message", after));
  Query rows(session.database,
             "SELECT " RECEIVED_COLUMNS
             ", seq, prev_hash, hash FROM message WHERE seq > ? ORDER BY seq LIMIT ?",
             after, count_max);
  return CheckChain(rows, kReceivedColumns, previous);
}

Result<ChainCheck> CheckStepChain(const Session& session, std::int64_t after, std::int64_t count_max) {
  TRY(auto previous, HashBefore(session.database, "step", after));
  Query rows(session.database,
             "SELECT " STEP_COLUMNS ", id, prev_hash, hash FROM step WHERE id > ? ORDER BY id LIMIT ?", after,
             count_max);
  return CheckChain(rows, kStepColumns, previous);
}

}  // namespace passerelle::store
