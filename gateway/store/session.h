#pragma once
// Session: one connection and what its work needs beside it. The areas of the store (journal, record, search,
// outbox, audit) are functions over a Session.

#include "gateway/pipeline/store.h"
#include "gateway/store/bodies.h"
#include "gateway/store/changes.h"
#include "gateway/store/clock.h"
#include "gateway/store/index.h"
#include "gateway/store/sqlite.h"

namespace passerelle::store {

struct Session {
  Database& database;
  const Bodies& bodies;
  const Clock& clock;
  const Indexer& indexer;
  Changes* changes = nullptr;  // the writer's: told of what is written
};

}  // namespace passerelle::store
