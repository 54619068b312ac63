#include "gateway/access/admission.h"

#include "fhir_model/identity/identity.h"
#include "gateway/access/errors.h"
#include "gateway/access/rules.h"

namespace passerelle::access {

using node::Children;
using node::kNone;
using node::kRoot;
using node::NodeIndex;

Status Admission::Admit(const pipeline::Frame& frame, pipeline::Prepared& prepared) const {
  bool production = environment_ == Environment::Production;
  if (production && !prepared.processing_id.empty() && prepared.processing_id != "P")
    return Error{errors::NotForProduction, {}, {"MSH-11"}};
  if (!prepared.bundle) return Ok();
  const node::Tree& bundle = *prepared.bundle;
  for (NodeIndex entry : Children(bundle, kRoot)) {
    NodeIndex resource = bundle.name(entry) == "entry" ? bundle.Child(entry, "resource") : kNone;
    if (resource == kNone || bundle.NameText(bundle[resource].resource) != "Patient") continue;
    for (NodeIndex identifier : Children(bundle, resource))
      if (bundle.name(identifier) == "identifier")
        CHECK_OK(AdmitIdentifier(frame, bundle.ChildText(identifier, "system"),
                                 bundle.ChildText(identifier, "value"), prepared));
  }
  return Ok();
}

Status Admission::AdmitIdentifier(const pipeline::Frame& frame, std::string_view system, std::string_view value,
                                  pipeline::Prepared& prepared) const {
  const auto* root = identity::FindInsRoot(system);
  if (root == nullptr) return Ok();
  bool production = environment_ == Environment::Production;
  Place place{"Patient.identifier"};
  if (production && root->fictitious) return Error{errors::FictitiousInsInProduction, {}, place};
  if (!production && !root->fictitious && !fictitious_feeds_.contains(frame.feed))
    return Error{errors::RealInsInTest, {}, place};
  if (identity::InsKeyAgrees(value)) return Ok();
  if (production) return Error{errors::InsKeyWrong, {}, place};
  prepared.issues.Add(rules::InsKeyDisagrees, place);
  return Ok();
}

}  // namespace passerelle::access
