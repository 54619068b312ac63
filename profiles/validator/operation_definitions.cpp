// OperationDefinitions: that the profiles of what goes in and out say the same of the parameters.

#include <algorithm>
#include <charconv>

#include "profiles/validator/families.h"

namespace passerelle::validator {

using node::kNone;
using node::NodeIndex;

namespace {

constexpr std::uint32_t kUnbounded = 0xFFFF'FFFFu;
constexpr std::string_view kAllowedType =
    "http://hl7.org/fhir/StructureDefinition/operationdefinition-allowed-type";

using Texts = std::vector<std::string_view>;

bool Contains(const Texts& texts, std::string_view one) {
  return std::find(texts.begin(), texts.end(), one) != texts.end();
}

// "1" or "*"; nothing for what is no number.
std::optional<std::uint32_t> Count(std::string_view text) {
  if (text == "*") return kUnbounded;
  std::uint32_t count = 0;
  auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), count);
  return error == std::errc() && end == text.data() + text.size() ? std::optional(count) : std::nullopt;
}

// What one direction, in or out, goes by.
struct Direction {
  std::string_view use, member;
  const RuleInfo* rule;
};
constexpr Direction kDirections[] = {{"in", "inputProfile", &rules::OperationInput},
                                     {"out", "outputProfile", &rules::OperationOutput}};

// A parameter as the profile has it, a slice of Parameters.parameter.
class ProfiledParameter {
 public:
  ProfiledParameter(const spec::Profile& profile, const spec::Element& slice)
      : profile_(profile), slice_(slice) {}

  // The name that the slice fixes, as JSON: {"value":"patient"}.
  std::string_view name() const {
    const spec::Element* name = Child("name");
    if (name == nullptr) return {};
    std::string_view json = name->fixed.json.empty() ? name->pattern.json : name->fixed.json;
    auto colon = json.find(":\"");
    return colon == json.npos ? std::string_view() : json.substr(colon + 2, json.rfind('"') - colon - 2);
  }
  const spec::Element& slice() const { return slice_; }

  void Collect(Texts& types, Texts& targets) const {
    const spec::Element *value = Child("value[x]"), *resource = Child("resource"), *part = Child("part");
    auto required = [](const spec::Element* e) { return e != nullptr && e->min > 0; };
    if (value != nullptr && value->max > 0 && !required(resource) && !required(part))
      Add(*value, types, targets);
    if (resource != nullptr && resource->max > 0 && !required(value) && !required(part))
      Add(*resource, types, targets);
  }

 private:
  const spec::Element* Child(std::string_view name) const {
    return profile_.FindElement(std::string(slice_.id) + "." + std::string(name));
  }
  static void Add(const spec::Element& element, Texts& types, Texts& targets) {
    for (const auto& type : element.types) {
      types.push_back(type.code);
      targets.insert(targets.end(), type.target_profiles.begin(), type.target_profiles.end());
    }
  }

  const spec::Profile& profile_;
  const spec::Element& slice_;
};

class ParametersCheck {
 public:
  ParametersCheck(Run& run, const Direction& direction) : run_(run), direction_(direction) {}

  void Check(NodeIndex operation, NodeIndex named) {
    const spec::Profile* profile = run_.engine.library.FindProfile(run_.tree[named].text);
    if (profile == nullptr) return;
    if (profile->type != "Parameters")
      return run_.Report(rules::ProfileType, named, {profile->url, profile->type, "Parameters"});
    for (const auto& element : profile->elements) {
      if (element.path != "Parameters.parameter" || element.slice_name.empty()) continue;
      ProfiledParameter wanted(*profile, element);
      if (NodeIndex parameter = Find(operation, wanted.name()); parameter != kNone)
        Compare(parameter, wanted);
    }
  }

 private:
  NodeIndex Find(NodeIndex operation, std::string_view name) const {
    for (NodeIndex child : node::Children(run_.tree, operation))
      if (run_.tree.name(child) == "parameter" && run_.tree.ChildText(child, "name") == name &&
          run_.tree.ChildText(child, "use") == direction_.use)
        return child;
    return kNone;
  }

  void Say(NodeIndex parameter, std::string_view what, std::string_view here, std::string_view there) {
    run_.Report(*direction_.rule, parameter, {run_.tree.ChildText(parameter, "name"), what, here, there});
  }

  void Compare(NodeIndex parameter, const ProfiledParameter& wanted) {
    std::string_view min = run_.tree.ChildText(parameter, "min"), max = run_.tree.ChildText(parameter, "max");
    auto shown = [](std::uint32_t count) { return count == kUnbounded ? "*" : std::to_string(count); };
    if (auto count = Count(min); count && *count != wanted.slice().min)
      Say(parameter, "min", min, shown(wanted.slice().min));
    if (auto count = Count(max); count && *count != wanted.slice().max)
      Say(parameter, "max", max, shown(wanted.slice().max));
    Texts types, targets, profiled_types, profiled_targets;
    CollectTypes(parameter, types, targets);
    wanted.Collect(profiled_types, profiled_targets);
    if (types.front().empty()) return;  // it has parts
    CompareTexts(parameter, "type", types, profiled_types);
    // Of several types nothing says which of them the targets are of.
    if (types.size() == 1) CompareTexts(parameter, "targetProfile", targets, profiled_targets);
  }

  // Several types are allowed by extensions; `type` is then what they have in common.
  void CollectTypes(NodeIndex parameter, Texts& types, Texts& targets) const {
    for (NodeIndex child : node::Children(run_.tree, parameter)) {
      if (run_.tree.name(child) == "targetProfile") targets.push_back(run_.tree[child].text);
      if (run_.tree[child].name == run_.words.extension && run_.Text(child, run_.words.url) == kAllowedType)
        types.push_back(run_.tree.ChildText(child, "valueUri"));
    }
    if (types.empty()) types.push_back(run_.Text(parameter, run_.words.type));
  }

  void CompareTexts(NodeIndex parameter, std::string_view what, const Texts& here, const Texts& there) {
    for (auto one : here)
      if (!Contains(there, one)) Say(parameter, what, one, "-");
    for (auto one : there)
      if (!Contains(here, one)) Say(parameter, what, "-", one);
  }

  Run& run_;
  const Direction& direction_;
};

}  // namespace

void CheckOperationDefinition(Run& run, NodeIndex resource) {
  CheckCanonicalUrl(run, resource);
  for (const auto& direction : kDirections)
    if (NodeIndex named = run.tree.Child(resource, direction.member); named != kNone)
      ParametersCheck(run, direction).Check(resource, named);
}

}  // namespace passerelle::validator
