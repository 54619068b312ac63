#pragma once
// The long base64 values of a message that comes abridged (base/abridge.h): where they may stand, and what
// the draft makes of them. Everywhere a value's token stands for it.

#include <string_view>
#include <vector>

#include "fhir_model/base/abridge.h"
#include "fhir_model/node/tree.h"

namespace passerelle::normalise {

using LongValues = std::vector<LongBase64>;

// The value whose token this is, or nullptr.
const LongBase64* FindValue(const LongValues& values, std::string_view token);

// Whether each is carried and not read: the data of an ED in OBX-5, in base64, and no CDA document. Else the
// message must be read as a whole.
bool AreCarriedOnly(const node::Tree& message, const LongValues& values);

// An attachment whose data are a long value refers to a Binary for it instead, which its resource guards.
// False: a value stands where it cannot be moved.
bool MoveToBinaries(node::Tree& bundle, const LongValues& values, std::string_view id_key);

// Puts the values themselves in, for those who have the whole message in memory.
void PutValues(node::Tree& bundle, const LongValues& values, std::string_view message);

}  // namespace passerelle::normalise
