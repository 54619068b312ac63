#include "gateway/api/sight.h"

#include <algorithm>
#include <array>

#include "fhir_model/base/limits.h"
#include "fhir_model/json/json.h"

namespace passerelle::api {

using access::Labels;
using node::Children;
using node::kNone;
using node::kRoot;
using node::NodeIndex;
using node::Tree;
using pipeline::ResourceVersion;
using pipeline::SearchTerm;

namespace {

// Elements at the root of a resource that say whose it is (the patient compartment of R4, by element).
constexpr std::array kSubjects = {std::string_view("subject"),     std::string_view("patient"),
                                  std::string_view("beneficiary"), std::string_view("for"),
                                  std::string_view("individual"),  std::string_view("policyHolder"),
                                  std::string_view("subscriber")};

// What every patient may see though it is nobody's: who treats where.
constexpr std::array kShared = {std::string_view("Practitioner"), std::string_view("PractitionerRole"),
                                std::string_view("Organization"), std::string_view("Location"),
                                std::string_view("Medication")};

struct MaskRow {
  access::Reader reader;
  std::string_view label;
};
constexpr std::array kHidden = {
    MaskRow{access::Reader::Professional, "MASQUE_PS"},
    MaskRow{access::Reader::Patient, "INVISIBLE_PATIENT"},
    MaskRow{access::Reader::LegalRepresentative, "INVISIBLE_REPRESENTANTS_LEGAUX"},
};

std::pair<std::string_view, std::string_view> Split(std::string_view reference) {
  auto slash = reference.find('/');
  if (slash == reference.npos) return {{}, reference};
  return {reference.substr(0, slash), reference.substr(slash + 1)};
}

Result<Tree> Parsed(const ResourceVersion& version) { return json::Parse(version.json, kFileLimits); }

void AddPatient(std::string_view reference, std::vector<std::string>& out) {
  if (reference.starts_with("Patient/") && std::find(out.begin(), out.end(), reference) == out.end())
    out.emplace_back(reference);
}

// "Patient/…" that a resource's links of that type name.
std::vector<std::string> Linked(const Tree& tree, std::string_view type) {
  std::vector<std::string> out;
  for (NodeIndex link : Children(tree, kRoot)) {
    if (tree.name(link) != "link" || tree.ChildText(link, "type") != type) continue;
    if (NodeIndex other = tree.Child(link, "other"); other != kNone)
      AddPatient(tree.ChildText(other, "reference"), out);
  }
  return out;
}

}  // namespace

std::vector<std::string> PatientsOf(const Tree& tree) {
  std::vector<std::string> out;
  if (tree.name(kRoot) == "Patient") AddPatient("Patient/" + std::string(tree.ChildText(kRoot, "id")), out);
  for (NodeIndex child : Children(tree, kRoot))
    if (std::find(kSubjects.begin(), kSubjects.end(), tree.name(child)) != kSubjects.end())
      AddPatient(tree.ChildText(child, "reference"), out);
  return out;
}

Result<Labels> Sight::LabelsOfDocument(const std::string& reference) {
  if (auto it = documents_.find(reference); it != documents_.end()) return it->second;
  Labels labels;
  auto [type, id] = Split(reference);
  TRY(auto version, view_.Read(type, id));
  if (version && !version->deleted) {
    TRY(auto tree, Parsed(*version));
    if (tree.ChildText(kRoot, "status") != "entered-in-error") labels = access::ReadLabels(tree, kRoot);
  }
  documents_[reference] = labels;
  return labels;
}

Result<Labels> Sight::LabelsOf(const ResourceVersion& version, const Tree& tree) {
  // Today's labels hold for every version.
  Labels labels = access::ReadLabels(tree, kRoot);
  TRY(auto latest, view_.Read(version.type, version.id));
  if (latest && latest->version != version.version && !latest->deleted) {
    TRY(auto latest_tree, Parsed(*latest));
    labels = access::ReadLabels(latest_tree, kRoot);
  }
  TRY(auto documents, view_.DocumentsOf(version.type + "/" + version.id));
  if (NodeIndex context = tree.Child(kRoot, "securityContext"); context != kNone)
    documents.emplace_back(tree.ChildText(context, "reference"));
  for (const auto& document : documents) {
    TRY(auto of_document, LabelsOfDocument(document));
    labels.merge(of_document);
  }
  return labels;
}

Result<bool> Sight::IsOwn(const ResourceVersion& version, const std::vector<std::string>& patients) {
  if (std::find(kShared.begin(), kShared.end(), version.type) != kShared.end()) return true;
  if (patients.empty()) {  // a Binary: whose document it is
    TRY(auto documents, view_.DocumentsOf(version.type + "/" + version.id));
    for (const auto& document : documents) {
      auto [type, id] = Split(document);
      TRY(auto of_document, view_.Read(type, id));
      if (!of_document || of_document->deleted) continue;
      TRY(auto tree, Parsed(*of_document));
      TRY(bool own, IsOwn(*of_document, PatientsOf(tree)));
      if (own) return true;
    }
    return false;
  }
  TRY(auto survivor, Survivor(view_, std::string(Split(caller_.patient).second)));
  TRY(auto own_ids, Namesakes(view_, survivor));
  return std::all_of(patients.begin(), patients.end(), [&](const std::string& patient) {
    return std::find(own_ids.begin(), own_ids.end(), Split(patient).second) != own_ids.end();
  });
}

Result<Look> Sight::At(const ResourceVersion& version) {
  // What a deleted resource was is judged by its last content.
  const ResourceVersion* content = &version;
  std::optional<ResourceVersion> before;
  if (version.deleted) {
    TRY(before, view_.ReadVersion(version.type, version.id, version.version - 1));
    if (!before) return Look{true, {}};
    content = &*before;
  }
  TRY(auto tree, Parsed(*content));
  Look look{true, PatientsOf(tree)};
  if (look.patients.empty() && version.type == "Binary") {
    TRY(auto documents, view_.DocumentsOf("Binary/" + version.id));
    for (const auto& document : documents) {
      auto [type, id] = Split(document);
      TRY(auto of_document, view_.Read(type, id));
      if (!of_document || of_document->deleted) continue;
      TRY(auto document_tree, Parsed(*of_document));
      for (const auto& patient : PatientsOf(document_tree)) AddPatient(patient, look.patients);
    }
  }
  if (caller_.reader() != access::Reader::Operator) {
    TRY(auto labels, LabelsOf(*content, tree));
    look.shown = access::MayRead(caller_.reader(), labels);
  }
  if (look.shown && caller_.role == Role::Patient) { TRY(look.shown, IsOwn(*content, look.patients)); }
  return look;
}

Result<bool> Sight::Shows(const ResourceVersion& version) {
  if (caller_.reader() == access::Reader::Operator && caller_.role != Role::Patient) return true;
  TRY(auto look, At(version));
  return look.shown;
}

std::vector<SearchTerm> Sight::HidingTerms(std::string_view type) const {
  std::vector<SearchTerm> terms;
  for (const auto& row : kHidden)
    if (row.reader == caller_.reader())
      terms.push_back({type == "DocumentReference" ? "security-label:not" : "_security:not",
                       {std::string(access::kVisibilitySystem) + "|" + std::string(row.label)}});
  return terms;
}

bool Sight::MaySearch(std::string_view type) const {
  return caller_.role != Role::Patient || type != "Binary";
}

Result<std::string> Survivor(pipeline::View& view, std::string id) {
  // A chain of merges is followed; one that leads back to where it was stops.
  constexpr int kMergesMax = 16;
  for (int i = 0; i < kMergesMax; ++i) {
    TRY(auto version, view.Read("Patient", id));
    if (!version || version->deleted) return id;
    TRY(auto tree, Parsed(*version));
    auto next = Linked(tree, "replaced-by");
    if (next.empty()) return id;
    id = std::string(Split(next.front()).second);
  }
  return id;
}

Result<std::vector<std::string>> Namesakes(pipeline::View& view, const std::string& id) {
  std::vector<std::string> all{id};
  for (std::size_t i = 0; i < all.size(); ++i) {
    TRY(auto version, view.Read("Patient", all[i]));
    if (!version || version->deleted) continue;
    TRY(auto tree, Parsed(*version));
    for (const auto& replaced : Linked(tree, "replaces")) {
      std::string other(Split(replaced).second);
      if (std::find(all.begin(), all.end(), other) == all.end()) all.push_back(std::move(other));
    }
  }
  return all;
}

namespace {

// The labels of all documents that `reference` was made of; one that was entered in error hides nothing else.
Result<Labels> LabelsOfDocuments(pipeline::Transaction& transaction, const std::string& reference) {
  Labels labels;
  TRY(auto documents, transaction.DocumentsOf(reference));
  for (const auto& document : documents) {
    auto [type, id] = Split(document);
    TRY(auto version, transaction.Read(type, id));
    if (!version || version->deleted) continue;
    TRY(auto tree, Parsed(*version));
    if (tree.ChildText(kRoot, "status") != "entered-in-error") labels.merge(access::ReadLabels(tree, kRoot));
  }
  return labels;
}

}  // namespace

Result<std::vector<std::string>> SpreadLabels(pipeline::Transaction& transaction,
                                              const std::string& document) {
  std::vector<std::string> written;
  TRY(auto derived, transaction.DerivedFrom(document));
  for (const auto& reference : derived) {
    auto [type, id] = Split(reference);
    TRY(auto version, transaction.Read(type, id));
    if (!version || version->deleted) continue;
    TRY(auto tree, Parsed(*version));
    TRY(auto labels, LabelsOfDocuments(transaction, reference));
    if (labels == access::ReadLabels(tree, kRoot)) continue;
    access::WriteLabels(tree, kRoot, labels);
    TRY(auto put, transaction.Put(type, id, json::Write(tree), "PUT", version->content));
    written.push_back(reference);
  }
  return written;
}

Status KeepLabels(pipeline::Transaction& transaction, const ResourceVersion* known, Tree& tree) {
  if (known == nullptr || known->deleted) return Ok();
  TRY(auto before, Parsed(*known));
  Labels labels = access::ReadLabels(before, kRoot);
  // A document's sender states its labels as a whole; saying nothing changes nothing.
  if (known->type == "DocumentReference") {
    if (tree.Child(kRoot, "securityLabel") == kNone && !labels.empty())
      access::WriteLabels(tree, kRoot, labels);
    return Ok();
  }
  TRY(auto of_documents, LabelsOfDocuments(transaction, known->type + "/" + known->id));
  labels.merge(of_documents);
  labels.merge(access::ReadLabels(tree, kRoot));
  if (!labels.empty()) access::WriteLabels(tree, kRoot, labels);
  return Ok();
}

}  // namespace passerelle::api
