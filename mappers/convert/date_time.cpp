// Dates and times. What is read: YYYY[MM[DD[HH[MM[SS[.f]]]]]][+-ZZzz] of HL7 v2 and CDA, and FHIR's own form.

#include <algorithm>
#include <cstdio>
#include <optional>

#include "mappers/convert/convert.h"

namespace passerelle::convert {
namespace {

constexpr long kMinutesADay = 24 * 60;

bool IsDigit(char c) { return c >= '0' && c <= '9'; }

struct Moment {
  int year = 0, month = 0, day = 0;
  int hour = -1, minute = 0, second = 0;
  bool has_second = false;
  std::string_view fraction;        // digits behind the second
  std::optional<int> zone_minutes;  // east of UTC
  bool has_time() const { return hour >= 0; }
};

int DaysInMonth(int year, int month) {
  static constexpr int kDays[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
  bool leap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
  return month == 2 && leap ? 29 : kDays[month - 1];
}

// Takes digits off the front of a text.
class Digits {
 public:
  explicit Digits(std::string_view text) : rest_(text) {}
  std::optional<int> Take(std::size_t count) {
    if (rest_.size() < count ||
        !std::all_of(rest_.begin(), rest_.begin() + static_cast<std::ptrdiff_t>(count), IsDigit))
      return std::nullopt;
    int number = 0;
    for (std::size_t i = 0; i < count; ++i) number = number * 10 + (rest_[i] - '0');
    rest_.remove_prefix(count);
    return number;
  }
  bool Skip(char c) {
    if (!rest_.starts_with(c)) return false;
    rest_.remove_prefix(1);
    return true;
  }
  std::string_view TakeRun() {
    auto end = std::find_if_not(rest_.begin(), rest_.end(), IsDigit);
    std::string_view run(rest_.begin(), end);
    rest_.remove_prefix(run.size());
    return run;
  }
  bool AtDigit() const { return !rest_.empty() && IsDigit(rest_.front()); }
  bool AtEnd() const { return rest_.empty(); }
  char front() const { return rest_.empty() ? '\0' : rest_.front(); }

 private:
  std::string_view rest_;
};

bool TakeZone(Digits& in, Moment& out) {
  if (in.Skip('Z')) {
    out.zone_minutes = 0;
    return true;
  }
  bool west = in.front() == '-';
  if (!in.Skip('+') && !in.Skip('-')) return true;
  auto hours = in.Take(2);
  in.Skip(':');
  auto minutes = in.AtDigit() ? in.Take(2) : std::optional(0);
  if (!hours || !minutes || *hours > 14 || *minutes > 59) return false;
  int offset = *hours * 60 + *minutes;
  out.zone_minutes = west ? -offset : offset;
  return true;
}

// HH[:]MM[[:]SS[.f]]
bool TakeTime(Digits& in, Moment& out) {
  auto hour = in.Take(2);
  if (!hour || *hour > 24) return false;
  out.hour = *hour;
  in.Skip(':');
  if (!in.AtDigit()) return out.hour < 24;
  auto minute = in.Take(2);
  if (!minute || *minute > 59) return false;
  out.minute = *minute;
  in.Skip(':');
  if (in.AtDigit()) {
    auto second = in.Take(2);
    if (!second || *second > 60) return false;
    out.second = std::min(*second, 59);  // FHIR has leap seconds, most readers of it have none
    out.has_second = true;
    if (in.Skip('.') || in.Skip(',')) out.fraction = in.TakeRun();
  }
  return out.hour < 24 || (out.minute == 0 && out.second == 0);
}

// 24:00 is the next day's beginning.
void NormaliseMidnight(Moment& m) {
  if (m.hour != 24) return;
  m.hour = 0;
  if (++m.day <= DaysInMonth(m.year, m.month)) return;
  m.day = 1;
  if (++m.month <= 12) return;
  m.month = 1;
  ++m.year;
}

std::optional<Moment> Read(std::string_view text) {
  Digits in(text);
  Moment out;
  auto year = in.Take(4);
  if (!year || *year == 0) return std::nullopt;
  out.year = *year;
  bool dashes = false;
  if (in.AtDigit() || (text.size() > 6 && text[4] == '-' && (text.size() == 7 || text[7] == '-')))
    dashes = in.Skip('-');
  if (in.AtDigit()) {
    auto month = in.Take(2);
    if (!month || *month > 12) return std::nullopt;
    out.month = *month;
  }
  if (dashes && out.month > 0) in.Skip('-');
  if (out.month > 0 && in.AtDigit()) {
    auto day = in.Take(2);
    if (!day || *day > DaysInMonth(out.year, out.month)) return std::nullopt;
    out.day = *day;
  }
  // "20260000": a month that is not known, nor the day.
  if (out.month == 0 && in.AtDigit() && in.Take(2) != 0) return std::nullopt;
  if (out.day > 0 && !in.AtEnd() && (in.AtDigit() || in.front() == 'T' || in.front() == ' ')) {
    if (!in.Skip('T')) in.Skip(' ');
    if (!TakeTime(in, out)) return std::nullopt;
  }
  if (!TakeZone(in, out) || !in.AtEnd()) return std::nullopt;
  if (out.has_time()) NormaliseMidnight(out);
  return out;
}

void AppendNumber(int number, int width, std::string& out) {
  char digits[8];
  for (int i = width; i-- > 0; number /= 10) digits[i] = static_cast<char>('0' + number % 10);
  out.append(digits, static_cast<std::size_t>(width));
}

void AppendDate(const Moment& m, std::string& out) {
  AppendNumber(m.year, 4, out);
  if (m.month == 0) return;
  out += '-';
  AppendNumber(m.month, 2, out);
  if (m.day == 0) return;
  out += '-';
  AppendNumber(m.day, 2, out);
}

void AppendTime(const Moment& m, std::string& out) {
  AppendNumber(m.hour, 2, out);
  out += ':';
  AppendNumber(m.minute, 2, out);
  out += ':';
  AppendNumber(m.second, 2, out);
  if (!m.fraction.empty()) out.append(".").append(m.fraction);
}

void AppendZone(int minutes, std::string& out) {
  out += minutes < 0 ? '-' : '+';
  minutes = minutes < 0 ? -minutes : minutes;
  AppendNumber(minutes / 60, 2, out);
  out += ':';
  AppendNumber(minutes % 60, 2, out);
}

std::string_view Trimmed(std::string_view text) {
  while (!text.empty() && text.front() == ' ') text.remove_prefix(1);
  while (!text.empty() && text.back() == ' ') text.remove_suffix(1);
  return text;
}

// Days since 1970-01-01 of the proleptic Gregorian calendar, and back.
long DaysOf(int year, int month, int day) {
  year -= month <= 2;
  const long era = (year >= 0 ? year : year - 399) / 400;
  const long of_era = year - era * 400;
  const long of_year = (153 * (month + (month > 2 ? -3 : 9)) + 2) / 5 + day - 1;
  return era * 146097 + of_era * 365 + of_era / 4 - of_era / 100 + of_year - 719468;
}

void SetDay(Moment& m, long days) {
  days += 719468;
  const long era = (days >= 0 ? days : days - 146096) / 146097;
  const long of_era = days - era * 146097;
  const long years = (of_era - of_era / 1460 + of_era / 36524 - of_era / 146096) / 365;
  const long of_year = of_era - (365 * years + years / 4 - years / 100);
  const long month = (5 * of_year + 2) / 153;
  m.day = static_cast<int>(of_year - (153 * month + 2) / 5 + 1);
  m.month = static_cast<int>(month < 10 ? month + 3 : month - 9);
  m.year = static_cast<int>(years + era * 400 + (m.month <= 2));
}

// Minutes east of UTC for a moment without a zone of its own.
std::optional<int> ZoneOf(const Moment& m, const Zone* zone) {
  if (m.zone_minutes) return m.zone_minutes;
  if (zone == nullptr) return std::nullopt;
  return zone->OffsetAt({m.year, m.month, m.day, m.hour, m.minute});
}

}  // namespace

Outcome ToDate(std::string_view text, std::string& out) {
  text = Trimmed(text);
  if (text.empty()) return Outcome::Nothing;
  auto moment = Read(text);
  if (!moment) return Outcome::Unreadable;
  AppendDate(*moment, out);
  return Outcome::Done;
}

Outcome ToDateTime(std::string_view text, const Zone* zone, std::string& out) {
  text = Trimmed(text);
  if (text.empty()) return Outcome::Nothing;
  auto moment = Read(text);
  if (!moment) return Outcome::Unreadable;
  AppendDate(*moment, out);
  if (!moment->has_time()) return Outcome::Done;
  auto offset = ZoneOf(*moment, zone);
  if (!offset) return Outcome::ZoneMissing;
  out += 'T';
  AppendTime(*moment, out);
  AppendZone(*offset, out);
  return Outcome::Done;
}

bool IsEarlier(std::string_view text, std::string_view other, const Zone* zone) {
  auto a = Read(Trimmed(text)), b = Read(Trimmed(other));
  if (!a || !b) return false;
  if (a->year != b->year) return a->year < b->year;
  if (a->month == 0 || b->month == 0) return false;
  if (a->month != b->month) return a->month < b->month;
  if (a->day == 0 || b->day == 0) return false;
  auto zone_a = ZoneOf(*a, zone), zone_b = ZoneOf(*b, zone);
  if (!a->has_time() || !b->has_time() || !zone_a || !zone_b) return a->day < b->day;
  auto seconds = [](const Moment& m, int offset) {
    return ((DaysOf(m.year, m.month, m.day) * 24 + m.hour) * 60 + m.minute - offset) * 60 + m.second;
  };
  return seconds(*a, *zone_a) < seconds(*b, *zone_b);
}

std::string_view TimeUnit(std::string_view text) {
  struct UnitRow {
    std::string_view sent, ucum;
  };
  static constexpr UnitRow kUnits[] = {
      {"min", "min"}, {"MIN", "min"}, {"m", "min"}, {"M", "min"}, {"h", "h"},   {"H", "h"},   {"hr", "h"},
      {"HR", "h"},    {"d", "d"},     {"D", "d"},   {"day", "d"}, {"wk", "wk"}, {"WK", "wk"}, {"w", "wk"},
      {"W", "wk"},    {"mo", "mo"},   {"MO", "mo"}, {"L", "mo"},  {"a", "a"},   {"yr", "a"},  {"Y", "a"}};
  for (const auto& row : kUnits)
    if (row.sent == text) return row.ucum;
  return {};
}

Outcome ToLater(std::string_view text, int amount, std::string_view unit, const Zone* zone,
                std::string& out) {
  auto moment = Read(Trimmed(text));
  if (!moment || moment->day == 0 || amount < -100'000 || amount > 100'000) return Outcome::Unreadable;
  const long minutes = unit == "min" ? amount : unit == "h" ? amount * 60L : 0;
  const long days = unit == "d" ? amount : unit == "wk" ? amount * 7L : 0;
  const long months = unit == "mo" ? amount : unit == "a" ? amount * 12L : 0;
  if (amount != 0 && minutes + days + months == 0) return Outcome::Unreadable;
  if (!moment->has_time() && minutes % kMinutesADay != 0) return Outcome::Unreadable;
  const long all_months = moment->year * 12L + moment->month - 1 + months;
  moment->year = static_cast<int>(all_months / 12);
  moment->month = static_cast<int>(all_months % 12) + 1;
  moment->day = std::min(moment->day, DaysInMonth(moment->year, moment->month));
  const long of_day = std::max(moment->hour, 0) * 60L + moment->minute + minutes;
  const long days_on = of_day >= 0 ? of_day / kMinutesADay : -((kMinutesADay - 1 - of_day) / kMinutesADay);
  SetDay(*moment, DaysOf(moment->year, moment->month, moment->day) + days + days_on);
  if (moment->year > 9999 || moment->year < 1) return Outcome::Unreadable;
  AppendDate(*moment, out);
  if (!moment->has_time()) return Outcome::Done;
  const long minute = of_day - days_on * kMinutesADay;
  moment->hour = static_cast<int>(minute / 60);
  moment->minute = static_cast<int>(minute % 60);
  auto offset = ZoneOf(*moment, zone);
  if (!offset) return Outcome::ZoneMissing;
  out += 'T';
  AppendTime(*moment, out);
  AppendZone(*offset, out);
  return Outcome::Done;
}

Outcome ToInstant(std::string_view text, const Zone* zone, std::string& out) {
  text = Trimmed(text);
  if (text.empty()) return Outcome::Nothing;
  auto moment = Read(text);
  if (!moment || !moment->has_time()) return Outcome::Unreadable;
  auto offset = ZoneOf(*moment, zone);
  if (!offset) return Outcome::Unreadable;
  AppendDate(*moment, out);
  out += 'T';
  AppendTime(*moment, out);
  AppendZone(*offset, out);
  return Outcome::Done;
}

Outcome ToTime(std::string_view text, std::string& out) {
  text = Trimmed(text);
  if (text.empty()) return Outcome::Nothing;
  Digits in(text);
  Moment moment;
  bool full = text.size() >= 8 && std::all_of(text.begin(), text.begin() + 8, IsDigit);  // the time of a date
  if (full || text.find('T') != text.npos) {
    auto read = Read(text);
    if (!read || !read->has_time()) return Outcome::Unreadable;
    moment = *read;
  } else if (!TakeTime(in, moment) || !TakeZone(in, moment) || !in.AtEnd()) {
    return Outcome::Unreadable;
  }
  AppendTime(moment, out);
  return Outcome::Done;
}

}  // namespace passerelle::convert
