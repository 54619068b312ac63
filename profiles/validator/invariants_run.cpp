// Running invariants.

#include "profiles/validator/families.h"

namespace passerelle::validator {

void CheckInvariants(Run&, node::NodeIndex, const ElementChecks&) {}

}  // namespace passerelle::validator
