#pragma once
// SegmentText: one ER7 segment put together field by field. Private to this room.

#include <string>
#include <string_view>
#include <vector>

#include "mappers/hl7v2/ack.h"
#include "mappers/hl7v2/escape.h"

namespace passerelle::hl7v2 {

// Puts a segment together; fields at the end that are empty are left out.
class SegmentText {
 public:
  SegmentText(std::string name, const Delimiters& delimiters) : text_(std::move(name)), d_(delimiters) {}

  // `raw` may hold components and is taken as it is.
  SegmentText& Raw(int field, std::string_view raw) {
    if (raw.empty()) return *this;
    for (; last_ < field; ++last_) text_.push_back(d_.field);
    text_.append(raw);
    return *this;
  }
  SegmentText& Text(int field, std::string_view text) { return Raw(field, Escaped(text)); }

  // Parts of one field, with empty ones at the end left out.
  SegmentText& Parts(int field, const std::vector<std::string>& parts) {
    std::string raw;
    std::size_t kept = 0;
    for (const std::string& part : parts) {
      raw.append(Escaped(part));
      if (!part.empty()) kept = raw.size();
      raw.push_back(d_.component);
    }
    raw.resize(kept);
    return Raw(field, raw);
  }

  std::string Take() && { return std::move(text_) + '\r'; }

 private:
  std::string Escaped(std::string_view text) const {
    std::string out;
    AppendEscaped(text, d_, out);
    return out;
  }

  std::string text_;
  const Delimiters& d_;
  int last_ = 0;
};

// An ERR segment; `old_form` is that of before v2.5.
std::string BuildError(const AckError& error, bool old_form, const Delimiters& delimiters);

}  // namespace passerelle::hl7v2
