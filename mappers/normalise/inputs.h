#pragma once
// The three ways in, one file each. All fill what they found into `out` and stop at the first refusal.

#include <string>

#include "mappers/normalise/normalise.h"

namespace passerelle::normalise {

void NormaliseMessage(const engine::Program& program, std::string bytes, const Options& options,
                      Normalised& out);
void NormaliseDocument(const engine::Program& program, std::string bytes, const Options& options,
                       Normalised& out);
void NormaliseResource(const spec::Definitions& definitions, std::string bytes, const Options& options,
                       Normalised& out);

}  // namespace passerelle::normalise
