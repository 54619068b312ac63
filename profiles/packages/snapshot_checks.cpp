// What a differential may not ask for.

#include <algorithm>

#include "profiles/packages/errors.h"
#include "profiles/packages/snapshot_fields.h"
#include "profiles/packages/snapshot_walk.h"

namespace passerelle::packages {

using node::kNone;
using node::kRoot;
using node::NodeIndex;
using node::Tree;

namespace {

constexpr int kAncestorsMax = 12;

std::vector<std::string_view> TypeCodes(const Tree& tree, NodeIndex element) {
  std::vector<std::string_view> codes;
  for (NodeIndex child : node::Children(tree, element))
    if (tree.name(child) == "type") codes.push_back(tree.ChildText(child, "code"));
  return codes;
}

// "CodeableConcept" of fixedCodeableConcept, "code" of patternCode.
std::string_view ValueType(std::string_view field) {
  for (std::string_view family : {"fixed", "pattern"})
    if (field.starts_with(family) && field.size() > family.size()) return field.substr(family.size());
  return {};
}

bool SameType(std::string_view code, std::string_view written) {
  return !code.empty() && code.size() == written.size() && code.substr(1) == written.substr(1) &&
         (code[0] | 0x20) == (written[0] | 0x20);
}

}  // namespace

// Whether a type is another, or specialises it.
bool SnapshotWalk::IsA(std::string_view code, std::string_view ancestor) {
  std::string url = std::string(kTypes) + std::string(code);
  for (int depth = 0; depth < kAncestorsMax; ++depth) {
    if (url == std::string(kTypes) + std::string(ancestor)) return true;
    auto found = snapshots_.Get(url);
    if (!found) return false;
    url = (*found)->ChildText(kRoot, "baseDefinition");
    if (url.empty()) return false;
  }
  return false;
}

Status SnapshotWalk::CheckFits(const Made& made, const DiffNode& diff) {
  if (out_.ChildText(made.at, "mustSupport") == "true" &&
      source_.ChildText(diff.at, "mustSupport") == "false")
    return Refuse("what must be supported cannot be let go", made.self.path);
  auto allowed = TypeCodes(out_, made.at), wanted = TypeCodes(source_, diff.at);
  for (auto code : wanted) {
    if (allowed.empty() || code.find("://") != code.npos) break;
    bool fits = std::any_of(allowed.begin(), allowed.end(), [&](std::string_view base) {
      return base == code || base == "*" || base.find("://") != base.npos || IsA(code, base);
    });
    if (!fits) return Refuse("a type that the base does not have: " + std::string(code), made.self.path);
  }
  const auto& types = wanted.empty() ? allowed : wanted;
  for (NodeIndex field : node::Children(source_, diff.at)) {
    std::string_view value = ValueType(source_.name(field));
    if (value.empty() || types.empty()) continue;
    bool fits = std::any_of(types.begin(), types.end(), [&](std::string_view code) {
      return SameType(code, value) || code.find("://") != code.npos;
    });
    if (!fits) return Refuse("a value of another type", made.self.path);
  }
  return Ok();
}

}  // namespace passerelle::packages
