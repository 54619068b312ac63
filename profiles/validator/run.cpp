#include "profiles/validator/run.h"

#include "profiles/validator/families.h"
#include "profiles/validator/logical.h"

namespace passerelle::validator {

Run::Run(const Engine& the_engine, const node::Tree& the_tree, const ValidateOptions& the_options,
         Issues& issues)
    : engine(the_engine),
      tree(the_tree),
      options(the_options),
      words(TheWords()),
      issues_(&issues),
      places_(the_tree, the_engine.definitions()),
      conforming_(std::make_shared<Conforming>()) {}

void Run::Validate() {
  if (tree.root().resource == 0 && !options.profiles.empty()) return ValidateLogical();
  CheckResource(*this, node::kRoot);
  if (options.structure_only || tree.root().resource == 0) return;
  for (const auto& profile : options.profiles)
    if (!CheckProfile(*this, node::kRoot, profile)) Report(rules::ProfileWanted, node::kRoot, {profile});
  ReportDisplays(*this);
}

// An object that is no resource, against the logical models that were asked for.
void Run::ValidateLogical() {
  for (const auto& profile : options.profiles) {
    engine.profiles.Of(profile);  // compiled, so that the names of its elements are known
    auto read = ReadAsModel(tree, engine.library, profile);
    if (!read) {
      Report(rules::ProfileWanted, node::kRoot, {profile});
      continue;
    }
    Run run(engine, *read, options, *issues_);
    CheckLogical(run, node::kRoot, profile);
    ReportDisplays(run);
  }
}

node::NodeIndex Run::FindContained(node::NodeIndex at, std::string_view id) {
  node::NodeIndex root = at;
  while (root != node::kRoot && (tree[root].resource == 0 || tree[root].name == words.contained))
    root = tree[root].parent;
  if (contained_of_ != root) {
    contained_of_ = root;
    contained_.clear();
    for (node::NodeIndex child : node::Children(tree, root))
      if (tree[child].name == words.contained) contained_.emplace(Text(child, words.id), child);
  }
  auto it = contained_.find(id);
  return it == contained_.end() ? node::kNone : it->second;
}

const BundleIndex& Run::IndexOf(node::NodeIndex bundle) {
  auto& made = bundles_[bundle];
  if (made == nullptr) made = std::make_unique<const BundleIndex>(tree, bundle);
  return *made;
}

const BundleIndex* Run::BundleAround(node::NodeIndex at) {
  for (node::NodeIndex n = at; n != node::kNone; n = tree[n].parent) {
    node::NodeIndex bundle = tree[n].parent;
    if (bundle == node::kNone || tree[n].name != words.entry || tree[bundle].resource != words.Bundle)
      continue;
    std::string_view type = Text(bundle, words.type);
    bundle_needs_full_urls_ = !type.starts_with("transaction") && !type.starts_with("batch");
    return &IndexOf(bundle);
  }
  return nullptr;
}

bool Run::Conforms(const At& at, std::string_view profile) {
  std::tuple key(at.tree, at.node, std::string(profile));
  auto [known, fresh] = conforming_->try_emplace(key, true);  // true while it is being asked
  if (!fresh) return known->second;
  bool conforms = false;
  if (at.tree == &tree) {
    Trial trial(*this);
    conforms = CheckProfile(*this, at.node, profile) && !trial.failed();
  } else {
    Issues apart;
    ValidateOptions same = options;
    same.profiles = {std::string(profile)};
    Run run(engine, *at.tree, same, apart);
    run.conforming_ = conforming_;
    run.Validate();
    conforms = !apart.HasErrors();
  }
  return (*conforming_)[key] = conforms;
}

void Run::Report(const RuleInfo& rule, node::NodeIndex at, std::initializer_list<std::string_view> arguments,
                 std::string_view source) {
  Report(rule, rule.severity, at, arguments, source);
}

void Run::Report(const RuleInfo& rule, Severity severity, node::NodeIndex at,
                 std::initializer_list<std::string_view> arguments, std::string_view source) {
  if (trial_) {
    failed_ |= severity >= Severity::Error;
    return;
  }
  Issue& issue = issues_->Add(rule, places_.Of(at), arguments);
  issue.severity = severity;
  issue.source = source;
}

}  // namespace passerelle::validator
