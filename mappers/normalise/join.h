#pragma once
// Join: a message and the documents it carries as one draft, about one patient, with one DocumentReference
// for each document.

#include <string_view>

#include "mappers/engine/draft.h"
#include "mappers/normalise/document.h"

namespace passerelle::normalise {

// Takes the document's entries into the message's draft. The document's patient becomes the message's; a
// resource of the same id is completed; the DocumentReference that the message's own segments made (the
// `position`-th, from 0) is folded into the document's, with its Binary. Changes `document.facts`
// accordingly. `place` is where the message carries the document ("OBX[1]-5.5").
void JoinDocument(engine::Draft& message, MappedDocument& document, std::size_t position,
                  std::string_view place);

// A deletion maps nothing of the document: takes away what the message's segments made of it (safety rule 5).
void DropDocuments(engine::Draft& message);

}  // namespace passerelle::normalise
