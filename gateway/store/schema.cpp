#include "gateway/store/schema.h"

#include <string>

#include "gateway/store/errors.h"

namespace passerelle::store {
namespace {

// Each table's purpose in one line; docs/architecture.md has the whole picture. `prev_hash` and `hash` chain
// the rows of a table (chain.h). Times are ISO 8601 UTC with milliseconds, so that text order is time order;
// `at_ms` is the same as a number where it is searched.
constexpr const char* kMigrations[] = {
    R"sql(
-- a small durable map
CREATE TABLE setting (name TEXT PRIMARY KEY, value TEXT NOT NULL) STRICT, WITHOUT ROWID;

-- every message ever received, as it came; state, cause and step follow its fate
CREATE TABLE message (
  seq INTEGER PRIMARY KEY, received TEXT NOT NULL, feed TEXT NOT NULL, sender TEXT NOT NULL,
  content_type TEXT NOT NULL, labels TEXT NOT NULL, peer_address TEXT NOT NULL, peer_port INTEGER NOT NULL,
  peer_flags INTEGER NOT NULL, peer_certificate TEXT NOT NULL, sha256 BLOB NOT NULL, body_bytes INTEGER NOT NULL,
  receipt_code TEXT, receipt_status INTEGER, receipt_answer BLOB,
  format TEXT NOT NULL, control_id TEXT NOT NULL, event TEXT NOT NULL, state INTEGER NOT NULL, cause TEXT NOT NULL,
  step INTEGER, attempts INTEGER NOT NULL, prev_hash BLOB NOT NULL, hash BLOB NOT NULL) STRICT;
CREATE INDEX message_repeat ON message (sha256);
CREATE INDEX message_kept ON message (seq) WHERE state = 0;
CREATE INDEX message_state ON message (state, seq);
-- bodies up to 64 KiB; larger ones are files named by their hash
CREATE TABLE body (seq INTEGER PRIMARY KEY, bytes BLOB NOT NULL) STRICT;
-- what was decided about messages, never changed
CREATE TABLE step (
  id INTEGER PRIMARY KEY, seq INTEGER NOT NULL, at TEXT NOT NULL, state INTEGER NOT NULL, cause TEXT NOT NULL,
  answer_code TEXT, answer_status INTEGER, answer BLOB, settings_digest TEXT NOT NULL, findings TEXT NOT NULL,
  ledger TEXT NOT NULL, resources TEXT NOT NULL, prev_hash BLOB NOT NULL, hash BLOB NOT NULL) STRICT;
CREATE INDEX step_message ON step (seq);

-- the latest version of each resource; `latest` is its row in version
CREATE TABLE resource (
  key INTEGER PRIMARY KEY, type TEXT NOT NULL, id TEXT NOT NULL, version INTEGER NOT NULL, deleted INTEGER NOT NULL,
  at_ms INTEGER NOT NULL, digest BLOB NOT NULL, latest INTEGER NOT NULL) STRICT;
CREATE UNIQUE INDEX resource_id ON resource (type, id);
CREATE INDEX resource_type ON resource (type, key) WHERE deleted = 0;
-- all versions, in the order of writing
CREATE TABLE version (
  key INTEGER PRIMARY KEY, resource INTEGER NOT NULL, version INTEGER NOT NULL, type TEXT NOT NULL, at TEXT NOT NULL,
  method TEXT NOT NULL, deleted INTEGER NOT NULL, json TEXT NOT NULL) STRICT;
CREATE INDEX version_resource ON version (resource, version);
CREATE INDEX version_type ON version (type, key);

-- what the latest versions can be found by. id = resource key * 2^20 + position: all of a resource stand together.
-- parameter = hash of "Type.code" (index.h). term: tokens, references, URIs and strings.
CREATE TABLE term (
  id INTEGER PRIMARY KEY, parameter INTEGER NOT NULL, value TEXT NOT NULL, system TEXT NOT NULL) STRICT;
CREATE INDEX term_value ON term (parameter, value, system);
CREATE TABLE moment (id INTEGER PRIMARY KEY, parameter INTEGER NOT NULL, low INTEGER NOT NULL, high INTEGER NOT NULL)
  STRICT;
CREATE INDEX moment_low ON moment (parameter, low, high);
CREATE TABLE amount (
  id INTEGER PRIMARY KEY, parameter INTEGER NOT NULL, low REAL NOT NULL, high REAL NOT NULL, code TEXT NOT NULL,
  system TEXT NOT NULL) STRICT;
CREATE INDEX amount_low ON amount (parameter, low, high);

-- which document a resource was made from
CREATE TABLE derived (document TEXT NOT NULL, resource TEXT NOT NULL, PRIMARY KEY (document, resource))
  STRICT, WITHOUT ROWID;
CREATE INDEX derived_resource ON derived (resource);

-- what is owed to targets; head marks the first open one of its lane
CREATE TABLE delivery (
  id INTEGER PRIMARY KEY, seq INTEGER NOT NULL, target TEXT NOT NULL, lane TEXT NOT NULL, payload BLOB NOT NULL,
  subject TEXT NOT NULL, state TEXT NOT NULL, cause TEXT NOT NULL, attempts INTEGER NOT NULL, next_try TEXT NOT NULL,
  lane_waits INTEGER NOT NULL, open INTEGER NOT NULL, head INTEGER NOT NULL) STRICT;
CREATE INDEX delivery_message ON delivery (seq);
CREATE INDEX delivery_state ON delivery (state, id);
CREATE INDEX delivery_open ON delivery (target, lane, id) WHERE open = 1;
CREATE INDEX delivery_due ON delivery (target, next_try, id) WHERE head = 1;
CREATE TABLE attempt (
  id INTEGER PRIMARY KEY, delivery INTEGER NOT NULL, at TEXT NOT NULL, outcome TEXT NOT NULL,
  http_status INTEGER NOT NULL, cause TEXT NOT NULL) STRICT;
CREATE INDEX attempt_delivery ON attempt (delivery);

-- who saw and did what
CREATE TABLE audit (
  id INTEGER PRIMARY KEY, at TEXT NOT NULL, who TEXT NOT NULL, action TEXT NOT NULL, patient TEXT NOT NULL,
  resource TEXT NOT NULL, purpose TEXT NOT NULL, seq INTEGER NOT NULL, prev_hash BLOB NOT NULL, hash BLOB NOT NULL)
  STRICT;
CREATE INDEX audit_patient ON audit (patient, id);
)sql",
    R"sql(
-- pages by time of change
CREATE INDEX resource_time ON resource (type, at_ms, key) WHERE deleted = 0;
)sql",
    // A value before its parameter: what one message says of one patient stands together, so that a commit
    // touches few pages.
    R"sql(
DROP INDEX term_value;
CREATE INDEX term_value ON term (value, parameter);
)sql",
    R"sql(
-- the console's filters
CREATE INDEX message_control ON message (control_id, seq) WHERE control_id <> '';
CREATE INDEX message_event ON message (event, seq) WHERE event <> '';
)sql",
    R"sql(
CREATE INDEX message_feed ON message (feed, seq);
CREATE INDEX message_format ON message (format, seq) WHERE format <> '';
CREATE INDEX message_received ON message (received, seq);
)sql",
    R"sql(
-- whose messages: what was received of a patient
CREATE INDEX audit_received ON audit (patient, seq) WHERE action = 'receive';
-- which messages a rule speaks of, by their last decision
CREATE TABLE finding (rule TEXT, seq INTEGER, PRIMARY KEY (rule, seq)) STRICT, WITHOUT ROWID;
INSERT OR IGNORE INTO finding SELECT f.value ->> 'rule', m.seq FROM message m JOIN step s ON s.id = m.step,
  json_each(CASE s.findings WHEN '' THEN '[]' ELSE s.findings END) f;
)sql",
    R"sql(
-- what a version of a Binary holds, where that stands in the message of hash `body`: base64 from `offset` on
CREATE TABLE content (
  id TEXT, version INTEGER, body BLOB NOT NULL, offset INTEGER NOT NULL, length INTEGER NOT NULL,
  padding TEXT NOT NULL, bytes INTEGER NOT NULL, digest TEXT NOT NULL, PRIMARY KEY (id, version))
  STRICT, WITHOUT ROWID;
-- pieces of messages that go out with a payload, a line each: before which byte, of what hash, from where, how long
ALTER TABLE delivery ADD COLUMN inserts TEXT NOT NULL DEFAULT '';
)sql",
    R"sql(
-- whom a message names that did not come into the record; of the others `audit` knows
CREATE TABLE named (value TEXT, system TEXT, seq INTEGER, PRIMARY KEY (value, system, seq)) STRICT, WITHOUT ROWID;
)sql",
};

}  // namespace

Status Migrate(Database& database) {
  std::int64_t known = 0;
  {
    Query version(database, "PRAGMA user_version");
    if (!version.Next()) return database.LastError();
    known = version.Int(0);
  }
  constexpr auto kCount = static_cast<std::int64_t>(std::size(kMigrations));
  if (known > kCount) return Error{errors::StoreNewer, "schema " + std::to_string(known)};
  for (; known < kCount; ++known) {
    std::string step = "BEGIN IMMEDIATE;" + std::string(kMigrations[known]) +
                       "; PRAGMA user_version = " + std::to_string(known + 1) + "; COMMIT";
    CHECK_OK(database.Execute(step.c_str()));
  }
  return Ok();
}

}  // namespace passerelle::store
