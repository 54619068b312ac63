#include "gateway/access/gate.h"

#include "fhir_model/base/limits.h"
#include "fhir_model/identity/identity.h"
#include "fhir_model/json/json.h"
#include "gateway/access/rules.h"

namespace passerelle::access {
namespace {

using node::Children;
using node::kNone;
using node::kRoot;
using node::NodeIndex;
using node::Tree;

// The code of the reliability extension (FR Core, identityStatus) anywhere below the patient's extensions.
bool IsValidated(const Tree& tree) {
  for (NodeIndex extension : Children(tree, kRoot)) {
    if (tree.name(extension) != "extension" ||
        !tree.ChildText(extension, "url").ends_with("/fr-core-identity-reliability"))
      continue;
    for (NodeIndex part : Children(tree, extension)) {
      NodeIndex coding = tree.Child(part, "valueCoding");
      if (coding != kNone && tree.ChildText(coding, "code") == "VALI") return true;
    }
  }
  return false;
}

void ReadPatient(const Tree& tree, GateFacts& facts) {
  facts.qualified = IsValidated(tree);
  for (NodeIndex identifier : Children(tree, kRoot))
    if (tree.name(identifier) == "identifier")
      if (const auto* root = identity::FindInsRoot(tree.ChildText(identifier, "system"))) facts.ins_oid = root->oid;
}

// A consent of kind feeding whose policy is OPTOUT (safety rule 2).
bool IsOpposition(const Tree& tree) {
  if (tree.ChildText(kRoot, "status") != "active") return false;
  bool opted_out = false, feeding = false;
  for (NodeIndex child : Children(tree, kRoot)) {
    auto name = tree.name(child);
    if (name != "policyRule" && name != "category") continue;
    for (NodeIndex coding : Children(tree, child)) {
      if (tree.name(coding) != "coding") continue;
      auto code = tree.ChildText(coding, "code");
      opted_out = opted_out || (name == "policyRule" && code == "OPTOUT");
      feeding = feeding || (name == "category" && code == kFeedingConsent);
    }
  }
  return opted_out && feeding;
}

}  // namespace

GateVerdict AskGate(const GateFacts& facts, Environment environment) {
  if (facts.opposed) return {rules::GateOpposition.id};
  if (facts.to_record == false) return {rules::GateDestDmp.id};
  if (!facts.qualified || facts.ins_oid.empty()) return {rules::GateInsNotQualified.id};
  const auto* root = identity::FindInsRoot(facts.ins_oid);
  if (root == nullptr || (environment == Environment::Production && root->fictitious))
    return {rules::GateInsEnvironment.id};
  if (facts.retracted) return {rules::GateRetracted.id};
  return {};
}

RecordReader ReaderOf(pipeline::Transaction& transaction) {
  return {[&](std::string_view type, std::string_view id) { return transaction.Read(type, id); },
          [&](std::string_view type, std::span<const pipeline::SearchTerm> terms) {
            return transaction.Search(type, terms, 100, {});
          }};
}

RecordReader ReaderOf(pipeline::View& view) {
  return {[&](std::string_view type, std::string_view id) { return view.Read(type, id); },
          [&](std::string_view type, std::span<const pipeline::SearchTerm> terms) {
            return view.Search(type, terms, 100, {});
          }};
}

Result<GateFacts> ReadGateFacts(const RecordReader& record, std::string_view patient) {
  GateFacts facts;
  if (!patient.starts_with("Patient/")) return facts;
  TRY(auto version, record.read("Patient", patient.substr(8)));
  if (!version || version->deleted) return facts;
  TRY(auto tree, json::Parse(version->json, kFileLimits));
  ReadPatient(tree, facts);
  pipeline::SearchTerm of_patient{"patient", {std::string(patient)}};
  TRY(auto consents, record.search("Consent", std::span(&of_patient, 1)));
  for (const auto& consent : consents.matches) {
    TRY(auto consent_tree, json::Parse(consent.json, kFileLimits));
    facts.opposed = facts.opposed || IsOpposition(consent_tree);
  }
  return facts;
}

Result<GateVerdict> AskAgain(pipeline::View& view, const pipeline::Delivery& delivery, Environment environment) {
  TRY(auto facts, ReadGateFacts(ReaderOf(view), delivery.subject));
  TRY(auto bundle, json::Parse(delivery.payload, kFileLimits));
  for (NodeIndex entry : Children(bundle, kRoot)) {
    NodeIndex resource = bundle.name(entry) == "entry" ? bundle.Child(entry, "resource") : kNone;
    if (resource == kNone || bundle.NameText(bundle[resource].resource) != "DocumentReference") continue;
    if (bundle.ChildText(resource, "status") != "current") continue;  // the withdrawal itself may go
    TRY(auto now, view.Read("DocumentReference", bundle.ChildText(resource, "id")));
    if (!now || now->deleted) return GateVerdict{rules::GateRetracted.id};
    TRY(auto document, json::Parse(now->json, kFileLimits));
    facts.retracted = facts.retracted || document.ChildText(kRoot, "status") != "current";
  }
  return AskGate(facts, environment);
}

}  // namespace passerelle::access
