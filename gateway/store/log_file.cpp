#include "gateway/store/log_file.h"

#include <sqlite3.h>

#include <cstring>
#include <new>
#include <vector>

namespace passerelle::store {
namespace {

constexpr std::size_t kGatheredMax = (1 << 17) - 1;  // the unix VFS writes no more at once
constexpr const char* kName = "passerelle";

// What SQLite holds as the log's sqlite3_file; the file of the VFS below follows in the same memory.
struct LogFile {
  sqlite3_file base;
  std::vector<char> gathered;
  sqlite3_int64 at = 0;  // where `gathered` belongs
};

constexpr int kBelowOffset = (sizeof(LogFile) + 7) / 8 * 8;

LogFile& Log(sqlite3_file* file) { return *reinterpret_cast<LogFile*>(file); }
sqlite3_file* Below(sqlite3_file* file) {
  return reinterpret_cast<sqlite3_file*>(reinterpret_cast<char*>(file) + kBelowOffset);
}
sqlite3_vfs* Below(sqlite3_vfs* vfs) { return static_cast<sqlite3_vfs*>(vfs->pAppData); }

int Flush(sqlite3_file* file) {
  LogFile& log = Log(file);
  if (log.gathered.empty()) return SQLITE_OK;
  int outcome = Below(file)->pMethods->xWrite(Below(file), log.gathered.data(),
                                              static_cast<int>(log.gathered.size()), log.at);
  log.gathered.clear();  // what was not written is not committed: SQLite is told, and goes back
  return outcome;
}

// Everything but writing asks the file below, which must first have what was written.
template <auto kMethod, class... Arguments>
int Flushed(sqlite3_file* file, Arguments... arguments) {
  if (int outcome = Flush(file); outcome != SQLITE_OK) return outcome;
  return (Below(file)->pMethods->*kMethod)(Below(file), arguments...);
}

int Write(sqlite3_file* file, const void* bytes, int count, sqlite3_int64 at) {
  LogFile& log = Log(file);
  bool follows = at == log.at + static_cast<sqlite3_int64>(log.gathered.size());
  if (!follows || log.gathered.size() + static_cast<std::size_t>(count) > kGatheredMax)
    if (int outcome = Flush(file); outcome != SQLITE_OK) return outcome;
  if (log.gathered.empty()) log.at = at;
  auto* begin = static_cast<const char*>(bytes);
  log.gathered.insert(log.gathered.end(), begin, begin + count);
  return SQLITE_OK;
}

int Close(sqlite3_file* file) {
  int flushed = Flush(file);
  int closed = Below(file)->pMethods->xClose(Below(file));
  Log(file).~LogFile();
  return flushed != SQLITE_OK ? flushed : closed;
}

// Of the first version: SQLite neither maps a log nor shares its memory.
const sqlite3_io_methods kLogMethods = {
    1,
    Close,
    Flushed<&sqlite3_io_methods::xRead, void*, int, sqlite3_int64>,
    Write,
    Flushed<&sqlite3_io_methods::xTruncate, sqlite3_int64>,
    Flushed<&sqlite3_io_methods::xSync, int>,
    Flushed<&sqlite3_io_methods::xFileSize, sqlite3_int64*>,
    Flushed<&sqlite3_io_methods::xLock, int>,
    Flushed<&sqlite3_io_methods::xUnlock, int>,
    Flushed<&sqlite3_io_methods::xCheckReservedLock, int*>,
    Flushed<&sqlite3_io_methods::xFileControl, int, void*>,
    [](sqlite3_file* file) { return Below(file)->pMethods->xSectorSize(Below(file)); },
    [](sqlite3_file* file) { return Below(file)->pMethods->xDeviceCharacteristics(Below(file)); },
    nullptr,
    nullptr,
    nullptr,
    nullptr,
    nullptr,
    nullptr};

int Open(sqlite3_vfs* vfs, const char* name, sqlite3_file* file, int flags, int* flags_out) {
  sqlite3_vfs* below = Below(vfs);
  if ((flags & SQLITE_OPEN_WAL) == 0) return below->xOpen(below, name, file, flags, flags_out);
  file->pMethods = nullptr;
  std::memset(Below(file), 0, static_cast<std::size_t>(below->szOsFile));
  int outcome = below->xOpen(below, name, Below(file), flags, flags_out);
  if (outcome != SQLITE_OK) return outcome;
  auto* log = new (file) LogFile;
  log->base.pMethods = &kLogMethods;
  log->gathered.reserve(kGatheredMax);
  return SQLITE_OK;
}

}  // namespace

const char* GatheringVfs() {
  static const bool kRegistered = [] {
    static sqlite3_vfs vfs;
    sqlite3_vfs* below = sqlite3_vfs_find(nullptr);
    if (below == nullptr) return false;
    vfs = *below;  // whose other methods do not look at the VFS they are called for
    vfs.pNext = nullptr;
    vfs.zName = kName;
    vfs.pAppData = below;
    vfs.szOsFile += kBelowOffset;
    vfs.xOpen = Open;
    return sqlite3_vfs_register(&vfs, 0) == SQLITE_OK;
  }();
  return kRegistered ? kName : nullptr;
}

}  // namespace passerelle::store
