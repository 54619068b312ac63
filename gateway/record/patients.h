#pragma once
// Who a message is about: which Patient of the record the draft's Patient is (safety rules 7 and 9).
//
// A patient is known by the sender's local identifiers. Two domains are one person only if both have a qualified INS,
// the same, and the strict traits agree. Nobody is guessed.

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "fhir_model/base/issue.h"
#include "fhir_model/node/tree.h"
#include "gateway/pipeline/store.h"

namespace passerelle::record {

struct Identifier {
  std::string system, value;
  bool operator==(const Identifier&) const = default;
};

// What matching looks at in a Patient resource.
struct Person {
  std::vector<Identifier> local;   // identifiers whose system is no INS root
  std::optional<Identifier> ins;
  bool qualified = false;          // the identity's status is VALI
  bool gives_way = false;          // the message itself says that another one replaces him
  std::string birth_name, first_given, birth_date, gender, birth_place;

  bool QualifiedIns() const { return ins.has_value() && qualified; }
};

Person ReadPerson(const node::Tree& tree, node::NodeIndex patient);

// Birth name, first given name, birth date and sex are the same; the place of birth too where both have one.
// Letters are compared without case, hyphens count as blanks.
bool StrictTraitsAgree(const Person& a, const Person& b);

struct Match {
  std::string id;     // of the existing Patient; empty: a new one
  std::string cause;  // not empty: a person must decide, nothing may be applied
};

// Looks the draft's patient up in the record. `own_id` is the id the draft gives it. Adds a finding where two
// domains could not be linked.
Result<Match> FindPatient(pipeline::Transaction& transaction, const Person& person, std::string_view own_id,
                          Issues& issues);

}  // namespace passerelle::record
