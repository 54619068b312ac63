#pragma once
// Brings a database file to the present schema (PRAGMA user_version), one migration a step, each in a
// transaction.

#include "gateway/store/sqlite.h"

namespace passerelle::store {

// StoreNewer when the file knows more migrations than this program.
Status Migrate(Database& database);

}  // namespace passerelle::store
