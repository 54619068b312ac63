#include "fhir_model/path/model.h"

#include <algorithm>
#include <array>
#include <deque>
#include <mutex>

namespace passerelle::path {
namespace {

struct KindRow {
  std::string_view type;
  ItemKind kind;
};
// FHIR R4, "Using FHIRPath with FHIR": the types that convert to System types. What specialises them converts
// too.
constexpr std::array<KindRow, 9> kKinds = {{{"boolean", ItemKind::Boolean},
                                            {"integer", ItemKind::Integer},
                                            {"decimal", ItemKind::Decimal},
                                            {"date", ItemKind::Date},
                                            {"dateTime", ItemKind::DateTime},
                                            {"instant", ItemKind::DateTime},
                                            {"time", ItemKind::Time},
                                            {"Quantity", ItemKind::Quantity},
                                            {"xhtml", ItemKind::String}}};

constexpr std::string_view kChoiceSuffixes[] = {"Address",
                                                "Age",
                                                "Annotation",
                                                "Attachment",
                                                "Base64Binary",
                                                "Boolean",
                                                "Canonical",
                                                "Code",
                                                "CodeableConcept",
                                                "Coding",
                                                "ContactDetail",
                                                "ContactPoint",
                                                "Contributor",
                                                "Count",
                                                "DataRequirement",
                                                "Date",
                                                "DateTime",
                                                "Decimal",
                                                "Distance",
                                                "Dosage",
                                                "Duration",
                                                "Expression",
                                                "HumanName",
                                                "Id",
                                                "Identifier",
                                                "Instant",
                                                "Integer",
                                                "Markdown",
                                                "Meta",
                                                "Money",
                                                "Oid",
                                                "ParameterDefinition",
                                                "Period",
                                                "PositiveInt",
                                                "Quantity",
                                                "Range",
                                                "Ratio",
                                                "Reference",
                                                "RelatedArtifact",
                                                "SampledData",
                                                "Signature",
                                                "String",
                                                "Time",
                                                "Timing",
                                                "TriggerDefinition",
                                                "UnsignedInt",
                                                "Uri",
                                                "Url",
                                                "UsageContext",
                                                "Uuid"};

constexpr std::size_t kModelsKept = 4;

}  // namespace

bool IsChoiceSuffix(std::string_view suffix) {
  return std::binary_search(std::begin(kChoiceSuffixes), std::end(kChoiceSuffixes), suffix);
}

std::shared_ptr<const Model> Model::Of(const spec::Definitions& definitions) {
  static std::mutex mutex;
  static std::deque<std::shared_ptr<const Model>>
      models;  // a Model keeps its pack, so the address stays its own
  std::lock_guard lock(mutex);
  for (const auto& model : models)
    if (&model->definitions_.pack() == &definitions.pack()) return model;
  if (models.size() == kModelsKept) models.pop_front();
  models.push_back(std::shared_ptr<const Model>(new Model(definitions)));
  return models.back();
}

Model::Model(const spec::Definitions& definitions) : definitions_(definitions) {
  for (spec::ShapeId shape = 1;; ++shape) {
    std::string_view name = definitions_.ShapeName(shape);
    if (name.empty()) break;
    kinds_.resize(shape + 1, ItemKind::None);
    ItemKind kind = definitions_.IsPrimitive(shape) ? ItemKind::String : ItemKind::None;
    for (const auto& row : kKinds)
      if (definitions_.IsA(name, row.type)) kind = row.kind;
    kinds_[shape] = kind;
    for (const auto& child : definitions_.Children(shape))
      if (child.choice) choices_[child.element_name].push_back(child.name);
  }
  for (auto& [element, names] : choices_) {
    std::sort(names.begin(), names.end());
    names.erase(std::unique(names.begin(), names.end()), names.end());
  }
}

std::span<const node::NameId> Model::Choices(node::NameId element_name) const {
  auto it = choices_.find(element_name);
  return it == choices_.end() ? std::span<const node::NameId>() : std::span(it->second);
}

}  // namespace passerelle::path
