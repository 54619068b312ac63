#pragma once
// Mail: header fields and parts of an RFC 5322 message as a tree, as far as the requirements of MSSanté ask.

#include <string>
#include <string_view>
#include <vector>

#include "fhir_model/node/tree.h"

namespace passerelle::labelling {

bool LooksLikeMail(std::string_view bytes);

// Whether the header ends, and every multipart.
bool IsWhole(std::string_view bytes);

// A part with a file name that says ZIP, decoded; what does not decode is empty.
struct Attachment {
  node::NodeIndex part = node::kNone;
  std::string bytes;
};

// Root "mail"; each header field a child by its name in lower case, unfolded; each MIME part a child "part"
// with "type" and "filename", multiparts included.
struct Mail {
  node::Tree tree;
  std::vector<Attachment> archives;
};
Mail ReadMail(std::string_view bytes);

}  // namespace passerelle::labelling
