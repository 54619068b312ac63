#include "gateway/store/index.h"

#include <array>
#include <chrono>

namespace passerelle::store {

ParameterKey KeyOf(std::string_view type, std::string_view code) {
  std::uint64_t hash = 0xcbf29ce484222325u;
  auto add = [&hash](std::string_view text) {
    for (char c : text) hash = (hash ^ static_cast<std::uint8_t>(c)) * 0x100000001b3u;
  };
  add(type);
  add(".");
  add(code);
  return static_cast<ParameterKey>(hash >> 16);  // 48 bits: small in the file, and no two of 10^4 alike
}

namespace {

int Digits(std::string_view text, std::size_t at, std::size_t count) {
  if (at + count > text.size()) return -1;
  int value = 0;
  for (char c : text.substr(at, count)) {
    if (c < '0' || c > '9') return -1;
    value = value * 10 + (c - '0');
  }
  return value;
}

// "Z", "+01:00" or nothing from `at` on; false when malformed.
bool ZoneMs(std::string_view text, std::size_t at, std::int64_t& ms) {
  ms = 0;
  if (at == text.size() || (text[at] == 'Z' && at + 1 == text.size())) return true;
  int hours = Digits(text, at + 1, 2), minutes = Digits(text, at + 4, 2);
  if ((text[at] != '+' && text[at] != '-') || hours < 0 || minutes < 0 || text.size() != at + 6) return false;
  ms = (hours * 60 + minutes) * 60'000LL * (text[at] == '-' ? -1 : 1);
  return true;
}

std::int64_t DayMs(int year, int month, int day) {
  using namespace std::chrono;
  sys_days days{std::chrono::year{year} / month / day};
  return duration_cast<milliseconds>(days.time_since_epoch()).count();
}

// What follows "YYYY-MM-DDT": hh:mm[:ss[.fff]][zone].
bool TimeOf(std::string_view text, std::int64_t day, std::int64_t& low, std::int64_t& high) {
  int hour = Digits(text, 11, 2), minute = Digits(text, 14, 2);
  if (hour < 0 || minute < 0) return false;
  std::size_t at = 16;
  std::int64_t within = (hour * 60 + minute) * 60'000LL, width = 60'000;
  if (at < text.size() && text[at] == ':') {
    int second = Digits(text, 17, 2);
    if (second < 0) return false;
    within += second * 1'000LL;
    width = 1'000;
    at = 19;
    if (at < text.size() && text[at] == '.') {
      std::int64_t unit = 1'000;
      for (++at; at < text.size() && text[at] >= '0' && text[at] <= '9'; ++at) {
        unit /= 10;
        within += (text[at] - '0') * unit;
        width = unit > 0 ? unit : 1;
      }
    }
  }
  std::int64_t zone = 0;
  if (!ZoneMs(text, at, zone)) return false;
  low = day + within - zone;
  high = low + width;
  return true;
}

}  // namespace

bool IntervalOf(std::string_view text, std::int64_t& low, std::int64_t& high) {
  int year = Digits(text, 0, 4);
  if (year < 0) return false;
  if (text.size() == 4) {
    low = DayMs(year, 1, 1);
    high = DayMs(year + 1, 1, 1);
    return true;
  }
  int month = Digits(text, 5, 2);
  if (text[4] != '-' || month < 1 || month > 12) return false;
  if (text.size() == 7) {
    low = DayMs(year, month, 1);
    high = month == 12 ? DayMs(year + 1, 1, 1) : DayMs(year, month + 1, 1);
    return true;
  }
  int day = Digits(text, 8, 2);
  if (text[7] != '-' || day < 1 || day > 31) return false;
  low = DayMs(year, month, day);
  high = low + 86'400'000;
  if (text.size() == 10) return true;
  return text[10] == 'T' && TimeOf(text, low, low, high);
}

std::string Fold(std::string_view text) {
  // Latin-1 supplement and Latin Extended-A by their base letters; U+00C0.. and U+0100.. in order.
  static constexpr std::string_view kBase =
      "aaaaaaaceeeeiiiidnooooo*ouuuuytsaaaaaaaceeeeiiiidnooooo/ouuuuyty"
      "aaaaaaccccccccddddeeeeeeeeeegggggggghhhhiiiiiiiiiiiijjkkklllllll"
      "lllnnnnnnnnnoooooooorrrrrrssssssssttttttuuuuuuuuuuuuwwyyyzzzzzzs";
  static_assert(kBase.size() == 0x180 - 0xC0);
  std::string out;
  out.reserve(text.size());
  for (std::size_t i = 0; i < text.size(); ++i) {
    auto c = static_cast<std::uint8_t>(text[i]);
    if (c >= 'A' && c <= 'Z') {
      out += static_cast<char>(c + 32);
    } else if (c >= 0xC3 && c <= 0xC5 && i + 1 < text.size()) {
      std::uint32_t point = ((c & 0x1Fu) << 6) | (static_cast<std::uint8_t>(text[i + 1]) & 0x3Fu);
      out += kBase[point - 0xC0];
      ++i;
    } else if (c == 0xCC ||
               (c == 0xCD && i + 1 < text.size() && static_cast<std::uint8_t>(text[i + 1]) <= 0xAF)) {
      ++i;  // combining diacritics
    } else {
      out += static_cast<char>(c);
    }
  }
  return out;
}

namespace {

using node::NodeIndex;
using node::Tree;

struct BuiltIn {
  std::string_view element, code;
};
// Root elements that hold references, and the code they are found by.
constexpr std::array<BuiltIn, 10> kReferences = {{{"subject", "subject"},
                                                  {"patient", "patient"},
                                                  {"beneficiary", "beneficiary"},
                                                  {"for", "subject"},
                                                  {"encounter", "encounter"},
                                                  {"author", "author"},
                                                  {"partOf", "part-of"},
                                                  {"organization", "organization"},
                                                  {"practitioner", "practitioner"},
                                                  {"custodian", "custodian"}}};

// What a document names as replaced, appended to and so on: found by a reference or by a business identifier.
constexpr std::string_view kRelation = "relatesto", kRelationByIdentifier = "relatesto:identifier";

class BuiltInIndexer : public Indexer {
 public:
  IndexEntries Extract(const Tree& tree) const override {
    IndexEntries out;
    std::string_view type = tree.name(node::kRoot);
    for (NodeIndex child : node::Children(tree, node::kRoot)) {
      std::string_view name = tree.name(child);
      if (name == "identifier" || name == "masterIdentifier")
        AddToken(tree, child, type, "identifier", out);
      else if (name == "meta")
        AddMeta(tree, child, type, out);
      else if (name == "relatesTo")
        AddRelation(tree, child, type, out);
      else
        AddReference(tree, child, type, name, out);
    }
    return out;
  }

  std::string_view TypeOf(std::string_view, std::string_view code) const override {
    if (code == "identifier" || code == "_security" || code == "_tag") return "token";
    if (code == "_profile" || code == "_source") return "uri";
    if (code == kRelation) return "reference";
    for (const auto& known : kReferences)
      if (known.code == code) return "reference";
    return {};
  }

 private:
  static void AddToken(const Tree& tree, NodeIndex at, std::string_view type, std::string_view code,
                       IndexEntries& out) {
    std::string_view value = tree.ChildText(at, code == "identifier" ? "value" : "code");
    if (!value.empty())
      out.terms.push_back({KeyOf(type, code), std::string(value), std::string(tree.ChildText(at, "system"))});
  }

  static void AddMeta(const Tree& tree, NodeIndex meta, std::string_view type, IndexEntries& out) {
    for (NodeIndex child : node::Children(tree, meta)) {
      std::string_view name = tree.name(child);
      if (name == "security") AddToken(tree, child, type, "_security", out);
      if (name == "tag") AddToken(tree, child, type, "_tag", out);
      if (name == "profile")
        out.terms.push_back({KeyOf(type, "_profile"), std::string(tree[child].text), {}});
      if (name == "source") out.terms.push_back({KeyOf(type, "_source"), std::string(tree[child].text), {}});
    }
  }

  static void AddRelation(const Tree& tree, NodeIndex at, std::string_view type, IndexEntries& out) {
    NodeIndex target = tree.Child(at, "target");
    if (target == node::kNone) return;
    if (std::string reference(tree.ChildText(target, "reference")); !reference.empty())
      out.terms.push_back({KeyOf(type, kRelation), std::move(reference), {}});
    if (NodeIndex named = tree.Child(target, "identifier"); named != node::kNone)
      out.terms.push_back({KeyOf(type, kRelationByIdentifier), std::string(tree.ChildText(named, "value")),
                           std::string(tree.ChildText(named, "system"))});
  }

  static void AddReference(const Tree& tree, NodeIndex at, std::string_view type, std::string_view name,
                           IndexEntries& out) {
    for (const auto& known : kReferences) {
      if (known.element != name) continue;
      std::string target(tree.ChildText(at, "reference"));
      if (target.empty()) return;
      out.terms.push_back({KeyOf(type, known.code), target, {}});
      if (known.code == "subject" && target.starts_with("Patient/"))
        out.terms.push_back({KeyOf(type, "patient"), std::move(target), {}});
      return;
    }
  }
};

}  // namespace

std::unique_ptr<Indexer> MakeBuiltInIndexer() { return std::make_unique<BuiltInIndexer>(); }

}  // namespace passerelle::store
