#pragma once
// Mail: header fields and parts of an RFC 5322 message as a tree, as far as the requirements of MSSanté ask.

#include <string_view>

#include "fhir_model/node/tree.h"

namespace passerelle::labelling {

bool LooksLikeMail(std::string_view bytes);

// Whether the header ends, and every multipart.
bool IsWhole(std::string_view bytes);

// Root "mail"; each header field a child by its name in lower case, unfolded; each MIME part a child "part"
// with "type" and "filename", multiparts included.
node::Tree ReadMail(std::string_view bytes);

}  // namespace passerelle::labelling
