#pragma once
// Run: one validation of one input. The families of rules are functions over it, a file each; they report
// here.

#include <initializer_list>
#include <map>
#include <memory>
#include <set>
#include <string>
#include <string_view>
#include <tuple>
#include <unordered_map>
#include <vector>

#include "profiles/validator/bundle_index.h"
#include "profiles/validator/engine.h"
#include "profiles/validator/places.h"
#include "profiles/validator/rules.h"
#include "profiles/validator/validator.h"
#include "profiles/validator/words.h"

namespace passerelle::validator {

// A node, of this input or of another that was fetched.
struct At {
  const node::Tree* tree = nullptr;
  node::NodeIndex node = node::kNone;
  explicit operator bool() const { return tree != nullptr && node != node::kNone; }
};

// What was asked of a resource and a profile before, or is being asked now.
using Conforming = std::map<std::tuple<const node::Tree*, node::NodeIndex, std::string>, bool>;

class Run {
 public:
  Run(const Engine& the_engine, const node::Tree& the_tree, const ValidateOptions& the_options,
      Issues& issues);

  // The whole input.
  void Validate();

  // `source`: the canonical of the profile that asked; the rule's own severity unless given.
  void Report(const RuleInfo& rule, node::NodeIndex at,
              std::initializer_list<std::string_view> arguments = {}, std::string_view source = {});
  void Report(const RuleInfo& rule, Severity severity, node::NodeIndex at,
              std::initializer_list<std::string_view> arguments = {}, std::string_view source = {});

  std::string_view Text(node::NodeIndex parent, node::NameId name) const {
    node::NodeIndex child = tree.Child(parent, name);
    return child == node::kNone ? std::string_view() : tree[child].text;
  }
  // The contained resource of that id in the resource around `at`, or kNone.
  node::NodeIndex FindContained(node::NodeIndex at, std::string_view id);
  // The nearest Bundle that has `at` in one of its entries; nullptr when there is none.
  const BundleIndex* BundleAround(node::NodeIndex at);
  const BundleIndex& IndexOf(node::NodeIndex bundle);
  // Whether entries of that Bundle must have a fullUrl.
  bool bundle_needs_full_urls() const { return bundle_needs_full_urls_; }
  // Whether a resource conforms to a profile, base rules included; findings are not reported.
  bool Conforms(const At& resource_at, std::string_view profile);

  // A profile is checked at a node once at a time: profiles may refer to each other in circles.
  bool Enter(node::NodeIndex at, const void* profile) { return entered_.emplace(at, profile).second; }
  void Leave(node::NodeIndex at, const void* profile) { entered_.erase({at, profile}); }

  // Ids of elements, resource within resource: those of the resource at hand stand at the end.
  std::vector<std::pair<std::string_view, node::NodeIndex>> element_ids;

  // Codings whose display their code system does not have: a value set they are bound to may.
  std::set<node::NodeIndex> strange_displays;

  bool xml() const { return tree.root().column != 0; }

  const Engine& engine;
  const node::Tree& tree;
  const ValidateOptions& options;
  const Words& words;
  // The resource that is being walked, and the one that contains it (itself, unless it is contained).
  node::NodeIndex resource = node::kRoot, root_resource = node::kRoot;

 private:
  void ValidateLogical();
  friend class Trial;

  Issues* issues_;
  Places places_;
  std::unordered_map<node::NodeIndex, std::unique_ptr<const BundleIndex>> bundles_;
  std::unordered_map<std::string_view, node::NodeIndex> contained_;  // of contained_of_
  node::NodeIndex contained_of_ = node::kNone;
  std::set<std::pair<node::NodeIndex, const void*>> entered_;
  std::shared_ptr<Conforming> conforming_;  // shared with the runs that this one starts on other trees
  bool bundle_needs_full_urls_ = false;
  bool trial_ = false;  // findings are not kept, only whether there was an error
  bool failed_ = false;
};

// While it lives, findings are not reported; failed() tells whether there was an error.
class Trial {
 public:
  explicit Trial(Run& run) : run_(run), trial_(run.trial_), failed_(run.failed_) {
    run.trial_ = true;
    run.failed_ = false;
  }
  ~Trial() {
    run_.trial_ = trial_;
    run_.failed_ = failed_;
  }
  bool failed() const { return run_.failed_; }

 private:
  Run& run_;
  bool trial_, failed_;
};

// structure.cpp: a resource and all below it against the base definitions, then its profiles.
void CheckResource(Run& run, node::NodeIndex at);
void CheckStructure(Run& run, node::NodeIndex at, const ShapeRules& rules);

}  // namespace passerelle::validator
