#include "mappers/normalise/bundle.h"

#include <algorithm>
#include <array>

#include "fhir_model/identity/identity.h"
#include "mappers/normalise/walk.h"

namespace passerelle::normalise {

using node::Children;
using node::Kind;
using node::kNone;
using node::kRoot;
using node::NodeIndex;
using node::Tree;

namespace {

// What a document speaks of without a word about its patient; masks do not cover it (safety rule 3).
constexpr std::array<std::string_view, 7> kNobodysFacts = {
    "Patient", "Practitioner", "PractitionerRole", "Organization", "Location", "Medication", "Substance"};

constexpr std::string_view kReliability = "/fr-core-identity-reliability";
constexpr std::string_view kBirthPlace = "http://hl7.org/fhir/StructureDefinition/patient-birthPlace";

bool SaysValidated(const Tree& bundle, NodeIndex extension) {
  bool validated = false;
  ForEachBelow(bundle, extension, [&](NodeIndex i) {
    validated = validated || (bundle.name(i) == "code" && bundle[i].text == "VALI");
  });
  return validated;
}

void ReadExtension(const Tree& bundle, NodeIndex extension, PatientFacts& facts) {
  auto url = bundle.ChildText(extension, "url");
  if (url.ends_with(kReliability)) facts.qualified = facts.qualified || SaysValidated(bundle, extension);
  if (url != kBirthPlace) return;
  ForEachBelow(bundle, extension, [&](NodeIndex i) {
    if (bundle.name(i) == "code" && facts.birth_place.empty()) facts.birth_place = bundle[i].text;
  });
}

void ReadIdentifier(const Tree& bundle, NodeIndex identifier, PatientFacts& facts) {
  const auto* root = identity::FindInsRoot(bundle.ChildText(identifier, "system"));
  if (root == nullptr || !facts.ins.empty()) return;
  facts.ins = bundle.ChildText(identifier, "value");
  facts.ins_oid = root->oid;
}

void ReadName(const Tree& bundle, NodeIndex name, PatientFacts& facts) {
  if (bundle.ChildText(name, "use") != "official" && !facts.birth_name.empty()) return;
  facts.birth_name = bundle.ChildText(name, "family");
  facts.first_given = bundle.ChildText(name, "given");
}

}  // namespace

std::vector<Entry> Entries(const Tree& bundle) {
  static const node::NameId entry_name = node::Intern("entry"), resource_name = node::Intern("resource"),
                            full_url = node::Intern("fullUrl"), id = node::Intern("id");
  auto text = [&](NodeIndex parent, node::NameId name) {
    NodeIndex child = bundle.Child(parent, name);
    return child == kNone ? std::string_view() : bundle[child].text;
  };
  std::vector<Entry> entries;
  for (NodeIndex entry : Children(bundle, kRoot)) {
    NodeIndex resource = bundle[entry].name == entry_name ? bundle.Child(entry, resource_name) : kNone;
    if (resource == kNone) continue;
    entries.push_back({entry, resource, text(entry, full_url), bundle.NameText(bundle[resource].resource),
                       text(resource, id)});
  }
  return entries;
}

void SetText(Tree& tree, NodeIndex parent, std::string_view name, std::string_view text, Kind kind) {
  NodeIndex child = tree.Child(parent, name);
  if (child == kNone) child = tree.Append(parent, node::Intern(name), kind);
  tree[child].kind = kind;
  tree[child].text = tree.Keep(text);
}

NodeIndex Ensure(Tree& tree, NodeIndex parent, std::string_view name, bool list) {
  NodeIndex child = tree.Child(parent, name);
  if (child != kNone) return child;
  child = tree.Append(parent, node::Intern(name), Kind::Element);
  tree[child].list = list;
  return child;
}

NodeIndex AddEntry(Tree& bundle, std::string_view type, std::string_view id) {
  NodeIndex entry = bundle.Append(kRoot, node::Intern("entry"), Kind::Element);
  bundle[entry].list = true;
  SetText(bundle, entry, "fullUrl", "urn:uuid:" + std::string(id));
  NodeIndex resource = bundle.Append(entry, node::Intern("resource"), Kind::Element);
  bundle[resource].resource = node::Intern(type);
  SetText(bundle, resource, "id", id);
  return resource;
}

NodeIndex AddBinary(Tree& bundle, NodeIndex attachment, const Entry& owner, const BinaryFacts& facts) {
  std::string hash = EncodeBase64({reinterpret_cast<const char*>(facts.sha1.data()), facts.sha1.size()});
  SetText(bundle, attachment, "contentType", facts.content_type);
  SetText(bundle, attachment, "url", "urn:uuid:" + facts.id);
  SetText(bundle, attachment, "size", std::to_string(facts.bytes), Kind::Number);
  SetText(bundle, attachment, "hash", hash);
  NodeIndex binary = AddEntry(bundle, "Binary", facts.id);
  SetText(bundle, binary, "contentType", facts.content_type);
  SetText(bundle, Ensure(bundle, binary, "securityContext"), "reference", owner.url);
  return binary;
}

void Redirect(Tree& bundle, const std::map<std::string, std::string, std::less<>>& urls) {
  if (urls.empty()) return;
  ForEachBelow(bundle, kRoot, [&](NodeIndex i) {
    if (bundle[i].kind != Kind::String) return;
    if (auto it = urls.find(bundle[i].text); it != urls.end()) bundle[i].text = bundle.Keep(it->second);
  });
}

std::optional<PatientFacts> ReadPatient(const Tree& bundle) {
  for (const Entry& entry : Entries(bundle)) {
    if (entry.type != "Patient") continue;
    PatientFacts facts;
    facts.url = entry.url;
    for (NodeIndex child : Children(bundle, entry.resource)) {
      auto name = bundle.name(child);
      if (name == "identifier") ReadIdentifier(bundle, child, facts);
      if (name == "extension") ReadExtension(bundle, child, facts);
      if (name == "name") ReadName(bundle, child, facts);
    }
    facts.birth_date = bundle.ChildText(entry.resource, "birthDate");
    facts.sex = bundle.ChildText(entry.resource, "gender");
    return facts;
  }
  return std::nullopt;
}

DocumentFacts ReadDocument(const Tree& bundle, const Entry& document) {
  DocumentFacts facts;
  facts.url = document.url;
  if (NodeIndex master = bundle.Child(document.resource, "masterIdentifier"); master != kNone)
    facts.identifier = bundle.ChildText(master, "value");
  for (NodeIndex related : Children(bundle, document.resource)) {
    if (bundle.name(related) != "relatesTo" || bundle.ChildText(related, "code") != "replaces") continue;
    NodeIndex target = bundle.Child(related, "target");
    NodeIndex identifier = target == kNone ? kNone : bundle.Child(target, "identifier");
    if (identifier == kNone) continue;
    facts.action = DocumentAction::Replace;
    facts.replaces = bundle.ChildText(identifier, "value");
  }
  return facts;
}

std::vector<std::string> DerivedOf(const Tree& bundle, std::string_view document_url) {
  std::vector<std::string> derived;
  for (const Entry& entry : Entries(bundle))
    if (entry.url != document_url &&
        std::find(kNobodysFacts.begin(), kNobodysFacts.end(), entry.type) == kNobodysFacts.end())
      derived.emplace_back(entry.url);
  return derived;
}

}  // namespace passerelle::normalise
