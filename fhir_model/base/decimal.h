#pragma once
// Decimal: a number as people write it, with 34 significant digits, as IEEE 754 decimal128 has them.
//
// Sums, differences and products that fit are exact, all else is rounded half up to 34 digits. The written
// scale is kept ("1.50" stays "1.50"); comparing does not heed it. A value type without allocation.

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace passerelle {

class Decimal {
 public:
  static constexpr int kDigits = 34;
  static constexpr int kExponentMax = 6000;

  Decimal() = default;
  Decimal(std::int64_t value);

  // "-12.50", "1e3"; nothing for what is no number. Digits beyond the 34th are rounded away.
  static std::optional<Decimal> Parse(std::string_view text);
  // Plain, never with an exponent: "-12.50".
  std::string Text() const;

  bool negative() const { return negative_; }
  bool zero() const { return mantissa_ == 0; }
  // Digits after the point as written; 0 for whole numbers.
  int scale() const { return exponent_ < 0 ? -exponent_ : 0; }
  std::optional<std::int64_t> Integer() const;  // nothing when it has a fraction or does not fit
  double Double() const;

  Decimal Negated() const;
  friend Decimal operator+(const Decimal& a, const Decimal& b);
  friend Decimal operator-(const Decimal& a, const Decimal& b) { return a + b.Negated(); }
  friend Decimal operator*(const Decimal& a, const Decimal& b);
  // `b` must not be zero. As few digits after the point as the exact result wants, at most 34 in all.
  friend Decimal operator/(const Decimal& a, const Decimal& b);
  static int Compare(const Decimal& a, const Decimal& b);  // -1, 0, 1
  friend bool operator==(const Decimal& a, const Decimal& b) { return Compare(a, b) == 0; }

  enum class Rounding : std::uint8_t { HalfUp, TowardsZero, Floor, Ceiling };
  // With `scale` digits after the point; zeros are added where there are fewer.
  Decimal Rounded(int scale, Rounding rounding = Rounding::HalfUp) const;
  // Without zeros at the end of the fraction; the form in which equal numbers have equal text.
  Decimal Normalised() const;

 private:
  __extension__ using Wide = unsigned __int128;

  static Decimal Make(bool negative, Wide mantissa, int exponent);
  static Decimal Product(Wide a, Wide b);
  void Shrink();  // to 34 digits

  Wide mantissa_ = 0;  // below 10^34
  int exponent_ = 0;
  bool negative_ = false;
};

}  // namespace passerelle
