#pragma once
// XhtmlNesting: which elements a narrative may have (R4, 2.4.0, txt-1) and which of them may stand in which
// (HTML 4.0, chapters 7 to 11 and 15): no lists in a paragraph, rows only in tables, nothing in an image.
// Follows one narrative from its <div> on, a few operations on bits an element.

#include <cstdint>
#include <string_view>
#include <vector>

namespace passerelle::validator {

class XhtmlNesting {
 public:
  // An element begins, or there is text; false when it may not stand here.
  bool Open(std::string_view name);
  bool Text() const;
  void Close();
  // The name of the element that holds what comes next; empty outside, and where it is none of a narrative's.
  std::string_view innermost() const;

 private:
  struct Level {
    std::uint8_t element;  // its row in the table
    std::uint64_t within;  // one bit for each row that it, or what is around it but the root, has
  };
  std::vector<Level> open_;
};

}  // namespace passerelle::validator
