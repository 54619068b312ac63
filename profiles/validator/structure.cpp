// The structure: unknown elements, cardinality, forms, order, lexical rules. One pass over the tree, no
// allocation where nothing is wrong. What an element asks beyond that is done on the way (checks.h), unless
// only the structure is wanted.

#include <algorithm>
#include <bit>

#include "profiles/validator/families.h"
#include "profiles/validator/run.h"

namespace passerelle::validator {

using node::Kind;
using node::kNone;
using node::Node;
using node::NodeIndex;

namespace {

Kind KindOf(spec::JsonForm form) {
  switch (form) {
    case spec::JsonForm::Object: return Kind::Element;
    case spec::JsonForm::String: return Kind::String;
    case spec::JsonForm::Number: return Kind::Number;
    case spec::JsonForm::Boolean: return Kind::Boolean;
    case spec::JsonForm::Xhtml: return Kind::Xhtml;
  }
  return Kind::Element;
}

std::string_view FormName(spec::JsonForm form) {
  constexpr std::string_view kNames[] = {"an object", "a string", "a number", "a boolean", "xhtml"};
  return kNames[static_cast<std::size_t>(form)];
}

void ReportUnknown(Run& run, NodeIndex parent, NodeIndex child) {
  if (run.tree[child].kind == Kind::Text) return run.Report(rules::TextUnexpected, parent);
  run.Report(rules::ElementUnknown, parent, {run.tree.name(child)});
}

void ReportMissing(Run& run, NodeIndex at, const ShapeRules& shape, std::uint64_t missing) {
  for (; missing != 0; missing &= missing - 1) {
    const auto& group = shape.groups[static_cast<std::size_t>(std::countr_zero(missing))];
    if (group.path == "Extension.url") run.Report(rules::ExtensionUrlMissing, at);
    run.Report(rules::ElementMissing, at, {group.path, std::to_string(group.min), "0", shape.name});
  }
}

void ReportExcess(Run& run, NodeIndex at, const ShapeRules& shape, const ChildRules& child) {
  std::size_t count = 0;
  for (NodeIndex n : node::Children(run.tree, at)) {
    const ChildRules* other = shape.Find(run.tree[n].name);
    count += other != nullptr && other->group == child.group;
  }
  run.Report(rules::ElementExcess, at,
             {shape.groups[child.group].path, "1", std::to_string(count), shape.name});
}

// A primitive that has no value: from JSON null, or with extensions only.
void CheckValueless(Run& run, NodeIndex at) {
  const Node& n = run.tree[at];
  if (n.text == "[]") return run.Report(rules::ArrayEmpty, at);
  for (NodeIndex child : node::Children(run.tree, at))
    if (run.tree[child].name == run.words.extension) return;
  run.Report(n.list && !run.xml() ? rules::ArrayNull : rules::PrimitiveEmpty, at);
}

// What some contexts forbid: addresses of examples, HTML in text.
void CheckContext(Run& run, NodeIndex at, const ChildRules& rule) {
  std::string_view text = run.tree[at].text;
  bool address = rule.primitive == Primitive::Uri || rule.primitive == Primitive::Url ||
                 rule.primitive == Primitive::Canonical;
  bool prose = rule.primitive == Primitive::String || rule.primitive == Primitive::Markdown;
  if (address && !run.options.example_urls && IsExampleUrl(text))
    run.Report(rules::NotExampleUrl, at, {text});
  if (!prose || run.options.html_in_text) return;
  for (auto open = text.find('<'); open != text.npos; open = text.find('<', open + 1)) {
    bool tag = open + 1 < text.size() && ((text[open + 1] | 0x20) >= 'a' && (text[open + 1] | 0x20) <= 'z');
    bool closing = open + 1 < text.size() && text[open + 1] == '/';
    if ((tag || closing) && text.find('>', open) != text.npos) return run.Report(rules::StringHtml, at);
  }
}

void CheckPrimitive(Run& run, NodeIndex at, const ChildRules& rule) {
  const Node& n = run.tree[at];
  if (n.kind == Kind::Null) return CheckValueless(run, at);
  if (n.kind != KindOf(rule.form)) {
    bool object = n.kind == Kind::Element;
    if (object && n.first == kNone) return run.Report(rules::PrimitiveEmpty, at);
    return run.Report(rules::FormWrong, at, {FormName(rule.form), rule.type});
  }
  if (!run.options.example_urls || !run.options.html_in_text) CheckContext(run, at, rule);
  if (const RuleInfo* broken = CheckLexical(rule.primitive, n.text)) {
    run.Report(*broken, at, {n.text, rule.type});
    if (broken == &rules::ValueEmpty) run.Report(rules::PrimitiveEmpty, at);
  } else if (const RuleInfo* unlikely = CheckPlausible(rule.primitive, n.text)) {
    run.Report(*unlikely, at, {n.text, rule.type});
  }
}

// A complex element: has it content, is it an object.
bool CheckComplex(Run& run, NodeIndex at, const ChildRules& rule) {
  const Node& n = run.tree[at];
  if (n.kind == Kind::Null && n.text == "[]") {
    run.Report(rules::ArrayEmpty, at);
    return false;
  }
  if (n.kind != Kind::Element) {
    run.Report(rules::FormWrong, at, {FormName(spec::JsonForm::Object), rule.type});
    return false;
  }
  bool only_id = n.first != kNone && n.first == n.last && run.tree[n.first].name == run.words.id;
  if (n.first == kNone || only_id) run.Report(rules::ElementEmpty, at);
  return n.first != kNone;
}

}  // namespace

namespace {

// Within one resource no two elements have the same id (R4, 2.4.0.4); a StructureDefinition says its elements
// twice, in snapshot and differential.
void CheckElementIds(Run& run, NodeIndex resource, std::size_t first) {
  auto& ids = run.element_ids;
  const bool twice = run.tree.Child(resource, run.words.snapshot) != kNone ||
                     run.tree.Child(resource, run.words.differential) != kNone;
  if (ids.size() - first > 1 && !twice) {
    std::stable_sort(ids.begin() + static_cast<std::ptrdiff_t>(first), ids.end(),
                     [](const auto& a, const auto& b) { return a.first < b.first; });
    for (std::size_t i = first + 1; i < ids.size(); ++i)
      if (ids[i].first == ids[i - 1].first) run.Report(rules::IdDuplicate, ids[i].second, {ids[i].first});
  }
  ids.resize(first);
}

}  // namespace

void CheckStructure(Run& run, NodeIndex at, const ShapeRules& shape) {
  const node::Tree& tree = run.tree;
  std::uint64_t seen = 0, excess = 0;
  std::uint8_t latest = 0;
  const bool xml = run.xml(), full = !run.options.structure_only;
  for (NodeIndex child = tree[at].first; child != kNone; child = tree[child].next) {
    const Node& n = tree[child];
    const ChildRules* rule = shape.Find(n.name);
    if (rule == nullptr) {
      ReportUnknown(run, at, child);
      continue;
    }
    const std::uint64_t bit = std::uint64_t{1} << rule->group;
    if ((seen & bit & shape.single) != 0) {
      if ((excess & bit) == 0) ReportExcess(run, at, shape, *rule);
      excess |= bit;
    }
    seen |= bit;
    if (xml && !rule->xml_attribute) {
      if (rule->group < latest) run.Report(rules::ElementOutOfOrder, child, {tree.name(child), shape.name});
      latest = rule->group;
    } else if (!xml && n.list != rule->list) {
      run.Report(rule->list ? rules::ArrayExpected : rules::ArrayUnexpected, child, {tree.name(child)});
    }
    if (rule->primitive != Primitive::None) {
      CheckPrimitive(run, child, *rule);
      if (n.name == run.words.id && tree[at].resource == 0) run.element_ids.emplace_back(n.text, at);
      if (n.first != kNone)
        if (const ShapeRules* below = run.engine.shapes.Of(rule->shape)) CheckStructure(run, child, *below);
    } else if (rule->any_resource) {
      CheckResource(run, child);
      continue;
    } else if (CheckComplex(run, child, *rule)) {
      if (const ShapeRules* below = run.engine.shapes.Of(rule->shape)) {
        CheckStructure(run, child, *below);
        if (full && below->own != nullptr) CheckAgainst(run, child, rule->type, *below->own);
      }
    }
    if (full) CheckElement(run, child, *rule);
  }
  if (std::uint64_t missing = shape.required & ~seen; missing != 0) ReportMissing(run, at, shape, missing);
}

void CheckResource(Run& run, NodeIndex at) {
  const Node& n = run.tree[at];
  if (n.resource == 0) return run.Report(rules::ResourceTypeMissing, at);
  const ShapeRules* shape =
      run.engine.definitions().IsResource(n.shape) ? run.engine.shapes.Of(n.shape) : nullptr;
  if (shape == nullptr || run.engine.definitions().IsAnyResource(n.shape))
    return run.Report(rules::ResourceTypeUnknown, at, {run.tree.NameText(n.resource)});
  const NodeIndex resource = run.resource, root_resource = run.root_resource;
  run.resource = at;
  if (at == node::kRoot || n.name != run.words.contained) run.root_resource = at;
  CheckResourceId(run, at);
  const std::size_t outer_ids = run.element_ids.size();
  CheckStructure(run, at, *shape);
  CheckElementIds(run, at, outer_ids);
  if (!run.options.structure_only) CheckWholeResource(run, at, *shape);
  run.resource = resource;
  run.root_resource = root_resource;
}

}  // namespace passerelle::validator
