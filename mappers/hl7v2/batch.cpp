#include "mappers/hl7v2/batch.h"

#include <charconv>
#include <optional>

#include "mappers/hl7v2/rules.h"
#include "mappers/hl7v2/text.h"

namespace passerelle::hl7v2 {
namespace {

enum class Line { FileHeader, BatchHeader, Message, BatchTrailer, FileTrailer, Other };

Line LineKind(std::string_view line) {
  if (line.size() < 3) return Line::Other;
  auto name = line.substr(0, 3);
  bool ends = line.size() == 3 || line[3] < '0' || (line[3] > '9' && line[3] < 'A') || line[3] > 'z' ||
              (line[3] > 'Z' && line[3] < 'a');
  if (!ends) return Line::Other;
  if (name == "MSH") return Line::Message;
  if (name == "FHS") return Line::FileHeader;
  if (name == "BHS") return Line::BatchHeader;
  if (name == "BTS") return Line::BatchTrailer;
  if (name == "FTS") return Line::FileTrailer;
  return Line::Other;
}

// Calls do_line(line, offset) for each line that is not blank.
template <class Function>
void ForEachLine(std::string_view bytes, Function do_line) {
  for (std::size_t at = FindMessageStart(bytes); at < bytes.size();) {
    auto end = FindLineEnd(bytes, at);
    if (end == bytes.npos) end = bytes.size();
    auto line = bytes.substr(at, end - at);
    while (!line.empty() && (line[0] == '\x0B' || line[0] == '\x1C' || line[0] == '\0')) {
      line.remove_prefix(1);
      ++at;
    }
    if (!line.empty()) do_line(line, at);
    at = end + 1;
  }
}

// What a trailer counts, in its first field.
std::optional<int> CountIn(std::string_view trailer) {
  if (trailer.size() < 5) return std::nullopt;
  int count = 0;
  auto [end, wrong] = std::from_chars(trailer.data() + 4, trailer.data() + trailer.size(), count);
  return wrong == std::errc() ? std::optional(count) : std::nullopt;
}

class Splitter {
 public:
  Splitter(std::string_view bytes, Batch& batch, Issues& issues) : bytes_(bytes), batch_(batch), issues_(issues) {}

  void Take(std::string_view line, std::size_t offset) {
    Line kind = LineKind(line);
    if (kind == Line::Other) {
      if (begin_ == bytes_.npos) Stray();
      return;
    }
    EndMessage(offset);
    switch (kind) {
      case Line::FileHeader: batch_.file_id = HeaderField(line, 11); break;
      case Line::BatchHeader:
        if (batch_.batches++ == 0) batch_.batch_id = HeaderField(line, 11);
        in_batch_ = 0;
        break;
      case Line::Message:
        begin_ = offset;
        ++in_batch_;
        break;
      case Line::BatchTrailer: Compare(rules::BatchCount, "BTS-1", CountIn(line), in_batch_); break;
      case Line::FileTrailer: Compare(rules::FileCount, "FTS-1", CountIn(line), batch_.batches); break;
      case Line::Other: break;
    }
  }

  void EndMessage(std::size_t offset) {
    if (begin_ == bytes_.npos) return;
    batch_.messages.push_back(bytes_.substr(begin_, offset - begin_));
    begin_ = bytes_.npos;
  }

 private:
  void Compare(const RuleInfo& rule, std::string_view where, std::optional<int> said, int found) {
    if (said && *said != found)
      issues_.Add(rule, {std::string(where)}, {std::to_string(*said), std::to_string(found)});
  }

  void Stray() {
    if (!stray_) issues_.Add(rules::BatchStray, {});
    stray_ = true;
  }

  std::string_view bytes_;
  Batch& batch_;
  Issues& issues_;
  std::size_t begin_ = std::string_view::npos;
  int in_batch_ = 0;
  bool stray_ = false;
};

}  // namespace

bool IsBatch(std::string_view bytes) {
  int messages = 0;
  bool envelope = false;
  ForEachLine(bytes, [&](std::string_view line, std::size_t) {
    Line kind = LineKind(line);
    messages += kind == Line::Message;
    envelope = envelope || kind == Line::FileHeader || kind == Line::BatchHeader;
  });
  return envelope || messages > 1;
}

Batch SplitBatch(std::string_view bytes, Issues& issues) {
  Batch batch;
  Splitter splitter(bytes, batch, issues);
  ForEachLine(bytes, [&](std::string_view line, std::size_t offset) { splitter.Take(line, offset); });
  splitter.EndMessage(bytes.size());
  return batch;
}

namespace {

// Lines of the envelope, lines within messages, and the envelope with the messages' headers.
struct Outline {
  std::size_t envelope = 0, inner = 0;
  std::string contents;
};

Outline OutlineOf(std::string_view bytes) {
  Outline outline;
  ForEachLine(bytes, [&](std::string_view line, std::size_t) {
    Line kind = LineKind(line);
    if (kind == Line::Other) {
      ++outline.inner;
      return;
    }
    outline.envelope += kind != Line::Message;
    outline.contents.append(line) += '\r';
  });
  return outline;
}

}  // namespace

std::string ContentsOf(std::string_view bytes) {
  Outline outline = OutlineOf(bytes);
  return outline.envelope == 0 ? std::string() : std::move(outline.contents);
}

bool IsContents(std::string_view bytes) {
  auto head = bytes.substr(0, 3);
  if (head != "FHS" && head != "BHS") return false;
  Outline outline = OutlineOf(bytes);
  return outline.inner == 0 && outline.contents == bytes;
}

}  // namespace passerelle::hl7v2
