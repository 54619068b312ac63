#pragma once
// XhtmlCapture: keeps a narrative's <div> as the bytes it was written in. Where the bytes cannot stand alone, because
// their namespace is declared outside of them or they use a prefix, it is written anew. Private to this room.

#include <string>
#include <string_view>
#include <utility>

#include "fhir_model/xml/reader.h"

namespace passerelle::xml {

class XhtmlCapture {
 public:
  explicit XhtmlCapture(const StartTag& div);

  void Start(const StartTag& tag);
  bool End(std::size_t begin, std::size_t end);  // true when the div is closed
  void Text(std::string_view text);
  std::size_t depth() const { return depth_; }

  // The div as text, and whether that is a slice of `source`.
  std::pair<std::string_view, bool> Take(std::string_view source) const;

 private:
  void WriteStart(const StartTag& tag);

  std::size_t begin_, end_ = 0, depth_ = 1;
  bool verbatim_;
  bool tag_open_ = false;  // ">" not written yet
  std::vector<std::string> names_;
  std::string written_;
};

// Appends `text` as XML character data or as an attribute's value. Characters that XML cannot hold become U+FFFD.
void EscapeXml(std::string_view text, bool attribute, std::string& out);

}  // namespace passerelle::xml
