#pragma once
// Profile: one StructureDefinition with its snapshot, in the form in which instances are checked against it.
//
// Text points into the pack (or into the tree it was read from) and lives as long as that. A Profile is never
// changed once it was handed out; any number of threads may read it.

#include <array>
#include <cstdint>
#include <string_view>
#include <vector>

namespace passerelle::spec {

enum class BindingStrength : std::uint8_t { None, Example, Preferred, Extensible, Required };
enum class SlicingRules : std::uint8_t { Open, Closed, OpenAtEnd };
enum class DiscriminatorType : std::uint8_t { Value, Exists, Pattern, Type, Profile, Position };
enum class Derivation : std::uint8_t { None, Specialization, Constraint };
enum class StructureKind : std::uint8_t { PrimitiveType, ComplexType, Resource, Logical };

// A value as JSON: an object whose one member "value" is it ({"value":{"coding":[...]}}), so that extensions of
// primitives stay with it. Its FHIR type is told apart.
struct JsonValue {
  std::string_view json;  // empty: there is none
  std::string_view type;  // "code", "CodeableConcept"
};

struct TypeRef {
  static constexpr std::uint8_t kContained = 1, kReferenced = 2, kBundled = 4;

  std::string_view code;  // "Quantity", "Reference"; System types as their FHIR primitive
  std::vector<std::string_view> profiles;
  std::vector<std::string_view> target_profiles;
  std::uint8_t aggregation = 0;  // kContained | kReferenced | kBundled; 0: any
};

struct AdditionalBinding {
  std::string_view purpose;  // "maximum", "minimum", "required", "extensible", ...
  std::string_view value_set;
};

struct Binding {
  BindingStrength strength = BindingStrength::None;
  std::string_view value_set;      // canonical, often with |version
  std::string_view max_value_set;  // extension elementdefinition-maxValueSet
  std::vector<AdditionalBinding> additional;
};

struct Constraint {
  std::string_view key, human, expression, source;
  bool error = true;          // severity; else a warning
  bool best_practice = false;  // extension elementdefinition-bestpractice
};

struct Discriminator {
  DiscriminatorType type = DiscriminatorType::Value;
  std::string_view path;
};

struct Slicing {
  bool present = false;
  bool ordered = false;
  SlicingRules rules = SlicingRules::Open;
  std::vector<Discriminator> discriminators;
};

struct Element {
  static constexpr std::uint32_t kNone = 0xFFFF'FFFFu;

  std::string_view id;          // "Patient.identifier:nir.system"
  std::string_view path;        // "Patient.identifier.system"
  std::string_view slice_name;  // "nir", "nir/current"
  std::string_view base_path;   // "Identifier.system"
  std::uint32_t min = 0;
  std::uint32_t max = 0xFFFF'FFFFu;       // 0xFFFFFFFF: unbounded
  std::uint32_t base_max = 0xFFFF'FFFFu;  // says whether the element repeats at all
  std::uint32_t max_length = 0;           // 0: not limited
  std::uint32_t min_length = 0;           // extension minLength
  std::uint32_t max_decimal_places = 0xFFFF'FFFFu;  // extension maxDecimalPlaces; 0xFFFFFFFF: not limited
  std::uint32_t max_bytes = 0xFFFF'FFFFu;           // extension maxSize, of an attachment or base64Binary
  std::string_view regex;                           // extension regex, of a constraint
  bool must_support = false, is_modifier = false, is_summary = false;
  bool must_have_value = false;                     // R5's mustHaveValue, also as an extension
  std::vector<std::string_view> value_alternatives;  // extensions that may stand instead of a value (R5)
  std::vector<std::string_view> narrative_languages;  // extension narrative-language-control
  std::string_view content_reference;  // "http://hl7.org/fhir/StructureDefinition/Questionnaire#Questionnaire.item"
  std::string_view short_text;
  std::vector<TypeRef> types;
  Binding binding;
  std::vector<Constraint> constraints;
  Slicing slicing;
  JsonValue fixed, pattern, min_value, max_value, default_value;

  // Where it stands: computed when the profile is read.
  std::uint32_t parent = kNone;    // index of the element it is a child of
  std::uint32_t end = 0;           // index after the last element below it
  std::uint32_t slice_of = kNone;  // of a slice: the element that is sliced, or the slice that is sliced again

  std::string_view name() const { return path.substr(path.rfind('.') + 1); }  // npos + 1 is 0
};

struct ExtensionContext {
  std::string_view type;  // "element", "extension", "fhirpath"
  std::string_view expression;
};

struct Profile {
  std::string_view url, version, name, title, type, base, status, fhir_version;
  StructureKind kind = StructureKind::Resource;
  Derivation derivation = Derivation::None;
  bool abstract = false;
  std::vector<ExtensionContext> contexts;
  std::vector<std::string_view> context_invariants;
  std::vector<std::string_view> imposes;  // extension structuredefinition-imposeProfile
  std::vector<Element> elements;          // the snapshot; [0] is the root

  // First element of that id, or nullptr.
  const Element* FindElement(std::string_view id) const;
};

// Fills Element::parent, end and slice_of.
void Connect(Profile& profile);

}  // namespace passerelle::spec
