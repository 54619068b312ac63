#include "fhir_model/path/date_time.h"

#include <algorithm>
#include <array>
#include <cstdio>
#include <cstdlib>

namespace passerelle::path {
namespace {

using Precision = DateTime::Precision;

constexpr std::int64_t kDaySeconds = 86'400;
constexpr std::int64_t kZoneSeconds = 14 * 3600;  // the farthest zone from UTC
constexpr int kNanoDigits = 9;
constexpr std::array<std::int64_t, 10> kTens = {1,       10,        100,        1'000,       10'000,
                                                100'000, 1'000'000, 10'000'000, 100'000'000, 1'000'000'000};

struct UnitRow {
  std::string_view written, unit;
  bool definite;
};
constexpr std::array<UnitRow, 24> kUnits = {{{"year", "year", false},
                                             {"years", "year", false},
                                             {"month", "month", false},
                                             {"months", "month", false},
                                             {"week", "week", false},
                                             {"weeks", "week", false},
                                             {"day", "day", false},
                                             {"days", "day", false},
                                             {"hour", "hour", false},
                                             {"hours", "hour", false},
                                             {"minute", "minute", false},
                                             {"minutes", "minute", false},
                                             {"second", "second", false},
                                             {"seconds", "second", false},
                                             {"millisecond", "millisecond", false},
                                             {"milliseconds", "millisecond", false},
                                             {"a", "year", true},
                                             {"mo", "month", true},
                                             {"wk", "week", true},
                                             {"d", "day", true},
                                             {"h", "hour", true},
                                             {"min", "minute", true},
                                             {"s", "second", true},
                                             {"ms", "millisecond", true}}};

// Reads `digits` digits at the front of `text`, which loses them.
bool Take(std::string_view& text, std::size_t digits, int& out) {
  if (text.size() < digits) return false;
  out = 0;
  for (std::size_t i = 0; i < digits; ++i) {
    if (text[i] < '0' || text[i] > '9') return false;
    out = out * 10 + (text[i] - '0');
  }
  text.remove_prefix(digits);
  return true;
}

bool TakeChar(std::string_view& text, char c) {
  if (text.empty() || text.front() != c) return false;
  text.remove_prefix(1);
  return true;
}

int DaysIn(int year, int month) {
  static constexpr std::array<int, 12> kDays = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
  bool leap = (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;
  return month == 2 && leap ? 29 : kDays[static_cast<std::size_t>(month - 1)];
}

// Days since 1970-01-01 in the proleptic Gregorian calendar, and back.
std::int64_t DayNumber(int year, int month, int day) {
  std::int64_t y = month <= 2 ? year - 1 : year;
  std::int64_t era = (y >= 0 ? y : y - 399) / 400, of_era = y - era * 400;
  std::int64_t of_year = (153 * (month + (month > 2 ? -3 : 9)) + 2) / 5 + day - 1;
  return era * 146'097 + of_era * 365 + of_era / 4 - of_era / 100 + of_year - 719'468;
}

void FromDayNumber(std::int64_t number, DateTime& out) {
  number += 719'468;
  std::int64_t era = (number >= 0 ? number : number - 146'096) / 146'097, of_era = number - era * 146'097;
  std::int64_t year = (of_era - of_era / 1460 + of_era / 36'524 - of_era / 146'096) / 365;
  std::int64_t of_year = of_era - (365 * year + year / 4 - year / 100), shifted = (5 * of_year + 2) / 153;
  out.day = static_cast<int>(of_year - (153 * shifted + 2) / 5 + 1);
  out.month = static_cast<int>(shifted < 10 ? shifted + 3 : shifted - 9);
  out.year = static_cast<int>(year + era * 400 + (out.month <= 2 ? 1 : 0));
}

bool TakeClock(std::string_view& text, DateTime& out) {
  if (!Take(text, 2, out.hour) || out.hour > 24) return false;
  out.precision = Precision::Hour;
  if (!TakeChar(text, ':')) return out.hour < 24;
  if (!Take(text, 2, out.minute) || out.minute > 59) return false;
  out.precision = Precision::Minute;
  if (!TakeChar(text, ':')) return out.hour < 24;
  if (!Take(text, 2, out.second) || out.second > 60) return false;
  out.precision = Precision::Second;
  if (TakeChar(text, '.')) {
    std::size_t digits = 0;
    while (digits < text.size() && text[digits] >= '0' && text[digits] <= '9') ++digits;
    if (digits == 0) return false;
    for (std::size_t i = 0; i < static_cast<std::size_t>(kNanoDigits); ++i)
      out.nanoseconds = out.nanoseconds * 10 + (i < digits ? text[i] - '0' : 0);
    out.fraction_digits = static_cast<int>(std::min<std::size_t>(digits, kNanoDigits));
    text.remove_prefix(digits);
  }
  // 24:00:00 ends a day; FHIR's XML schema knows it.
  return out.hour < 24 || (out.minute == 0 && out.second == 0 && out.nanoseconds == 0);
}

bool TakeZone(std::string_view& text, DateTime& out) {
  if (text.empty()) return true;
  if (TakeChar(text, 'Z')) {
    out.zone_minutes = 0;
    return text.empty();
  }
  int sign = text.front() == '+' ? 1 : text.front() == '-' ? -1 : 0, hours = 0, minutes = 0;
  text.remove_prefix(1);
  if (sign == 0 || !Take(text, 2, hours) || !TakeChar(text, ':') || !Take(text, 2, minutes)) return false;
  if (hours > 14 || minutes > 59 || !text.empty()) return false;
  out.zone_minutes = sign * (hours * 60 + minutes);
  return true;
}

int Ordered(std::int64_t a, std::int64_t b) { return a < b ? -1 : a > b ? 1 : 0; }

}  // namespace

std::string_view TimeUnit(std::string_view unit, bool& definite) {
  for (const auto& row : kUnits)
    if (row.written == unit) {
      definite = row.definite;
      return row.unit;
    }
  return {};
}

std::optional<DateTime> DateTime::Parse(std::string_view text, bool date_time) {
  DateTime d;
  if (date_time) d.kind = Kind::DateTime;
  if (!Take(text, 4, d.year) || d.year == 0) return std::nullopt;
  if (TakeChar(text, '-')) {
    if (!Take(text, 2, d.month) || d.month < 1 || d.month > 12) return std::nullopt;
    d.precision = Precision::Month;
    if (TakeChar(text, '-')) {
      if (!Take(text, 2, d.day) || d.day < 1 || d.day > DaysIn(d.year, d.month)) return std::nullopt;
      d.precision = Precision::Day;
    }
  }
  if (text.empty()) return d;
  if (!TakeChar(text, 'T')) return std::nullopt;
  d.kind = Kind::DateTime;
  if (text.empty()) return d;
  if (d.precision != Precision::Day || !TakeClock(text, d) || !TakeZone(text, d)) return std::nullopt;
  return d;
}

std::optional<DateTime> DateTime::ParseTime(std::string_view text) {
  DateTime d;
  d.kind = Kind::Time;
  if (!TakeClock(text, d) || !text.empty()) return std::nullopt;
  return d;
}

std::string DateTime::Text() const {
  char buffer[64];
  std::string out;
  auto add = [&](const char* format, int value) {
    std::snprintf(buffer, sizeof buffer, format, value);
    out += buffer;
  };
  if (kind != Kind::Time) {
    add("%04d", year);
    if (precision >= Precision::Month) add("-%02d", month);
    if (precision >= Precision::Day) add("-%02d", day);
    if (precision >= Precision::Hour) out += 'T';
  }
  if (precision >= Precision::Hour) add("%02d", hour);
  if (precision >= Precision::Minute) add(":%02d", minute);
  if (precision >= Precision::Second) add(":%02d", second);
  if (fraction_digits > 0) {
    std::string digits = std::to_string(nanoseconds + kTens[kNanoDigits]).substr(1);
    out += '.';
    out += digits.substr(0, static_cast<std::size_t>(fraction_digits));
  }
  if (zone_minutes && precision >= Precision::Hour) {
    if (*zone_minutes == 0) return out + "Z";
    out += *zone_minutes < 0 ? '-' : '+';
    add("%02d", std::abs(*zone_minutes) / 60);
    add(":%02d", std::abs(*zone_minutes) % 60);
  }
  return out;
}

std::int64_t DateTime::UtcSeconds(int zone) const {
  return DayNumber(year, month, day) * kDaySeconds + hour * 3600 + minute * 60 + second - zone * 60;
}

std::optional<int> DateTime::Compare(const DateTime& a, const DateTime& b) {
  if ((a.kind == Kind::Time) != (b.kind == Kind::Time)) return std::nullopt;
  const bool clocks =
      a.precision >= Precision::Hour && b.precision >= Precision::Hour && a.kind != Kind::Time;
  if (clocks && a.zone_minutes.has_value() != b.zone_minutes.has_value()) {
    // One may be anywhere on earth.
    std::int64_t apart = a.UtcSeconds(a.zone_minutes.value_or(0)) - b.UtcSeconds(b.zone_minutes.value_or(0));
    if (std::abs(apart) <= kZoneSeconds) return std::nullopt;
    return apart < 0 ? -1 : 1;
  }
  DateTime x = a, y = b;
  if (clocks && a.zone_minutes && *a.zone_minutes != *b.zone_minutes) {
    for (DateTime* d : {&x, &y}) {
      std::int64_t utc = d->UtcSeconds(*d->zone_minutes);
      std::int64_t days = (utc >= 0 ? utc : utc - kDaySeconds + 1) / kDaySeconds,
                   rest = utc - days * kDaySeconds;
      FromDayNumber(days, *d);
      d->hour = static_cast<int>(rest / 3600), d->minute = static_cast<int>(rest / 60 % 60);
      d->second = static_cast<int>(rest % 60);
    }
  }
  const std::array<std::int64_t, 6> left = {x.year, x.month, x.day, x.hour, x.minute, x.second};
  const std::array<std::int64_t, 6> right = {y.year, y.month, y.day, y.hour, y.minute, y.second};
  Precision shared = std::min(x.precision, y.precision);
  for (std::size_t i = x.kind == Kind::Time ? 3 : 0; i <= static_cast<std::size_t>(shared); ++i)
    if (int order = Ordered(left[i], right[i]); order != 0) return order;
  if (x.precision != y.precision) return std::nullopt;
  return Ordered(x.nanoseconds, y.nanoseconds);
}

namespace {

// How many of the next coarser thing a span makes, for values not written so finely: 24 months are 2 years.
struct Coarser {
  std::string_view unit, next;
  std::int64_t divisor;
  Precision needs;
};
constexpr std::array<Coarser, 7> kCoarser = {{{"millisecond", "second", 1000, Precision::Second},
                                              {"second", "minute", 60, Precision::Second},
                                              {"minute", "hour", 60, Precision::Minute},
                                              {"hour", "day", 24, Precision::Hour},
                                              {"week", "month", 4, Precision::Day},
                                              {"day", "month", 30, Precision::Day},
                                              {"month", "year", 12, Precision::Month}}};

constexpr std::int64_t kAmountMax = 400'000'000'000'000;

}  // namespace

bool DateTime::Add(const Decimal& amount, std::string_view unit, int sign) {
  bool definite = false;
  std::string_view word = TimeUnit(unit, definite);
  if (word.empty() || (definite && (word == "year" || word == "month"))) return false;
  if (kind == Kind::Time && (word == "year" || word == "month" || word == "week" || word == "day"))
    return false;
  auto whole = amount.Rounded(0, Decimal::Rounding::TowardsZero).Integer();
  if (!whole || std::abs(*whole) > kAmountMax) return false;
  std::int64_t n = *whole * sign;
  if (kind != Kind::Time)
    for (const auto& row : kCoarser)
      if (word == row.unit && precision < row.needs) {
        n /= row.divisor;
        word = row.next;
      }
  if (word == "year" || word == "month") {
    std::int64_t months = static_cast<std::int64_t>(year) * 12 + (month - 1) + (word == "year" ? n * 12 : n);
    if (months < 12 || months > 9999 * 12 + 11) return false;
    year = static_cast<int>(months / 12), month = static_cast<int>(months % 12) + 1;
    day = std::min(day, DaysIn(year, month));
    return true;
  }
  static constexpr std::array<std::pair<std::string_view, std::int64_t>, 5> kSeconds = {
      {{"week", 7 * kDaySeconds}, {"day", kDaySeconds}, {"hour", 3600}, {"minute", 60}, {"second", 1}}};
  std::int64_t seconds = 0;
  for (const auto& [name, length] : kSeconds)
    if (name == word) {
      if (std::abs(n) > kAmountMax / length) return false;
      seconds = n * length;
    }
  if (word == "millisecond") {
    std::int64_t total = nanoseconds + n % 1000 * 1'000'000;
    seconds = n / 1000 + (total < 0 ? -1 : total / kTens[kNanoDigits]);
    nanoseconds = (total + kTens[kNanoDigits]) % kTens[kNanoDigits];
    fraction_digits = std::max(fraction_digits, 3);
  }
  std::int64_t moment = UtcSeconds(0) + seconds;
  if (kind == Kind::Time) moment = (moment % kDaySeconds + kDaySeconds) % kDaySeconds;
  std::int64_t days = (moment >= 0 ? moment : moment - kDaySeconds + 1) / kDaySeconds;
  std::int64_t rest = moment - days * kDaySeconds;
  if (kind != Kind::Time) {
    if (days < DayNumber(1, 1, 1) || days > DayNumber(9999, 12, 31)) return false;
    FromDayNumber(days, *this);
  }
  hour = static_cast<int>(rest / 3600), minute = static_cast<int>(rest / 60 % 60);
  second = static_cast<int>(rest % 60);
  return true;
}

int DateTime::Digits() const {
  static constexpr std::array<int, 6> kDigits = {4, 6, 8, 10, 12, 14};
  int digits = kDigits[static_cast<std::size_t>(precision)] - (kind == Kind::Time ? 8 : 0);
  return digits + fraction_digits;
}

std::optional<DateTime> DateTime::Boundary(bool high, int digits) const {
  static constexpr std::array<std::pair<int, Precision>, 7> kPrecisions = {{{4, Precision::Year},
                                                                            {6, Precision::Month},
                                                                            {8, Precision::Day},
                                                                            {10, Precision::Hour},
                                                                            {12, Precision::Minute},
                                                                            {14, Precision::Second},
                                                                            {17, Precision::Second}}};
  int wanted = digits + (kind == Kind::Time ? 8 : 0);
  const auto* row = std::find_if(kPrecisions.begin(), kPrecisions.end(),
                                 [&](const auto& candidate) { return candidate.first == wanted; });
  if (row == kPrecisions.end() || (kind == Kind::Time && wanted < 10) || (kind == Kind::Date && wanted > 8))
    return std::nullopt;
  DateTime d = *this;
  // FHIR has no precision of hours: "08" there is 08:00.
  if (kind == Kind::DateTime && precision == Precision::Hour) d.precision = Precision::Minute;
  if (d.precision < Precision::Month) d.month = high ? 12 : 1;
  if (d.precision < Precision::Day) d.day = high ? DaysIn(d.year, d.month) : 1;
  if (d.precision < Precision::Hour) d.hour = high ? 23 : 0;
  if (d.precision < Precision::Minute) d.minute = high ? 59 : 0;
  if (d.precision < Precision::Second) d.second = high ? 59 : 0;
  std::int64_t unit = kTens[static_cast<std::size_t>(kNanoDigits - d.fraction_digits)];
  if (high) d.nanoseconds += unit - 1;
  d.precision = row->second;
  d.fraction_digits = wanted == 17 ? 3 : 0;
  if (kind == Kind::DateTime && !d.zone_minutes && d.precision >= Precision::Hour)
    d.zone_minutes = high ? -12 * 60 : 14 * 60;
  if (d.precision < Precision::Hour) d.zone_minutes.reset();
  return d;
}

}  // namespace passerelle::path
