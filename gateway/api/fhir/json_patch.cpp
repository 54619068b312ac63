#include "gateway/api/fhir/json_patch.h"

#include <optional>
#include <string>
#include <vector>

#include "fhir_model/base/limits.h"
#include "fhir_model/json/json.h"
#include "gateway/api/errors.h"
#include "gateway/api/query.h"

namespace passerelle::api::fhir {
namespace {

using node::Children;
using node::kNone;
using node::kRoot;
using node::NodeIndex;
using node::Tree;

Error Wrong(std::string what) { return Error{errors::PatchInvalid, std::move(what)}; }

// "/name/0/given" -> "name", "0", "given" (RFC 6901).
Result<std::vector<std::string>> ReadPointer(std::string_view pointer) {
  std::vector<std::string> tokens;
  if (!pointer.starts_with('/')) return Wrong("a path begins with a slash");
  for (std::size_t i = 0; i < pointer.size(); ++i) {
    if (pointer[i] == '/') {
      tokens.emplace_back();
    } else if (pointer[i] == '~' && i + 1 < pointer.size()) {
      tokens.back() += pointer[++i] == '1' ? '/' : '~';
    } else {
      tokens.back() += pointer[i];
    }
  }
  return tokens;
}

// A member of an object, or one element of a list.
struct Spot {
  NodeIndex parent = kNone;
  std::string name;
  std::optional<std::size_t> index;  // of the element; the list's size for "-"
};

class Patch {
 public:
  explicit Patch(Tree& tree) : tree_(tree) {}

  Status Run(const Tree& operations, NodeIndex operation) {
    std::string_view op = operations.ChildText(operation, "op");
    for (const auto& row : kOperations)
      if (row.name == op) {
        TRY(auto spot, Find(operations.ChildText(operation, "path")));
        return (this->*row.run)(operations, operation, spot);
      }
    return Wrong("there is no such operation");
  }

 private:
  using Operation = Status (Patch::*)(const Tree& operations, NodeIndex operation, const Spot& spot);
  struct Row {
    std::string_view name;
    Operation run;
  };
  static const Row kOperations[6];

  std::vector<NodeIndex> Named(NodeIndex parent, std::string_view name) const {
    std::vector<NodeIndex> nodes;
    for (NodeIndex child : Children(tree_, parent))
      if (tree_.name(child) == name) nodes.push_back(child);
    return nodes;
  }

  Result<Spot> Find(std::string_view pointer) const {
    TRY(auto tokens, ReadPointer(pointer));
    Spot spot{kRoot, {}, {}};
    for (std::size_t i = 0; i < tokens.size(); ++i) {
      std::string_view name = tokens[i];
      bool within_primitive = name.starts_with('_');
      if (within_primitive) name.remove_prefix(1);
      spot.name = name;
      spot.index.reset();
      auto nodes = Named(spot.parent, name);
      bool list = !nodes.empty() && tree_[nodes.front()].list;
      if (list && i + 1 < tokens.size()) {
        auto index = tokens[i + 1] == "-"
                         ? std::optional(static_cast<std::int64_t>(nodes.size()))
                         : WholeNumber(tokens[i + 1], 0, static_cast<std::int64_t>(nodes.size()));
        if (!index) return Wrong("there is no such element in the list");
        spot.index = static_cast<std::size_t>(*index);
        ++i;
      }
      if (i + 1 == tokens.size())
        return within_primitive ? Result<Spot>(Wrong("only what is below an extension")) : spot;
      std::size_t at = spot.index.value_or(0);
      if (at >= nodes.size()) return Wrong("the path leads nowhere");
      spot.parent = nodes[at];
    }
    return Wrong("the path is empty");
  }

  // The nodes that stand there.
  std::vector<NodeIndex> At(const Spot& spot) const {
    auto nodes = Named(spot.parent, spot.name);
    if (!spot.index) return nodes;
    if (*spot.index >= nodes.size()) return {};
    return {nodes[*spot.index]};
  }

  Status Put(const Tree& source, const std::vector<NodeIndex>& values, const Spot& spot) {
    if (values.empty()) return Wrong("a value is missing");
    auto nodes = Named(spot.parent, spot.name);
    if (!spot.index)
      for (NodeIndex node : nodes) tree_.Remove(node);
    if (spot.index && values.size() != 1) return Wrong("a list within a list");
    for (NodeIndex value : values) {
      NodeIndex copy = tree_.Copy(spot.parent, source, value);
      tree_[copy].name = tree_.NameOf(spot.name);
      if (!spot.index) continue;
      tree_[copy].list = true;
      if (*spot.index < nodes.size()) tree_.MoveBefore(copy, nodes[*spot.index]);
    }
    return Ok();
  }

  static std::vector<NodeIndex> Values(const Tree& operations, NodeIndex operation) {
    std::vector<NodeIndex> values;
    for (NodeIndex child : Children(operations, operation))
      if (operations.name(child) == "value") values.push_back(child);
    return values;
  }

  Status Add(const Tree& operations, NodeIndex operation, const Spot& spot) {
    return Put(operations, Values(operations, operation), spot);
  }

  Status Remove(const Tree&, NodeIndex, const Spot& spot) {
    auto nodes = At(spot);
    if (nodes.empty()) return Wrong("there is nothing to remove");
    for (NodeIndex node : nodes) tree_.Remove(node);
    return Ok();
  }

  Status Replace(const Tree& operations, NodeIndex operation, const Spot& spot) {
    CHECK_OK(Remove(operations, operation, spot));
    return Add(operations, operation, spot);
  }

  Status Copy(const Tree& operations, NodeIndex operation, const Spot& spot) {
    TRY(auto from, Find(operations.ChildText(operation, "from")));
    auto nodes = At(from);
    if (nodes.empty()) return Wrong("there is nothing to copy");
    // Through a tree of their own: copying within one tree may move what is copied.
    Tree aside(node::Format::Fhir);
    std::vector<NodeIndex> values;
    for (NodeIndex node : nodes) {
      values.push_back(aside.Copy(kRoot, tree_, node));
      aside[values.back()].list = !from.index && aside[values.back()].list;
    }
    return Put(aside, values, spot);
  }

  Status Move(const Tree& operations, NodeIndex operation, const Spot& spot) {
    TRY(auto from, Find(operations.ChildText(operation, "from")));
    Tree aside(node::Format::Fhir);
    std::vector<NodeIndex> values;
    for (NodeIndex node : At(from)) values.push_back(aside.Copy(kRoot, tree_, node));
    CHECK_OK(Remove(operations, operation, from));
    TRY(auto to, Find(operations.ChildText(operation, "path")));
    (void)spot;  // it was found before the list became shorter
    return Put(aside, values, to);
  }

  static std::string Written(const Tree& tree, NodeIndex node) {
    if (tree[node].kind != node::Kind::Element) return std::string(tree[node].text);
    return json::Write(tree, node);
  }

  Status Test(const Tree& operations, NodeIndex operation, const Spot& spot) {
    auto nodes = At(spot), values = Values(operations, operation);
    bool same = nodes.size() == values.size();
    for (std::size_t i = 0; same && i < nodes.size(); ++i)
      same = tree_[nodes[i]].kind == operations[values[i]].kind &&
             Written(tree_, nodes[i]) == Written(operations, values[i]);
    return same ? Ok() : Status(Wrong("a test failed"));
  }

  Tree& tree_;
};

const Patch::Row Patch::kOperations[6] = {
    {"add", &Patch::Add},   {"remove", &Patch::Remove}, {"replace", &Patch::Replace},
    {"copy", &Patch::Copy}, {"move", &Patch::Move},     {"test", &Patch::Test},
};

}  // namespace

Status ApplyJsonPatch(std::string_view operations, Tree& resource) {
  TRY(auto tree, json::Parse("{\"patch\":" + std::string(operations) + "}", kWireLimits));
  std::size_t number = 0;
  for (NodeIndex operation : Children(tree, kRoot)) {
    if (!tree[operation].list) return Wrong("a patch is a list of operations");
    auto done = Patch(resource).Run(tree, operation);
    if (!done) {
      Error error = done.error();
      error.place.path = "/" + std::to_string(number);
      return error;
    }
    ++number;
  }
  return Ok();
}

}  // namespace passerelle::api::fhir
