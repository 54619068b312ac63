#pragma once
// Mend: JSON as people write it by hand, made JSON again: comments left out, names and words quoted, commas
// put in or left out. So a text with such flaws can be told all of them, and what else is wrong, at once;
// nobody takes it in.
//
// Lines stay where they are. One pass; what is beyond such flaws is given up.

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "fhir_model/base/error.h"

namespace passerelle::json {

enum class Flaw : std::uint8_t { Comment, NameWithoutQuotes, ValueWithoutQuotes, CommaMissing, CommaExtra };

struct FlawAt {
  Flaw flaw;
  Place place;  // a comment's is that of the member it stands before, else of the object that has the flaw
};

struct Mended {
  std::string text;
  std::vector<FlawAt> flaws;
};

// Nothing when the text has other flaws too, or more than can be told.
std::optional<Mended> Mend(std::string_view text);

}  // namespace passerelle::json
