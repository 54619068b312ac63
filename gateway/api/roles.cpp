#include "gateway/api/roles.h"

#include <array>

namespace passerelle::api {
namespace {

struct RoleRow {
  Role role;
  std::string_view name;
  access::Reader reader;
};
constexpr std::array kRoles = {
    RoleRow{Role::Feed, "feed", access::Reader::Professional},
    RoleRow{Role::Operator, "operator", access::Reader::Operator},
    RoleRow{Role::Vendor, "vendor", access::Reader::Professional},
    RoleRow{Role::Auditor, "auditor", access::Reader::Operator},
    RoleRow{Role::Care, "care", access::Reader::Professional},
    RoleRow{Role::Patient, "patient", access::Reader::Patient},
    RoleRow{Role::Admin, "admin", access::Reader::Operator},
};

}  // namespace

std::string_view RoleName(Role role) {
  for (const auto& row : kRoles)
    if (row.role == role) return row.name;
  return {};
}

std::optional<Role> RoleNamed(std::string_view name) {
  for (const auto& row : kRoles)
    if (row.name == name) return row.role;
  return std::nullopt;
}

access::Reader Caller::reader() const {
  if (role == Role::Patient && representative) return access::Reader::LegalRepresentative;
  for (const auto& row : kRoles)
    if (row.role == role) return row.reader;
  return access::Reader::Professional;
}

}  // namespace passerelle::api
