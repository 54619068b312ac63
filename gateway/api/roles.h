#pragma once
// Roles: who may call what (safety rules 18 and 20). Everything is denied that the table of routes does not
// allow.

#include <cstdint>
#include <initializer_list>
#include <optional>
#include <string>
#include <string_view>

#include "gateway/access/masks.h"

namespace passerelle::api {

// Feed: a sender's token, for /inbox alone. Care and Patient read the record behind the masks. Admin is the
// installation's own standing token and whoever administers it.
enum class Role : std::uint8_t { Feed, Operator, Vendor, Auditor, Care, Patient, Admin };
inline constexpr Role kAllRoles[] = {Role::Feed, Role::Operator, Role::Vendor, Role::Auditor,
                                     Role::Care, Role::Patient,  Role::Admin};
std::string_view RoleName(Role role);  // "operator", ...
std::optional<Role> RoleNamed(std::string_view name);

class Roles {
 public:
  constexpr Roles() = default;  // nobody
  constexpr Roles(std::initializer_list<Role> roles) {
    for (Role role : roles) bits_ |= 1u << static_cast<unsigned>(role);
  }
  constexpr bool Has(Role role) const { return (bits_ >> static_cast<unsigned>(role) & 1u) != 0; }

 private:
  unsigned bits_ = 0;
};

// Who calls: what a token or a session says of its bearer.
struct Caller {
  std::string name;  // for the audit chain: a token's or a user's name, never the token
  Role role = Role::Feed;
  std::string patient;          // "Patient/…" whose record this caller may see, for the role patient
  bool representative = false;  // of the patient: a legal representative, not the patient himself
  bool may_delete = false;      // a client's DELETE needs a right of its own (safety rule 21)

  access::Reader reader() const;
};

}  // namespace passerelle::api
