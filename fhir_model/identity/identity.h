#pragma once
// The French national identifiers: what they look like and whether their keys agree. Pure functions.
//
// Sources: the INS reference document (matricule and key), the key rules of the RPPS and FINESS registers. Roots are
// those of safety rules 10 and 23.

#include <string_view>

namespace passerelle::identity {

enum class InsKind { Nir, Nia, TestNir, DemoNir };

struct InsRoot {
  std::string_view oid;
  InsKind kind;
  std::string_view slice;  // FR Core's identifier slice
  std::string_view use;    // Identifier.use of that slice in FR Core 2.1.0
  bool fictitious;         // test and demonstration roots
};

// nullptr for any other root; INS-C (.2) and the reimbursement numbers (.13, .14) are never the INS.
// Takes a bare OID or "urn:oid:...".
const InsRoot* FindInsRoot(std::string_view oid);

// A matricule of 13 characters (Corsica's 2A and 2B allowed) followed by its key of two digits:
// key = 97 - (number mod 97), with 2A counted as 19 and 2B as 18.
bool IsInsForm(std::string_view value);
bool InsKeyAgrees(std::string_view value);  // false also for what has not the form

bool IsRpps(std::string_view value);    // 11 digits with a Luhn key
bool IsFiness(std::string_view value);  // 9 characters with a Luhn key; 2A and 2B count as 20
bool IsSiren(std::string_view value);
bool IsSiret(std::string_view value);

// PS_IdNat and Struct_IdNat of the CI-SIS: one digit for the kind, then the number.
struct NationalIdKind {
  char digit;
  std::string_view name;    // "RPPS", "FINESS"
  std::string_view system;  // of the bare number in FHIR
};
const NationalIdKind* FindProfessionalIdKind(char digit);
const NationalIdKind* FindStructureIdKind(char digit);

}  // namespace passerelle::identity
