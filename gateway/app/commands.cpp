// Every sub-command, in the order of `passerelle --help`.

#include <array>

#include "gateway/app/command.h"

namespace passerelle::app {

extern const Command kDefinitions;

std::span<const Command* const> Commands() {
  static constexpr std::array<const Command*, 1> kAll = {
      &kDefinitions,
  };
  return kAll;
}

}  // namespace passerelle::app
