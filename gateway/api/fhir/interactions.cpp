#include "gateway/api/fhir/interactions.h"

#include "fhir_model/base/digest.h"
#include "fhir_model/json/json.h"
#include "gateway/api/errors.h"
#include "gateway/api/fhir/common.h"
#include "gateway/api/fhir/terms.h"
#include "gateway/api/sight.h"

namespace passerelle::api::fhir {

using node::Children;
using node::kNone;
using node::kRoot;
using node::NodeIndex;
using node::Tree;
using pipeline::ResourceVersion;

namespace {

Status CheckEtag(const ResourceVersion& current, std::string_view if_match) {
  if (if_match.empty() || VersionOfEtag(if_match) == current.version) return Ok();
  return Error{errors::VersionConflict, "it is at version " + std::to_string(current.version)};
}

Status Admit(const Request& request, const Tree& resource) {
  if (request.services.policy == nullptr || resource.name(kRoot) != "Patient") return Ok();
  pipeline::Frame frame;
  frame.feed = "http";
  pipeline::Prepared prepared;
  prepared.bundle.emplace(node::Format::Fhir, node::Intern("Bundle"));
  NodeIndex entry = prepared.bundle->Append(kRoot, node::Intern("entry"), node::Kind::Element);
  NodeIndex copy = prepared.bundle->Copy(entry, resource, kRoot);
  (*prepared.bundle)[copy].name = node::Intern("resource");
  return request.services.policy->Admit(frame, prepared);
}

}  // namespace

std::string NewId(const Services& services) {
  std::string bytes = services.random_bytes(16);
  bytes[6] = static_cast<char>((bytes[6] & 0x0F) | 0x40);
  bytes[8] = static_cast<char>((bytes[8] & 0x3F) | 0x80);
  std::string id = Hex(bytes);
  for (std::size_t at : {20u, 16u, 12u, 8u}) id.insert(at, 1, '-');
  return id;
}

Status CheckResource(const Request& request, const Tree& resource, Issues& issues) {
  if (request.services.validate) request.services.validate(resource, issues);
  if (issues.HasErrors()) return Error{errors::ResourceInvalid};
  return Admit(request, resource);
}

Result<Done> Interactions::Create(Tree& resource, std::string id) {
  if (id.empty()) id = NewId(request_.services);
  TRY(auto version, transaction_.Put(resource.name(kRoot), id, json::Write(resource), "POST"));
  CHECK_OK(Note("create", version, &resource));
  return Done{201, std::move(version)};
}

Result<Done> Interactions::Update(Tree& resource, std::string_view id, std::string_view if_match,
                                  bool only_new, std::string_view method) {
  std::string_view type = resource.name(kRoot);
  TRY(auto known, transaction_.Read(type, id));
  bool exists = known && !known->deleted;
  if (exists) {
    if (only_new) return Error{errors::ResourceExists};
    Sight sight(transaction_, request_.caller);
    TRY(bool shown, sight.Shows(*known));
    if (!shown) return Error{errors::ResourceNotFound};
    CHECK_OK(CheckEtag(*known, if_match));
    // A patch that takes a document's labels away says so; an update that has none says nothing.
    if (method != "PATCH" || type != "DocumentReference")
      CHECK_OK(KeepLabels(transaction_, &*known, resource));
  } else if (!if_match.empty()) {
    return Error{errors::VersionConflict, "there is no such resource"};
  }
  // A patch does not see the data of a Binary that stand in a message: without new ones they stay.
  bool keeps = exists && method == "PATCH" && resource.Child(kRoot, "data") == node::kNone;
  TRY(auto version, transaction_.Put(type, id, json::Write(resource), method,
                                     keeps ? known->content : std::optional<pipeline::Content>()));
  CHECK_OK(Note(!exists ? "create" : method == "PATCH" ? "patch" : "update", version, &resource));
  return Done{exists ? 200 : 201, std::move(version)};
}

Result<Done> Interactions::Delete(std::string_view type, std::string_view id, std::string_view if_match) {
  if (!request_.caller.may_delete) return Error{errors::RoleForbidden, "deleting needs a right of its own"};
  TRY(auto known, transaction_.Read(type, id));
  if (!known) return Error{errors::ResourceNotFound};
  if (known->deleted) return Done{204, *std::move(known)};
  Sight sight(transaction_, request_.caller);
  TRY(bool shown, sight.Shows(*known));
  if (!shown) return Error{errors::ResourceNotFound};
  CHECK_OK(CheckEtag(*known, if_match));
  TRY(auto tree, json::Parse(known->json, kFileLimits));
  CHECK_OK(transaction_.Delete(type, id));
  TRY(auto tombstone, transaction_.Read(type, id));
  CHECK_OK(Note("delete", *tombstone, &tree));
  return Done{204, *std::move(tombstone)};
}

Result<std::optional<ResourceVersion>> Interactions::Match(std::string_view type,
                                                           std::string_view condition) {
  TRY(auto terms, ConditionOf(transaction_, request_, type, condition));
  TRY(auto page, transaction_.Search(type, terms, 2, {}));
  if (page.matches.size() > 1) return Error{errors::SeveralMatch};
  if (page.matches.empty()) return std::optional<ResourceVersion>();
  return std::optional(std::move(page.matches.front()));
}

Result<ResourceVersion> Interactions::Current(std::string_view type, std::string_view id,
                                              std::string_view if_match) {
  TRY(auto known, transaction_.Read(type, id));
  if (!known) return Error{errors::ResourceNotFound};
  if (known->deleted) return Error{errors::ResourceGone};
  Sight sight(transaction_, request_.caller);
  TRY(bool shown, sight.Shows(*known));
  if (!shown) return Error{errors::ResourceNotFound};
  CHECK_OK(CheckEtag(*known, if_match));
  return *std::move(known);
}

// The bytes that a document's attachments name are as hidden as the document.
Status Interactions::TieDocument(const std::string& reference, const Tree& tree) {
  for (NodeIndex content : Children(tree, kRoot)) {
    NodeIndex attachment = tree.name(content) == "content" ? tree.Child(content, "attachment") : kNone;
    if (attachment == kNone) continue;
    std::string url = LocalReference(request_, tree.ChildText(attachment, "url"));
    if (url.starts_with("Binary/") && IsId(std::string_view(url).substr(7)))
      CHECK_OK(transaction_.AddDerived(reference, url));
  }
  return Ok();
}

// relatesTo.replaces: the one that is replaced is no longer current, if it is here and of the same patient.
Status Interactions::SupersedeReplaced(const Tree& tree) {
  if (!request_.services.supersede) return Ok();
  for (NodeIndex relation : Children(tree, kRoot)) {
    if (tree.name(relation) != "relatesTo" || tree.ChildText(relation, "code") != "replaces") continue;
    NodeIndex target = tree.Child(relation, "target");
    if (target == kNone) continue;
    std::string reference = LocalReference(request_, tree.ChildText(target, "reference"));
    if (!reference.starts_with("DocumentReference/")) continue;
    TRY(auto replaced, transaction_.Read("DocumentReference", reference.substr(18)));
    if (!replaced || replaced->deleted) continue;
    TRY(auto before, json::Parse(replaced->json, kFileLimits));
    if (before.ChildText(kRoot, "status") != "current" || PatientsOf(before) != PatientsOf(tree)) continue;
    TRY(auto written, request_.services.supersede(transaction_, *replaced));
    for (auto& one : written) written_.resources.push_back(std::move(one));
  }
  return Ok();
}

Status Interactions::Note(std::string_view action, const ResourceVersion& version, const Tree* content) {
  std::string reference = version.type + "/" + version.id;
  Seen seen{reference + "/_history/" + std::to_string(version.version), {}};
  if (content != nullptr) seen.patients = PatientsOf(*content);
  if (version.type == "Patient") seen.patients = {reference};  // what the client sent may name no id
  if (seen.patients.empty()) seen.patients.emplace_back();     // every change is told, a patient's or not
  if (written_.patient.empty()) written_.patient = seen.patients.front();
  for (auto& entry : AuditEntries(request_, action, {seen})) audit_.push_back(std::move(entry));
  written_.resources.push_back(reference);
  if (version.type == "DocumentReference" && !version.deleted && content != nullptr) {
    CHECK_OK(TieDocument(reference, *content));
    CHECK_OK(SupersedeReplaced(*content));
    documents_.push_back(std::move(reference));
  }
  return Ok();
}

Status Interactions::Finish() {
  for (const auto& document : documents_) {
    TRY(auto spread, SpreadLabels(transaction_, document));
    for (auto& reference : spread) written_.resources.push_back(std::move(reference));
  }
  for (const auto& entry : audit_) CHECK_OK(transaction_.Audit(entry));
  if (request_.services.record_written && !written_.resources.empty())
    CHECK_OK(request_.services.record_written(transaction_, written_));
  return Ok();
}

}  // namespace passerelle::api::fhir
