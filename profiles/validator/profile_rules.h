#pragma once
// ProfileRules: what a profile asks beyond the base definition of its type, as a tree of what is left to
// check: most of a snapshot repeats its base and is gone after compiling.
//
// Made at first use, never changed afterwards, read from any thread.

#include <map>
#include <memory>
#include <mutex>
#include <shared_mutex>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "profiles/validator/checks.h"

namespace passerelle::validator {

// One step of a discriminator's path.
struct Step {
  enum class Kind : std::uint8_t { Child, Extension, Resolve, OfType };
  Kind kind = Kind::Child;
  std::string_view name;  // element, extension url, type
};

// What one discriminator asks of the elements of one slice.
struct Criterion {
  spec::DiscriminatorType type = spec::DiscriminatorType::Value;
  bool decidable = false;  // false: the profile does not say what tells the slice apart
  std::vector<Step> path;
  std::shared_ptr<const Exemplar> fixed, pattern;
  std::string_view text;       // a fixed url
  std::string_view value_set;  // required binding
  std::vector<std::string_view> types, profiles;
  bool must_exist = false, must_not_exist = false;
};

struct ProfileNode;
struct SlicingRules;

struct SliceRules {
  const spec::Element* element = nullptr;
  std::vector<Criterion> criteria;
  std::unique_ptr<const ProfileNode> node;
  std::unique_ptr<const SlicingRules> again;  // reslicing
};

struct SlicingRules {
  const spec::Element* element = nullptr;
  std::vector<SliceRules> slices;
};

struct GroupRulesOfProfile {
  const spec::Element* element = nullptr;
  std::vector<node::NameId> names;            // a choice has several
  std::vector<node::NameId> allowed;          // of a choice that was narrowed; empty: all
  std::uint32_t min = 0, max = 0xFFFF'FFFFu;  // only where stricter than the base
  std::unique_ptr<const ProfileNode> node;
  std::unique_ptr<const SlicingRules> slicing;
};

struct ProfileNode {
  const spec::Profile* profile = nullptr;
  std::unique_ptr<const ElementChecks> checks;  // nullptr: none
  std::vector<GroupRulesOfProfile> groups;
  bool is_root = false;
  const ProfileNode* same_as = nullptr;  // a content reference to an element that has rules
  bool Empty() const { return checks == nullptr && groups.empty() && same_as == nullptr; }
};

class ProfileRulesTable {
 public:
  ProfileRulesTable(const spec::Library& library, CheckMaker& maker) : library_(library), maker_(maker) {}

  // nullptr when there is no such profile, or when it has no snapshot.
  const ProfileNode* Of(std::string_view canonical) const;
  const ProfileNode* Of(const spec::Profile& profile) const;

 private:
  const spec::Library& library_;
  CheckMaker& maker_;
  mutable std::shared_mutex mutex_;
  mutable std::unordered_map<const spec::Profile*, std::unique_ptr<const ProfileNode>> made_;
};

}  // namespace passerelle::validator
