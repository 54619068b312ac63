// Random numbers, dates and the fit.

#include <chrono>
#include <cmath>
#include <cstdio>

#include "gateway/labelling/campaign_parts.h"

namespace passerelle::labelling {

std::uint64_t Random::Next() {
  std::uint64_t z = (state_ += 0x9E3779B97F4A7C15u);
  z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9u;
  z = (z ^ (z >> 27)) * 0x94D049BB133111EBu;
  return z ^ (z >> 31);
}

double Random::Unit() { return static_cast<double>(Next() >> 11) * 0x1.0p-53; }

std::size_t Random::Below(std::size_t n) { return n == 0 ? 0 : static_cast<std::size_t>(Next() % n); }

int Random::Small(double mean) {
  double limit = std::exp(-mean), product = Unit();
  int count = 0;
  for (; product > limit; ++count) product *= Unit();
  return count;
}

std::string DateOf(int week) {
  using namespace std::chrono;
  year_month_day date(sys_days(year(2021) / August / 31) + days(7 * week));
  char text[16];
  std::snprintf(text, sizeof text, "%04d-%02u-%02u", static_cast<int>(date.year()),
                static_cast<unsigned>(date.month()), static_cast<unsigned>(date.day()));
  return text;
}

double SeasonOf(int week) {
  auto date = DateOf(week);
  if (date.substr(5, 2) == "08") return 0.7;
  return date.substr(5) >= "12-24" || date.substr(5) <= "01-02" ? 0.6 : 1;
}

double ItalianWeek(double share) {
  const auto* points = facts::kItaly;
  for (std::size_t i = 1; i < std::size(facts::kItaly); ++i)
    if (share <= points[i].share)
      return points[i - 1].week + (points[i].week - points[i - 1].week) * (share - points[i - 1].share) /
                                      (points[i].share - points[i - 1].share);
  return points[std::size(facts::kItaly) - 1].week;
}

int CandidatesOf(const facts::Couloir& couloir) {
  int all = 0;
  for (const auto& other : facts::kCouloirs) all += other.products;
  return couloir.products +
         static_cast<int>(std::lround(static_cast<double>(facts::kRefused) * couloir.products / all));
}

TimeWarp FitFrance(std::string_view couloir_id) {
  double n = 0, sx = 0, sy = 0, sxx = 0, sxy = 0, own = 0, own_x = 0, own_y = 0;
  for (const auto& checkpoint : facts::kFrance) {
    double all = 0;
    for (const auto& couloir : facts::kCouloirs)
      if (checkpoint.couloir.empty() || checkpoint.couloir == couloir.id) all += couloir.products;
    double x = ItalianWeek(checkpoint.labelled / all), y = checkpoint.week;
    n += 1, sx += x, sy += y, sxx += x * x, sxy += x * y;
    if (!checkpoint.couloir.empty() && checkpoint.couloir == couloir_id) own += 1, own_x += x, own_y += y;
  }
  double per_week = (n * sxy - sx * sy) / (n * sxx - sx * sx);
  if (own > 0) return {(own_y - per_week * own_x) / own, per_week};
  return {(sy - per_week * sx) / n, per_week};
}

}  // namespace passerelle::labelling
