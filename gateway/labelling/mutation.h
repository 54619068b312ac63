#pragma once
// Mutation: the bench tests itself. Each operator makes one defect in a good example, and is tied to the
// requirement that must find it; a requirement whose defects go unseen is not worth its name.
//
// Operators are data (gateway/labelling/mutants/*.mut): what they break, where, and the edit. A defect is
// made in the bytes: the example is read, one node changed, and the whole written again.

#include <map>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "fhir_model/path/path.h"
#include "gateway/labelling/input.h"
#include "profiles/requirements/evaluate.h"

namespace passerelle::labelling {

struct Operator {
  std::string name, breaks;  // the requirement's id
  requirements::Kind kind = requirements::Kind::Message;
  std::string edit;                       // "delete", "set", "insert", ...
  std::string argument;                   // of insert: the name; of bytes: what is done to them
  std::optional<path::Expression> at;     // the nodes that are changed, one a mutant
  std::optional<path::Expression> value;  // of set and insert
  std::optional<path::Expression> place;  // where the finding should be, if not there
  std::vector<std::string> in;            // only in these examples; nothing: in all
  std::vector<std::string> after;         // examples that are the steps before, in order
  // What the bench saw beside the mutant, as the kind that is said: an answer, a delivery.
  std::vector<std::pair<requirements::Kind, std::string>> beside;
  std::optional<requirements::Kind> as;  // what the changed tree stands for, if not its own kind
  int line = 0;

  // Whether the defect is not in the bytes alone: no version of a product can carry it.
  bool NeedsCompany() const { return !in.empty() || !after.empty() || !beside.empty() || as; }
};

Result<std::vector<Operator>> ReadOperators(std::span<const requirements::SourceFile> files,
                                            std::vector<Error>* errors = nullptr);
std::span<const requirements::SourceFile> ShippedMutants();

struct Mutant {
  const Operator* made_by = nullptr;
  std::string bytes;
  std::string place;  // path of the changed node
};

// All defects an operator can make in an example, at most `sites_max` of them.
std::vector<Mutant> Mutate(const Operator& op, const Input& example, const Reader& reader,
                           const requirements::World& world, std::size_t sites_max);

struct MutationScore {
  struct Row {
    std::size_t made = 0, killed = 0, placed = 0;
    bool alone =
        false;  // one of them at least, of those tried, was found by this requirement and by no other
  };
  std::map<std::string, Row> by_requirement, by_operator;
  Row total;
  std::vector<std::string> survivors;  // "operator at place in example"
  std::vector<std::string> misplaced;
};

// Runs every operator over every example and counts what is found: killed when the tied requirement says
// something that it did not say of the example itself, placed when it says so at the changed node, next to it
// or around it. An operator that changes nothing breaks by what it comes after or beside; for the others the
// unchanged example, in the same company, says what was there before. Of each operator one mutant an example
// is held against all other requirements, until one was found alone.
MutationScore RunMutants(const requirements::Catalogue& catalogue, std::span<const Operator> operators,
                         std::span<const std::pair<std::string, std::string>> examples, const Reader& reader,
                         const requirements::World& world, std::size_t sites_max);

}  // namespace passerelle::labelling
