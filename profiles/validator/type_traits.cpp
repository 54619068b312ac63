#include "profiles/validator/type_traits.h"

namespace passerelle::validator {

namespace {

constexpr std::uint8_t kRange = static_cast<std::uint8_t>(Trait::HasRange),
                       kLength = static_cast<std::uint8_t>(Trait::HasLength),
                       kBind = static_cast<std::uint8_t>(Trait::CanBind),
                       kTarget = static_cast<std::uint8_t>(Trait::HasTarget);

struct Row {
  std::string_view type;
  std::uint8_t traits;
};
// R5's extension structuredefinition-type-characteristics, as the reference applies it to R4's types
// (org.hl7.fhir.core, StructureDefinitionValidator); what R4's own definitions bind counts too.
constexpr Row kRows[] = {{"integer", kRange | kLength},
                         {"integer64", kRange | kLength},
                         {"decimal", kRange | kLength},
                         {"instant", kRange | kLength},
                         {"string", kLength | kBind},
                         {"uri", kLength | kBind},
                         {"date", kRange | kLength},
                         {"dateTime", kRange | kLength},
                         {"time", kRange | kLength},
                         {"canonical", kLength | kBind | kTarget},
                         {"code", kLength | kBind},
                         {"id", kLength | kBind},
                         {"markdown", kLength | kBind},
                         {"oid", kLength | kBind},
                         {"positiveInt", kRange | kLength},
                         {"unsignedInt", kRange | kLength},
                         {"url", kLength | kBind},
                         {"uuid", kLength | kBind},
                         {"base64Binary", kLength},
                         {"xhtml", kBind},
                         {"Age", kRange | kBind},
                         {"CodeableConcept", kBind},
                         {"CodeableReference", kBind | kTarget},
                         {"Coding", kBind},
                         {"Count", kRange | kBind},
                         {"Distance", kRange | kBind},
                         {"Duration", kRange | kBind},
                         {"Money", kRange},
                         {"MoneyQuantity", kRange | kBind},
                         {"Quantity", kRange | kBind},
                         {"SimpleQuantity", kRange | kBind},
                         {"Range", kBind},
                         {"Reference", kTarget},
                         {"Extension", kBind}};

}  // namespace

bool HasTrait(std::string_view type, Trait trait) {
  for (const auto& row : kRows)
    if (row.type == type) return (row.traits & static_cast<std::uint8_t>(trait)) != 0;
  return false;
}

}  // namespace passerelle::validator
