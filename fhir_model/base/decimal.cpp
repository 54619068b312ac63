#include "fhir_model/base/decimal.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>

namespace passerelle {
namespace {

__extension__ using Wide = unsigned __int128;

constexpr std::array<Wide, 39> kPowers = [] {
  std::array<Wide, 39> powers{};
  Wide power = 1;
  for (auto& p : powers) {
    p = power;
    power *= 10;
  }
  return powers;
}();
constexpr Wide kMantissaMax = kPowers[Decimal::kDigits];

int DigitsOf(Wide value) {
  return static_cast<int>(std::upper_bound(kPowers.begin(), kPowers.end(), value) - kPowers.begin());
}

}  // namespace

Decimal::Decimal(std::int64_t value)
    : mantissa_(value < 0 ? Wide{0} - static_cast<Wide>(value) : static_cast<Wide>(value)),
      negative_(value < 0) {}

Decimal Decimal::Make(bool negative, Wide mantissa, int exponent) {
  Decimal d;
  d.negative_ = negative;
  d.mantissa_ = mantissa;
  d.exponent_ = exponent;
  d.Shrink();
  return d;
}

void Decimal::Shrink() {
  if (mantissa_ < kMantissaMax) return;
  int drop = DigitsOf(mantissa_) - kDigits;
  Wide power = kPowers[static_cast<std::size_t>(drop)];
  Wide rest = mantissa_ % power;
  mantissa_ = mantissa_ / power + (rest >= power - rest ? 1 : 0);
  exponent_ += drop;
  if (mantissa_ == kMantissaMax) {
    mantissa_ /= 10;
    ++exponent_;
  }
}

std::optional<Decimal> Decimal::Parse(std::string_view text) {
  Decimal d;
  std::size_t i = 0;
  if (i < text.size() && (text[i] == '-' || text[i] == '+')) d.negative_ = text[i++] == '-';
  bool point = false, digits = false, dropped = false;
  for (; i < text.size(); ++i) {
    char c = text[i];
    if (c == '.' && !point && digits) {
      point = true;
      if (i + 1 == text.size() || text[i + 1] < '0' || text[i + 1] > '9') return std::nullopt;
      continue;
    }
    if (c < '0' || c > '9') break;
    digits = true;
    if (d.mantissa_ >= kPowers[kDigits]) {  // 35 digits are kept for rounding
      dropped = true;
      if (!point) ++d.exponent_;
      continue;
    }
    d.mantissa_ = d.mantissa_ * 10 + static_cast<unsigned>(c - '0');
    if (point) --d.exponent_;
  }
  if (!digits || d.exponent_ > kExponentMax) return std::nullopt;
  if (i < text.size()) {
    if (text[i] != 'e' && text[i] != 'E') return std::nullopt;
    ++i;
    bool minus = i < text.size() && text[i] == '-';
    if (i < text.size() && (text[i] == '-' || text[i] == '+')) ++i;
    if (i == text.size() || text.size() - i > 4) return std::nullopt;
    int exponent = 0;
    for (; i < text.size(); ++i) {
      if (text[i] < '0' || text[i] > '9') return std::nullopt;
      exponent = exponent * 10 + (text[i] - '0');
    }
    d.exponent_ += minus ? -exponent : exponent;
  }
  if (std::abs(d.exponent_) > kExponentMax) return std::nullopt;
  if (dropped || d.mantissa_ >= kMantissaMax) d.Shrink();
  return d;
}

std::string Decimal::Text() const {
  std::string digits;
  for (Wide rest = mantissa_; rest != 0; rest /= 10)
    digits += static_cast<char>('0' + static_cast<int>(rest % 10));
  std::reverse(digits.begin(), digits.end());
  if (exponent_ >= 0) {
    if (digits.empty()) return "0";
    digits.append(static_cast<std::size_t>(exponent_), '0');
  } else {
    auto fraction = static_cast<std::size_t>(-exponent_);
    if (digits.size() <= fraction) digits.insert(0, fraction + 1 - digits.size(), '0');
    digits.insert(digits.size() - fraction, 1, '.');
  }
  return negative_ && mantissa_ != 0 ? "-" + digits : digits;
}

std::optional<std::int64_t> Decimal::Integer() const {
  Decimal whole = Normalised();
  if (whole.exponent_ < 0 || whole.exponent_ > 18) return std::nullopt;
  if (DigitsOf(whole.mantissa_) + whole.exponent_ > 19) return std::nullopt;
  Wide value = whole.mantissa_ * kPowers[static_cast<std::size_t>(whole.exponent_)];
  if (value > static_cast<Wide>(std::numeric_limits<std::int64_t>::max())) return std::nullopt;
  auto small = static_cast<std::int64_t>(value);
  return negative_ ? -small : small;
}

double Decimal::Double() const {
  double value = static_cast<double>(static_cast<long double>(mantissa_) * std::pow(10.0L, exponent_));
  return negative_ ? -value : value;
}

Decimal Decimal::Negated() const {
  Decimal d = *this;
  d.negative_ = !negative_;
  return d;
}

Decimal operator+(const Decimal& a, const Decimal& b) {
  if (a.mantissa_ == 0 && a.exponent_ >= b.exponent_) return b;
  if (b.mantissa_ == 0 && b.exponent_ >= a.exponent_) return a;
  const Decimal& high = a.exponent_ >= b.exponent_ ? a : b;
  const Decimal& low = a.exponent_ >= b.exponent_ ? b : a;
  int apart = high.exponent_ - low.exponent_;
  // What lies beyond 38 digits of the larger one cannot count.
  int room = 37 - DigitsOf(high.mantissa_);
  Wide larger = high.mantissa_ * kPowers[static_cast<std::size_t>(std::min(apart, room))];
  Wide smaller = low.mantissa_;
  int exponent = low.exponent_;
  if (apart > room) {
    int drop = apart - room;
    smaller = drop > 37 ? 0 : smaller / kPowers[static_cast<std::size_t>(drop)];
    exponent += drop;
  }
  if (high.negative_ == low.negative_) return Decimal::Make(high.negative_, larger + smaller, exponent);
  return larger >= smaller ? Decimal::Make(high.negative_, larger - smaller, exponent)
                           : Decimal::Make(low.negative_, smaller - larger, exponent);
}

// Schoolbook on 64-bit limbs, then the low decimal digits off until the rest fits.
Decimal Decimal::Product(Wide a, Wide b) {
  if (DigitsOf(a) + DigitsOf(b) <= 38) return Make(false, a * b, 0);
  std::uint64_t x[2] = {static_cast<std::uint64_t>(a), static_cast<std::uint64_t>(a >> 64)};
  std::uint64_t y[2] = {static_cast<std::uint64_t>(b), static_cast<std::uint64_t>(b >> 64)};
  std::uint64_t r[4] = {0, 0, 0, 0};
  for (int i = 0; i < 2; ++i) {
    Wide carry = 0;
    for (int j = 0; j < 2; ++j) {
      carry += static_cast<Wide>(x[i]) * y[j] + r[i + j];
      r[i + j] = static_cast<std::uint64_t>(carry);
      carry >>= 64;
    }
    r[i + 2] = static_cast<std::uint64_t>(carry);
  }
  int exponent = 0;
  while (r[3] != 0 || r[2] != 0 || r[1] >> 62 != 0) {
    Wide rest = 0;
    for (int i = 3; i >= 0; --i) {
      rest = (rest << 64) | r[i];
      r[i] = static_cast<std::uint64_t>(rest / 10);
      rest %= 10;
    }
    ++exponent;
  }
  return Make(false, (static_cast<Wide>(r[1]) << 64) | r[0], exponent);
}

Decimal operator*(const Decimal& a, const Decimal& b) {
  Decimal d = Decimal::Product(a.mantissa_, b.mantissa_);
  d.exponent_ += a.exponent_ + b.exponent_;
  d.negative_ = a.negative_ != b.negative_;
  return d;
}

Decimal operator/(const Decimal& a, const Decimal& b) {
  Wide quotient = a.mantissa_ / b.mantissa_, rest = a.mantissa_ % b.mantissa_;
  int exponent = a.exponent_ - b.exponent_;
  while (rest != 0 && DigitsOf(quotient) <= Decimal::kDigits) {
    rest *= 10;
    quotient = quotient * 10 + rest / b.mantissa_;
    rest %= b.mantissa_;
    --exponent;
  }
  Decimal d = Decimal::Make(a.negative_ != b.negative_, quotient, exponent);
  return d.exponent_ < 0 ? d.Normalised() : d;
}

int Decimal::Compare(const Decimal& a, const Decimal& b) {
  if (a.mantissa_ == 0 || b.mantissa_ == 0 || a.negative_ != b.negative_) {
    int left = a.mantissa_ == 0 ? 0
               : a.negative_    ? -1
                                : 1,
        right = b.mantissa_ == 0 ? 0
                : b.negative_    ? -1
                                 : 1;
    return left < right ? -1 : left > right ? 1 : 0;
  }
  int sign = a.negative_ ? -1 : 1;
  int high_a = DigitsOf(a.mantissa_) + a.exponent_, high_b = DigitsOf(b.mantissa_) + b.exponent_;
  if (high_a != high_b) return high_a < high_b ? -sign : sign;
  // The same leading place: exponents differ by less than 34, so the shorter one can be stretched.
  Wide x = a.mantissa_, y = b.mantissa_;
  if (a.exponent_ > b.exponent_) x *= kPowers[static_cast<std::size_t>(a.exponent_ - b.exponent_)];
  if (b.exponent_ > a.exponent_) y *= kPowers[static_cast<std::size_t>(b.exponent_ - a.exponent_)];
  return x == y ? 0 : (x < y) ? -sign : sign;
}

Decimal Decimal::Rounded(int scale, Rounding rounding) const {
  Decimal d = *this;
  int target = -scale;
  if (exponent_ >= target) {
    int room = kDigits - DigitsOf(mantissa_);
    int grow = mantissa_ == 0 ? exponent_ - target : std::min(exponent_ - target, room);
    if (mantissa_ != 0) d.mantissa_ *= kPowers[static_cast<std::size_t>(grow)];
    d.exponent_ -= grow;
    return d;
  }
  int drop = target - exponent_;
  Wide power = drop > 37 ? 0 : kPowers[static_cast<std::size_t>(drop)];
  Wide rest = power == 0 ? mantissa_ : mantissa_ % power;
  d.mantissa_ = power == 0 ? 0 : mantissa_ / power;
  d.exponent_ = target;
  bool up = false;
  switch (rounding) {
    case Rounding::HalfUp: up = power != 0 && rest >= power - rest; break;
    case Rounding::TowardsZero: break;
    case Rounding::Floor: up = negative_ && rest != 0; break;
    case Rounding::Ceiling: up = !negative_ && rest != 0; break;
  }
  if (up) ++d.mantissa_;
  return d;
}

Decimal Decimal::Normalised() const {
  Decimal d = *this;
  if (mantissa_ == 0) return {};
  while (d.exponent_ < 0 && d.mantissa_ % 10 == 0) {
    d.mantissa_ /= 10;
    ++d.exponent_;
  }
  return d;
}

}  // namespace passerelle
