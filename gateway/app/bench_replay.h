#pragma once
// Replay: the verdicts that a ledger holds of files, asked again of the files alone.

#include "gateway/app/command.h"

namespace passerelle::app {

// Of the files named, or of all that the runs kept below --data. What rests on a run (answers, deliveries,
// messages before) cannot be asked of a file; what differs, or is in no entry, ends with kFindings.
int ReplayVerdicts(const Arguments& arguments);

}  // namespace passerelle::app
