#include "gateway/record/documents.h"

#include <algorithm>
#include <array>

#include "fhir_model/base/limits.h"
#include "fhir_model/json/json.h"
#include "gateway/pipeline/errors.h"
#include "gateway/record/edit.h"

namespace passerelle::record {
namespace {

using node::Kind;
using node::kNone;
using node::kRoot;
using node::NodeIndex;
using node::Tree;
using pipeline::ResourceVersion;
using pipeline::Transaction;

// How a type says that it was entered in error. `concept_system` is set where the element is a
// CodeableConcept, and `cleared` names what must then be absent (con-5, ait-2).
struct RetractionRow {
  std::string_view type, element, concept_system, cleared;
};
constexpr std::string_view kConditionStatus = "http://terminology.hl7.org/CodeSystem/condition-ver-status";
constexpr std::string_view kAllergyStatus =
    "http://terminology.hl7.org/CodeSystem/allergyintolerance-verification";
constexpr std::array kRetractions = {
    RetractionRow{"AllergyIntolerance", "verificationStatus", kAllergyStatus, "clinicalStatus"},
    RetractionRow{"Condition", "verificationStatus", kConditionStatus, "clinicalStatus"},
    RetractionRow{"Appointment", "status", {}, {}},
    RetractionRow{"CarePlan", "status", {}, {}},
    RetractionRow{"Composition", "status", {}, {}},
    RetractionRow{"Consent", "status", {}, {}},
    RetractionRow{"DeviceRequest", "status", {}, {}},
    RetractionRow{"DeviceUseStatement", "status", {}, {}},
    RetractionRow{"DiagnosticReport", "status", {}, {}},
    RetractionRow{"DocumentReference", "status", {}, {}},
    RetractionRow{"Encounter", "status", {}, {}},
    RetractionRow{"FamilyMemberHistory", "status", {}, {}},
    RetractionRow{"ImagingStudy", "status", {}, {}},
    RetractionRow{"Immunization", "status", {}, {}},
    RetractionRow{"List", "status", {}, {}},
    RetractionRow{"Media", "status", {}, {}},
    RetractionRow{"Medication", "status", {}, {}},
    RetractionRow{"MedicationAdministration", "status", {}, {}},
    RetractionRow{"MedicationDispense", "status", {}, {}},
    RetractionRow{"MedicationRequest", "status", {}, {}},
    RetractionRow{"MedicationStatement", "status", {}, {}},
    RetractionRow{"Observation", "status", {}, {}},
    RetractionRow{"Procedure", "status", {}, {}},
    RetractionRow{"QuestionnaireResponse", "status", {}, {}},
    RetractionRow{"ServiceRequest", "status", {}, {}},
    RetractionRow{"Specimen", "status", {}, {}},
    RetractionRow{"Task", "status", {}, {}},
};

constexpr int kReplacingMax = 100;  // documents that name one other document

std::pair<std::string_view, std::string_view> SplitReference(std::string_view reference) {
  auto slash = reference.find('/');
  return slash == reference.npos ? std::pair{std::string_view(), reference}
                                 : std::pair{reference.substr(0, slash), reference.substr(slash + 1)};
}

void SetCode(Tree& tree, std::string_view element, std::string_view code) {
  NodeIndex there = tree.Child(kRoot, element);
  if (there == kNone) there = tree.Append(kRoot, node::Intern(element), Kind::String);
  tree[there].kind = Kind::String;
  tree[there].text = tree.Keep(code);
}

void SetConcept(Tree& tree, const RetractionRow& row) {
  if (NodeIndex there = tree.Child(kRoot, row.element); there != kNone) tree.Remove(there);
  NodeIndex concept_node = tree.Append(kRoot, node::Intern(row.element), Kind::Element);
  NodeIndex coding = tree.Append(concept_node, node::Intern("coding"), Kind::Element);
  tree[coding].list = true;
  tree.Append(coding, node::Intern("system"), Kind::String, row.concept_system);
  tree.Append(coding, node::Intern("code"), Kind::String, "entered-in-error");
}

Result<Tree> Parsed(const ResourceVersion& version) { return json::Parse(version.json, kFileLimits); }

std::string StatusOf(const Tree& tree) { return std::string(tree.ChildText(kRoot, "status")); }

// With what has a meaning in a search escaped (R4, 3.1.1.4.0.4).
std::string AsSearchValue(std::string_view text) {
  std::string out;
  for (char c : text) {
    if (std::string_view("\\|$,").find(c) != std::string_view::npos) out += '\\';
    out += c;
  }
  return out;
}

bool Replaces(const Tree& document, std::string_view identifier) {
  for (NodeIndex related : node::Children(document, kRoot)) {
    if (document.name(related) != "relatesTo" || document.ChildText(related, "code") != "replaces") continue;
    NodeIndex target = document.Child(related, "target");
    NodeIndex named = target == kNone ? kNone : document.Child(target, "identifier");
    if (named != kNone && document.ChildText(named, "value") == identifier) return true;
  }
  return false;
}

// One derived resource of a withdrawn document.
Status WithdrawOne(Transaction& transaction, std::string_view reference, std::vector<std::string>& written) {
  auto [type, id] = SplitReference(reference);
  TRY(auto version, transaction.Read(type, id));
  if (!version || version->deleted || type == "Binary") return Ok();
  std::string retracted = EnteredInError(type, version->json);
  if (retracted.empty()) return transaction.Delete(type, id);
  TRY(auto put, transaction.Put(type, id, retracted, "PUT"));
  written.push_back(std::string(reference));
  return Ok();
}

// Adds the labels to what the record has under this reference. False: they stand there.
Result<bool> MaskOne(Transaction& transaction, std::string_view reference, const access::Labels& labels) {
  auto [type, id] = SplitReference(reference);
  return Edit(transaction, type, id, [&](Tree& tree) {
    access::Labels all = access::ReadLabels(tree, kRoot);
    if (std::includes(all.begin(), all.end(), labels.begin(), labels.end())) return false;
    all.insert(labels.begin(), labels.end());
    access::WriteLabels(tree, kRoot, all);
    return true;
  });
}

}  // namespace

Result<std::optional<ResourceVersion>> FindDocument(Transaction& transaction, std::string_view identifier) {
  if (identifier.empty()) return std::optional<ResourceVersion>();
  TRY(auto found, transaction.FindByIdentifier("DocumentReference", {}, identifier));
  for (auto& version : found) {
    TRY(auto tree, Parsed(version));
    NodeIndex master = tree.Child(kRoot, "masterIdentifier");
    if (master != kNone && tree.ChildText(master, "value") == identifier)
      return std::optional(std::move(version));
  }
  return std::optional<ResourceVersion>();
}

Result<std::vector<ResourceVersion>> Replacements(Transaction& transaction, std::string_view identifier,
                                                  std::string_view patient) {
  std::vector<ResourceVersion> replacements;
  if (identifier.empty()) return replacements;
  pipeline::SearchTerm replacing{"relatesto:identifier", {AsSearchValue(identifier)}};
  TRY(auto page, transaction.Search("DocumentReference", std::span(&replacing, 1), kReplacingMax, {}));
  for (auto& version : page.matches) {
    TRY(auto tree, Parsed(version));
    NodeIndex subject = tree.Child(kRoot, "subject");
    if (subject == kNone || tree.ChildText(subject, "reference") != patient) continue;
    if (Replaces(tree, identifier)) replacements.push_back(std::move(version));
  }
  return replacements;
}

Result<access::Labels> LabelsOfDocument(Transaction& transaction, std::string_view identifier) {
  TRY(auto document, FindDocument(transaction, identifier));
  if (!document) return access::Labels();
  TRY(auto tree, Parsed(*document));
  return access::ReadLabels(tree, kRoot);
}

Status CheckTarget(const std::optional<ResourceVersion>& target, std::string_view patient) {
  if (!target) return Error{errors::DocumentUnknown};
  TRY(auto tree, Parsed(*target));
  if (StatusOf(tree) != "current") return Error{errors::DocumentNotLatest};
  NodeIndex subject = tree.Child(kRoot, "subject");
  if (subject == kNone || tree.ChildText(subject, "reference") != patient)
    return Error{errors::DocumentOfAnother};
  return Ok();
}

Result<std::vector<std::string>> Withdraw(Transaction& transaction, const ResourceVersion& document,
                                          std::string_view status, const std::vector<std::string>& kept) {
  std::vector<std::string> written;
  TRY(auto tree, Parsed(document));
  SetCode(tree, "status", status);
  TRY(auto put, transaction.Put("DocumentReference", document.id, json::Write(tree), "PUT"));
  std::string reference = "DocumentReference/" + document.id;
  written.push_back(reference);
  TRY(auto derived, transaction.DerivedFrom(reference));
  for (const auto& resource : derived) {
    TRY(auto documents, transaction.DocumentsOf(resource));
    bool alone = documents.size() <= 1;
    if (std::find(kept.begin(), kept.end(), resource) != kept.end()) {
      CHECK_OK(transaction.RemoveDerived(reference, resource));
    } else if (alone) {
      CHECK_OK(WithdrawOne(transaction, resource, written));
    }
  }
  return written;
}

Result<std::vector<std::string>> MaskReplacements(Transaction& transaction, std::string_view identifier,
                                                  std::string_view patient, const access::Labels& labels) {
  std::vector<std::string> written, identifiers{std::string(identifier)};
  for (std::size_t i = 0; i < identifiers.size() && i < kReplacingMax; ++i) {
    TRY(auto replacements, Replacements(transaction, std::string(identifiers[i]), patient));
    for (const auto& replacement : replacements) {
      TRY(auto tree, Parsed(replacement));
      if (!access::ReadLabels(tree, kRoot).empty()) continue;
      std::string reference = "DocumentReference/" + replacement.id;
      TRY(auto covered, transaction.DerivedFrom(reference));
      covered.insert(covered.begin(), std::move(reference));
      for (auto& one : covered) {
        TRY(bool masked, MaskOne(transaction, one, labels));
        if (masked) written.push_back(std::move(one));
      }
      if (NodeIndex master = tree.Child(kRoot, "masterIdentifier"); master != kNone)
        identifiers.emplace_back(tree.ChildText(master, "value"));
    }
  }
  return written;
}

std::string EnteredInError(std::string_view type, std::string_view json) {
  for (const auto& row : kRetractions) {
    if (row.type != type) continue;
    auto tree = json::Parse(std::string(json), kFileLimits);
    if (!tree) return {};
    if (NodeIndex cleared = row.cleared.empty() ? kNone : tree->Child(kRoot, row.cleared); cleared != kNone)
      tree->Remove(cleared);
    if (row.concept_system.empty())
      SetCode(*tree, row.element, "entered-in-error");
    else
      SetConcept(*tree, row);
    return json::Write(*tree);
  }
  return {};
}

Result<access::Labels> LabelsOf(Transaction& transaction, std::string_view resource,
                                std::string_view document, const access::Labels& own) {
  access::Labels labels = own;
  TRY(auto documents, transaction.DocumentsOf(resource));
  for (const auto& other : documents) {
    if (other == document) continue;
    auto [type, id] = SplitReference(other);
    TRY(auto version, transaction.Read(type, id));
    if (!version || version->deleted) continue;
    TRY(auto tree, Parsed(*version));
    if (StatusOf(tree) == "entered-in-error") continue;
    labels.merge(access::ReadLabels(tree, kRoot));
  }
  return labels;
}

}  // namespace passerelle::record
