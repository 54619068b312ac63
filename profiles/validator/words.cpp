#include "profiles/validator/words.h"

namespace passerelle::validator {

const Words& TheWords() {
#define PASSERELLE_WORD(name) node::Intern(#name),
  static const Words words{PASSERELLE_WORDS(PASSERELLE_WORD) node::Intern("concept")};
#undef PASSERELLE_WORD
  return words;
}

}  // namespace passerelle::validator
