#include "profiles/validator/invariants.h"

namespace passerelle::validator {

std::optional<Invariant> InvariantMaker::Make(const spec::Constraint&, std::string_view) {
  return std::nullopt;
}

}  // namespace passerelle::validator
