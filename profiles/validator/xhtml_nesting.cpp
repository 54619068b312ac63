#include "profiles/validator/xhtml_nesting.h"

#include <array>

namespace passerelle::validator {
namespace {

using Bits = std::uint64_t;

enum class Holds : std::uint8_t {
  Anything,
  Text,    // no blocks
  Phrase,  // no blocks, nor itself
  Only     // the children named
};

struct Row {
  std::string_view element;
  Holds holds;
  std::string_view children = {};  // of Only, each with blanks around
  std::string_view parents = {};   // empty: wherever it likes
};
constexpr auto kRows = std::to_array<Row>({
    {"p", Holds::Text},
    {"div", Holds::Anything},
    {"span", Holds::Text},
    {"td", Holds::Anything, "", " tr "},
    {"tr", Holds::Only, " td th ", " table thead tfoot tbody "},
    {"a", Holds::Phrase},
    {"b", Holds::Phrase},
    {"br", Holds::Only},
    {"table", Holds::Only, " tbody tr caption thead tfoot col colgroup "},
    {"tbody", Holds::Only, " tr ", " table "},
    {"thead", Holds::Only, " tr ", " table "},
    {"tfoot", Holds::Only, " tr ", " table "},
    {"th", Holds::Anything, "", " tr "},
    {"caption", Holds::Text, "", " table "},
    {"colgroup", Holds::Only, " col ", " table "},
    {"col", Holds::Only, "", " colgroup table "},
    {"ul", Holds::Only, " li "},
    {"ol", Holds::Only, " li "},
    {"li", Holds::Anything, "", " ul ol "},
    {"dl", Holds::Only, " dd dt "},
    {"dt", Holds::Text, "", " dl "},
    {"dd", Holds::Anything, "", " dl "},
    {"i", Holds::Phrase},
    {"em", Holds::Phrase},
    {"strong", Holds::Phrase},
    {"small", Holds::Phrase},
    {"big", Holds::Phrase},
    {"sub", Holds::Phrase},
    {"sup", Holds::Phrase},
    {"code", Holds::Phrase},
    {"tt", Holds::Phrase},
    {"dfn", Holds::Phrase},
    {"q", Holds::Phrase},
    {"var", Holds::Phrase},
    {"abbr", Holds::Phrase},
    {"acronym", Holds::Phrase},
    {"cite", Holds::Phrase},
    {"bdo", Holds::Phrase},
    {"kbd", Holds::Phrase},
    {"samp", Holds::Phrase},
    {"h1", Holds::Text},
    {"h2", Holds::Text},
    {"h3", Holds::Text},
    {"h4", Holds::Text},
    {"h5", Holds::Text},
    {"h6", Holds::Text},
    {"pre", Holds::Text},
    {"address", Holds::Text},
    {"blockquote", Holds::Anything},
    {"img", Holds::Only},
    {"hr", Holds::Only},
    {"map", Holds::Only, " area "},
    {"area", Holds::Only},
});
constexpr std::string_view kBlocks = " div pre table ul ol ",
                           kNotInParagraph = " div blockquote table ol ul p ";
constexpr std::uint8_t kUnknown = 63;
static_assert(kRows.size() <= kUnknown, "a row has a bit of its own, and so has what is unknown");

constexpr bool IsNamed(std::string_view name, std::string_view words) {
  for (auto at = words.find(name); at != words.npos; at = words.find(name, at + 1))
    if (words[at - 1] == ' ' && words[at + name.size()] == ' ') return true;
  return false;
}

constexpr Bits BitOf(std::size_t row) { return Bits{1} << row; }

constexpr Bits BitsOf(std::string_view words) {
  Bits bits = 0;
  for (std::size_t row = 0; row < kRows.size(); ++row)
    if (IsNamed(kRows[row].element, words)) bits |= BitOf(row);
  return bits;
}

// The rows as bits, the last for what is no element of a narrative.
struct Rules {
  Bits children = ~Bits{0}, parents = ~Bits{0}, not_within = 0;
  bool text = true;
};
constexpr std::array<Rules, kUnknown + 1> kRules = [] {
  std::array<Rules, kUnknown + 1> rules{};
  Bits text_only = 0;
  for (std::size_t row = 0; row < kRows.size(); ++row)
    if (kRows[row].holds == Holds::Text || kRows[row].holds == Holds::Phrase) text_only |= BitOf(row);
  for (std::size_t row = 0; row < kRows.size(); ++row) {
    const Row& said = kRows[row];
    Rules& rule = rules[row];
    rule.text = said.holds != Holds::Only;
    if (said.holds == Holds::Only) rule.children = BitsOf(said.children);
    if (!said.parents.empty()) rule.parents = BitsOf(said.parents);
    if (said.holds == Holds::Phrase) rule.not_within |= BitOf(row);
    if (IsNamed(said.element, kBlocks)) rule.not_within |= text_only;
    if (IsNamed(said.element, kNotInParagraph)) rule.not_within |= BitsOf(" p ");
  }
  return rules;
}();

// Where a name is looked for first; what is taken sends it on to the next.
constexpr std::size_t kSlots = 256;
constexpr std::size_t SlotOf(std::string_view name) {
  auto first = static_cast<unsigned char>(name.front()), last = static_cast<unsigned char>(name.back());
  return (first * 7u + last * 31u + name.size() * 11u) % kSlots;
}
constexpr std::array<std::uint8_t, kSlots> kSlotRows = [] {
  std::array<std::uint8_t, kSlots> slots{};
  slots.fill(kUnknown);
  for (std::size_t row = 0; row < kRows.size(); ++row) {
    std::size_t slot = SlotOf(kRows[row].element);
    while (slots[slot] != kUnknown) slot = (slot + 1) % kSlots;
    slots[slot] = static_cast<std::uint8_t>(row);
  }
  return slots;
}();

std::uint8_t RowOf(std::string_view name) {
  if (name.empty()) return kUnknown;
  for (std::size_t slot = SlotOf(name); kSlotRows[slot] != kUnknown; slot = (slot + 1) % kSlots)
    if (kRows[kSlotRows[slot]].element == name) return kSlotRows[slot];
  return kUnknown;
}

}  // namespace

bool XhtmlNesting::Open(std::string_view name) {
  const std::uint8_t row = RowOf(name);
  if (open_.empty()) {
    open_.push_back({row, 0});
    return true;
  }
  const Level around = open_.back();
  open_.push_back({row, around.within | BitOf(row)});
  const Rules& rule = kRules[row];
  return (kRules[around.element].children & BitOf(row)) != 0 && (rule.parents & BitOf(around.element)) != 0 &&
         (rule.not_within & around.within) == 0;
}

bool XhtmlNesting::Text() const { return open_.empty() || kRules[open_.back().element].text; }

void XhtmlNesting::Close() {
  if (!open_.empty()) open_.pop_back();
}

std::string_view XhtmlNesting::innermost() const {
  return open_.empty() || open_.back().element == kUnknown ? std::string_view()
                                                           : kRows[open_.back().element].element;
}

}  // namespace passerelle::validator
