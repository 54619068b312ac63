#include "mappers/engine/required.h"

#include <algorithm>

namespace passerelle::engine {

using node::Children;
using node::Kind;
using node::kNone;
using node::kRoot;
using node::NodeIndex;
using node::Tree;
using spec::ChildInfo;

namespace {

constexpr std::string_view kAbsent = "http://hl7.org/fhir/StructureDefinition/data-absent-reason";

// Whose status is required, and has a code of its own for "the source does not say" (R4; resources about
// patients).
constexpr std::string_view kStatusMayBeUnknown[] = {"Account",
                                                    "CarePlan",
                                                    "ChargeItem",
                                                    "Communication",
                                                    "CommunicationRequest",
                                                    "DetectedIssue",
                                                    "DiagnosticReport",
                                                    "Encounter",
                                                    "ImagingStudy",
                                                    "Media",
                                                    "MedicationAdministration",
                                                    "MedicationDispense",
                                                    "MedicationRequest",
                                                    "MedicationStatement",
                                                    "NutritionOrder",
                                                    "Observation",
                                                    "Procedure",
                                                    "RequestGroup",
                                                    "RiskAssessment",
                                                    "ServiceRequest"};

bool StatusMayBeUnknown(const Tree& bundle, NodeIndex parent, const ChildInfo& info) {
  static const node::NameId status = node::Intern("status");
  if (info.name != status || bundle[parent].resource == 0) return false;
  return std::find(std::begin(kStatusMayBeUnknown), std::end(kStatusMayBeUnknown),
                   bundle.NameText(bundle[parent].resource)) != std::end(kStatusMayBeUnknown);
}

std::vector<const ChildInfo*> RequiredOf(const spec::Definitions& definitions, spec::ShapeId shape) {
  std::vector<const ChildInfo*> required;
  for (const ChildInfo& child : definitions.Children(shape)) {
    if (child.min == 0) continue;
    bool other_form = !required.empty() && required.back()->element_name == child.element_name;
    if (!other_form)
      required.push_back(&child);
    else if (child.type == "CodeableConcept" || child.type == "Coding")
      required.back() = &child;
  }
  return required;
}

NodeIndex New(Tree& bundle, NodeIndex parent, const ChildInfo& info, Kind kind, std::string_view text = {}) {
  NodeIndex made = bundle.Append(parent, info.name, kind, text);
  bundle[made].shape = info.shape;
  bundle[made].list = info.max > 1;
  return made;
}

}  // namespace

Required::Required(const spec::Definitions& definitions)
    : definitions_(definitions), children_(definitions.ShapeCount()) {
  for (spec::ShapeId shape = 0; shape < children_.size(); ++shape)
    children_[shape] = RequiredOf(definitions, shape);
}

bool Required::Has(const Tree& bundle, NodeIndex element, const ChildInfo& wanted) const {
  for (NodeIndex child : Children(bundle, element)) {
    if (bundle[child].name == wanted.name) return true;
    if (!wanted.choice) continue;
    const ChildInfo* info = definitions_.FindChild(bundle[element].shape, bundle[child].name);
    if (info != nullptr && info->element_name == wanted.element_name) return true;
  }
  return false;
}

// At its place. What it requires itself is added when its turn comes.
void Required::Add(Tree& bundle, NodeIndex parent, const ChildInfo& info) const {
  bool object = info.form == spec::JsonForm::Object, unknown = StatusMayBeUnknown(bundle, parent, info);
  NodeIndex made = unknown ? New(bundle, parent, info, Kind::String, "unknown")
                           : New(bundle, parent, info, object ? Kind::Element : Kind::Null);
  for (NodeIndex child : Children(bundle, parent)) {
    const ChildInfo* other = definitions_.FindChild(bundle[parent].shape, bundle[child].name);
    if (other == nullptr || other->order <= info.order) continue;
    bundle.MoveBefore(made, child);
    break;
  }
  if (unknown || (object && !children_[info.shape].empty())) return;
  static const node::NameId extension = node::Intern("extension"), url = node::Intern("url"),
                            code = node::Intern("valueCode");
  const ChildInfo* absent = definitions_.FindChild(info.shape, extension);
  if (absent == nullptr) return;
  NodeIndex reason = New(bundle, made, *absent, Kind::Element);
  New(bundle, reason, *definitions_.FindChild(absent->shape, url), Kind::String, kAbsent);
  New(bundle, reason, *definitions_.FindChild(absent->shape, code), Kind::String, "unknown");
}

void Required::CompleteElement(Tree& bundle, NodeIndex element) const {
  for (const ChildInfo* child : children_[bundle[element].shape])
    if (!Has(bundle, element, *child)) Add(bundle, element, *child);
}

// An Appointment has both times or none (app-2), and none only where it is proposed, cancelled or waits
// (app-3).
void Required::CompleteTimes(Tree& bundle, NodeIndex resource) const {
  static const node::NameId appointment = node::Intern("Appointment"), start = node::Intern("start"),
                            end = node::Intern("end");
  if (bundle[resource].resource != appointment) return;
  auto status = bundle.ChildText(resource, "status");
  const bool may_lack = status == "proposed" || status == "cancelled" || status == "waitlist";
  const bool has_start = bundle.Child(resource, start) != kNone,
             has_end = bundle.Child(resource, end) != kNone;
  if (has_start == has_end && (has_start || may_lack)) return;
  for (auto name : {start, end})
    if (bundle.Child(resource, name) == kNone)
      Add(bundle, resource, *definitions_.FindChild(bundle[resource].shape, name));
}

void Required::Complete(Tree& bundle) const {
  static const node::NameId resource_name = node::Intern("resource");
  std::vector<NodeIndex> open;
  for (NodeIndex entry : Children(bundle, kRoot)) {
    NodeIndex resource = bundle.Child(entry, resource_name);
    if (resource == kNone) continue;
    CompleteTimes(bundle, resource);
    open.push_back(resource);
  }
  while (!open.empty()) {
    NodeIndex at = open.back();
    open.pop_back();
    CompleteElement(bundle, at);
    for (NodeIndex child : Children(bundle, at))
      if (bundle[child].kind == Kind::Element) open.push_back(child);
  }
}

}  // namespace passerelle::engine
