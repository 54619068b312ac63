#include "fhir_model/ucum/unit.h"

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <cstdlib>
#include <string>
#include <unordered_map>

namespace passerelle::ucum {
namespace {

constexpr std::size_t kCodeMax = 512;
constexpr int kBracketsMax = 16;
constexpr int kExponentMax = 99;

enum Kind : std::uint8_t { kPlain, kMetric, kArbitrary, kMetricArbitrary, kBase };

struct AtomRow {
  std::string_view code;
  Kind kind;
  Special special;
  std::string_view value, unit;
};
constexpr AtomRow kAtoms[] = {
#define PREFIX(code, value)
#define BASE(code) {code, kBase, Special::None, "1", ""},
#define ATOM(code, kind, value, unit) {code, kind, Special::None, value, unit},
#define SPECIAL(code, kind, function, value, unit) {code, kind, Special::function, value, unit},
#include "fhir_model/ucum/atoms.def"
#undef PREFIX
#undef BASE
#undef ATOM
#undef SPECIAL
};
struct PrefixRow {
  std::string_view code, value;
};
constexpr PrefixRow kPrefixes[] = {
#define PREFIX(code, value) {code, value},
#define BASE(code)
#define ATOM(code, kind, value, unit)
#define SPECIAL(code, kind, function, value, unit)
#include "fhir_model/ucum/atoms.def"
#undef PREFIX
#undef BASE
#undef ATOM
#undef SPECIAL
};

// The table with every atom taken apart into base units; rows refer to rows before and after them.
class Table {
 public:
  static const Table& The() {
    static const Table* table = new Table;
    return *table;
  }
  // A prefix and an atom, or an atom.
  std::optional<Unit> Find(std::string_view symbol) const {
    if (auto it = codes_.find(symbol); it != codes_.end()) return units_[it->second];
    for (const auto& prefix : kPrefixes) {
      if (!symbol.starts_with(prefix.code)) continue;
      auto it = codes_.find(symbol.substr(prefix.code.size()));
      if (it == codes_.end()) continue;
      Kind kind = kAtoms[it->second].kind;
      if (kind != kMetric && kind != kMetricArbitrary && kind != kBase) continue;
      Unit unit = units_[it->second];
      Decimal factor = *Decimal::Parse(prefix.value);
      if (unit.special != Special::None)
        unit.scale = factor;
      else
        unit.numerator = unit.numerator * factor;
      return unit;
    }
    return std::nullopt;
  }

 private:
  Table();
  std::unordered_map<std::string_view, std::uint16_t> codes_;
  std::vector<Unit> units_;
  std::vector<bool> known_;

  friend class Reader;
  void Resolve(std::uint16_t atom);
};

class Reader {
 public:
  // While the table is being made, atoms are resolved on the way.
  Reader(std::string_view text, Table* making) : text_(text), making_(making) {}

  std::optional<Unit> Read() {
    Unit unit;
    if (text_.empty() || text_.size() > kCodeMax) return std::nullopt;
    if (!Term(unit) || at_ != text_.size()) return std::nullopt;
    return unit;
  }

 private:
  char Peek() const { return at_ < text_.size() ? text_[at_] : '\0'; }

  bool Term(Unit& unit) {
    int sign = 1;
    if (Peek() == '/') sign = -1, ++at_;
    bool first = true;
    while (true) {
      Unit one;
      if (!Component(one)) return false;
      // A special unit stands alone.
      if (one.special != Special::None) {
        unit = one;
        return first && sign == 1 && (Peek() == '\0' || Peek() == ')');
      }
      unit.Multiply(one, sign);
      first = false;
      if (Peek() != '.' && Peek() != '/') return true;
      sign = Peek() == '/' ? -1 : 1;
      ++at_;
    }
  }

  bool Component(Unit& unit) {
    if (Peek() == '(') {
      if (++brackets_ > kBracketsMax) return false;
      ++at_;
      if (!Term(unit) || Peek() != ')') return false;
      ++at_;
      --brackets_;
      return true;
    }
    if (Peek() == '{') return Annotation();
    std::size_t begin = at_;
    int square = 0;
    for (; at_ < text_.size(); ++at_) {
      char c = text_[at_];
      if (c <= ' ' || c > '~') return false;
      if (c == '[') ++square;
      if (c == ']') --square;
      if (square == 0 && (c == '.' || c == '/' || c == '(' || c == ')' || c == '{' || c == '}')) break;
    }
    if (!Symbol(text_.substr(begin, at_ - begin), unit)) return false;
    return Peek() != '{' || Annotation();
  }

  bool Annotation() {
    auto end = text_.find('}', at_);
    if (end == text_.npos || text_.substr(at_ + 1, end - at_ - 1).find('{') != text_.npos) return false;
    for (std::size_t i = at_; i < end; ++i)
      if (text_[i] < ' ' || text_[i] > '~') return false;
    at_ = end + 1;
    return true;
  }

  // "12", "mm", "m2", "s-1", "10*-3"
  bool Symbol(std::string_view symbol, Unit& unit) {
    if (symbol.empty()) return false;
    if (symbol.find_first_not_of("0123456789") == symbol.npos) {
      auto number = Decimal::Parse(symbol);
      if (!number || number->zero()) return false;
      unit.numerator = *number;
      return true;
    }
    if (auto whole = Find(symbol)) {
      unit = *whole;
      return true;
    }
    std::size_t digits = symbol.find_last_not_of("0123456789") + 1;
    if (digits == symbol.size()) return false;
    std::size_t end = digits;
    if (end > 0 && (symbol[end - 1] == '-' || symbol[end - 1] == '+')) --end;
    if (symbol.size() - digits > 2) return false;
    int exponent = std::atoi(std::string(symbol.substr(digits)).c_str());
    if (end < digits && symbol[end] == '-') exponent = -exponent;
    auto atom = Find(symbol.substr(0, end));
    if (!atom || atom->special != Special::None || std::abs(exponent) > kExponentMax) return false;
    unit.Multiply(*atom, exponent);
    return true;
  }

  std::optional<Unit> Find(std::string_view symbol) {
    const Table& table = making_ != nullptr ? *making_ : Table::The();
    if (making_ != nullptr) {
      // Only what this symbol needs: itself, or the atom after a prefix.
      for (std::size_t skip : {std::size_t{0}, std::size_t{1}, std::size_t{2}})
        if (auto it = table.codes_.find(symbol.substr(std::min(skip, symbol.size())));
            it != table.codes_.end())
          making_->Resolve(it->second);
    }
    return table.Find(symbol);
  }

  std::string_view text_;
  Table* making_;
  std::size_t at_ = 0;
  int brackets_ = 0;
};

Table::Table() : units_(std::size(kAtoms)), known_(std::size(kAtoms)) {
  for (std::uint16_t i = 0; i < std::size(kAtoms); ++i) codes_.emplace(kAtoms[i].code, i);
  for (std::uint16_t i = 0; i < std::size(kAtoms); ++i) Resolve(i);
}

void Table::Resolve(std::uint16_t atom) {
  if (known_[atom]) return;
  known_[atom] = true;
  const AtomRow& row = kAtoms[atom];
  Unit& unit = units_[atom];
  bool alias = row.unit != "1";  // [IU] is [iU]
  if (row.kind == kBase || (!alias && (row.kind == kArbitrary || row.kind == kMetricArbitrary))) {
    unit.powers = {{atom, 1}};
    return;
  }
  auto defined = Reader(row.unit, this).Read();
  if (defined) unit = *defined;
  unit.numerator = unit.numerator * *Decimal::Parse(row.value);
  unit.special = row.special;
}

Decimal Raised(const Decimal& base, int exponent) {
  Decimal result = 1;
  for (int i = 0; i < exponent; ++i) result = result * base;
  return result;
}

std::optional<Decimal> FromDouble(double value) {
  if (!std::isfinite(value)) return std::nullopt;
  char buffer[64];
  std::snprintf(buffer, sizeof buffer, "%.15g", value);
  return Decimal::Parse(buffer);
}

// The temperature scales are exact: K = (value + offset) * factor.
std::optional<Decimal> OffsetOf(Special special) {
  switch (special) {
    case Special::Celsius: return Decimal::Parse("273.15");
    case Special::Fahrenheit: return Decimal::Parse("459.67");
    case Special::Reaumur: return Decimal::Parse("218.52");
    default: return std::nullopt;
  }
}

double Forward(Special special, double x) {
  switch (special) {
    case Special::Tangent: return std::atan(x / 100);
    case Special::HomeopathicX:
    case Special::Ph: return std::pow(10.0, -x);
    case Special::HomeopathicC: return std::pow(100.0, -x);
    case Special::HomeopathicM: return std::pow(1000.0, -x);
    case Special::HomeopathicQ: return std::pow(50000.0, -x);
    case Special::Ln: return std::exp(x);
    case Special::Lg: return std::pow(10.0, x);
    case Special::LgTimes2: return std::pow(10.0, x / 2);
    case Special::Ld: return std::exp2(x);
    case Special::Root: return x * x;
    default: return x;
  }
}

double Backward(Special special, double x) {
  switch (special) {
    case Special::Tangent: return 100 * std::tan(x);
    case Special::HomeopathicX:
    case Special::Ph: return -std::log10(x);
    case Special::HomeopathicC: return -std::log10(x) / 2;
    case Special::HomeopathicM: return -std::log10(x) / 3;
    case Special::HomeopathicQ: return -std::log(x) / std::log(50000.0);
    case Special::Ln: return std::log(x);
    case Special::Lg: return std::log10(x);
    case Special::LgTimes2: return 2 * std::log10(x);
    case Special::Ld: return std::log2(x);
    case Special::Root: return std::sqrt(x);
    default: return x;
  }
}

}  // namespace

std::string_view AtomCode(std::uint16_t atom) { return kAtoms[atom].code; }

std::optional<Unit> Unit::Parse(std::string_view code) { return Reader(code, nullptr).Read(); }

void Unit::Multiply(const Unit& other, int exponent) {
  Decimal up = Raised(other.numerator, std::abs(exponent)),
          down = Raised(other.denominator, std::abs(exponent));
  numerator = numerator * (exponent < 0 ? down : up);
  denominator = denominator * (exponent < 0 ? up : down);
  for (const auto& power : other.powers) {
    auto at = std::lower_bound(powers.begin(), powers.end(), power.atom,
                               [](const Power& p, std::uint16_t atom) { return p.atom < atom; });
    if (at == powers.end() || at->atom != power.atom) at = powers.insert(at, {power.atom, 0});
    at->exponent += power.exponent * exponent;
  }
  std::erase_if(powers, [](const Power& p) { return p.exponent == 0; });
}

std::optional<Decimal> ToBase(const Decimal& value, const Unit& unit) {
  Decimal plain = value;
  if (auto offset = OffsetOf(unit.special)) {
    plain = value * unit.scale + *offset;
  } else if (unit.special != Special::None) {
    auto forward = FromDouble(Forward(unit.special, (value * unit.scale).Double()));
    if (!forward) return std::nullopt;
    plain = *forward;
  }
  return plain * unit.numerator / unit.denominator;
}

std::optional<Decimal> FromBase(const Decimal& value, const Unit& unit) {
  Decimal plain = value * unit.denominator / unit.numerator;
  if (auto offset = OffsetOf(unit.special)) return (plain - *offset) / unit.scale;
  if (unit.special == Special::None) return plain;
  auto backward = FromDouble(Backward(unit.special, plain.Double()));
  if (!backward) return std::nullopt;
  return *backward / unit.scale;
}

}  // namespace passerelle::ucum
