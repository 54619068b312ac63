// PKWARE APPNOTE 4.3: the directory at the end says what is in the archive; the headers before each file are
// only stepped over.

#include "gateway/labelling/zip.h"

#include <zlib.h>

#include <algorithm>
#include <set>

#include "gateway/labelling/errors.h"

namespace passerelle::labelling {
namespace {

constexpr std::size_t kFilesMax = 1000, kBytesMax = 64u << 20;  // of all files together, unpacked
constexpr std::uint32_t kFileMark = 0x04034B50, kDirectoryMark = 0x02014B50, kEndMark = 0x06054B50;
constexpr std::size_t kFileHeader = 30, kDirectoryHeader = 46, kEnd = 22, kCommentMax = 0xFFFF;
constexpr std::uint16_t kStored = 0, kDeflated = 8, kEncrypted = 1, kUtf8 = 0x0800;

Error Refused(std::string why) { return Error{errors::ArchiveRefused, std::move(why)}; }

// Little-endian numbers; nothing is read beyond the end.
std::uint32_t Number(std::string_view bytes, std::size_t at, std::size_t size) {
  std::uint32_t value = 0;
  for (std::size_t i = size; i-- > 0;)
    value = value << 8 | (at + i < bytes.size() ? static_cast<unsigned char>(bytes[at + i]) : 0);
  return value;
}

void Put(std::string& to, std::uint32_t value, int size) {
  for (int i = 0; i < size; ++i) to += static_cast<char>(value >> (8 * i) & 0xFF);
}

std::uint32_t Crc(std::string_view bytes) {
  return static_cast<std::uint32_t>(
      crc32_z(crc32_z(0, nullptr, 0), reinterpret_cast<const Bytef*>(bytes.data()), bytes.size()));
}

// Where the end of the directory stands: the last mark whose comment reaches to the end of the file.
std::size_t FindEnd(std::string_view bytes) {
  if (bytes.size() < kEnd) return bytes.npos;
  std::size_t last = bytes.size() - kEnd, first = last - std::min(last, kCommentMax);
  for (std::size_t at = last + 1; at-- > first;)
    if (Number(bytes, at, 4) == kEndMark && at + kEnd + Number(bytes, at + 20, 2) == bytes.size()) return at;
  return bytes.npos;
}

// A name that stays below the folder the archive would be unpacked in, on every system.
bool StaysInside(std::string_view name) {
  if (name.empty() || name.front() == '/' || name.find_first_of(std::string_view("\\:\0", 3)) != name.npos)
    return false;
  for (std::size_t at = 0; at <= name.size();) {
    auto end = std::min(name.find('/', at), name.size());
    auto step = name.substr(at, end - at);
    if (step == ".." || step == "." || (step.empty() && end != name.size())) return false;
    at = end + 1;
  }
  return true;
}

struct Entry {
  std::string name;
  std::uint16_t flags, method;
  std::uint32_t crc, packed, size, offset;
};

// What is packed, unpacked to exactly the size that the directory says.
Result<std::string> Inflate(std::string_view packed, std::size_t size) {
  std::string out(size + 1, '\0');  // one more, so that a content that goes on is noticed
  z_stream stream{};
  stream.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(packed.data()));
  stream.avail_in = static_cast<uInt>(packed.size());
  stream.next_out = reinterpret_cast<Bytef*>(out.data());
  stream.avail_out = static_cast<uInt>(out.size());
  if (inflateInit2(&stream, -MAX_WBITS) != Z_OK) return Refused("no memory to unpack it");
  int state = inflate(&stream, Z_FINISH);
  std::size_t made = stream.total_out;
  inflateEnd(&stream);
  if (state != Z_STREAM_END || made != size) return Refused("a file is not of the size that is said");
  out.resize(size);
  return out;
}

Result<std::string> Contents(std::string_view bytes, const Entry& entry) {
  if (entry.flags & kEncrypted) return Refused("a file is encrypted");
  if (Number(bytes, entry.offset, 4) != kFileMark) return Refused("a file is not where the directory says");
  std::size_t begin = std::size_t{entry.offset} + kFileHeader + Number(bytes, entry.offset + 26, 2) +
                      Number(bytes, entry.offset + 28, 2);
  if (begin > bytes.size() || entry.packed > bytes.size() - begin) return Refused("it was cut short");
  auto packed = bytes.substr(begin, entry.packed);
  std::string out;
  if (entry.method == kStored && entry.packed == entry.size) {
    out = packed;
  } else if (entry.method == kDeflated) {
    TRY(out, Inflate(packed, entry.size));
  } else {
    return Refused("a file is packed in a way that XDM does not know");
  }
  if (Crc(out) != entry.crc) return Refused("a file has another checksum than is said");
  return out;
}

Result<std::vector<Entry>> Directory(std::string_view bytes) {
  std::size_t end = FindEnd(bytes);
  if (end == bytes.npos) return Refused("it has no directory: it was cut short, or is no ZIP");
  std::size_t count = Number(bytes, end + 10, 2), at = Number(bytes, end + 16, 4), total = 0;
  if (count > kFilesMax) return Refused("it has more than 1000 files");
  std::vector<Entry> entries;
  std::set<std::string> names;
  for (std::size_t i = 0; i < count; ++i) {
    if (at + kDirectoryHeader > end || Number(bytes, at, 4) != kDirectoryMark)
      return Refused("its directory is broken");
    std::size_t name_size = Number(bytes, at + 28, 2);
    if (at + kDirectoryHeader + name_size > end) return Refused("its directory is broken");
    Entry entry{std::string(bytes.substr(at + kDirectoryHeader, name_size)),
                static_cast<std::uint16_t>(Number(bytes, at + 8, 2)),
                static_cast<std::uint16_t>(Number(bytes, at + 10, 2)),
                Number(bytes, at + 16, 4),
                Number(bytes, at + 20, 4),
                Number(bytes, at + 24, 4),
                Number(bytes, at + 42, 4)};
    at += kDirectoryHeader + name_size + Number(bytes, at + 30, 2) + Number(bytes, at + 32, 2);
    if (!StaysInside(entry.name)) return Refused("a name leads out of the archive");
    if (!names.insert(entry.name).second) return Refused("a name stands twice");
    total += entry.size;
    if (total > kBytesMax) return Refused("it unpacks to more than 64 MiB");
    entries.push_back(std::move(entry));
  }
  return entries;
}

}  // namespace

bool LooksLikeZip(std::string_view bytes) {
  auto mark = Number(bytes, 0, 4);
  return bytes.size() >= 4 && (mark == kFileMark || mark == kEndMark);
}

Result<std::vector<ZipFile>> ReadZip(std::string_view bytes) {
  TRY(auto entries, Directory(bytes));
  std::vector<ZipFile> files;
  for (const auto& entry : entries) {
    if (entry.name.ends_with('/')) continue;
    TRY(auto contents, Contents(bytes, entry));
    files.push_back({entry.name, std::move(contents)});
  }
  return files;
}

std::string WriteZip(const std::vector<ZipFile>& files) {
  std::string out, directory;
  for (const auto& file : files) {
    auto offset = static_cast<std::uint32_t>(out.size()),
         size = static_cast<std::uint32_t>(file.bytes.size());
    std::string common;
    Put(common, 20, 2), Put(common, kUtf8, 2), Put(common, kStored, 2);  // version, names, method
    Put(common, 0, 2), Put(common, 0x21, 2);                             // time, date
    Put(common, Crc(file.bytes), 4), Put(common, size, 4), Put(common, size, 4);
    Put(common, static_cast<std::uint32_t>(file.name.size()), 2), Put(common, 0, 2);
    Put(out, kFileMark, 4);
    out.append(common).append(file.name).append(file.bytes);
    Put(directory, kDirectoryMark, 4), Put(directory, 20, 2);
    directory.append(common);
    Put(directory, 0, 4), Put(directory, 0, 2), Put(directory, 0, 4), Put(directory, offset, 4);
    directory.append(file.name);
  }
  auto count = static_cast<std::uint32_t>(files.size()), begin = static_cast<std::uint32_t>(out.size());
  out += directory;
  Put(out, kEndMark, 4), Put(out, 0, 4), Put(out, count, 2), Put(out, count, 2);
  Put(out, static_cast<std::uint32_t>(directory.size()), 4), Put(out, begin, 4), Put(out, 0, 2);
  return out;
}

}  // namespace passerelle::labelling
