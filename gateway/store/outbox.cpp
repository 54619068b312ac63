#include "gateway/store/outbox.h"

#include <sstream>

#include "fhir_model/base/digest.h"
#include "gateway/store/errors.h"

namespace passerelle::store {

using pipeline::Attempt;
using pipeline::Delivery;
using pipeline::Insert;

namespace {

#define DELIVERY_COLUMNS \
  "id, seq, target, lane, payload, subject, state, cause, attempts, next_try, lane_waits, inserts"

std::string LinesOf(const std::vector<Insert>& inserts) {
  std::string lines;
  for (const auto& insert : inserts)
    lines += std::to_string(insert.at) + ' ' + Hex(insert.slice.sha256) + ' ' + std::to_string(insert.slice.offset) +
             ' ' + std::to_string(insert.slice.length) + '\n';
  return lines;
}

std::vector<Insert> InsertsOf(std::string_view lines) {
  std::vector<Insert> inserts;
  if (lines.empty()) return inserts;
  std::istringstream in{std::string(lines)};
  Insert insert;
  for (std::string hex; in >> insert.at >> hex >> insert.slice.offset >> insert.slice.length;) {
    insert.slice.sha256 = BytesOfHex(hex).value_or(std::string());
    inserts.push_back(insert);
  }
  return inserts;
}

Delivery DeliveryOf(const Query& row) {
  Delivery delivery;
  delivery.id = row.Int(0);
  delivery.seq = row.Int(1);
  delivery.target = row.String(2);
  delivery.lane = row.String(3);
  delivery.payload = row.String(4);
  delivery.subject = row.String(5);
  delivery.state = row.String(6);
  delivery.cause = row.String(7);
  delivery.attempts = static_cast<int>(row.Int(8));
  delivery.next_try = row.String(9);
  delivery.lane_waits = row.Int(10) != 0;
  delivery.inserts = InsertsOf(row.Text(11));
  return delivery;
}

Result<std::vector<Delivery>> All(Query& rows) {
  std::vector<Delivery> all;
  while (rows.Next()) all.push_back(DeliveryOf(rows));
  CHECK_OK(rows.Ended());
  return all;
}

// Open: it, and so its lane, still waits for something.
bool IsOpen(std::string_view state, bool lane_waits) {
  return state == "owed" || (state == "parked" && lane_waits);
}

// The head of a lane is its first open delivery.
Status MoveHead(const Session& session, std::string_view target, std::string_view lane) {
  CHECK_OK(Run(session.database,
               "UPDATE delivery SET head = 0 WHERE target = ? AND lane = ? AND open = 1 AND head = 1", target,
               lane));
  return Run(session.database,
             "UPDATE delivery SET head = 1 WHERE id ="
             " (SELECT id FROM delivery WHERE target = ? AND lane = ? AND open = 1 ORDER BY id LIMIT 1)",
             target, lane);
}

Status SetDelivery(const Session& session, const Delivery& known, std::string_view state,
                   std::string_view cause, int attempts, std::string_view next_try) {
  bool open = IsOpen(state, known.lane_waits);
  CHECK_OK(Run(session.database,
               "UPDATE delivery SET state = ?, cause = ?, attempts = ?, next_try = ?, open = ?,"
               " head = CASE WHEN ? THEN head ELSE 0 END WHERE id = ?",
               state, cause, attempts, next_try, open, open, known.id));
  return MoveHead(session, known.target, known.lane);
}

}  // namespace

Result<std::int64_t> AddDelivery(const Session& session, const Delivery& delivery) {
  std::string state = delivery.state.empty() ? "owed" : delivery.state;
  bool open = IsOpen(state, delivery.lane_waits);
  CHECK_OK(Run(session.database,
               "INSERT INTO delivery (seq, target, lane, payload, subject, state, cause, attempts, next_try,"
               " lane_waits, inserts, open, head) VALUES (?,?,?,?,?,?,?,?,?,?,?,?, ? AND NOT EXISTS"
               " (SELECT 1 FROM delivery WHERE target = ? AND lane = ? AND open = 1))",
               delivery.seq, delivery.target, delivery.lane, Blob{delivery.payload}, delivery.subject, state,
               delivery.cause, delivery.attempts, delivery.next_try, delivery.lane_waits,
               LinesOf(delivery.inserts), open, open,
               delivery.target, delivery.lane));
  return session.database.last_row_id();
}

Status NoteAttempt(const Session& session, const Attempt& attempt, const Delivery& after) {
  TRY(auto known, ReadDelivery(session, attempt.delivery_id));
  if (!known) return Error{errors::DeliveryUnknown};
  std::string at = attempt.at.empty() ? IsoUtc(session.clock()) : attempt.at;
  CHECK_OK(Run(session.database,
               "INSERT INTO attempt (delivery, at, outcome, http_status, cause) VALUES (?,?,?,?,?)",
               attempt.delivery_id, at, attempt.outcome, attempt.http_status, attempt.cause));
  return SetDelivery(session, *known, after.state, after.cause, after.attempts, after.next_try);
}

Status OweDeliveryAgain(const Session& session, std::int64_t id) {
  TRY(auto known, ReadDelivery(session, id));
  if (!known) return Error{errors::DeliveryUnknown};
  if (known->state != "parked" && known->state != "withheld") return Error{errors::DeliveryNotWaiting};
  return SetDelivery(session, *known, "owed", known->cause, 0, "");
}

Result<std::optional<Delivery>> ReadDelivery(const Session& session, std::int64_t id) {
  Query row(session.database, "SELECT " DELIVERY_COLUMNS " FROM delivery WHERE id = ?", id);
  if (row.Next()) return std::optional(DeliveryOf(row));
  CHECK_OK(row.Ended());
  return std::optional<Delivery>();
}

Result<std::vector<Delivery>> ReadDeliveries(const Session& session, std::string_view state,
                                             std::int64_t after_id, int count_max) {
  if (state.empty()) {
    Query rows(session.database, "SELECT " DELIVERY_COLUMNS " FROM delivery WHERE id > ? ORDER BY id LIMIT ?",
               after_id, count_max);
    return All(rows);
  }
  Query rows(session.database,
             "SELECT " DELIVERY_COLUMNS " FROM delivery WHERE state = ? AND id > ? ORDER BY id LIMIT ?",
             state, after_id, count_max);
  return All(rows);
}

Result<std::vector<Delivery>> ReadDeliveriesOf(const Session& session, pipeline::Seq seq) {
  Query rows(session.database, "SELECT " DELIVERY_COLUMNS " FROM delivery WHERE seq = ? ORDER BY id", seq);
  return All(rows);
}

Result<std::vector<Attempt>> ReadAttempts(const Session& session, std::int64_t delivery_id) {
  Query rows(session.database,
             "SELECT delivery, at, outcome, http_status, cause FROM attempt WHERE delivery = ? ORDER BY id",
             delivery_id);
  std::vector<Attempt> all;
  while (rows.Next())
    all.push_back(
        {rows.Int(0), rows.String(1), rows.String(2), static_cast<int>(rows.Int(3)), rows.String(4)});
  CHECK_OK(rows.Ended());
  return all;
}

Result<std::vector<pipeline::Backlog>> ReadBacklogs(const Session& session) {
  Query rows(session.database,
             "SELECT target, state, n, coalesce((SELECT received FROM message m WHERE m.seq = first), '') FROM"
             " (SELECT target, state, count(*) AS n, min(seq) AS first FROM delivery"
             "  WHERE state IN ('owed', 'parked') GROUP BY target, state)");
  std::vector<pipeline::Backlog> all;
  while (rows.Next()) all.push_back({rows.String(0), rows.String(1), rows.Int(2), rows.String(3)});
  CHECK_OK(rows.Ended());
  return all;
}

Result<std::vector<Delivery>> DueDeliveries(const Session& session, std::string_view target,
                                            std::string_view now, int count_max) {
  Query rows(session.database,
             "SELECT " DELIVERY_COLUMNS
             " FROM delivery WHERE head = 1 AND state = 'owed' AND target = ?"
             " AND next_try <= ? ORDER BY next_try, id LIMIT ?",
             target, now, count_max);
  return All(rows);
}

}  // namespace passerelle::store
