// Search parameters and capabilities: what their definitions cannot say.

#include <algorithm>

#include "fhir_model/json/json.h"
#include "fhir_model/path/path.h"
#include "profiles/validator/families.h"

namespace passerelle::validator {

using node::kNone;
using node::NodeIndex;

void CheckCanonicalUrl(Run& run, NodeIndex resource) {
  NodeIndex url = run.tree.Child(resource, run.words.url);
  if (url == kNone || run.tree[url].text.empty() || IsAbsoluteUri(run.tree[url].text)) return;
  run.Report(rules::UrlRelative, url, {run.tree[url].text});
}

namespace {

// A member of a conformance resource that is known here: "type" of a SearchParameter.
std::string MemberOf(const Run& run, std::string_view canonical, std::string_view type,
                     std::string_view member) {
  auto found = run.engine.library.Find(canonical, type);
  if (!found) return {};
  auto tree = json::Parse(std::string(found->json), kFileLimits);
  return tree ? std::string(tree->ChildText(node::kRoot, member)) : std::string();
}

}  // namespace

void CheckSearchParameter(Run& run, NodeIndex resource) {
  CheckCanonicalUrl(run, resource);
  std::string_view type = run.Text(resource, run.words.type),
                   from = run.tree.ChildText(resource, "derivedFrom");
  std::size_t components = 0, bases = 0;
  std::string_view last_base;
  for (NodeIndex child : node::Children(run.tree, resource)) {
    components += run.tree[child].name == run.words.component;
    if (run.tree[child].name == run.words.base) last_base = run.tree[child].text, ++bases;
  }
  NodeIndex expression = run.tree.Child(resource, run.words.expression);
  if (expression != kNone && !run.tree[expression].text.empty()) {
    path::CompileOptions options;
    options.trusted = false;
    // Of one type: what the expression names must be there. Of several, each part is for one of them.
    if (bases == 1 && run.engine.definitions().FindShape(last_base) != 0) {
      options.definitions = &run.engine.definitions();
      options.type = last_base;
      options.strict = true;
    }
    auto compiled = path::Expression::Compile(run.tree[expression].text, options);
    if (!compiled) run.Report(rules::ExpressionUnreadable, expression, {compiled.error().Text()});
  }
  if (type == "composite" && components < 2) run.Report(rules::CompositeComponents, resource);
  if (from.empty()) return;
  auto found = run.engine.library.Find(from, "SearchParameter");
  if (!found) return;
  auto master = json::Parse(std::string(found->json), kFileLimits);
  if (!master) return;
  std::string_view wanted = master->ChildText(node::kRoot, "type");
  if (!type.empty() && wanted != type) run.Report(rules::SearchDerivedType, resource, {type, wanted, from});
  auto has_base = [&](std::string_view base) {
    for (NodeIndex child : node::Children(*master, node::kRoot))
      if (master->name(child) == "base" && run.engine.definitions().IsA(base, (*master)[child].text))
        return true;
    return false;
  };
  for (NodeIndex child : node::Children(run.tree, resource))
    if (run.tree[child].name == run.words.base && !has_base(run.tree[child].text))
      run.Report(rules::SearchDerivedBase, resource, {run.tree[child].text, from});
}

void CheckCapabilityStatement(Run& run, NodeIndex resource) {
  CheckCanonicalUrl(run, resource);
  for (NodeIndex rest : node::Children(run.tree, resource)) {
    if (run.tree.name(rest) != "rest") continue;
    for (NodeIndex served : node::Children(run.tree, rest)) {
      if (run.tree[served].name != run.words.resource) continue;
      for (NodeIndex param : node::Children(run.tree, served)) {
        if (run.tree.name(param) != "searchParam") continue;
        std::string_view canonical = run.Text(param, run.words.definition),
                         type = run.Text(param, run.words.type);
        if (canonical.empty()) continue;
        std::string defined = MemberOf(run, canonical, "SearchParameter", "type");
        if (!defined.empty() && defined != type)
          run.Report(rules::CapabilitySearchType, param, {canonical, defined, type});
      }
    }
  }
}

}  // namespace passerelle::validator
