#pragma once
// ValueSet: one value set, compiled to clauses that are asked one after the other. Nothing is expanded that
// can be asked of its code system directly.

#include <memory>
#include <string>
#include <string_view>
#include <unordered_set>
#include <vector>

#include "profiles/terminology/code_system.h"
#include "profiles/terminology/grammars.h"
#include "profiles/terminology/terminology.h"

namespace passerelle::terminology {

// What the value set itself calls a code.
struct ListedNames {
  std::string_view display;
  std::vector<std::string_view> designations;
};

// One include or exclude.
struct Clause {
  std::string_view system;  // empty: whatever the nested value sets say
  std::string_view version;
  const CodeSystem* code_system = nullptr;
  Grammar grammar = nullptr;
  bool enumerated = false;  // `codes` are all there is
  std::unordered_map<std::string_view, ListedNames> codes;
  bool filtered = false;
  bool undecided = false;               // a filter that cannot be applied here
  std::vector<bool> selected;           // filtered: over the code system's concepts
  std::vector<const ValueSet*> nested;  // all of them must contain the code
  std::string_view missing;             // a nested value set that is not here
};

class ValueSet {
 public:
  std::string_view url, version, name;
  bool known = false;  // it says what is in it
  std::vector<Clause> includes, excludes;
  std::shared_ptr<node::Tree> tree;  // what the text above points into

  Membership Ask(const Coded& coded) const;
};

class CompileContext {
 public:
  virtual ~CompileContext() = default;
  virtual const CodeSystem* FindCodeSystem(std::string_view system, std::string_view version) = 0;
  virtual const ValueSet* FindValueSet(std::string_view canonical) = 0;
};

// Fills `out` from a ValueSet resource.
void CompileValueSet(const node::Tree& tree, node::NodeIndex at, CompileContext& context, ValueSet& out);

}  // namespace passerelle::terminology
