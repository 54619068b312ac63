#include "profiles/validator/logical.h"

#include <algorithm>
#include <string>
#include <vector>

#include "fhir_model/json/json.h"

namespace passerelle::validator {

using node::Children;
using node::kNone;
using node::kRoot;
using node::NodeIndex;
using node::Tree;

namespace {

constexpr std::string_view kPropertyKey = "http://hl7.org/fhir/tools/StructureDefinition/json-property-key";

// An element whose members are a list, and the names of its two children.
struct KeyedList {
  std::string_view path, key, value;
};

// The last name of an element's path below `path`; empty for what is no child of it.
std::string_view ChildName(std::string_view path, std::string_view candidate) {
  if (!candidate.starts_with(path) || candidate.size() <= path.size() || candidate[path.size()] != '.')
    return {};
  std::string_view name = candidate.substr(path.size() + 1);
  return name.find('.') == name.npos ? name : std::string_view();
}

std::vector<KeyedList> KeyedListsOf(const Tree& model, const spec::Profile& profile) {
  std::vector<KeyedList> lists;
  NodeIndex snapshot = model.Child(kRoot, "snapshot");
  if (snapshot == kNone) return lists;
  for (NodeIndex element : Children(model, snapshot)) {
    for (NodeIndex extension : Children(model, element)) {
      if (model.name(extension) != "extension" || model.ChildText(extension, "url") != kPropertyKey) continue;
      KeyedList list{model.ChildText(element, "path"), model.ChildText(extension, "valueCode"), {}};
      for (const auto& other : profile.elements)
        if (auto name = ChildName(list.path, other.path); !name.empty() && name != list.key)
          list.value = name;
      lists.push_back(list);
    }
  }
  return lists;
}

class Reading {
 public:
  Reading(const Tree& from, Tree& to, const std::vector<KeyedList>& lists)
      : from_(from), to_(to), lists_(lists) {}

  void CopyBelow(NodeIndex from, NodeIndex to, const std::string& path) {
    for (NodeIndex child : Children(from_, from)) {
      std::string below = path + "." + std::string(from_.name(child));
      auto list = std::find_if(lists_.begin(), lists_.end(), [&](const auto& l) { return l.path == below; });
      if (list == lists_.end() || from_[child].kind != node::Kind::Element)
        CopyBelow(child, Add(child, to, from_.name(child)), below);
      else
        CopyMembers(child, to, *list, below);
    }
  }

 private:
  NodeIndex Add(NodeIndex like, NodeIndex parent, std::string_view name) {
    const node::Node& n = from_[like];
    NodeIndex added = to_.Append(parent, to_.NameOf(name), n.kind, to_.Keep(n.text));
    to_[added].line = n.line;
    to_[added].column = n.column;
    to_[added].list = n.list;
    return added;
  }
  void CopyMembers(NodeIndex object, NodeIndex parent, const KeyedList& list, const std::string& path) {
    for (NodeIndex member : Children(from_, object)) {
      NodeIndex item = to_.Append(parent, to_.NameOf(from_.name(object)), node::Kind::Element);
      to_[item].line = from_[member].line;
      to_[item].list = true;
      to_.Append(item, to_.NameOf(list.key), node::Kind::String, to_.Keep(from_.name(member)));
      CopyBelow(member, Add(member, item, list.value), path + "." + std::string(list.value));
    }
  }

  const Tree& from_;
  Tree& to_;
  const std::vector<KeyedList>& lists_;
};

}  // namespace

std::optional<Tree> ReadAsModel(const Tree& object, const spec::Library& library,
                                std::string_view canonical) {
  const spec::Profile* profile = library.FindProfile(canonical);
  auto text = library.Find(canonical, "StructureDefinition");
  if (profile == nullptr || profile->elements.empty() || !text) return std::nullopt;
  auto model = json::Parse(std::string(text->json), kFileLimits);
  if (!model) return std::nullopt;
  auto lists = KeyedListsOf(*model, *profile);
  std::string_view root = profile->elements.front().path;
  Tree read(node::Format::Fhir, node::Intern(root));
  read.AdoptSource(std::string(object.source()));
  read[kRoot].line = object.root().line;
  read[kRoot].column = object.root().column;
  Reading(object, read, lists).CopyBelow(kRoot, kRoot, std::string(root));
  return read;
}

}  // namespace passerelle::validator
