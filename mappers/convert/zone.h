#pragma once
// Zone: how far a place's clock is from UTC at a given moment of its own, by rules compiled in, so that the
// answer is the same on every machine whatever its time zone database.
//
// Known are the French zones, those of the neighbours on the same rule, UTC, and fixed offsets ("+02:00").

#include <cstdint>
#include <optional>
#include <string_view>

namespace passerelle::convert {

struct LocalTime {
  int year = 0, month = 1, day = 1, hour = 0, minute = 0;
};

class Zone {
 public:
  // nullopt: a name this table does not have.
  static std::optional<Zone> Find(std::string_view name);

  // Minutes east of UTC. An hour that a clock passes twice is its first passing (summer time); one that it
  // skips is read as if the clock had not been changed.
  int OffsetAt(const LocalTime& local) const;

 private:
  enum class Summer : std::uint8_t { None, Europe, NorthAmerica };
  Zone(int standard, Summer summer) : standard_(standard), summer_(summer) {}
  struct Row;
  static const Row kRows[];

  int standard_;  // minutes
  Summer summer_;
};

}  // namespace passerelle::convert
