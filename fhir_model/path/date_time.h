#pragma once
// DateTime: dates, times and date-times with the precision with which they were written (N1, 5.3 and 6).
//
// Comparing goes component by component, as far as both were written; beyond that nothing can be told.

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "fhir_model/base/decimal.h"

namespace passerelle::path {

struct DateTime {
  enum class Kind : std::uint8_t { Date, DateTime, Time };
  // Fractions of a second are a finer writing of the second.
  enum class Precision : std::uint8_t { Year, Month, Day, Hour, Minute, Second };

  Kind kind = Kind::Date;
  Precision precision = Precision::Year;
  int year = 1, month = 1, day = 1, hour = 0, minute = 0, second = 0;
  std::int64_t nanoseconds = 0;
  int fraction_digits = 0;
  std::optional<int> zone_minutes;

  // "2015-02-04", "2015T", "2015-02-04T14:34:28.123+10:00". A time of day within makes it a DateTime;
  // `date_time` does so without one. Nothing for what is not in the calendar.
  static std::optional<DateTime> Parse(std::string_view text, bool date_time = false);
  static std::optional<DateTime> ParseTime(std::string_view text);
  std::string Text() const;  // as FHIR writes it: "2015" also for a DateTime

  // -1, 0, 1; nothing where precision or zone leave it open.
  static std::optional<int> Compare(const DateTime& a, const DateTime& b);

  // Years, months, weeks ... of the calendar ("month") or of fixed length ("d"); "mo" and "a" are no calendar
  // spans. Fractions of a unit are ignored. `sign` is 1 or -1. False: that unit cannot be added.
  bool Add(const Decimal& amount, std::string_view unit, int sign);

  // Number of digits written: 4 for 2014, 17 for milliseconds.
  int Digits() const;
  // The earliest or latest moment this may mean, written with `digits` digits; nothing if there is no such
  // precision.
  std::optional<DateTime> Boundary(bool high, int digits) const;

 private:
  std::int64_t UtcSeconds(int zone) const;
};

// "day" for "days" and "d", "" for what is no unit of time. `definite` is false for words of the calendar.
std::string_view TimeUnit(std::string_view unit, bool& definite);

}  // namespace passerelle::path
