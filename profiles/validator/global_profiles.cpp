#include "profiles/validator/global_profiles.h"

#include "fhir_model/json/json.h"

namespace passerelle::validator {

using node::kRoot;

void GlobalProfiles::Read() const {
  for (const auto& guide : library_.All("ImplementationGuide")) {
    auto tree = json::Parse(std::string(guide.json), kFileLimits);
    if (!tree) continue;
    for (node::NodeIndex global : node::Children(*tree, kRoot))
      if (tree->name(global) == "global")
        by_type_[std::string(tree->ChildText(global, "type"))].emplace_back(
            tree->ChildText(global, "profile"));
  }
}

const std::vector<std::string>& GlobalProfiles::Of(std::string_view type) const {
  static const std::vector<std::string> none;
  std::call_once(once_, [this] { Read(); });
  auto it = by_type_.find(type);
  return it == by_type_.end() ? none : it->second;
}

}  // namespace passerelle::validator
