#include "mappers/convert/zone.h"

#include <algorithm>
#include <array>

namespace passerelle::convert {
namespace {

// Days since 1970-01-01 of a Gregorian date.
long DaysOf(int year, int month, int day) {
  year -= month <= 2;
  long era = (year >= 0 ? year : year - 399) / 400;
  long year_of_era = year - era * 400;
  long day_of_year = (153 * (month + (month > 2 ? -3 : 9)) + 2) / 5 + day - 1;
  return era * 146097 + year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year - 719468;
}

// 0 is Sunday.
int WeekdayOf(int year, int month, int day) {
  long days = DaysOf(year, month, day);
  return static_cast<int>(((days + 4) % 7 + 7) % 7);
}

int LastSunday(int year, int month, int days_in_month) {
  return days_in_month - WeekdayOf(year, month, days_in_month);
}

int NthSunday(int year, int month, int n) {
  int first = 1 + (7 - WeekdayOf(year, month, 1)) % 7;
  return first + 7 * (n - 1);
}

struct Change {
  int month, day, hour;  // by the clock that is changed
};
struct SummerTime {
  Change begin, end;
};

// France before the last Sunday in March was the rule: decrees of each year.
struct Decreed {
  int year;
  Change begin, end;
};
constexpr std::array kDecreed = {
    Decreed{1976, {3, 28, 1}, {9, 26, 1}}, Decreed{1977, {4, 3, 2}, {9, 25, 3}},
    Decreed{1978, {4, 2, 2}, {10, 1, 3}},  Decreed{1979, {4, 1, 2}, {9, 30, 3}},
    Decreed{1980, {4, 6, 2}, {9, 28, 3}},
};

std::optional<SummerTime> Europe(int year) {
  if (year < 1976) return std::nullopt;
  for (const auto& decreed : kDecreed)
    if (decreed.year == year) return SummerTime{decreed.begin, decreed.end};
  Change begin{3, LastSunday(year, 3, 31), 2};
  // Until 1995 summer ended in September.
  Change end = year < 1996 ? Change{9, LastSunday(year, 9, 30), 3} : Change{10, LastSunday(year, 10, 31), 3};
  return SummerTime{begin, end};
}

std::optional<SummerTime> NorthAmerica(int year) {
  if (year < 1987) return std::nullopt;  // Saint-Pierre-et-Miquelon took it over in that year
  if (year < 2007) return SummerTime{{4, NthSunday(year, 4, 1), 2}, {10, LastSunday(year, 10, 31), 2}};
  return SummerTime{{3, NthSunday(year, 3, 2), 2}, {11, NthSunday(year, 11, 1), 2}};
}

// True when `local` is before the change.
bool Before(const LocalTime& local, const Change& change) {
  if (local.month != change.month) return local.month < change.month;
  if (local.day != change.day) return local.day < change.day;
  return local.hour < change.hour;
}

// "+02:00", "-0330", "Z"
std::optional<int> FixedOffset(std::string_view name) {
  if (name == "Z") return 0;
  if (name.size() < 5 || (name[0] != '+' && name[0] != '-')) return std::nullopt;
  std::string_view hours = name.substr(1, 2), minutes = name.substr(name[3] == ':' ? 4 : 3);
  auto digits = [](std::string_view s) {
    return s.size() == 2 && s[0] >= '0' && s[0] <= '9' && s[1] >= '0' && s[1] <= '9';
  };
  if (!digits(hours) || !digits(minutes)) return std::nullopt;
  auto number = [](std::string_view s) { return (s[0] - '0') * 10 + (s[1] - '0'); };
  int offset = number(hours) * 60 + number(minutes);
  return name[0] == '-' ? -offset : offset;
}

}  // namespace

struct Zone::Row {
  std::string_view name;
  int standard;
  Summer summer;
};

const Zone::Row Zone::kRows[] = {
    {"UTC", 0, Summer::None},
    {"Etc/UTC", 0, Summer::None},
    {"Europe/Paris", 60, Summer::Europe},
    {"Europe/Monaco", 60, Summer::Europe},
    {"Europe/Brussels", 60, Summer::Europe},
    {"Europe/Luxembourg", 60, Summer::Europe},
    {"Europe/Berlin", 60, Summer::Europe},
    {"Europe/Zurich", 60, Summer::Europe},
    {"Europe/Rome", 60, Summer::Europe},
    {"Europe/Madrid", 60, Summer::Europe},
    {"Europe/Amsterdam", 60, Summer::Europe},
    {"America/Guadeloupe", -240, Summer::None},
    {"America/Martinique", -240, Summer::None},
    {"America/St_Barthelemy", -240, Summer::None},
    {"America/Marigot", -240, Summer::None},
    {"America/Cayenne", -180, Summer::None},
    {"America/Miquelon", -180, Summer::NorthAmerica},
    {"Indian/Reunion", 240, Summer::None},
    {"Indian/Mayotte", 180, Summer::None},
    {"Indian/Kerguelen", 300, Summer::None},
    {"Pacific/Noumea", 660, Summer::None},
    {"Pacific/Wallis", 720, Summer::None},
    {"Pacific/Tahiti", -600, Summer::None},
    {"Pacific/Marquesas", -570, Summer::None},
    {"Pacific/Gambier", -540, Summer::None},
};

std::optional<Zone> Zone::Find(std::string_view name) {
  for (const auto& row : kRows)
    if (row.name == name) return Zone(row.standard, row.summer);
  if (auto offset = FixedOffset(name)) return Zone(*offset, Summer::None);
  return std::nullopt;
}

int Zone::OffsetAt(const LocalTime& local) const {
  if (summer_ == Summer::None) return standard_;
  auto summer = summer_ == Summer::Europe ? Europe(local.year) : NorthAmerica(local.year);
  if (!summer) return standard_;
  bool in_summer = !Before(local, summer->begin) && Before(local, summer->end);
  return in_summer ? standard_ + 60 : standard_;
}

}  // namespace passerelle::convert
