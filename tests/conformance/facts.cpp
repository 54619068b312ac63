#include "tests/conformance/facts.h"

#include <algorithm>
#include <cctype>

namespace passerelle::tests {
namespace {

using node::Children;
using node::Kind;
using node::NodeIndex;
using node::Tree;

enum FactKind : std::size_t { Code, Day, Number, Id, Word };

constexpr std::string_view kNoFacts[] = {"statusCode", "templateId",   "typeId",
                                         "realmCode",  "languageCode", "signatureCode"};
constexpr std::string_view kNumberBearers[] = {"low",    "high",         "value",        "center",
                                               "width",  "doseQuantity", "rateQuantity", "quantity",
                                               "period", "repeatNumber", "numerator",    "denominator"};
constexpr std::string_view kTimes[] = {"effectiveTime", "time", "birthTime", "deceasedTime"};
constexpr std::string_view kBounds[] = {"low", "high", "center"};

bool IsAmong(std::string_view name, const auto& names) {
  return std::find(std::begin(names), std::end(names), name) != std::end(names);
}

std::string_view Local(std::string_view name) {
  auto colon = name.find_last_of(":}");
  return colon == name.npos ? name : name.substr(colon + 1);
}

// A code is a token: blanks around it are none of it, in CDA (cs) nor in FHIR.
std::string_view Token(std::string_view code) {
  auto begin = code.find_first_not_of(" \t\n");
  return begin == code.npos ? std::string_view()
                            : code.substr(begin, code.find_last_not_of(" \t\n") - begin + 1);
}

bool IsDigit(char c) { return c >= '0' && c <= '9'; }

std::size_t LeadingDigits(std::string_view text) {
  return static_cast<std::size_t>(std::find_if_not(text.begin(), text.end(), IsDigit) - text.begin());
}

// The same number has the same text: "3.50" and "3.5".
std::string NumberText(std::string_view text) {
  bool negative = text.starts_with('-');
  if (negative) text.remove_prefix(1);
  auto whole = LeadingDigits(text);
  if (whole == 0) return {};
  std::string_view fraction = text.substr(whole);
  if (!fraction.empty()) {
    fraction.remove_prefix(1);
    if (text[whole] != '.' || fraction.empty() || LeadingDigits(fraction) != fraction.size()) return {};
    while (fraction.ends_with('0')) fraction.remove_suffix(1);
  }
  text = text.substr(0, whole);
  while (text.size() > 1 && text.starts_with('0')) text.remove_prefix(1);
  std::string out = std::string(negative ? "-" : "") + std::string(text);
  return fraction.empty() ? out : out + "." + std::string(fraction);
}

// Letters and digits; beyond ASCII all but the signs of Latin-1 and the general punctuation.
bool IsWordPart(std::uint32_t c) {
  if (c < 0x80) return std::isalnum(static_cast<int>(c)) != 0;
  bool sign = c < 0xC0 && c != 0xAA && c != 0xB5 && c != 0xBA;
  return !sign && c != 0xD7 && c != 0xF7 && !(c >= 0x2000 && c < 0x2C00) && !(c >= 0x3000 && c < 0x3040) &&
         c < 0xE000;
}

void AddWords(std::string_view text, auto add) {
  std::string word;
  std::size_t letters = 0;
  auto flush = [&] {
    if (letters >= 3) add(word);
    word.clear();
    letters = 0;
  };
  for (std::size_t i = 0; i < text.size();) {
    auto byte = static_cast<unsigned char>(text[i]);
    std::size_t length = byte < 0x80 ? 1 : byte < 0xE0 ? 2 : byte < 0xF0 ? 3 : 4;
    std::uint32_t c = byte < 0x80 ? byte : byte & (0x7Fu >> length);
    for (std::size_t k = 1; k < length && i + k < text.size(); ++k)
      c = c << 6 | (static_cast<unsigned char>(text[i + k]) & 0x3Fu);
    if (IsWordPart(c)) {
      ++letters;
      if (c < 0x80)
        word += static_cast<char>(std::tolower(static_cast<int>(c)));
      else
        word.append(text.substr(i, length));
    } else {
      flush();
    }
    i += length;
  }
  flush();
}

class Reader {
 public:
  explicit Reader(const Tree& tree) : tree_(tree) {}

  Facts Read() {
    Walk(node::kRoot);
    return std::move(facts_);
  }

 private:
  void Walk(NodeIndex i) {
    for (NodeIndex child : Children(tree_, i)) {
      bool section = tree_.name(i) == "section";
      if (section && tree_.name(child) == "entry")
        Entry(child);
      else if (section && tree_.name(child) == "text")
        Narrative(child);
      else if (!tree_[child].attribute)
        Walk(child);
    }
  }

  // `in_time`: within an element of time, whose bounds are dates of any precision and no numbers.
  void Entry(NodeIndex i, bool in_time = false) {
    std::string_view name = Local(tree_.name(i));
    in_time = in_time || IsAmong(name, kTimes);
    if (!IsAmong(name, kNoFacts)) {
      if (auto code = Token(tree_.ChildText(i, "@code")); !code.empty()) facts_[Code].emplace(code);
      auto root = tree_.ChildText(i, "@root"), extension = tree_.ChildText(i, "@extension");
      if (name == "id" && !root.empty()) facts_[Id].emplace(extension.empty() ? root : extension);
      bool bears_number = IsAmong(name, kNumberBearers) && !(in_time && IsAmong(name, kBounds));
      Value(bears_number, tree_.ChildText(i, "@value"));
    }
    for (NodeIndex child : Children(tree_, i))
      if (!tree_[child].attribute) Entry(child, in_time);
  }

  void Value(bool bears_number, std::string_view value) {
    bool eight = LeadingDigits(value) >= 8;
    std::string number =
        bears_number && !(eight && LeadingDigits(value) == value.size()) ? NumberText(value) : std::string();
    if (!number.empty())
      facts_[Number].insert(number);
    else if (eight)
      facts_[Day].emplace(value.substr(0, 8));
  }

  void Narrative(NodeIndex i) {
    AddWords(tree_[i].attribute ? std::string_view() : tree_[i].text,
             [&](const std::string& word) { facts_[Word].insert(word); });
    for (NodeIndex child : Children(tree_, i))
      if (!tree_[child].attribute) Narrative(child);
  }

  const Tree& tree_;
  Facts facts_;
};

// What begins like a year: its first eight digits, dashes aside ("2024-03-01T12:00:00Z" is the day 20240301).
std::string DayOf(std::string_view text) {
  if (LeadingDigits(text) < 4) return {};
  std::string day;
  for (std::size_t i = 0; i < text.size() && day.size() < 8; ++i)
    if (text[i] != '-') day += text[i];
  return day;
}

struct Entity {
  std::string_view name;
  char sign;
};
constexpr Entity kEntities[] = {
    {"&lt;", '<'}, {"&gt;", '>'}, {"&amp;", '&'}, {"&quot;", '"'}, {"&apos;", '\''}};

// Without tags; character references as they read.
std::string Plain(std::string_view xhtml) {
  std::string out;
  for (std::size_t i = 0; i < xhtml.size(); ++i) {
    if (xhtml[i] == '<') {
      i = std::min(xhtml.find('>', i), xhtml.size() - 1);
      out += ' ';
      continue;
    }
    char sign = xhtml[i];
    for (const Entity& e : kEntities)
      if (xhtml.substr(i).starts_with(e.name)) {
        sign = e.sign;
        i += e.name.size() - 1;
        break;
      }
    out += sign;
  }
  return out;
}

}  // namespace

Facts FactsOf(const Tree& document) { return Reader(document).Read(); }

Stands::Stands(const Tree& fhir) {
  for (NodeIndex i = 0; i < fhir.size(); ++i) {
    const node::Node& n = fhir[i];
    if (n.text.empty() || n.kind == Kind::Boolean) continue;
    std::string text = n.kind == Kind::Xhtml ? Plain(n.text) : std::string(n.text);
    if (auto number = NumberText(text); !number.empty()) numbers_.insert(number);
    if (n.kind == Kind::Number) continue;
    if (auto day = DayOf(text); !day.empty()) days_.insert(day);
    AddWords(text, [&](const std::string& word) { words_.insert(word); });
    if (text.size() < 4096) everything_.append(text) += '\n';
    strings_.insert(std::move(text));
  }
}

bool Stands::Has(std::size_t kind, const std::string& fact) const {
  switch (kind) {
    case Code: return strings_.contains(fact);
    case Day: return days_.contains(fact);
    case Number: return numbers_.contains(fact);
    case Id: return strings_.contains(fact) || everything_.find(fact) != everything_.npos;
    default: return words_.contains(fact);
  }
}

}  // namespace passerelle::tests
