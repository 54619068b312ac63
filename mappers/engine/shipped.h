#pragma once
// The tables that the build put into the binary. Private to this room.

#include <string_view>

namespace passerelle::engine {

struct ShippedFile {
  std::string_view name;  // below mappers/tables; empty: the end
  std::string_view text;
};
extern const ShippedFile kShippedFiles[];

}  // namespace passerelle::engine
