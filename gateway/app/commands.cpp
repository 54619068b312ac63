// Every sub-command, in the order of `passerelle --help`.

#include <array>

#include "gateway/app/command.h"

namespace passerelle::app {

extern const Command kServe;
extern const Command kDefinitions;

std::span<const Command* const> Commands() {
  static constexpr std::array<const Command*, 2> kAll = {
      &kServe,
      &kDefinitions,
  };
  return kAll;
}

}  // namespace passerelle::app
