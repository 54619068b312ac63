#include "profiles/validator/checks.h"

#include <algorithm>

#include "fhir_model/json/json.h"

namespace passerelle::validator {
namespace {

constexpr Limits kExemplarLimits{1u << 20, 64, 100'000, 1u << 20};

bool Stronger(const spec::Binding& binding, const spec::Element* covered) {
  if (binding.strength < spec::BindingStrength::Preferred && binding.max_value_set.empty() &&
      binding.additional.empty())
    return false;
  if (covered == nullptr) return true;
  const auto& base = covered->binding;
  return binding.strength != base.strength || binding.value_set != base.value_set ||
         binding.max_value_set != base.max_value_set || !binding.additional.empty();
}

bool HasTargets(const spec::Element& element, const spec::Element* covered) {
  auto all = [](const spec::Element& e) {
    std::vector<std::string_view> targets;
    for (const auto& type : e.types) {
      targets.insert(targets.end(), type.target_profiles.begin(), type.target_profiles.end());
      if (type.aggregation != 0) targets.push_back("aggregation");
    }
    return targets;
  };
  auto targets = all(element);
  return !targets.empty() && (covered == nullptr || all(*covered) != targets);
}

bool HasTypeProfiles(const spec::Element& element, const spec::Element* covered) {
  auto all = [](const spec::Element& e) {
    std::vector<std::string_view> profiles;
    for (const auto& type : e.types)
      profiles.insert(profiles.end(), type.profiles.begin(), type.profiles.end());
    return profiles;
  };
  auto profiles = all(element);
  return !profiles.empty() && (covered == nullptr || all(*covered) != profiles);
}

bool HasFacets(const spec::Element& element, const spec::Element* covered) {
  constexpr std::uint32_t kNoLimit = 0xFFFF'FFFFu;
  bool length = element.max_length != (covered == nullptr ? 0 : covered->max_length);
  bool size = element.max_decimal_places != kNoLimit || element.max_bytes != kNoLimit;
  return length || size || element.min_length != 0 || !element.regex.empty() || element.must_have_value ||
         !element.value_alternatives.empty() || !element.narrative_languages.empty();
}

}  // namespace

std::unique_ptr<const Exemplar> ReadExemplar(const spec::JsonValue& value,
                                             const spec::Definitions& definitions) {
  if (value.json.empty()) return nullptr;
  auto tree = json::Parse(std::string(value.json), kExemplarLimits);
  if (!tree) return nullptr;
  auto exemplar = std::make_unique<Exemplar>(Exemplar{*std::move(tree), node::kNone});
  exemplar->value = exemplar->tree.Child(node::kRoot, "value");
  if (exemplar->value == node::kNone) return nullptr;
  definitions.Type(exemplar->tree, exemplar->value, definitions.FindShape(value.type));
  return exemplar;
}

const spec::Element* CheckMaker::BaseOf(const spec::Element& element) const {
  std::string_view path = element.base_path.empty() ? element.path : element.base_path;
  const spec::Profile* type = library_.FindType(path.substr(0, path.find('.')));
  if (type == nullptr) return nullptr;
  auto found = std::find_if(type->elements.begin(), type->elements.end(),
                            [&](const spec::Element& e) { return e.path == path; });
  return found == type->elements.end() ? nullptr : &*found;
}

bool CheckMaker::Covers(const spec::Constraint& constraint, const spec::Element& element,
                        const spec::Element* covered) const {
  auto has = [&](const spec::Element& e) {
    return std::any_of(e.constraints.begin(), e.constraints.end(), [&](const spec::Constraint& c) {
      return c.key == constraint.key && c.expression == constraint.expression && c.error == constraint.error;
    });
  };
  if (has(*covered)) return true;
  for (const auto& type : element.types) {
    const spec::Profile* profile = library_.FindType(type.code);
    if (profile != nullptr && !profile->elements.empty() && has(profile->elements.front())) return true;
  }
  return false;
}

std::unique_ptr<ElementChecks> CheckMaker::Make(const spec::Profile& profile, const spec::Element& element,
                                                const spec::Element* covered,
                                                std::string_view focus_type) const {
  auto checks = std::make_unique<ElementChecks>();
  checks->profile = &profile;
  checks->element = &element;
  for (const auto& constraint : element.constraints) {
    if (covered != nullptr && Covers(constraint, element, covered)) continue;
    if (auto invariant = invariants_.Make(constraint, focus_type)) checks->invariants.push_back(*invariant);
  }
  checks->fixed = ReadExemplar(element.fixed, library_.base());
  checks->pattern = ReadExemplar(element.pattern, library_.base());
  checks->min_value = ReadExemplar(element.min_value, library_.base());
  checks->max_value = ReadExemplar(element.max_value, library_.base());
  if (!element.regex.empty()) checks->regex = path::CompileRegex(element.regex, {});
  checks->binding = Stronger(element.binding, covered);
  checks->targets = HasTargets(element, covered);
  checks->type_profiles = HasTypeProfiles(element, covered);
  checks->facets = HasFacets(element, covered);
  return checks;
}

}  // namespace passerelle::validator
