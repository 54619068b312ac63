// Steps through trees, what a node is, and what value it holds.

#include <algorithm>
#include <charconv>

#include "fhir_model/path/date_time.h"
#include "fhir_model/path/evaluation.h"

namespace passerelle::path {

using node::Kind;
using node::kNone;
using node::Node;
using node::NodeIndex;
using node::Tree;

namespace {

constexpr std::size_t kFewChoices = 8;
constexpr std::string_view kUcum = "http://unitsofmeasure.org";

// An empty JSON array, or a null beside which nothing stands: the place of an item, not an item.
bool IsHole(const Node& n) { return n.kind == Kind::Null && n.first == kNone; }

bool Named(const Tree& tree, node::NameId local, const Step& step) {
  if ((local & node::kLocalName) == 0) return local == step.name && local != 0;
  return tree.NameText(local) == step.text;  // not known to all when the tree was read
}

ItemKind KindOfNumber(std::string_view text) {
  return text.find_first_of(".eE") == text.npos ? ItemKind::Integer : ItemKind::Decimal;
}

std::string_view SystemName(ItemKind kind) {
  switch (kind) {
    case ItemKind::Boolean: return "Boolean";
    case ItemKind::Integer: return "Integer";
    case ItemKind::Decimal: return "Decimal";
    case ItemKind::String: return "String";
    case ItemKind::Date: return "Date";
    case ItemKind::DateTime: return "DateTime";
    case ItemKind::Time: return "Time";
    case ItemKind::Quantity: return "Quantity";
    default: return {};
  }
}

}  // namespace

std::string_view TextOf(const Item& item) {
  switch (item.kind) {
    case ItemKind::Node: return (*item.tree)[item.node].text;
    case ItemKind::Boolean: return item.boolean ? "true" : "false";
    default: return item.text;
  }
}

bool Evaluation::Matches(const Tree& tree, NodeIndex child, const Step& step) const {
  const Node& n = tree[child];
  if (Named(tree, n.name, step)) return !IsHole(n);
  if (step.choice_count == 0) return false;
  auto names = std::span(program_->choices).subspan(step.first_choice, step.choice_count);
  bool found = names.size() <= kFewChoices ? std::find(names.begin(), names.end(), n.name) != names.end()
                                           : std::binary_search(names.begin(), names.end(), n.name);
  return found && !IsHole(n);
}

bool Evaluation::WalkPath(const Tree& tree, NodeIndex node, std::span<const Step> steps) {
  const Step& step = steps.front();
  bool found = false;
  for (NodeIndex child = tree[node].first; child != kNone; child = tree[child].next) {
    if (!Matches(tree, child, step)) continue;
    found = true;
    if (!Spend(1)) return false;
    if (steps.size() == 1 ? !Push(Item::Of(tree, child)) : !WalkPath(tree, child, steps.subspan(1)))
      return false;
  }
  if (found) return true;
  // HL7 v2: a field with one component is that component.
  if (tree.format() == node::Format::Hl7v2) {
    NodeIndex itself = tree.Child(node, step.name);
    if (itself == kNone) return true;
    return steps.size() == 1 ? Push(Item::Of(tree, itself)) : WalkPath(tree, itself, steps.subspan(1));
  }
  if (!step.prefix || tree.format() != node::Format::Fhir) return true;
  std::string_view name = step.text;
  for (NodeIndex child = tree[node].first; child != kNone; child = tree[child].next) {
    std::string_view written = tree.name(child);
    if (!written.starts_with(name) || !IsChoiceSuffix(written.substr(name.size()))) continue;
    if (steps.size() == 1 ? !Push(Item::Of(tree, child)) : !WalkPath(tree, child, steps.subspan(1)))
      return false;
  }
  return true;
}

bool Evaluation::Walk(const Item& item, const Step& step) {
  if (item.kind == ItemKind::Node) return WalkPath(*item.tree, item.node, std::span(&step, 1));
  if (item.kind == ItemKind::Type) {
    auto dot = item.text.find('.');
    std::string_view name = step.text;
    if (name == "namespace") return Push(Item::Of(item.text.substr(0, dot)));
    if (name == "name") return Push(Item::Of(item.text.substr(dot + 1)));
  }
  if (item.kind == ItemKind::Quantity) {
    std::string_view name = step.text;
    if (name == "value") return Push(*Decimal::Parse(item.text));
    if (name == "unit" || name == "code") return Push(Item::Of(item.unit));
  }
  return true;
}

bool Evaluation::WalkAll(std::size_t base, std::span<const Step> steps) {
  for (std::size_t s = 0; s < steps.size(); ++s) {
    std::size_t end = stack.size();
    bool nodes = std::all_of(stack.begin() + static_cast<std::ptrdiff_t>(base), stack.end(),
                             [](const Item& item) { return item.kind == ItemKind::Node; });
    for (std::size_t i = base; i < end; ++i) {
      Item item = stack[i];
      if (nodes ? !WalkPath(*item.tree, item.node, steps.subspan(s)) : !Walk(item, steps[s])) return false;
    }
    Drop(base, end);
    if (nodes) return true;
  }
  return true;
}

bool Evaluation::EvalSteps(const Op& op, const Context& context) {
  auto steps = std::span(program_->steps).subspan(op.right, op.count);
  if (program_->ops[op.left].code == Code::This) {
    if (context.self == nullptr) return true;
    const Item& self = *context.self;
    if (self.kind == ItemKind::Node) return WalkPath(*self.tree, self.node, steps);
  }
  std::size_t base = stack.size();
  return Eval(op.left, context) && WalkAll(base, steps);
}

bool Evaluation::EvalTypeRoot(const Op& op, const Context& context) {
  if (context.self == nullptr || context.self->kind != ItemKind::Node) return true;
  const Item& self = *context.self;
  const Step& step = program_->steps[op.right];
  std::string_view name = step.text, type = TypeOf(self);
  const Tree& tree = *self.tree;
  if (tree.format() == node::Format::Fhir && !type.empty()) {
    if (type == name || (program_->model && program_->model->definitions().IsA(type, name)))
      return Push(self);
    // "Resource" is what every resource is, also without definitions.
    bool any =
        !program_->model && (name == "Resource" || name == "DomainResource") && tree[self.node].resource != 0;
    return any ? Push(self) : true;
  }
  std::size_t base = stack.size();
  if (!Walk(self, step)) return false;
  if (stack.size() == base && Named(tree, tree[self.node].name, step)) return Push(self);
  return true;
}

bool Evaluation::PushChildren(const Item& item, bool deep) {
  if (item.kind != ItemKind::Node) return true;
  const Tree& tree = *item.tree;
  NodeIndex at = item.node;
  while (true) {
    NodeIndex next = (deep || at == item.node) ? tree[at].first : kNone;
    while (next == kNone && at != item.node) {
      next = tree[at].next;
      if (next == kNone) at = tree[at].parent;
    }
    if (next == kNone) return true;
    at = next;
    if (IsHole(tree[at])) continue;
    if (!Spend(1) || !Push(Item::Of(tree, at))) return false;
  }
}

bool Evaluation::PushResource(const Item& given, bool root) {
  if (given.kind != ItemKind::None) return Push(given);
  if (focus_.kind != ItemKind::Node) return true;
  const Tree& tree = *focus_.tree;
  static const node::NameId contained = node::Intern("contained");
  NodeIndex at = focus_.node;
  while (tree[at].parent != kNone && (tree[at].resource == 0 || (root && tree[at].name == contained)))
    at = tree[at].parent;
  return Push(Item::Of(tree, at));
}

std::string_view Evaluation::TypeOf(const Item& item) const {
  if (item.kind != ItemKind::Node) return SystemName(item.kind);
  const Tree& tree = *item.tree;
  const Node& n = tree[item.node];
  if (n.resource != 0) return tree.NameText(n.resource);
  if (program_->model && n.shape != 0) {
    std::string_view name = program_->model->definitions().ShapeName(n.shape);
    return name.find('.') == name.npos ? name : std::string_view("BackboneElement");
  }
  return {};
}

bool Evaluation::Is(const Item& item, const TypeName& type, bool exactly) const {
  if (item.kind != ItemKind::Node)
    return type.system && (type.kind == item.kind || (type.name == "Any" && item.kind != ItemKind::None));
  if (!type.fhir) return false;
  std::string_view name = TypeOf(item);
  if (name == type.name) return true;
  if (program_->model && !name.empty()) {
    const auto& definitions = program_->model->definitions();
    // `ofType(string)` does not find codes, `is string` holds for them.
    bool primitive = definitions.IsPrimitive(definitions.FindShape(name));
    return (!exactly || !primitive) && definitions.IsA(name, type.name);
  }
  if (!name.empty() || item.tree->format() != node::Format::Fhir) return false;
  // Without definitions the written name of a choice tells: valueQuantity, valueString.
  std::string_view written = item.tree->name(item.node);
  if (written.size() <= type.name.size() || type.name.empty()) return false;
  std::string_view suffix = written.substr(written.size() - type.name.size());
  bool same = suffix.substr(1) == type.name.substr(1) && (suffix[0] | 0x20) == (type.name[0] | 0x20);
  return same && suffix[0] >= 'A' && suffix[0] <= 'Z';
}

Item Evaluation::QuantityOf(const Tree& tree, NodeIndex node) {
  static const node::NameId value = node::Intern("value"), unit = node::Intern("unit"),
                            code = node::Intern("code"), system = node::Intern("system");
  NodeIndex number = tree.Child(node, value);
  if (number == kNone || !Decimal::Parse(tree[number].text)) return Item::Of(tree, node);
  Item item;
  item.kind = ItemKind::Quantity;
  item.text = tree[number].text;
  item.unit = "1";
  NodeIndex coded = tree.Child(node, code), coding = tree.Child(node, system), shown = tree.Child(node, unit);
  if (coded != kNone && coding != kNone && tree[coding].text == kUcum)
    item.unit = tree[coded].text;
  else if (shown != kNone)
    item.unit = tree[shown].text;
  else if (coded != kNone)
    item.unit = tree[coded].text;
  return item;
}

Item Evaluation::Value(const Item& item) {
  if (item.kind != ItemKind::Node) return item;
  const Tree& tree = *item.tree;
  const Node& n = tree[item.node];
  ItemKind kind = program_->model && n.shape != 0 ? program_->model->ValueKind(n.shape) : ItemKind::None;
  if (n.kind == Kind::Element) return kind == ItemKind::Quantity ? QuantityOf(tree, item.node) : item;
  if (n.kind == Kind::Null) return item;
  Item value;
  value.text = n.text;
  value.kind = ItemKind::String;
  switch (n.kind) {
    case Kind::Boolean:
      value.kind = ItemKind::Boolean;
      value.boolean = n.text == "true";
      return value;
    case Kind::Number: {
      value.kind = kind == ItemKind::Integer || kind == ItemKind::Decimal ? kind : KindOfNumber(n.text);
      const char* end = n.text.data() + n.text.size();
      if (value.kind == ItemKind::Integer && std::from_chars(n.text.data(), end, value.integer).ptr != end)
        value.kind = ItemKind::Decimal;
      if (value.kind == ItemKind::Decimal && !Decimal::Parse(n.text)) value.kind = ItemKind::String;
      return value;
    }
    default: break;
  }
  // What does not have the form of its type stays text.
  if (kind == ItemKind::Date || kind == ItemKind::DateTime) {
    if (DateTime::Parse(n.text)) value.kind = kind;
  } else if (kind == ItemKind::Time && DateTime::ParseTime(n.text)) {
    value.kind = kind;
  }
  return value;
}

}  // namespace passerelle::path
