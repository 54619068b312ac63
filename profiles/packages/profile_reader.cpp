#include "profiles/packages/profile_reader.h"

#include <array>
#include <charconv>
#include <string>

#include "fhir_model/json/json.h"

namespace passerelle::packages {
namespace {

using node::Children;
using node::NodeIndex;
using node::Tree;

constexpr std::string_view kExtensions = "http://hl7.org/fhir/StructureDefinition/";

template <class T>
struct Word {
  std::string_view text;
  T value;
};

constexpr Word<spec::BindingStrength> kStrengths[] = {{"example", spec::BindingStrength::Example},
                                                      {"preferred", spec::BindingStrength::Preferred},
                                                      {"extensible", spec::BindingStrength::Extensible},
                                                      {"required", spec::BindingStrength::Required}};
constexpr Word<spec::SlicingRules> kRules[] = {{"closed", spec::SlicingRules::Closed},
                                               {"openAtEnd", spec::SlicingRules::OpenAtEnd}};
constexpr Word<spec::DiscriminatorType> kDiscriminators[] = {
    {"exists", spec::DiscriminatorType::Exists},   {"pattern", spec::DiscriminatorType::Pattern},
    {"type", spec::DiscriminatorType::Type},       {"profile", spec::DiscriminatorType::Profile},
    {"position", spec::DiscriminatorType::Position}};
constexpr Word<spec::Derivation> kDerivations[] = {{"specialization", spec::Derivation::Specialization},
                                                   {"constraint", spec::Derivation::Constraint}};
constexpr Word<spec::StructureKind> kKinds[] = {{"primitive-type", spec::StructureKind::PrimitiveType},
                                                {"complex-type", spec::StructureKind::ComplexType},
                                                {"logical", spec::StructureKind::Logical}};
constexpr Word<std::uint8_t> kAggregations[] = {{"contained", spec::TypeRef::kContained},
                                                {"referenced", spec::TypeRef::kReferenced},
                                                {"bundled", spec::TypeRef::kBundled}};

// What R4 writes in fixed[x] with a small letter after the type's capital.
constexpr std::string_view kPrimitives[] = {"base64Binary", "boolean", "canonical", "code",        "date",
                                            "dateTime",     "decimal", "id",        "instant",     "integer",
                                            "integer64",    "markdown", "oid",      "positiveInt", "string",
                                            "time",         "unsignedInt", "uri",   "url",         "uuid"};

template <class T, std::size_t N>
T Find(const Word<T> (&words)[N], std::string_view text, T otherwise) {
  for (const auto& word : words)
    if (word.text == text) return word.value;
  return otherwise;
}

constexpr std::uint32_t kNoLimit = 0xFFFF'FFFFu;

std::uint32_t ReadCount(std::string_view text, std::uint32_t otherwise) {
  std::uint32_t value = otherwise;
  std::from_chars(text.data(), text.data() + text.size(), value);
  return value;
}

// "CodeableConcept", "code": the type that stands at the end of a choice's name.
std::string_view TypeOfChoice(std::string_view suffix) {
  for (std::string_view primitive : kPrimitives)
    if (suffix.substr(1) == primitive.substr(1) && (suffix[0] | 0x20) == primitive[0]) return primitive;
  return suffix;
}

class Reader {
 public:
  explicit Reader(Tree& tree) : tree_(tree) {}

  spec::Profile Read() {
    spec::Profile profile;
    for (auto [member, name] : {std::pair{&profile.url, "url"}, {&profile.version, "version"},
                                {&profile.name, "name"}, {&profile.title, "title"}, {&profile.type, "type"},
                                {&profile.base, "baseDefinition"}, {&profile.status, "status"},
                                {&profile.fhir_version, "fhirVersion"}})
      *member = tree_.ChildText(node::kRoot, name);
    profile.kind = Find(kKinds, tree_.ChildText(node::kRoot, "kind"), spec::StructureKind::Resource);
    profile.derivation =
        Find(kDerivations, tree_.ChildText(node::kRoot, "derivation"), spec::Derivation::None);
    constrains_ = profile.derivation == spec::Derivation::Constraint;
    profile.abstract = tree_.ChildText(node::kRoot, "abstract") == "true";
    for (NodeIndex child : Children(tree_, node::kRoot)) ReadMember(child, profile);
    spec::Connect(profile);
    return profile;
  }

 private:
  void ReadMember(NodeIndex child, spec::Profile& profile) {
    std::string_view name = tree_.name(child);
    if (name == "context") {
      profile.contexts.push_back({tree_.ChildText(child, "type"), tree_.ChildText(child, "expression")});
    } else if (name == "contextInvariant") {
      profile.context_invariants.push_back(tree_[child].text);
    } else if (name == "extension") {
      if (IsExtension(child, "structuredefinition-imposeProfile"))
        profile.imposes.push_back(tree_.ChildText(child, "valueCanonical"));
    } else if (name == "snapshot") {
      profile.elements.reserve(tree_.CountChildren(child));
      for (NodeIndex element : Children(tree_, child))
        if (tree_.name(element) == "element") profile.elements.push_back(ReadElement(element));
    }
  }

  bool IsExtension(NodeIndex extension, std::string_view tail) const {
    std::string_view url = tree_.ChildText(extension, "url");
    return url.starts_with(kExtensions) && url.substr(kExtensions.size()) == tail;
  }

  // The value[x] of the extension, or kNone.
  NodeIndex ExtensionValue(NodeIndex parent, std::string_view tail) const {
    for (NodeIndex child : Children(tree_, parent)) {
      if (tree_.name(child) != "extension" || !IsExtension(child, tail)) continue;
      if (NodeIndex value = ValueOf(child); value != node::kNone) return value;
    }
    return node::kNone;
  }

  NodeIndex ValueOf(NodeIndex extension) const {
    for (NodeIndex value : Children(tree_, extension))
      if (tree_.name(value).starts_with("value")) return value;
    return node::kNone;
  }

  spec::Element ReadElement(NodeIndex at) {
    spec::Element e;
    for (NodeIndex child : Children(tree_, at)) {
      std::string_view name = tree_.name(child), text = tree_[child].text;
      if (name == "id") e.id = text;
      else if (name == "path") e.path = text;
      else if (name == "sliceName") e.slice_name = text;
      else if (name == "min") e.min = ReadCount(text, 0);
      else if (name == "max") e.max = ReadCount(text, kNoLimit);
      else if (name == "maxLength") e.max_length = ReadCount(text, 0);
      else if (name == "mustHaveValue") e.must_have_value = text == "true";
      else if (name == "valueAlternatives") e.value_alternatives.push_back(text);
      else if (name == "extension") ReadFacet(child, e);
      else if (name == "mustSupport") e.must_support = text == "true";
      else if (name == "isModifier") e.is_modifier = text == "true";
      else if (name == "isSummary") e.is_summary = text == "true";
      else if (name == "contentReference") e.content_reference = text;
      else if (name == "short") e.short_text = text;
      else if (name == "type") {
        e.types.push_back(ReadType(child));
        NodeIndex regex = ExtensionValue(child, "regex");
        if (regex != node::kNone && constrains_) e.regex = tree_[regex].text;
      }
      else if (name == "binding") e.binding = ReadBinding(child);
      else if (name == "constraint") e.constraints.push_back(ReadConstraint(child));
      else if (name == "slicing") e.slicing = ReadSlicing(child);
      else if (name == "base") {
        e.base_path = tree_.ChildText(child, "path");
        e.base_max = ReadCount(tree_.ChildText(child, "max"), kNoLimit);
      } else {
        ReadValue(child, name, e);
      }
    }
    // R4 says string; R4B and the invariants of every later version say id.
    if (e.base_path == "Resource.id" && e.types.size() == 1) e.types.front().code = "id";
    return e;
  }

  // What an extension of the element asks of its values.
  void ReadFacet(NodeIndex extension, spec::Element& e) const {
    NodeIndex value = ValueOf(extension);
    if (value == node::kNone) return;
    std::string_view url = tree_.ChildText(extension, "url"), text = tree_[value].text;
    if (IsExtension(extension, "minLength")) e.min_length = ReadCount(text, 0);
    if (IsExtension(extension, "maxDecimalPlaces")) e.max_decimal_places = ReadCount(text, kNoLimit);
    if (IsExtension(extension, "maxSize"))
      e.max_bytes = ReadCount(text.substr(0, text.find('.')), kNoLimit);
    if (IsExtension(extension, "regex") && constrains_) e.regex = text;
    if (IsExtension(extension, "narrative-language-control")) e.narrative_languages.push_back(text);
    if (url.ends_with("/StructureDefinition/extension-ElementDefinition.mustHaveValue"))
      e.must_have_value = text == "true";
    if (url.ends_with("/StructureDefinition/extension-ElementDefinition.valueAlternatives"))
      e.value_alternatives.push_back(text);
  }

  void ReadValue(NodeIndex child, std::string_view name, spec::Element& e) {
    const std::pair<std::string_view, spec::JsonValue*> values[] = {{"fixed", &e.fixed},
                                                                    {"pattern", &e.pattern},
                                                                    {"minValue", &e.min_value},
                                                                    {"maxValue", &e.max_value},
                                                                    {"defaultValue", &e.default_value}};
    for (auto [prefix, value] : values) {
      if (name.size() <= prefix.size() || !name.starts_with(prefix)) continue;
      Tree alone(node::Format::Fhir);
      NodeIndex copy = alone.Copy(node::kRoot, tree_, child);
      alone[copy].name = node::Intern("value");
      *value = {tree_.Keep(json::Write(alone)), TypeOfChoice(name.substr(prefix.size()))};
      return;
    }
  }

  spec::TypeRef ReadType(NodeIndex at) {
    spec::TypeRef type;
    for (NodeIndex child : Children(tree_, at)) {
      std::string_view name = tree_.name(child), text = tree_[child].text;
      if (name == "code") type.code = text;
      else if (name == "profile") type.profiles.push_back(text);
      else if (name == "targetProfile") type.target_profiles.push_back(text);
      else if (name == "aggregation") type.aggregation |= Find(kAggregations, text, std::uint8_t{0});
    }
    constexpr std::string_view kSystem = "http://hl7.org/fhirpath/System.";
    if (type.code.starts_with(kSystem)) {
      NodeIndex fhir_type = ExtensionValue(at, "structuredefinition-fhir-type");
      std::string_view system = type.code.substr(kSystem.size());
      type.code = fhir_type != node::kNone ? tree_[fhir_type].text : TypeOfChoice(system);
    }
    return type;
  }

  spec::Binding ReadBinding(NodeIndex at) {
    spec::Binding binding;
    binding.strength = Find(kStrengths, tree_.ChildText(at, "strength"), spec::BindingStrength::None);
    binding.value_set = tree_.ChildText(at, "valueSet");
    if (NodeIndex max = ExtensionValue(at, "elementdefinition-maxValueSet"); max != node::kNone)
      binding.max_value_set = tree_[max].text;
    for (NodeIndex child : Children(tree_, at)) {
      if (tree_.name(child) == "additional")
        binding.additional.push_back({tree_.ChildText(child, "purpose"), tree_.ChildText(child, "valueSet")});
      else if (tree_.name(child) == "extension" &&
               IsAdditionalBinding(tree_.ChildText(child, "url")))
        binding.additional.push_back(ReadAdditional(child));
    }
    return binding;
  }

    // The tools' extension, and the cross-version form of R5's element.
  static bool IsAdditionalBinding(std::string_view url) {
    return url.ends_with("/StructureDefinition/additional-binding") ||
           url.ends_with("/StructureDefinition/extension-ElementDefinition.binding.additional");
  }

  spec::AdditionalBinding ReadAdditional(NodeIndex extension) const {
    spec::AdditionalBinding additional;
    for (NodeIndex part : Children(tree_, extension)) {
      std::string_view url = tree_.ChildText(part, "url");
      if (url == "purpose") additional.purpose = tree_.ChildText(part, "valueCode");
      if (url == "valueSet") additional.value_set = tree_.ChildText(part, "valueCanonical");
    }
    return additional;
  }

  spec::Constraint ReadConstraint(NodeIndex at) {
    spec::Constraint constraint;
    constraint.key = tree_.ChildText(at, "key");
    constraint.human = tree_.ChildText(at, "human");
    constraint.expression = tree_.ChildText(at, "expression");
    constraint.source = tree_.ChildText(at, "source");
    constraint.error = tree_.ChildText(at, "severity") != "warning";
    NodeIndex best = ExtensionValue(at, "elementdefinition-bestpractice");
    constraint.best_practice = best != node::kNone && tree_[best].text == "true";
    return constraint;
  }

  spec::Slicing ReadSlicing(NodeIndex at) {
    spec::Slicing slicing;
    slicing.present = true;
    slicing.ordered = tree_.ChildText(at, "ordered") == "true";
    slicing.rules = Find(kRules, tree_.ChildText(at, "rules"), spec::SlicingRules::Open);
    for (NodeIndex child : Children(tree_, at))
      if (tree_.name(child) == "discriminator")
        slicing.discriminators.push_back({Find(kDiscriminators, tree_.ChildText(child, "type"),
                                               spec::DiscriminatorType::Value),
                                          tree_.ChildText(child, "path")});
    return slicing;
  }

  Tree& tree_;
  bool constrains_ = false;
};

}  // namespace

spec::Profile ReadProfile(Tree& definition) { return Reader(definition).Read(); }

}  // namespace passerelle::packages
