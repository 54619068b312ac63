#include "gateway/pipeline/message.h"

#include <array>

namespace passerelle::pipeline {
namespace {
constexpr std::array<std::string_view, 6> kStateNames = {"kept",     "stored",    "refused",
                                                         "withheld", "delivered", "parked"};
}

std::string_view StateName(State state) { return kStateNames[static_cast<std::size_t>(state)]; }

std::optional<State> StateNamed(std::string_view name) {
  for (std::size_t i = 0; i < kStateNames.size(); ++i)
    if (kStateNames[i] == name) return static_cast<State>(i);
  return std::nullopt;
}

}  // namespace passerelle::pipeline
