// Observations that are vital signs by their code must keep the vital signs profile, claimed or not
// (R4, observation-vitalsigns.html).

#include "profiles/validator/families.h"

namespace passerelle::validator {

using node::kNone;
using node::NodeIndex;

namespace {

struct VitalSign {
  std::string_view loinc, profile;
};
constexpr VitalSign kVitalSigns[] = {
    {"85353-1", "vitalspanel"}, {"9279-1", "resprate"}, {"8867-4", "heartrate"},  {"2708-6", "oxygensat"},
    {"59408-5", "oxygensat"},   {"8310-5", "bodytemp"}, {"8302-2", "bodyheight"}, {"9843-4", "headcircum"},
    {"29463-7", "bodyweight"},  {"39156-5", "bmi"},     {"85354-9", "bp"}};

}  // namespace

void CheckObservation(Run& run, NodeIndex resource) {
  NodeIndex code = run.tree.Child(resource, run.words.code);
  if (code == kNone) return;
  for (NodeIndex coding : node::Children(run.tree, code)) {
    if (run.tree[coding].name != run.words.coding || run.Text(coding, run.words.system) != "http://loinc.org")
      continue;
    for (const auto& sign : kVitalSigns)
      if (sign.loinc == run.Text(coding, run.words.code)) {
        CheckProfile(run, resource, "http://hl7.org/fhir/StructureDefinition/" + std::string(sign.profile));
        return;
      }
  }
}

}  // namespace passerelle::validator
