#include "gateway/api/account_list.h"

namespace passerelle::api {

void WriteKeptCaller(const Caller& caller, JsonWriter& out) {
  out.Member("name", caller.name).Member("role", RoleName(caller.role)).Member("patient", caller.patient);
  out.Member("representative", caller.representative).Member("may_delete", caller.may_delete);
}

std::optional<Caller> ReadKeptCaller(const node::Tree& tree, node::NodeIndex row) {
  auto role = RoleNamed(tree.ChildText(row, "role"));
  if (!role) return std::nullopt;
  return Caller{std::string(tree.ChildText(row, "name")), *role, std::string(tree.ChildText(row, "patient")),
                tree.ChildText(row, "representative") == "true", tree.ChildText(row, "may_delete") == "true"};
}

}  // namespace passerelle::api
