#include "gateway/api/fhir/subset.h"

#include <algorithm>
#include <array>

#include "fhir_model/json/json.h"
#include "gateway/api/errors.h"
#include "gateway/api/request.h"

namespace passerelle::api::fhir {

using node::Children;
using node::kNone;
using node::kRoot;
using node::NodeIndex;
using node::Tree;

namespace {

struct KindRow {
  std::string_view summary;
  Subset::Kind kind;
};
constexpr std::array kKinds = {
    KindRow{"true", Subset::Kind::Summary}, KindRow{"text", Subset::Kind::Text},
    KindRow{"data", Subset::Kind::Data},    KindRow{"false", Subset::Kind::Whole},
    KindRow{"count", Subset::Kind::Whole},
};

constexpr std::string_view kTagged =
    R"({"resourceType":"Basic","meta":{"tag":[)"
    R"({"system":"http://terminology.hl7.org/CodeSystem/v3-ObservationValue","code":"SUBSETTED"}]}})";

void AddNames(std::string_view list, std::vector<std::string>& names) {
  for (;;) {
    auto comma = list.find(',');
    if (auto name = list.substr(0, comma); !name.empty()) names.emplace_back(name);
    if (comma == list.npos) return;
    list.remove_prefix(comma + 1);
  }
}

// One resource on its way through the cut.
class Cutter {
 public:
  Cutter(const spec::Definitions& definitions, const spec::Profile& profile, const Subset& subset, Tree& tree)
      : definitions_(definitions), profile_(profile), subset_(subset), tree_(tree) {}

  // False: nothing was removed.
  bool Run() {
    CutBelow(kRoot, definitions_.FindShape(profile_.type), profile_.type);
    return cut_;
  }

 private:
  void CutBelow(NodeIndex parent, spec::ShapeId shape, const std::string_view path) {
    for (NodeIndex child = tree_[parent].first, next = kNone; child != kNone; child = next) {
      next = tree_[child].next;
      const auto* info = definitions_.FindChild(shape, tree_[child].name);
      if (info == nullptr) continue;
      std::string below = std::string(path) + "." + std::string(tree_.NameText(info->element_name));
      const auto* element = profile_.FindElement(info->choice ? below + "[x]" : below);
      if (element == nullptr) continue;
      if (!Stays(*element, *info, parent == kRoot)) {
        tree_.Remove(child);
        cut_ = true;
      } else if (subset_.kind == Subset::Kind::Summary && info->type == "BackboneElement") {
        CutBelow(child, info->shape, below);
      }
    }
  }

  bool Stays(const spec::Element& element, const spec::ChildInfo& info, bool top) const {
    std::string_view name = tree_.NameText(info.element_name);
    if (element.is_modifier || (top && (name == "id" || name == "meta"))) return true;
    switch (subset_.kind) {
      case Subset::Kind::Whole: return true;
      case Subset::Kind::Data: return name != "text";
      case Subset::Kind::Text: return name == "text" || element.min > 0;
      case Subset::Kind::Summary: return element.is_summary || element.min > 0;
      case Subset::Kind::Elements: break;
    }
    return element.min > 0 ||
           std::find(subset_.elements.begin(), subset_.elements.end(), name) != subset_.elements.end();
  }

  const spec::Definitions& definitions_;
  const spec::Profile& profile_;
  const Subset& subset_;
  Tree& tree_;
  bool cut_ = false;
};

Status CheckElements(const spec::Profile& profile, const Subset& subset) {
  for (const auto& name : subset.elements) {
    std::string id = std::string(profile.type) + "." + name;
    if (profile.FindElement(id) == nullptr && profile.FindElement(id + "[x]") == nullptr)
      return Error{errors::ParameterInvalid, "_elements: " + name};
  }
  return Ok();
}

Status AddTag(const spec::Definitions& definitions, Tree& tree) {
  TRY(auto made, json::Parse(std::string(kTagged), kWireLimits, &definitions));
  NodeIndex made_meta = made.Child(kRoot, "meta"), meta = tree.Child(kRoot, "meta");
  if (meta == kNone) {
    tree.CopyToList(kRoot, made, made_meta);
  } else {
    tree.CopyToList(meta, made, made.Child(made_meta, "tag"));
  }
  return Ok();
}

}  // namespace

Result<Subset> SubsetOf(const Parameters& parameters) {
  Subset subset;
  for (const auto& [name, value] : parameters) {
    if (name == "_elements") {
      subset.kind = Subset::Kind::Elements;
      AddNames(value, subset.elements);
    } else if (name == "_summary") {
      auto row = std::find_if(kKinds.begin(), kKinds.end(),
                              [&](const KindRow& known) { return known.summary == value; });
      if (row == kKinds.end()) return Error{errors::ParameterInvalid, "_summary"};
      if (subset.kind != Subset::Kind::Elements) subset.kind = row->kind;
    }
  }
  return subset;
}

const spec::Library& Subsets::LibraryOver(const spec::Definitions& definitions) {
  std::call_once(opened_, [&] { library_.emplace(definitions); });
  return *library_;
}

Result<std::string> Subsets::Of(const spec::Definitions& definitions, std::string_view resource_json,
                                const Subset& subset) {
  if (subset.kind == Subset::Kind::Whole) return std::string(resource_json);
  TRY(auto tree, json::Parse(std::string(resource_json), kWireLimits, &definitions));
  const auto* profile = LibraryOver(definitions).FindType(tree.name(kRoot));
  if (profile == nullptr) return std::string(resource_json);
  CHECK_OK(CheckElements(*profile, subset));
  if (!Cutter(definitions, *profile, subset, tree).Run()) return std::string(resource_json);
  CHECK_OK(AddTag(definitions, tree));
  return json::Write(tree);
}

}  // namespace passerelle::api::fhir
