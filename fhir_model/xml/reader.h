#pragma once
// Reader: libxml2's SAX2 events over a text in memory, with slices of that text instead of copies. Private to this
// room.

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "fhir_model/base/limits.h"
#include "fhir_model/base/result.h"
#include "fhir_model/node/tree.h"

namespace passerelle::xml {

struct Attribute {
  std::string_view name, uri;
  std::string_view value;
  bool in_source;  // else value lives only until the call returns
};

struct Declaration {  // xmlns[:prefix]="uri"
  std::string_view prefix, uri;
};

struct StartTag {
  std::string_view name, prefix, uri;
  std::span<const Attribute> attributes;
  std::span<const Declaration> declarations;
  std::size_t begin;  // offset of '<'
  std::uint32_t line, column;
};

// What a reader of a vocabulary does with the events. After Fail nothing more comes.
class Events {
 public:
  virtual ~Events() = default;
  virtual void Start(const StartTag& tag) = 0;
  // `begin` and `end` delimit the end tag, or the whole of an empty element.
  virtual void End(std::size_t begin, std::size_t end) = 0;
  // A run of character data between two tags; never empty.
  virtual void Text(std::string_view text, bool in_source) = 0;

  const std::optional<Error>& error() const { return error_; }

 protected:
  void Fail(const ErrorInfo& info, std::string detail, Place place) {
    if (!error_) error_ = Error{info, std::move(detail), std::move(place)};
  }

 private:
  std::optional<Error> error_;
};

// Decodes, refuses a DOCTYPE, and makes the text the tree's source: line ends are LF, the XML declaration is blank.
Status AdoptXml(node::Tree& tree, std::string bytes, const Limits& limits);

// Reads from end to end. A NUL must follow the text, as it does in a std::string.
Status Read(std::string_view source, Events& events);

// Whether `text` is one well-formed element and nothing else.
bool IsElement(std::string_view text);

}  // namespace passerelle::xml
