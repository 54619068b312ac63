// Dates and times. What is read: YYYY[MM[DD[HH[MM[SS[.f]]]]]][+-ZZzz] of HL7 v2 and CDA, and FHIR's own form.

#include <algorithm>
#include <cstdio>
#include <optional>

#include "mappers/convert/convert.h"

namespace passerelle::convert {
namespace {

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
