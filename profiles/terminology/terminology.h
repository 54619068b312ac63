#pragma once
// Terminology without a network: whether a code is in a value set, and what a code system says of it. Three
// answers, never two: in, out, cannot tell. A missing or empty value set means cannot tell (safety rule 22).
//
// Value sets and code systems are read at first use and kept; safe from any thread. Text in answers lives as
// long as the Terminology.

#include <cstdint>
#include <memory>
#include <optional>
#include <string_view>

#include "fhir_model/node/tree.h"
#include "fhir_model/spec/library.h"

namespace passerelle::terminology {

enum class Answer : std::uint8_t { In, Out, CannotTell };

struct Coded {
  std::string_view system, version, code, display;  // system empty: a bare code
};

struct Membership {
  Answer answer = Answer::CannotTell;
  std::string_view missing;  // for CannotTell: the code system or value set that is not here
  std::string_view system;   // for a bare code that is in: the system it was found in
  std::string_view display;  // what the code system calls it, where known
  bool named = false;        // the value set itself calls it by the display that was asked
};

struct CodeLookup {
  Answer exists = Answer::CannotTell;
  std::string_view display;
  bool inactive = false;
  bool case_sensitive = true;
};

class ValueSet;
class CodeSystem;

class Terminology {
 public:
  explicit Terminology(const spec::Library& library);
  ~Terminology();

  Membership MemberOf(std::string_view value_set, const Coded& coded) const;
  CodeLookup Lookup(std::string_view system, std::string_view code, std::string_view version = {}) const;
  // Whether `display` is one of the designations of the code, without regard to case and runs of white space;
  // nothing: not known.
  std::optional<bool> DisplayAgrees(const Coded& coded) const;
  bool KnowsSystem(std::string_view system) const;
  bool KnowsValueSet(std::string_view value_set) const;

  // A value set looked up once, for many questions; nullptr when it is not here. "URL#id" names the one that is
  // contained in the resource of that URL.
  const ValueSet* FindValueSet(std::string_view canonical) const;
  Membership MemberOf(const ValueSet& value_set, const Coded& coded) const;
  // A ValueSet resource that stands in a tree, contained or on its own; for one question.
  Membership MemberOf(const node::Tree& tree, node::NodeIndex value_set, const Coded& coded) const;
  // nullptr when it is not here; also those of which only a part is.
  const CodeSystem* FindCodeSystem(std::string_view system, std::string_view version = {}) const;

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace passerelle::terminology
