#pragma once
// CqlLibrary: what a Library resource of CQL defines, as far as expressions elsewhere may name it. Read from
// the compiled form (ELM, XML or JSON) or the CQL text, whichever it holds; nothing is evaluated.

#include <optional>
#include <set>
#include <string>
#include <string_view>

#include "fhir_model/node/tree.h"

namespace passerelle::validator {

struct CqlLibrary {
  std::string canonical;                        // as the measure names it
  bool known = false;                           // the resource is here
  bool readable = false;                        // and holds something that could be read
  std::set<std::string, std::less<>> names;     // what the library itself may be called
  std::set<std::string, std::less<>> defined;   // expressions, functions, parameters, contexts ...
  std::set<std::string, std::less<>> included;  // what it calls other libraries

  // From a Library resource.
  void Read(const node::Tree& tree, node::NodeIndex library);
};

// What an expression that is no more than a name refers to: "Age", Main."Age".
struct CqlName {
  std::string library;  // empty: not said
  std::string name;
};
// `identifier`: the language says that the text is a name, which then needs no quotes ("Initial Population").
// Nothing for any other expression.
std::optional<CqlName> ReadCqlName(std::string_view text, bool identifier);

}  // namespace passerelle::validator
