#pragma once
// MllpTarget: a listener for HL7 v2. One connection, kept; one message at a time; taken is what AA or CA with
// our control id in MSA-2 says so of.

#include "gateway/targets/target.h"

namespace passerelle::targets {

Result<std::unique_ptr<Target>> MakeMllpTarget(const TargetOptions& options);

}  // namespace passerelle::targets
