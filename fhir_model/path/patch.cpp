#include "fhir_model/path/patch.h"

#include <array>
#include <charconv>
#include <optional>
#include <string>
#include <vector>

#include "fhir_model/path/errors.h"
#include "fhir_model/path/path.h"

namespace passerelle::path {

using node::Children;
using node::Kind;
using node::kNone;
using node::kRoot;
using node::NodeIndex;
using node::Tree;

namespace {

// The parts of one operation, as nodes of the patch.
struct Operation {
  std::string_view type, path, name;
  NodeIndex value = kNone;  // the part "value"
  std::optional<std::size_t> index, source, destination;
};

Error NotApplicable(const Operation& operation, std::string_view why) {
  return {errors::PatchNotApplicable,
          std::string(operation.type) + " " + std::string(operation.path) + ": " + std::string(why)};
}

// The child value[x] or resource of a parameter.
NodeIndex ValueOf(const Tree& patch, NodeIndex part) {
  for (NodeIndex child : Children(patch, part))
    if (std::string_view name = patch.name(child); name.starts_with("value") || name == "resource")
      return child;
  return kNone;
}

class Patcher {
 public:
  Patcher(Tree& tree, const Tree& patch, const spec::Definitions& definitions)
      : tree_(tree), patch_(patch), definitions_(definitions) {}

  Status Apply(const Operation& operation) {
    struct Row {
      std::string_view type;
      Status (Patcher::*apply)(const Operation&);
    };
    static constexpr std::array<Row, 5> kOperations = {{{"add", &Patcher::Add},
                                                        {"insert", &Patcher::Insert},
                                                        {"delete", &Patcher::Delete},
                                                        {"replace", &Patcher::Replace},
                                                        {"move", &Patcher::Move}}};
    for (const auto& row : kOperations)
      if (row.type == operation.type) return (this->*row.apply)(operation);
    return Error{errors::PatchMalformed, "no operation of that type"};
  }

 private:
  Status Add(const Operation& operation) {
    if (operation.name.empty() || operation.value == kNone) return Error{errors::PatchMalformed, "add"};
    TRY(NodeIndex parent, FindOne(operation, operation.path));
    return AddChild(operation, parent, operation.name, operation.value);
  }

  Status Insert(const Operation& operation) {
    if (!operation.index || operation.value == kNone) return Error{errors::PatchMalformed, "insert"};
    TRY(auto list, FindList(operation));
    if (list.empty() && *operation.index == 0) return InsertFirst(operation);
    if (*operation.index > list.size()) return NotApplicable(operation, "an index beyond the list");
    NodeIndex parent = tree_[list[0]].parent;
    TRY(NodeIndex added, Make(operation, parent, tree_.name(list[0]), operation.value));
    if (*operation.index < list.size()) tree_.MoveBefore(added, list[*operation.index]);
    return Ok();
  }

  // Into a list that is not there yet: the path's last name is its name.
  Status InsertFirst(const Operation& operation) {
    auto dot = operation.path.rfind('.');
    if (dot == operation.path.npos) return NotApplicable(operation, "nothing there");
    TRY(NodeIndex parent, FindOne(operation, operation.path.substr(0, dot)));
    return AddChild(operation, parent, operation.path.substr(dot + 1), operation.value);
  }

  Status Delete(const Operation& operation) {
    TRY(auto found, Find(operation.path));
    if (found.empty()) return Ok();
    if (found.size() > 1) return NotApplicable(operation, "several elements");
    NodeIndex at = found[0];
    if (at == kRoot) return NotApplicable(operation, "the resource itself");
    NodeIndex parent = tree_[at].parent;
    tree_.Remove(at);
    while (parent != kRoot && tree_[parent].first == kNone && tree_[parent].text.empty()) {
      at = parent;
      parent = tree_[at].parent;
      tree_.Remove(at);
    }
    return Ok();
  }

  Status Replace(const Operation& operation) {
    if (operation.value == kNone) return Error{errors::PatchMalformed, "replace"};
    TRY(NodeIndex old, FindOne(operation, operation.path));
    if (old == kRoot) return NotApplicable(operation, "the resource itself");
    NodeIndex parent = tree_[old].parent;
    const spec::ChildInfo* info = definitions_.FindChild(tree_[parent].shape, tree_[old].name);
    std::string name(info != nullptr ? node::NameText(info->element_name) : tree_.name(old));
    TRY(NodeIndex made, Make(operation, parent, name, operation.value));
    tree_.MoveBefore(made, old);
    tree_.Remove(old);
    return Ok();
  }

  Status Move(const Operation& operation) {
    if (!operation.source || !operation.destination) return Error{errors::PatchMalformed, "move"};
    TRY(auto list, FindList(operation));
    if (*operation.source >= list.size() || *operation.destination >= list.size())
      return NotApplicable(operation, "an index beyond the list");
    if (*operation.source == *operation.destination) return Ok();
    // Before the destination when it moves up; before what follows the destination when it moves down.
    NodeIndex moved = list[*operation.source];
    bool down = *operation.destination > *operation.source;
    NodeIndex before = down ? tree_[list[*operation.destination]].next : list[*operation.destination];
    before == kNone ? tree_.Move(moved, tree_[moved].parent) : tree_.MoveBefore(moved, before);
    return Ok();
  }

  Result<std::vector<NodeIndex>> Find(std::string_view path) {
    CompileOptions options;
    options.definitions = &definitions_;
    options.type = tree_.NameText(tree_.root().resource);
    options.trusted = false;
    TRY(auto expression, Expression::Compile(path, options));
    TRY(auto items, machine_.Evaluate(expression, Item::Of(tree_, kRoot)));
    std::vector<NodeIndex> found;
    for (const auto& item : items) {
      if (item.kind != ItemKind::Node)
        return Error{errors::PatchNotApplicable, "a path to what is no element"};
      found.push_back(item.node);
    }
    return found;
  }

  Result<NodeIndex> FindOne(const Operation& operation, std::string_view path) {
    TRY(auto found, Find(path));
    if (found.size() == 1) return found[0];
    return NotApplicable(operation, found.empty() ? "nothing there" : "several elements");
  }

  // Elements of one list.
  Result<std::vector<NodeIndex>> FindList(const Operation& operation) {
    TRY(auto found, Find(operation.path));
    for (NodeIndex i : found)
      if (tree_[i].parent != tree_[found[0]].parent || tree_[i].name != tree_[found[0]].name || i == kRoot)
        return NotApplicable(operation, "elements of several lists");
    return found;
  }

  // The way in which a value of the patch is written below `parent` as `name`: "deceased" and valueBoolean
  // give deceasedBoolean.
  const spec::ChildInfo* InfoOf(NodeIndex parent, std::string_view name, NodeIndex value) const {
    node::NameId id = node::Find(name);
    const spec::ChildInfo* exact = definitions_.FindChild(tree_[parent].shape, id);
    if (exact != nullptr) return exact;
    std::string_view type = value == kNone ? std::string_view() : patch_.name(value);
    if (id == 0 || !type.starts_with("value")) return nullptr;
    return definitions_.FindChild(tree_[parent].shape,
                                  node::Find(std::string(name) + std::string(type.substr(5))));
  }

  Status AddChild(const Operation& operation, NodeIndex parent, std::string_view name, NodeIndex part) {
    const spec::ChildInfo* info = InfoOf(parent, name, ValueOf(patch_, part));
    if (info == nullptr) return NotApplicable(operation, "no such element there");
    for (NodeIndex child : Children(tree_, parent)) {
      const spec::ChildInfo* other = definitions_.FindChild(tree_[parent].shape, tree_[child].name);
      if (info->max == 1 && other != nullptr && other->element_name == info->element_name)
        return NotApplicable(operation, "a second value for what takes one");
    }
    TRY(NodeIndex made, Make(operation, parent, name, part));
    (void)made;
    return Ok();
  }

  // Makes the value of `part` a child of `parent`, after the last of its name.
  Result<NodeIndex> Make(const Operation& operation, NodeIndex parent, std::string_view name,
                         NodeIndex part) {
    NodeIndex value = ValueOf(patch_, part);
    const spec::ChildInfo* info = InfoOf(parent, name, value);
    if (info == nullptr) return NotApplicable(operation, "no such element there");
    NodeIndex last = kNone;
    for (NodeIndex child : Children(tree_, parent))
      if (tree_[child].name == info->name) last = child;
    NodeIndex made = kNone;
    if (value != kNone) {
      made = tree_.Copy(parent, patch_, value);
      tree_[made].name = info->name;
      if (!FitForm(made, info->form)) return NotApplicable(operation, "a value of another type");
      definitions_.Type(tree_, made, info->shape);
    } else {
      made = tree_.Append(parent, info->name, Kind::Element);
      tree_[made].shape = info->shape;
      CHECK_OK(MakeParts(operation, made, part));
    }
    tree_[made].list = info->max != 1;
    if (last != kNone && tree_[last].next != made) tree_.MoveBefore(made, tree_[last].next);
    return made;
  }

  // What has no type of its own comes as parts: name and value each.
  Status MakeParts(const Operation& operation, NodeIndex parent, NodeIndex part) {
    for (NodeIndex child : Children(patch_, part)) {
      if (patch_.name(child) != "part") continue;
      CHECK_OK(AddChild(operation, parent, patch_.ChildText(child, "name"), child));
    }
    if (tree_[parent].first == kNone) return Error{errors::PatchMalformed, "a value without content"};
    return Ok();
  }

  bool FitForm(NodeIndex made, spec::JsonForm form) {
    Kind& kind = tree_[made].kind;
    if (form == spec::JsonForm::Object || kind == Kind::Element)
      return form == spec::JsonForm::Object && kind == Kind::Element;
    if (kind == Kind::Null) return true;
    if (form == spec::JsonForm::Xhtml) kind = Kind::Xhtml;
    bool text = form == spec::JsonForm::String || form == spec::JsonForm::Xhtml;
    if (text) return kind == Kind::String || kind == Kind::Xhtml;
    return kind == (form == spec::JsonForm::Number ? Kind::Number : Kind::Boolean);
  }

  Tree& tree_;
  const Tree& patch_;
  const spec::Definitions& definitions_;
  Machine machine_;
};

std::optional<std::size_t> Number(std::string_view text) {
  std::size_t number = 0;
  auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error != std::errc() || end != text.data() + text.size()) return std::nullopt;
  return number;
}

Result<Operation> ReadOperation(const Tree& patch, NodeIndex parameter) {
  Operation operation;
  for (NodeIndex part : Children(patch, parameter)) {
    if (patch.name(part) != "part") continue;
    std::string_view name = patch.ChildText(part, "name");
    NodeIndex value = ValueOf(patch, part);
    std::string_view text = value == kNone ? std::string_view() : patch[value].text;
    if (name == "type")
      operation.type = text;
    else if (name == "path")
      operation.path = text;
    else if (name == "name")
      operation.name = text;
    else if (name == "value")
      operation.value = part;
    else if (name == "index")
      operation.index = Number(text);
    else if (name == "source")
      operation.source = Number(text);
    else if (name == "destination")
      operation.destination = Number(text);
  }
  if (operation.type.empty() || operation.path.empty())
    return Error{errors::PatchMalformed, "an operation without type or path", patch.PlaceOf(parameter)};
  return operation;
}

}  // namespace

Result<Tree> ApplyPatch(const Tree& tree, NodeIndex resource, const Tree& patch, NodeIndex parameters,
                        const spec::Definitions& definitions) {
  if (patch.NameText(patch[parameters].resource) != "Parameters")
    return Error{errors::PatchMalformed, "no Parameters resource"};
  Tree patched = tree.Extract(resource);
  definitions.Type(patched, kRoot, definitions.FindShape(patched.NameText(patched.root().resource)));
  if (patched.root().shape == 0) return Error{errors::PatchNotApplicable, "no resource that is known"};
  Patcher patcher(patched, patch, definitions);
  for (NodeIndex parameter : Children(patch, parameters)) {
    if (patch.name(parameter) != "parameter") continue;
    if (patch.ChildText(parameter, "name") != "operation")
      return Error{errors::PatchMalformed, "a parameter that is no operation", patch.PlaceOf(parameter)};
    TRY(auto operation, ReadOperation(patch, parameter));
    CHECK_OK(patcher.Apply(operation));
  }
  return patched;
}

}  // namespace passerelle::path
