#pragma once
// label run: a suite over messages that pass through the bench's own gateway, with or without a scenario; the
// report and the evidence.

#include "gateway/app/command.h"

namespace passerelle::app {

int RunLabelling(const Arguments& arguments);

}  // namespace passerelle::app
