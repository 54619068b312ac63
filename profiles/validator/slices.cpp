#include "profiles/validator/slices.h"

#include <algorithm>

#include "profiles/validator/references.h"
#include "profiles/validator/values.h"

namespace passerelle::validator {

using node::kNone;
using node::NodeIndex;
using terminology::Answer;

namespace {

std::string_view TypeOf(const Run& run, const At& at) {
  const auto& n = (*at.tree)[at.node];
  if (n.resource != 0) return at.tree->NameText(n.resource);
  return run.engine.definitions().ShapeName(n.shape);
}

// "value" finds valueQuantity too.
bool HasName(const Run& run, const node::Tree& tree, NodeIndex parent, NodeIndex child,
             std::string_view name) {
  if (tree.name(child) == name) return true;
  const auto* info = run.engine.definitions().FindChild(tree[parent].shape, tree[child].name);
  return info != nullptr && info->choice && node::NameText(info->element_name) == name;
}

void TakeStep(Run& run, const At& from, const Step& step, std::vector<At>& out) {
  const node::Tree& tree = *from.tree;
  switch (step.kind) {
    case Step::Kind::OfType:
      if (run.engine.definitions().IsA(TypeOf(run, from), step.name)) out.push_back(from);
      return;
    case Step::Kind::Resolve: {
      std::string_view reference = tree[from.node].text;
      if (tree[from.node].kind == node::Kind::Element) reference = tree.ChildText(from.node, "reference");
      if (from.tree != &run.tree || reference.empty()) return;
      if (Target target = Resolve(run, from.node, reference); target.resource) out.push_back(target.resource);
      return;
    }
    case Step::Kind::Extension:
      for (NodeIndex child : node::Children(tree, from.node))
        if (tree.name(child) == "extension" && tree.ChildText(child, "url") == step.name)
          out.push_back({&tree, child});
      return;
    case Step::Kind::Child:
      for (NodeIndex child : node::Children(tree, from.node))
        if (HasName(run, tree, from.node, child, step.name)) out.push_back({&tree, child});
      return;
  }
}

bool InValueSet(const Run& run, const At& at, std::string_view value_set) {
  const node::Tree& tree = *at.tree;
  auto ask = [&](NodeIndex coding) {
    terminology::Coded coded{tree.ChildText(coding, "system"), {}, tree.ChildText(coding, "code"), {}};
    if (tree[coding].kind != node::Kind::Element) coded = {{}, {}, tree[coding].text, {}};
    return !coded.code.empty() && run.engine.terminology.MemberOf(value_set, coded).answer == Answer::In;
  };
  for (NodeIndex child : node::Children(tree, at.node))
    if (tree.name(child) == "coding" && ask(child)) return true;
  return ask(at.node);
}

bool ValueMatches(Run& run, const At& at, const Criterion& criterion) {
  const node::Tree& tree = *at.tree;
  if (!criterion.text.empty() && tree[at.node].text != criterion.text) return false;
  if (criterion.fixed && !MatchesFixed(tree, at.node, criterion.fixed->tree, criterion.fixed->value))
    return false;
  if (criterion.pattern && !MatchesPattern(tree, at.node, criterion.pattern->tree, criterion.pattern->value))
    return false;
  return criterion.value_set.empty() || criterion.fixed || criterion.pattern ||
         InValueSet(run, at, criterion.value_set);
}

bool TypeMatches(const Run& run, const At& at, const Criterion& criterion) {
  std::string_view type = TypeOf(run, at);
  return std::any_of(criterion.types.begin(), criterion.types.end(),
                     [&](std::string_view t) { return run.engine.definitions().IsA(type, t); });
}

bool ProfileMatches(Run& run, const At& at, const Criterion& criterion) {
  return std::any_of(criterion.profiles.begin(), criterion.profiles.end(),
                     [&](std::string_view p) { return run.Conforms(at, p); });
}

bool Meets(Run& run, const At& at, const Criterion& criterion) {
  std::vector<At> found = Follow(run, at, criterion.path);
  if (criterion.must_exist && found.empty()) return false;
  if (criterion.must_not_exist && !found.empty()) return false;
  if (criterion.type == spec::DiscriminatorType::Exists || (criterion.must_not_exist && found.empty()))
    return true;
  if (found.empty()) return false;
  return std::any_of(found.begin(), found.end(), [&](const At& value) {
    switch (criterion.type) {
      case spec::DiscriminatorType::Type: return TypeMatches(run, value, criterion);
      case spec::DiscriminatorType::Profile: return ProfileMatches(run, value, criterion);
      default: return ValueMatches(run, value, criterion);
    }
  });
}

}  // namespace

std::vector<At> Follow(Run& run, At from, const std::vector<Step>& path) {
  std::vector<At> at{from};
  for (const auto& step : path) {
    std::vector<At> next;
    for (const auto& one : at) TakeStep(run, one, step, next);
    at = std::move(next);
  }
  return at;
}

bool MatchesSlice(Run& run, NodeIndex at, std::size_t position, const SliceRules& slice,
                  std::size_t slice_number) {
  bool decided = false;
  for (const Criterion& criterion : slice.criteria) {
    if (criterion.type == spec::DiscriminatorType::Position) {
      if (position != slice_number) return false;
      decided = true;
    } else if (criterion.decidable) {  // what the profile leaves open for this slice does not count
      if (!Meets(run, {&run.tree, at}, criterion)) return false;
      decided = true;
    }
  }
  return decided;
}

}  // namespace passerelle::validator
