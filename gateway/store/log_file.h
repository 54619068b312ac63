#pragma once
// SQLite writes its log frame by frame, two system calls each, and hundreds of frames a commit: more time
// than the sync itself. Under this VFS what is written to the log is gathered and goes out in few long
// writes, before whatever could see the difference: a sync, a read, a truncation. Nothing is later on disk
// than with SQLite's own, as long as every commit is synced (`PRAGMA synchronous = FULL`): the frames of one
// become visible to others after its sync.

namespace passerelle::store {

// The name for sqlite3_open_v2; registered at the first call. Null if SQLite has no VFS to stand on.
const char* GatheringVfs();

}  // namespace passerelle::store
