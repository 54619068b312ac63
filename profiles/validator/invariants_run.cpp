// Running invariants.

#include "profiles/validator/families.h"
#include "profiles/validator/references.h"
#include "profiles/validator/services.h"

namespace passerelle::validator {

using node::kNone;
using node::NodeIndex;
using terminology::Answer;

namespace {

struct MachinePool {
  std::vector<std::unique_ptr<path::Machine>> machines;
  std::size_t depth = 0;
};
MachinePool& Pool() {
  static thread_local MachinePool pool;
  return pool;
}

}  // namespace

MachineLease::MachineLease() {
  MachinePool& pool = Pool();
  if (pool.depth == pool.machines.size()) pool.machines.push_back(std::make_unique<path::Machine>());
  machine_ = pool.machines[pool.depth++].get();
}
MachineLease::~MachineLease() { --Pool().depth; }

std::optional<bool> RunServices::MemberOf(const path::Item& coded, std::string_view value_set) {
  auto ask = [&](const terminology::Coded& code) -> Answer {
    return run_.engine.terminology.MemberOf(value_set, code).answer;
  };
  Answer best = Answer::Out;
  auto take = [&](Answer answer) {
    if (answer == Answer::In || (answer == Answer::CannotTell && best == Answer::Out)) best = answer;
  };
  if (coded.kind != path::ItemKind::Node || coded.tree == nullptr ||
      (*coded.tree)[coded.node].kind != node::Kind::Element) {
    take(ask({{}, {}, path::TextOf(coded), {}}));
  } else {
    const node::Tree& tree = *coded.tree;
    bool concept_like = false;
    for (NodeIndex child : node::Children(tree, coded.node)) {
      if (tree.name(child) != "coding") continue;
      concept_like = true;
      take(ask({tree.ChildText(child, "system"), {}, tree.ChildText(child, "code"), {}}));
    }
    if (!concept_like)
      take(ask({tree.ChildText(coded.node, "system"), {}, tree.ChildText(coded.node, "code"), {}}));
  }
  if (best == Answer::CannotTell) return std::nullopt;
  return best == Answer::In;
}

std::optional<bool> RunServices::ConformsTo(const path::Item& resource, std::string_view profile) {
  if (resource.kind != path::ItemKind::Node) return std::nullopt;
  if (run_.engine.profiles.Of(profile) == nullptr) return std::nullopt;
  return run_.Conforms({resource.tree, resource.node}, profile);
}

std::optional<path::Item> RunServices::Resolve(const path::Item& reference) {
  if (reference.kind != path::ItemKind::Node || reference.tree != &run_.tree) return std::nullopt;
  std::string_view text = path::TextOf(reference);
  if (run_.tree[reference.node].kind == node::Kind::Element)
    text = run_.Text(reference.node, run_.words.reference);
  if (text.empty()) return std::nullopt;
  Target target = validator::Resolve(run_, reference.node, text);
  if (!target.resource) return std::nullopt;
  return path::Item::Of(*target.resource.tree, target.resource.node);
}

std::string RunServices::Now() { return run_.options.now; }

void CheckInvariants(Run& run, NodeIndex at, const ElementChecks& checks) {
  NativeContext context{run.tree, run.resource, run.root_resource};
  for (const auto& invariant : checks.invariants) {
    const spec::Constraint& constraint = *invariant.constraint;
    if (constraint.best_practice && !run.options.best_practice) continue;
    bool holds = true;
    if (invariant.native != nullptr) {
      holds = invariant.native(context, at);
    } else if (!invariant.compiled->expression) {
      run.Report(rules::InvariantUnreadable, at, {constraint.key, invariant.compiled->failure},
                 checks.profile->url);
      continue;
    } else {
      RunServices services(run);
      path::Environment environment{path::Item::Of(run.tree, run.resource),
                                    path::Item::Of(run.tree, run.root_resource), &services};
      MachineLease machine;
      auto result = machine->Test(*invariant.compiled->expression, path::Item::Of(run.tree, at), environment);
      if (!result) {
        run.Report(rules::InvariantUnreadable, at, {constraint.key, result.error().Text()},
                   checks.profile->url);
        continue;
      }
      holds = *result;
    }
    if (!holds)
      run.Report(rules::InvariantFailed, constraint.error ? Severity::Error : Severity::Warning, at,
                 {constraint.key, constraint.human}, checks.profile->url);
  }
}

}  // namespace passerelle::validator
