// Trees, types, logic and what FHIR adds (N1, 5.8 and 6.3; FHIR R4, 2.9.1.5).

#include <optional>

#include "fhir_model/path/functions.h"
#include "fhir_model/path/html_checks.h"

namespace passerelle::path::functions {

using Size = std::size_t;

bool Children(Evaluation& run, const Op&, const Context&, Size base) {
  Size end = run.stack.size();
  for (Size i = base; i < end; ++i)
    if (!run.PushChildren(Item(run.stack[i]), false)) return false;
  run.Drop(base, end);
  return true;
}

bool Descendants(Evaluation& run, const Op&, const Context&, Size base) {
  Size end = run.stack.size();
  for (Size i = base; i < end; ++i)
    if (!run.PushChildren(Item(run.stack[i]), true)) return false;
  run.Drop(base, end);
  return true;
}

bool Not(Evaluation& run, const Op&, const Context&, Size base) {
  Truth truth = Truth::Unknown;
  if (!run.Condition(base, truth)) return false;
  return truth == Truth::Unknown ? run.Clear(base) : run.Replace(base, truth == Truth::False);
}

bool Is(Evaluation& run, const Op& op, const Context&, Size base) {
  if (run.stack.size() == base) return true;
  if (run.stack.size() - base > 1) return run.Execution("is() of several items");
  return run.Replace(base, run.Is(run.stack[base], run.program().types[op.right], false));
}

bool OfType(Evaluation& run, const Op& op, const Context&, Size base) {
  const TypeName& type = run.program().types[op.right];
  Size kept = base;
  for (Size i = base; i < run.stack.size(); ++i)
    if (run.Is(run.stack[i], type, true)) run.stack[kept++] = run.stack[i];
  return run.Clear(kept);
}

bool As(Evaluation& run, const Op& op, const Context& context, Size base) {
  if (run.stack.size() - base > 1) return run.Execution("as() of several items");
  return OfType(run, op, context, base);
}

bool TypeOf(Evaluation& run, const Op&, const Context&, Size base) {
  for (Size i = base; i < run.stack.size(); ++i) {
    std::string name(run.TypeOf(run.stack[i]));
    if (name.empty()) name = "Element";
    Item type;
    type.kind = ItemKind::Type;
    type.text = run.Keep((run.stack[i].kind == ItemKind::Node ? "FHIR." : "System.") + name);
    run.stack[i] = type;
  }
  return true;
}

bool Extension(Evaluation& run, const Op& op, const Context& context, Size base) {
  static const Step extension{node::Intern("extension"), "extension", 0, 0, false};
  static const node::NameId url = node::Intern("url");
  std::optional<std::string_view> wanted;
  if (!run.TextArgument(op, 0, context, wanted)) return false;
  Size end = run.stack.size();
  for (Size i = base; i < end; ++i)
    if (!run.Walk(Item(run.stack[i]), extension)) return false;
  run.Drop(base, end);
  Size kept = base;
  for (Size i = base; i < run.stack.size() && wanted; ++i) {
    const Item& item = run.stack[i];
    node::NodeIndex at = item.tree->Child(item.node, url);
    if (at != node::kNone && (*item.tree)[at].text == *wanted) run.stack[kept++] = item;
  }
  return run.Clear(kept);
}

bool HasValue(Evaluation& run, const Op&, const Context&, Size base) {
  bool one = run.stack.size() - base == 1;
  return run.Replace(base, one && run.Value(run.stack[base]).kind != ItemKind::Node);
}

bool GetValue(Evaluation& run, const Op&, const Context&, Size base) {
  if (run.stack.size() - base != 1) return run.Clear(base);
  Item value = run.Value(run.stack[base]);
  return value.kind == ItemKind::Node ? run.Clear(base) : run.Replace(base, value);
}

bool Resolve(Evaluation& run, const Op&, const Context&, Size base) {
  Size kept = base;
  for (Size i = base; i < run.stack.size(); ++i)
    if (auto found = run.services().Resolve(run.stack[i])) run.stack[kept++] = *found;
  return run.Clear(kept);
}

bool MemberOf(Evaluation& run, const Op& op, const Context& context, Size base) {
  std::optional<std::string_view> value_set;
  if (!run.TextArgument(op, 0, context, value_set)) return false;
  if (run.stack.size() == base || !value_set) return run.Clear(base);
  if (run.stack.size() - base > 1) return run.Execution("memberOf() of several items");
  auto answer = run.services().MemberOf(run.stack[base], *value_set);
  return answer ? run.Replace(base, *answer) : run.Clear(base);
}

bool ConformsTo(Evaluation& run, const Op& op, const Context& context, Size base) {
  std::optional<std::string_view> profile;
  if (!run.TextArgument(op, 0, context, profile)) return false;
  if (run.stack.size() == base || !profile) return run.Clear(base);
  if (run.stack.size() - base > 1) return run.Execution("conformsTo() of several items");
  auto answer = run.services().ConformsTo(run.stack[base], *profile);
  return answer ? run.Replace(base, *answer) : run.Execution("conformsTo() of a profile that is not known");
}

bool HtmlChecks(Evaluation& run, const Op&, const Context&, Size base) {
  if (run.stack.size() - base != 1) return run.Clear(base);
  return run.Replace(base, IsNarrativeHtml(TextOf(run.stack[base])));
}

bool HtmlChecks2(Evaluation& run, const Op&, const Context&, Size base) {
  if (run.stack.size() - base != 1) return run.Clear(base);
  return run.Replace(base, HasHtmlContent(TextOf(run.stack[base])));
}

}  // namespace passerelle::path::functions
