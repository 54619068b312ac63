#include "gateway/api/fhir/references.h"

#include "fhir_model/base/limits.h"
#include "fhir_model/json/json.h"
#include "gateway/api/errors.h"

namespace passerelle::api::fhir {

using node::NodeIndex;
using node::Tree;

namespace {

// Every Reference in the resource, wherever it stands.
std::vector<std::string> AllReferences(const Tree& tree) {
  std::vector<std::string> all;
  for (NodeIndex i = 0; i < tree.size(); ++i)
    if (tree[i].kind == node::Kind::String && tree.name(i) == "reference") all.emplace_back(tree[i].text);
  return all;
}

// A parameter may ask for the type of what a reference leads to (`resolve() is Patient`): its text says it.
class TypeByText : public path::Services {
 public:
  std::optional<path::Item> Resolve(const path::Item& reference) override {
    if (reference.kind != path::ItemKind::Node || reference.tree == nullptr) return std::nullopt;
    std::string_view text = reference.tree->ChildText(reference.node, "reference");
    std::string_view type = text.substr(0, text.find('/'));
    if (type.empty() || type.size() == text.size() || node::Find(type) == 0) return std::nullopt;
    stubs_.push_back(std::make_unique<Tree>(node::Format::Fhir, node::Find(type)));
    (*stubs_.back())[node::kRoot].resource = node::Find(type);
    return path::Item::Of(*stubs_.back(), node::kRoot);
  }

 private:
  std::vector<std::unique_ptr<Tree>> stubs_;
};

}  // namespace

Result<std::optional<path::Expression>> References::Compiled(const spec::Definitions& definitions,
                                                             std::string_view type, std::string_view code) {
  std::string key = std::string(type) + "." + std::string(code);
  std::lock_guard guard(mutex_);
  if (auto it = compiled_.find(key); it != compiled_.end()) return std::optional(it->second);
  for (const auto& parameter : definitions.SearchParameters(type)) {
    if (parameter.code != code || parameter.type != "reference") continue;
    path::CompileOptions options;
    options.definitions = &definitions;
    options.type = type;
    TRY(auto expression, path::Expression::Compile(parameter.expression, options));
    compiled_.emplace(key, expression);
    return std::optional(expression);
  }
  return std::optional<path::Expression>();
}

Result<std::vector<std::string>> References::Of(const spec::Definitions& definitions,
                                                const pipeline::ResourceVersion& version,
                                                std::string_view code) {
  TRY(auto tree, json::Parse(version.json, kFileLimits, &definitions));
  if (code == "*") return AllReferences(tree);
  TRY(auto expression, Compiled(definitions, version.type, code));
  if (!expression) return Error{errors::ParameterInvalid, "no reference parameter " + std::string(code)};
  TypeByText services;
  path::Environment environment;
  environment.services = &services;
  thread_local path::Machine machine;
  TRY(auto items, machine.Evaluate(*expression, path::Item::Of(tree, node::kRoot), environment));
  std::vector<std::string> found;
  for (const auto& item : items) {
    if (item.kind != path::ItemKind::Node) continue;
    std::string_view text = item.tree->ChildText(item.node, "reference");
    if (text.empty()) text = path::TextOf(item);  // a canonical
    if (!text.empty()) found.emplace_back(text);
  }
  return found;
}

}  // namespace passerelle::api::fhir
