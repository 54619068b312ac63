#include "gateway/record/record.h"

#include <algorithm>
#include <array>
#include <map>

#include "fhir_model/base/limits.h"
#include "fhir_model/json/json.h"
#include "gateway/access/masks.h"
#include "gateway/pipeline/errors.h"
#include "gateway/record/consents.h"
#include "gateway/record/deliveries.h"
#include "gateway/record/documents.h"
#include "gateway/record/identity_events.h"
#include "gateway/record/merge.h"
#include "gateway/record/patients.h"
#include "gateway/record/rules.h"

namespace passerelle::record {
namespace {

using node::Children;
using node::kNone;
using node::kRoot;
using node::NodeIndex;
using node::Tree;
using pipeline::DocumentAction;
using pipeline::DocumentFacts;
using pipeline::Prepared;
using pipeline::Transaction;

// Types that several messages and documents speak of: a new mention adds to them, it does not replace them.
constexpr std::array kShared = {std::string_view("Patient"),          std::string_view("Practitioner"),
                                std::string_view("PractitionerRole"), std::string_view("Organization"),
                                std::string_view("Location"),         std::string_view("Device"),
                                std::string_view("RelatedPerson"),    std::string_view("Encounter")};

bool IsShared(std::string_view type) {
  return std::find(kShared.begin(), kShared.end(), type) != kShared.end();
}

// One entry of the draft on its way into the record.
struct Entry {
  std::string url;  // fullUrl
  NodeIndex resource = kNone;
  std::string type, id;
  bool skipped = false;
  std::string Reference() const { return type + "/" + id; }
};

// What Apply carries from step to step.
struct Work {
  Transaction& transaction;
  const pipeline::Frame& frame;
  const Prepared& prepared;
  Issues& issues;
  Tree bundle;  // the draft, to be changed
  std::vector<Entry> entries;
  std::map<std::string, std::string, std::less<>> references;  // fullUrl -> "Patient/…"
  std::string patient;                                         // "Patient/…"
  std::vector<std::string> written;
  std::map<std::string, std::int64_t, std::less<>> versions;  // of what was put
  bool retracted = false;  // a document of the message was replaced or deleted before it came

  void Wrote(const std::string& reference) {
    if (std::find(written.begin(), written.end(), reference) == written.end()) written.push_back(reference);
  }
  Entry* Find(std::string_view url) {
    for (auto& entry : entries)
      if (entry.url == url) return &entry;
    return nullptr;
  }
};

void CollectEntries(Work& work) {
  for (NodeIndex entry : Children(work.bundle, kRoot)) {
    NodeIndex resource = work.bundle.name(entry) == "entry" ? work.bundle.Child(entry, "resource") : kNone;
    if (resource == kNone) continue;
    work.entries.push_back({std::string(work.bundle.ChildText(entry, "fullUrl")), resource,
                            std::string(work.bundle.NameText(work.bundle[resource].resource)),
                            std::string(work.bundle.ChildText(resource, "id"))});
  }
}

void SetId(Work& work, Entry& entry, std::string_view id) {
  entry.id = id;
  NodeIndex node = work.bundle.Child(entry.resource, "id");
  if (node != kNone) work.bundle[node].text = work.bundle.Keep(id);
}

// A47: the patient is the one that had the old identifier, unless the new one is already somebody else's.
Status FollowIdentifier(Work& work, const Entry& entry, Match& match) {
  for (const auto& merge : work.prepared.merges) {
    if (merge.kind != pipeline::MergeFacts::Kind::Identifier || merge.survivor_url != entry.url) continue;
    TRY(auto known, FindLoser(work.transaction, merge));
    if (known.empty()) continue;
    if (!match.id.empty() && match.id != known)
      return Error{errors::PatientUnclear, std::string(rules::IdentifierTaken.id), {"MRG-1"}};
    match.id = known;
  }
  return Ok();
}

// Step 1: the draft's patients become those of the record.
Status PlacePatients(Work& work) {
  for (auto& entry : work.entries) {
    if (entry.type != "Patient") continue;
    Person person = ReadPerson(work.bundle, entry.resource);
    TRY(auto match, FindPatient(work.transaction, person, entry.id, work.issues));
    if (!match.cause.empty()) return Error{errors::PatientUnclear, match.cause, {"Patient.identifier"}};
    CHECK_OK(FollowIdentifier(work, entry, match));
    if (!match.id.empty()) SetId(work, entry, match.id);
    if (work.patient.empty()) work.patient = entry.Reference();
  }
  return Ok();
}

// All of a message, each once, in their order; one that is empty where there is none.
std::vector<std::string> PatientsOf(const Work& work) {
  std::vector<std::string> patients{work.patient};
  for (const auto& entry : work.entries)
    if (entry.type == "Patient" &&
        std::find(patients.begin(), patients.end(), entry.Reference()) == patients.end())
      patients.push_back(entry.Reference());
  return patients;
}

// Step 2: references inside the draft become references into the record.
void PlaceReferences(Work& work) {
  for (const auto& entry : work.entries) work.references[entry.url] = entry.Reference();
  for (const auto& entry : work.entries) {
    NodeIndex at = entry.resource;
    while (at != kNone) {  // a walk without recursion
      node::Node& n = work.bundle[at];
      if (n.kind == node::Kind::String && n.text.starts_with("urn:uuid:"))
        if (auto it = work.references.find(n.text); it != work.references.end())
          n.text = work.bundle.Keep(it->second);
      if (n.first != kNone) {
        at = n.first;
        continue;
      }
      while (at != entry.resource && work.bundle[at].next == kNone) at = work.bundle[at].parent;
      at = at == entry.resource ? kNone : work.bundle[at].next;
    }
  }
}

// Nothing that `document` says gets into the record.
void SkipDerived(Work& work, const DocumentFacts& document, bool bytes_too) {
  work.retracted = true;
  work.issues.Add(rules::DocumentRetracted, {"id"});
  for (const auto& url : document.derived)
    if (Entry* derived = work.Find(url)) derived->skipped = bytes_too || derived->type != "Binary";
}

// The version of the document that the record has: if it was withdrawn, nothing of the incoming one is
// written.
Status SkipIfWithdrawn(Work& work, const DocumentFacts& document, const pipeline::ResourceVersion& own) {
  TRY(auto tree, json::Parse(own.json, kFileLimits));
  if (tree.ChildText(kRoot, "status") == "current") return Ok();
  if (Entry* entry = work.Find(document.url)) entry->skipped = true;
  SkipDerived(work, document, true);
  return Ok();
}

// A document that comes after its own replacement is kept as what it is by now: superseded, with its bytes
// alone.
Status SupersedeIfLate(Work& work, const DocumentFacts& document) {
  TRY(auto replacements, Replacements(work.transaction, document.identifier, work.patient));
  Entry* entry = replacements.empty() ? nullptr : work.Find(document.url);
  if (entry == nullptr) return Ok();
  if (NodeIndex status = work.bundle.Child(entry->resource, "status"); status != kNone)
    work.bundle[status].text = "superseded";
  SkipDerived(work, document, false);
  return Ok();
}

// What is to be replaced is not here. Whoever orders it sends again once it is; a document on its own only
// tells its history.
Status ReplaceUnknown(Work& work, const DocumentFacts& document) {
  if (document.replacement_ordered) return Error{errors::ReplacedNotHere, {}, {"relatedDocument"}};
  work.issues.Add(rules::ReplacedUnknown, {"relatedDocument"});
  return Ok();
}

// Step 3: replaced and deleted documents. A version that the record has already seen decides nothing again;
// one that was withdrawn stays withdrawn, with all that was made of it.
Status ApplyDocumentAction(Work& work, const DocumentFacts& document) {
  bool deletion = document.action == DocumentAction::Delete;
  if (!deletion) {
    TRY(auto own, FindDocument(work.transaction, document.identifier));
    if (own) return SkipIfWithdrawn(work, document, *own);
    CHECK_OK(SupersedeIfLate(work, document));
    if (document.replaces.empty()) return Ok();
  }
  TRY(auto target, FindDocument(work.transaction, deletion ? document.identifier : document.replaces));
  if (!deletion && !target) return ReplaceUnknown(work, document);
  CHECK_OK(CheckTarget(target, work.patient));
  std::vector<std::string> kept;
  for (const auto& url : document.derived)
    if (const Entry* derived = work.Find(url); derived != nullptr && !derived->skipped)
      kept.push_back(derived->Reference());
  TRY(auto written, Withdraw(work.transaction, *target, deletion ? "entered-in-error" : "superseded", kept));
  for (const auto& reference : written) work.Wrote(reference);
  return Ok();
}

// The labels that the record has for the document or, when it is new here, for the one it replaces.
Result<access::Labels> KnownLabels(Work& work, const DocumentFacts& document, const Entry& entry) {
  TRY(auto known, work.transaction.Read("DocumentReference", entry.id));
  if (!known || known->deleted) return LabelsOfDocument(work.transaction, document.replaces);
  TRY(auto tree, json::Parse(known->json, kFileLimits));
  return access::ReadLabels(tree, kRoot);
}

// The masks of a document that came late. The targets have its replacement without them.
Status MaskLate(Work& work, const DocumentFacts& document, const access::Labels& labels) {
  TRY(auto written, MaskReplacements(work.transaction, document.identifier, work.patient, labels));
  if (written.empty()) return Ok();
  for (const auto& reference : written) work.Wrote(reference);
  work.retracted = false;
  work.issues.Add(rules::ReplacementMasked, {"id"});
  return Ok();
}

// Step 4: masks. Flags that the transport carried are set as they are; without flags nothing changes.
Status ApplyLabels(Work& work, const DocumentFacts& document) {
  Entry* entry = work.Find(document.url);
  if (entry == nullptr || entry->skipped) return Ok();
  access::Labels labels;
  for (const auto& code : document.labels)
    if (auto canonical = access::CanonicalLabel(code); !canonical.empty()) labels.emplace(canonical);
  if (!document.labels_given) {
    TRY(auto known, KnownLabels(work, document, *entry));
    labels.merge(known);
  }
  access::WriteLabels(work.bundle, entry->resource, labels);
  for (const auto& url : document.derived) {
    Entry* derived = work.Find(url);
    if (derived == nullptr || derived->skipped) continue;
    TRY(auto all, LabelsOf(work.transaction, derived->Reference(), entry->Reference(), labels));
    // The same resource may come from two documents of this message (N1 and N3 twins).
    all.merge(access::ReadLabels(work.bundle, derived->resource));
    access::WriteLabels(work.bundle, derived->resource, all);
    CHECK_OK(work.transaction.AddDerived(entry->Reference(), derived->Reference()));
  }
  bool late = work.bundle.ChildText(entry->resource, "status") == "superseded";
  return late && !labels.empty() ? MaskLate(work, document, labels) : Ok();
}

// The data of a Binary that came in a large message stay there; its document says who may see them.
Result<std::optional<pipeline::Content>> TakeContent(Work& work, const Entry& entry) {
  if (entry.type != "Binary" || work.frame.large == nullptr) return std::optional<pipeline::Content>();
  const auto& values = work.frame.large->values();
  NodeIndex data = work.bundle.Child(entry.resource, "data");
  auto value = std::find_if(values.begin(), values.end(), [&](const LongBase64& one) {
    return data != kNone && one.token == work.bundle[data].text;
  });
  if (value == values.end()) return std::optional<pipeline::Content>();
  work.bundle.Remove(data);
  NodeIndex context = work.bundle.Child(entry.resource, "securityContext");
  if (context != kNone)
    CHECK_OK(work.transaction.AddDerived(work.bundle.ChildText(context, "reference"), entry.Reference()));
  pipeline::BodySlice slice{std::string(work.frame.large->sha256()), value->offset, value->length};
  return std::optional(
      pipeline::Content{std::move(slice), std::string(value->MissingPadding()), value->bytes, value->token});
}

// Step 5: new versions.
Status PutEntry(Work& work, Entry& entry, Unchanged& unchanged) {
  if (entry.skipped) return Ok();
  TRY(auto content, TakeContent(work, entry));
  std::string reference = entry.Reference(), said = json::Write(work.bundle, entry.resource), digest;
  std::int64_t known_version = 0;
  if (IsShared(entry.type)) {
    TRY(auto state, work.transaction.StateOf(entry.type, entry.id));
    if (state) {
      bool about_it = work.prepared.event.starts_with("ADT");
      known_version = state->version;
      digest = Unchanged::DigestOf(about_it, said, state->digest);
      if (unchanged.Knows(digest)) {
        work.Wrote(reference);
        work.versions[reference] = known_version;
        return Ok();
      }
      TRY(auto known, work.transaction.Read(entry.type, entry.id));
      TRY(auto tree, json::Parse(known->json, kFileLimits));
      MergeKnown(work.bundle, entry.resource, tree, about_it ? Authority::Sender : Authority::Record);
      said = json::Write(work.bundle, entry.resource);
    }
  }
  TRY(auto put, work.transaction.Put(entry.type, entry.id, said, "PUT", content));
  if (known_version != 0 && put.version == known_version) unchanged.Remember(std::move(digest));
  work.Wrote(reference);
  work.versions[reference] = put.version;
  return Ok();
}

// Step 6: what an identity event does to patients that are in the record by now.
Status ApplyIdentityEvent(Work& work, const pipeline::MergeFacts& merge) {
  auto survivor = work.references.find(merge.survivor_url);
  if (survivor == work.references.end())
    return Error{errors::PatientUnclear, std::string(rules::SurvivorUnknown.id), {"PID-3"}};
  auto written = merge.kind == pipeline::MergeFacts::Kind::Identifier
                     ? DropIdentifier(work.transaction, merge, survivor->second)
                     : ApplyMerge(work.transaction, merge, survivor->second, work.issues);
  if (!written) return std::move(written).error();
  for (const auto& reference : *written) {
    work.Wrote(reference);
    work.versions.erase(reference);  // there is a later one now
  }
  return Ok();
}

// An incoming acknowledgement: kept, and told which of the messages here it speaks of.
Result<RecordKeeper::Applied> MatchAcknowledgement(Transaction& transaction, const Prepared& prepared) {
  pipeline::MessageFilter filter;
  filter.control_id = prepared.acknowledges;
  filter.count_max = 1;
  TRY(auto messages, transaction.Messages(filter));
  RecordKeeper::Applied applied;
  applied.cause = messages.empty()
                      ? std::string(rules::AcknowledgesUnknown.id)
                      : std::string(rules::Acknowledges.id) + " " + std::to_string(messages.front().seq);
  return applied;
}

}  // namespace

Result<RecordKeeper::Applied> RecordKeeper::Apply(Transaction& transaction, pipeline::Seq seq,
                                                  const pipeline::Frame& frame, const Prepared& prepared,
                                                  Issues& issues) const {
  if (!prepared.acknowledges.empty()) return MatchAcknowledgement(transaction, prepared);
  if (!prepared.bundle) return Applied{};
  Work work{transaction, frame, prepared, issues, prepared.bundle->Shadow(), {}, {}, {}, {}, {}};
  CollectEntries(work);
  CHECK_OK(PlacePatients(work));
  PlaceReferences(work);
  for (const auto& document : prepared.documents) CHECK_OK(ApplyDocumentAction(work, document));
  for (const auto& document : prepared.documents) CHECK_OK(ApplyLabels(work, document));
  for (auto& entry : work.entries)
    if (entry.type == "Consent") {
      TRY(bool later, PlaceConsent(transaction, work.bundle, entry.resource, work.patient, entry.id, issues));
      entry.skipped = !later;
      SetId(work, entry, entry.id);
    }
  for (auto& entry : work.entries) CHECK_OK(PutEntry(work, entry, unchanged_));
  for (const auto& merge : prepared.merges) CHECK_OK(ApplyIdentityEvent(work, merge));
  for (const auto& patient : PatientsOf(work))
    CHECK_OK(
        transaction.Audit({frame.sender, "receive", patient, {}, "feed " + frame.feed, frame.received, seq}));
  Owing owing{transaction,  settings_,    seq,           frame,         prepared,
              work.patient, work.written, work.versions, work.retracted};
  TRY(auto left, OweDeliveries(owing));
  return Applied{left.state, left.cause, left.versions};
}

}  // namespace passerelle::record
