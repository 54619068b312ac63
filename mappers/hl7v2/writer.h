#pragma once
// Writer: a tree as ER7.

#include <string>

#include "fhir_model/node/tree.h"

namespace passerelle::hl7v2 {

// UTF-8, each segment ended by CR, groups in their order. Segments that stand as they were read are written
// byte for byte as they came (also empty fields at their end and escapes of one's own fashion); changed and
// new ones in canonical form. Delimiters are those of MSH-1 and MSH-2. EncodeText (charset.h) gives other
// character sets.
std::string Write(const node::Tree& tree);

// One segment in canonical form: no empty field at its end, every delimiter in a text escaped.
std::string WriteSegment(const node::Tree& tree, node::NodeIndex segment);

}  // namespace passerelle::hl7v2
