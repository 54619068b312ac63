#pragma once
// Terminology without a network: whether a code is in a value set, and what a code system says of it. Three answers,
// never two: in, out, cannot tell. A missing or empty value set means cannot tell (safety rule 22).
//
// Value sets are expanded at first use and kept; safe from any thread.

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "fhir_model/spec/library.h"

namespace passerelle::terminology {

enum class Answer : std::uint8_t { In, Out, CannotTell };

struct Coded {
  std::string_view system, version, code, display;  // system empty: a bare code
};

struct Membership {
  Answer answer = Answer::CannotTell;
  std::string missing;  // for CannotTell: the code system or value set that is not here
  std::string system;   // for a bare code that is in: the system it was found in
  std::string display;  // what the code system calls it, where known
};

struct CodeLookup {
  Answer exists = Answer::CannotTell;
  std::string display;
  bool inactive = false;
  bool case_sensitive = true;
};

class Terminology {
 public:
  explicit Terminology(const spec::Library& library);
  ~Terminology();

  Membership MemberOf(std::string_view value_set, const Coded& coded) const;
  CodeLookup Lookup(std::string_view system, std::string_view code, std::string_view version = {}) const;
  // Whether `display` is one of the designations of the code; nothing: not known.
  std::optional<bool> DisplayAgrees(const Coded& coded) const;
  bool KnowsSystem(std::string_view system) const;
  bool KnowsValueSet(std::string_view value_set) const;

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace passerelle::terminology
