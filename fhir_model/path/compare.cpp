// Equality, equivalence and order (N1, 6.1 and 6.2).

#include <algorithm>
#include <functional>
#include <unordered_map>

#include "fhir_model/path/date_time.h"
#include "fhir_model/path/evaluation.h"
#include "fhir_model/ucum/ucum.h"

namespace passerelle::path {

using node::Kind;
using node::kNone;
using node::NodeIndex;
using node::Tree;

namespace {

constexpr std::size_t kFewItems = 16;  // up to here comparing all pairs beats hashing

bool IsTemporal(ItemKind kind) {
  return kind == ItemKind::Date || kind == ItemKind::DateTime || kind == ItemKind::Time;
}

std::optional<DateTime> TimeOf(const Item& item) {
  if (item.kind == ItemKind::Time) return DateTime::ParseTime(item.text);
  return DateTime::Parse(item.text, item.kind == ItemKind::DateTime);
}

// Calendar words as UCUM where both mean the same length; "year" and "month" stay words, which UCUM does not
// know.
std::string_view UcumOf(std::string_view unit) {
  struct Row {
    std::string_view word, ucum;
  };
  static constexpr Row kRows[] = {{"week", "wk"},    {"day", "d"},    {"hour", "h"},
                                  {"minute", "min"}, {"second", "s"}, {"millisecond", "ms"}};
  bool definite = false;
  std::string_view word = TimeUnit(unit, definite);
  if (word.empty() || definite) return unit.empty() ? std::string_view("1") : unit;
  for (const auto& row : kRows)
    if (row.word == word) return row.ucum;
  return word;
}

std::optional<int> CompareQuantities(const Item& a, const Item& b) {
  std::string_view left = UcumOf(a.unit), right = UcumOf(b.unit);
  if (left == right) return Decimal::Compare(DecimalOf(a), DecimalOf(b));
  if (left == "year" && right == "month") return Decimal::Compare(DecimalOf(a) * Decimal(12), DecimalOf(b));
  if (left == "month" && right == "year") return Decimal::Compare(DecimalOf(a), DecimalOf(b) * Decimal(12));
  return ucum::Compare(a.text, left, b.text, right);
}

Item AsQuantity(Item item) {
  if (item.kind == ItemKind::Integer) item.text = {};
  item.unit = "1";
  return item;
}

char Lower(char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c; }
bool IsBlank(char c) { return c == ' ' || c == '\t' || c == '\n' || c == '\r'; }

// Case does not count, and any run of white space is one.
bool EquivalentText(std::string_view a, std::string_view b) {
  std::size_t i = 0, j = 0;
  while (i < a.size() && j < b.size()) {
    if (IsBlank(a[i]) && IsBlank(b[j])) {
      while (i < a.size() && IsBlank(a[i])) ++i;
      while (j < b.size() && IsBlank(b[j])) ++j;
    } else if (Lower(a[i++]) != Lower(b[j++])) {
      return false;
    }
  }
  return i == a.size() && j == b.size();
}

bool EquivalentNumbers(const Decimal& a, const Decimal& b) {
  int scale = std::min(a.Normalised().scale(), b.Normalised().scale());
  // As written: 1.0 is no more precise than 1.
  return a.Rounded(scale) == b.Rounded(scale);
}

std::vector<NodeIndex> ChildrenOf(const Tree& tree, NodeIndex node) {
  std::vector<NodeIndex> children;
  for (NodeIndex child : node::Children(tree, node)) children.push_back(child);
  return children;
}

}  // namespace

bool IsNumber(const Item& item) { return item.kind == ItemKind::Integer || item.kind == ItemKind::Decimal; }

Decimal DecimalOf(const Item& item) {
  if (item.kind == ItemKind::Integer) return Decimal(item.integer);
  return Decimal::Parse(item.text).value_or(Decimal());
}

std::optional<Decimal> InUnitOf(const Item& quantity, const Item& other) {
  std::string_view from = UcumOf(quantity.unit), to = UcumOf(other.unit);
  if (from == to) return DecimalOf(quantity);
  if (from == "year" && to == "month") return DecimalOf(quantity) * Decimal(12);
  auto converted = ucum::Convert(quantity.text, from, to);
  return converted ? Decimal::Parse(*converted) : std::nullopt;
}

Truth Evaluation::Equal(const Item& x, const Item& y) {
  if (!Spend(1)) return Truth::Unknown;
  Item a = Value(x), b = Value(y);
  if (a.kind == ItemKind::Node && b.kind == ItemKind::Node) return EqualNodes(a, b);
  if (a.kind == b.kind) {
    switch (a.kind) {
      case ItemKind::Boolean: return Of(a.boolean == b.boolean);
      case ItemKind::Integer: return Of(a.integer == b.integer);
      case ItemKind::String:
      case ItemKind::Type: return Of(a.text == b.text);
      case ItemKind::Decimal: return Of(a.text == b.text || DecimalOf(a) == DecimalOf(b));
      default: break;
    }
  }
  if (IsNumber(a) && IsNumber(b)) return Of(DecimalOf(a) == DecimalOf(b));
  if (a.kind == ItemKind::Quantity || b.kind == ItemKind::Quantity) {
    if (IsNumber(a)) a = AsQuantity(a);
    if (IsNumber(b)) b = AsQuantity(b);
    if (!IsNumber(a) && a.kind != ItemKind::Quantity) return Truth::False;
    if (!IsNumber(b) && b.kind != ItemKind::Quantity) return Truth::False;
    std::string left = DecimalOf(a).Text(), right = DecimalOf(b).Text();
    a.text = left, b.text = right;
    a.kind = b.kind = ItemKind::Quantity;
    if (auto order = CompareQuantities(a, b)) return Of(*order == 0);
    // Units of different dimension are different things; months and UCUM's mean month cannot be told.
    bool known = ucum::IsUnit(UcumOf(a.unit)) && ucum::IsUnit(UcumOf(b.unit));
    return known ? Truth::False : Truth::Unknown;
  }
  if (IsTemporal(a.kind) && IsTemporal(b.kind)) {
    if ((a.kind == ItemKind::Time) != (b.kind == ItemKind::Time)) return Truth::False;
    auto left = TimeOf(a), right = TimeOf(b);
    if (!left || !right) return Truth::False;
    auto order = DateTime::Compare(*left, *right);
    return order ? Of(*order == 0) : Truth::Unknown;
  }
  return Truth::False;
}

Truth Evaluation::EqualNodes(const Item& a, const Item& b) {
  if (a.tree == b.tree && a.node == b.node) return Truth::True;
  const Tree& left = *a.tree;
  const Tree& right = *b.tree;
  NodeIndex i = left[a.node].first, j = right[b.node].first;
  Truth result = Of(left[a.node].kind == right[b.node].kind &&
                    left.NameText(left[a.node].resource) == right.NameText(right[b.node].resource));
  bool aligned = true;
  for (; result != Truth::False && i != kNone && j != kNone && aligned; i = left[i].next, j = right[j].next) {
    aligned = left.name(i) == right.name(j);
    if (!aligned) break;
    Truth one = Equal(Item::Of(left, i), Item::Of(right, j));
    if (one == Truth::True && left[i].kind != Kind::Element &&
        (left[i].first != kNone || right[j].first != kNone))
      one = EqualNodes(Item::Of(left, i), Item::Of(right, j));  // ids and extensions of primitives
    if (one != Truth::True) result = one;
  }
  if (result == Truth::False) return result;
  if (aligned) return i == kNone && j == kNone ? result : Truth::False;
  // JSON leaves the order of names open: once more, sorted by name.
  auto one = ChildrenOf(left, a.node), other = ChildrenOf(right, b.node);
  if (one.size() != other.size()) return Truth::False;
  auto by_name = [](const Tree& tree) {
    return [&tree](NodeIndex x, NodeIndex y) { return tree.name(x) < tree.name(y); };
  };
  std::stable_sort(one.begin(), one.end(), by_name(left));
  std::stable_sort(other.begin(), other.end(), by_name(right));
  for (std::size_t k = 0; k < one.size(); ++k) {
    if (left.name(one[k]) != right.name(other[k])) return Truth::False;
    Truth same = Equal(Item::Of(left, one[k]), Item::Of(right, other[k]));
    if (same != Truth::True) return same;
  }
  return Truth::True;
}

bool Evaluation::Equivalent(const Item& x, const Item& y) {
  if (!Spend(1)) return false;
  Item a = Value(x), b = Value(y);
  if (a.kind == ItemKind::Node && b.kind == ItemKind::Node) return EquivalentNodes(a, b);
  if (a.kind == ItemKind::String && b.kind == ItemKind::String) return EquivalentText(a.text, b.text);
  if (IsNumber(a) && IsNumber(b)) return EquivalentNumbers(DecimalOf(a), DecimalOf(b));
  if (a.kind == ItemKind::Quantity && b.kind == ItemKind::Quantity) {
    std::string_view left = UcumOf(a.unit), right = UcumOf(b.unit);
    bool definite = false;
    if (!TimeUnit(a.unit, definite).empty() && TimeUnit(a.unit, definite) == TimeUnit(b.unit, definite))
      left = right;
    if (left == right) return EquivalentNumbers(DecimalOf(a), DecimalOf(b));
    // In the unit of the one that was written less precisely.
    bool coarse = DecimalOf(a).Normalised().scale() <= DecimalOf(b).Normalised().scale();
    auto converted = coarse ? ucum::Convert(b.text, right, left) : ucum::Convert(a.text, left, right);
    auto number = converted ? Decimal::Parse(*converted) : std::nullopt;
    if (!number) return false;
    return EquivalentNumbers(coarse ? DecimalOf(a) : DecimalOf(b), *number);
  }
  return Equal(a, b) == Truth::True;
}

bool Evaluation::EquivalentNodes(const Item& a, const Item& b) {
  if (a.tree == b.tree && a.node == b.node) return true;
  auto one = ChildrenOf(*a.tree, a.node), other = ChildrenOf(*b.tree, b.node);
  auto is_id = [](const Tree& tree) { return [&tree](NodeIndex i) { return tree.name(i) == "id"; }; };
  std::erase_if(one, is_id(*a.tree));
  std::erase_if(other, is_id(*b.tree));
  if (one.size() != other.size()) return false;
  for (NodeIndex i : one) {
    auto match = std::find_if(other.begin(), other.end(), [&](NodeIndex j) {
      return a.tree->name(i) == b.tree->name(j) && Equivalent(Item::Of(*a.tree, i), Item::Of(*b.tree, j));
    });
    if (match == other.end()) return false;
    other.erase(match);
  }
  return true;
}

bool Evaluation::Compare(const Item& a, const Item& b, std::optional<int>& order) {
  order.reset();
  auto sign = [](auto x, auto y) { return x < y ? -1 : y < x ? 1 : 0; };
  if (a.kind == ItemKind::Integer && b.kind == ItemKind::Integer) {
    order = sign(a.integer, b.integer);
  } else if (IsNumber(a) && IsNumber(b)) {
    order = Decimal::Compare(DecimalOf(a), DecimalOf(b));
  } else if (a.kind == ItemKind::String && b.kind == ItemKind::String) {
    order = sign(a.text, b.text);
  } else if (IsTemporal(a.kind) && IsTemporal(b.kind) &&
             (a.kind == ItemKind::Time) == (b.kind == ItemKind::Time)) {
    auto left = TimeOf(a), right = TimeOf(b);
    if (left && right) order = DateTime::Compare(*left, *right);
  } else if (a.kind == ItemKind::Quantity && b.kind == ItemKind::Quantity) {
    order = CompareQuantities(a, b);
  } else if ((a.kind == ItemKind::Quantity && IsNumber(b)) || (IsNumber(a) && b.kind == ItemKind::Quantity)) {
    const Item& quantity = a.kind == ItemKind::Quantity ? a : b;
    if (quantity.unit == "1") order = Decimal::Compare(DecimalOf(a), DecimalOf(b));
  } else {
    return false;
  }
  return true;
}

// Equal items have equal hashes; that is all it promises.
std::uint64_t Evaluation::Hash(const Item& item) {
  Item value = Value(item);
  std::hash<std::string_view> text;
  switch (value.kind) {
    case ItemKind::Boolean: return value.boolean ? 1 : 2;
    case ItemKind::String: return text(value.text);
    case ItemKind::Integer:
    case ItemKind::Decimal: return text(DecimalOf(value).Normalised().Text());
    case ItemKind::Date:
    case ItemKind::DateTime:
    case ItemKind::Time: return 3;
    case ItemKind::Quantity: return 4;
    default: break;
  }
  if (value.kind != ItemKind::Node) return 5;
  // The texts below, in no order, since names may stand in any.
  const Tree& tree = *value.tree;
  std::uint64_t sum = 6;
  for (NodeIndex child : node::Children(tree, value.node)) {
    if (!Spend(1)) return 0;
    std::uint64_t one = Hash(Item::Of(tree, child)) ^ text(tree.name(child));
    sum += one * 0x9E3779B97F4A7C15u;
  }
  return sum;
}

bool Evaluation::MakeDistinct(std::size_t base) {
  std::size_t kept = base, end = stack.size();
  if (end - base < 2) return true;
  if (end - base <= kFewItems) {
    for (std::size_t i = base; i < end; ++i) {
      bool seen = false;
      for (std::size_t j = base; j < kept && !seen; ++j) seen = Equal(stack[j], stack[i]) == Truth::True;
      if (!seen) stack[kept++] = stack[i];
    }
    return Clear(kept) && Spend(0);
  }
  std::unordered_multimap<std::uint64_t, std::size_t> seen;
  for (std::size_t i = base; i < end; ++i) {
    std::uint64_t hash = Hash(stack[i]);
    auto [first, last] = seen.equal_range(hash);
    if (!Spend(1)) return false;
    bool known = std::any_of(
        first, last, [&](const auto& entry) { return Equal(stack[entry.second], stack[i]) == Truth::True; });
    if (known) continue;
    stack[kept] = stack[i];
    seen.emplace(hash, kept++);
  }
  return Clear(kept);
}

}  // namespace passerelle::path
