#include "profiles/validator/profile_rules.h"

#include <algorithm>

#include "profiles/validator/profile_compiler.h"

namespace passerelle::validator {

const ProfileNode* ProfileRulesTable::Of(std::string_view canonical) const {
  const spec::Profile* profile = library_.FindProfile(canonical);
  return profile == nullptr || profile->elements.empty() ? nullptr : Of(*profile);
}

const ProfileNode* ProfileRulesTable::Of(const spec::Profile& profile) const {
  {
    std::shared_lock lock(mutex_);
    if (auto it = made_.find(&profile); it != made_.end()) return it->second.get();
  }
  auto made = ProfileCompiler(library_, maker_, profile).Compile();
  std::unique_lock lock(mutex_);
  auto [it, fresh] = made_.try_emplace(&profile, std::move(made));
  return it->second.get();
}

}  // namespace passerelle::validator
