// What an evaluation knows of its run: variables, indexes, what it missed.

#include <array>

#include "fhir_model/node/paths.h"
#include "profiles/requirements/functions.h"
#include "profiles/requirements/names.h"

namespace passerelle::requirements {
namespace {

using path::Item;

struct TreeVariable {
  std::string_view name;
  Kind kind;
};
constexpr TreeVariable kTreeVariables[] = {{"message", Kind::Message},
                                           {"documents", Kind::Document},
                                           {"fhir", Kind::Fhir},
                                           {"draft", Kind::Draft},
                                           {"ack", Kind::Ack},
                                           {"response", Kind::Response},
                                           {"deliveries", Kind::Delivery},
                                           {"audit", Kind::Audit},
                                           {"mail", Kind::Mail},
                                           {"archive", Kind::Archive}};

// %earlierMessages and its like: the trees of that kind in the steps before, oldest first.
constexpr TreeVariable kEarlierVariables[] = {{"earlierMessages", Kind::Message},
                                              {"earlierDocuments", Kind::Document},
                                              {"earlierAcks", Kind::Ack},
                                              {"earlierFhir", Kind::Fhir},
                                              {"earlierDeliveries", Kind::Delivery}};

void AddTrees(const Run& run, Kind kind, std::vector<Item>& out) {
  for (const auto& subject : run.subjects)
    if (subject.kind == kind) out.push_back(Item::Of(*subject.tree, node::kRoot));
}

}  // namespace

TreeIndex::TreeIndex(const node::Tree& tree) : tree_(&tree) {
  static const node::NameId template_id = node::Intern("templateId"), root = node::Intern("@root"),
                            id = node::Intern("@ID");
  for (node::NodeIndex i = 0; i < tree.size(); ++i) {
    const auto& n = tree[i];
    if (n.attribute) {
      if (n.name == id) ids_[n.text].push_back(n.parent);
      continue;
    }
    by_name_[n.name].push_back(i);
    if (n.resource != 0) by_type_[n.resource].push_back(i);
    if (n.name == template_id && n.parent != node::kNone)
      if (auto oid = tree.Child(i, root); oid != node::kNone)
        by_template_[tree[oid].text].push_back(n.parent);
  }
}

const std::vector<node::NodeIndex>& TreeIndex::Named(std::string_view name) const {
  static const std::vector<node::NodeIndex> none;
  auto id = tree_->FindName(name);
  auto found = by_name_.find(id);
  return id == 0 || found == by_name_.end() ? none : found->second;
}

const std::vector<node::NodeIndex>& TreeIndex::Resources(std::string_view type) const {
  static const std::vector<node::NodeIndex> none;
  auto id = tree_->FindName(type);
  auto found = by_type_.find(id);
  return id == 0 || found == by_type_.end() ? none : found->second;
}

const std::vector<node::NodeIndex>& TreeIndex::Templated(std::string_view oid) const {
  static const std::vector<node::NodeIndex> none;
  auto found = by_template_.find(oid);
  return found == by_template_.end() ? none : found->second;
}

bool Host::Variable(std::string_view name, std::vector<Item>& out) {
  if (name == "mode") {
    out.push_back(Item::Of(std::string_view(run_.mode == Mode::Test ? "test" : "production")));
  } else if (name == "bytes") {
    out.push_back(Item::Of(subject_->bytes));
  } else if (name == "carrier") {
    if (subject_->carrier_tree) out.push_back(Item::Of(*subject_->carrier_tree, subject_->carrier));
  } else if (name == "document") {
    if (subject_->kind == Kind::Document) out.push_back(Item::Of(*subject_->tree, node::kRoot));
  } else {
    for (const auto& row : kTreeVariables)
      if (row.name == name) return AddTrees(run_, row.kind, out), true;
    for (const auto& row : kEarlierVariables) {
      if (row.name != name) continue;
      for (const Run* step : run_.earlier ? *run_.earlier : std::vector<const Run*>())
        AddTrees(*step, row.kind, out);
      return true;
    }
    return false;
  }
  return true;
}

void Host::External(std::uint32_t slot, const Item& focus, std::vector<Item>& out) {
  ResolveName(slot, focus, out);
}

const TreeIndex& Host::IndexOf(const node::Tree& tree) {
  auto found = indexes_.find(&tree);
  if (found == indexes_.end()) found = indexes_.emplace(&tree, TreeIndex(tree)).first;
  return found->second;
}

Item Host::Keep(std::string text) { return Item::Of(std::string_view(kept_.emplace_back(std::move(text)))); }

const std::vector<SchemaError>* Host::SchemaErrors(const node::Tree& tree) {
  auto [at, fresh] = schema_.try_emplace(&tree);
  if (fresh && world_.schema)
    for (const auto& subject : run_.subjects)
      if (subject.tree == &tree) at->second = world_.schema(subject.bytes);
  if (!at->second) Miss("the CDA schema");
  return at->second ? &*at->second : nullptr;
}

const ErrorsByNode* Host::ResourceErrors(const node::Tree& tree) {
  auto [at, fresh] = resource_.try_emplace(&tree);
  if (fresh && world_.validate)
    if (auto errors = world_.validate(tree)) {
      at->second.emplace();
      std::map<std::string, node::NodeIndex, std::less<>> nodes;
      node::Paths paths(tree);
      for (node::NodeIndex i = 0; i < tree.size() && !errors->empty(); ++i) nodes.emplace(paths.Of(i), i);
      for (auto& error : *errors) {
        // What is missing has no node of its own: its parent is told.
        auto path = std::string_view(error.path);
        auto found = nodes.find(path);
        for (auto dot = path.rfind('.'); found == nodes.end() && dot != path.npos; dot = path.rfind('.')) {
          path = path.substr(0, dot);
          found = nodes.find(path);
        }
        auto& text = (*at->second)[found == nodes.end() ? node::kRoot : found->second];
        text += (text.empty() ? "" : "; ") + error.text;
      }
    }
  if (!at->second) Miss("the validator");
  return at->second ? &*at->second : nullptr;
}

}  // namespace passerelle::requirements
