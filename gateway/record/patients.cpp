#include "gateway/record/patients.h"

#include <algorithm>

#include "fhir_model/base/limits.h"
#include "fhir_model/identity/identity.h"
#include "fhir_model/json/json.h"
#include "gateway/record/rules.h"

namespace passerelle::record {
namespace {

using node::Children;
using node::kNone;
using node::NodeIndex;
using node::Tree;
using pipeline::ResourceVersion;
using pipeline::Transaction;

constexpr std::string_view kReliability =
    "https://hl7.fr/ig/fhir/core/StructureDefinition/fr-core-identity-reliability";
constexpr std::string_view kBirthPlace = "http://hl7.org/fhir/StructureDefinition/patient-birthPlace";

bool IsNamed(const Tree& tree, NodeIndex i, std::string_view name) { return tree.name(i) == name; }

// Any code below the reliability extension that says the identity is validated.
bool SaysVali(const Tree& tree, NodeIndex extension) {
  for (NodeIndex part : Children(tree, extension)) {
    NodeIndex coding = tree.Child(part, "valueCoding");
    if (coding != kNone && tree.ChildText(coding, "code") == "VALI") return true;
  }
  return false;
}

void ReadIdentifier(const Tree& tree, NodeIndex node, Person& person) {
  Identifier identifier{std::string(tree.ChildText(node, "system")),
                        std::string(tree.ChildText(node, "value"))};
  if (identifier.value.empty()) return;
  if (identity::FindInsRoot(identifier.system) != nullptr) {
    if (!person.ins) person.ins = std::move(identifier);
  } else {
    person.local.push_back(std::move(identifier));
  }
}

void ReadExtension(const Tree& tree, NodeIndex node, Person& person) {
  auto url = tree.ChildText(node, "url");
  if (url == kReliability) person.qualified = person.qualified || SaysVali(tree, node);
  if (url != kBirthPlace) return;
  NodeIndex address = tree.Child(node, "valueAddress");
  if (address == kNone) return;
  for (NodeIndex inner : Children(tree, address))
    if (IsNamed(tree, inner, "extension")) {
      NodeIndex code = tree.Child(inner, "valueCoding");
      if (code != kNone) person.birth_place = tree.ChildText(code, "code");
    }
}

// One letter case, blanks for hyphens and apostrophes: how the strict traits are compared (RNIV 1).
std::string Folded(std::string_view text) {
  std::string out;
  for (char c : text) {
    if (c == '-' || c == '\'') c = ' ';
    out += c >= 'a' && c <= 'z' ? static_cast<char>(c - 'a' + 'A') : c;
  }
  return out;
}

Result<Person> PersonOf(const ResourceVersion& version) {
  TRY(auto tree, json::Parse(version.json, kFileLimits));
  return ReadPerson(tree, node::kRoot);
}

// A merged patient points to the one that goes on.
Result<std::string> Survivor(Transaction& transaction, const ResourceVersion& version) {
  TRY(auto tree, json::Parse(version.json, kFileLimits));
  for (NodeIndex link : Children(tree, node::kRoot)) {
    if (!IsNamed(tree, link, "link") || tree.ChildText(link, "type") != "replaced-by") continue;
    NodeIndex other = tree.Child(link, "other");
    auto reference = other == kNone ? std::string_view() : tree.ChildText(other, "reference");
    if (!reference.starts_with("Patient/")) continue;
    TRY(auto next, transaction.Read("Patient", reference.substr(8)));
    if (next && !next->deleted && next->id != version.id) return Survivor(transaction, *next);
  }
  return version.id;
}

// The patient of the sender's own domain, if it has one. What is said of a merged one goes to the one that
// goes on, except that he was merged: a merge that is sent again is no word about the winner.
Result<std::string> ByLocalIdentifier(Transaction& transaction, const Person& person,
                                      std::string_view own_id) {
  auto meant = [&](const ResourceVersion& version) {
    return person.gives_way ? Result<std::string>(version.id) : Survivor(transaction, version);
  };
  TRY(auto own, transaction.Read("Patient", own_id));
  if (own && !own->deleted) return meant(*own);
  for (const auto& identifier : person.local) {
    if (identifier.system.empty()) continue;  // a number nobody vouches for links nobody
    TRY(auto found, transaction.FindByIdentifier("Patient", identifier.system, identifier.value));
    if (!found.empty()) return meant(found.front());
  }
  return std::string();
}

}  // namespace

Person ReadPerson(const Tree& tree, NodeIndex patient) {
  Person person;
  for (NodeIndex child : Children(tree, patient)) {
    if (IsNamed(tree, child, "identifier")) ReadIdentifier(tree, child, person);
    if (IsNamed(tree, child, "extension")) ReadExtension(tree, child, person);
    if (IsNamed(tree, child, "link") && tree.ChildText(child, "type") == "replaced-by")
      person.gives_way = true;
    if (IsNamed(tree, child, "name") &&
        (tree.ChildText(child, "use") == "official" || person.birth_name.empty())) {
      person.birth_name = tree.ChildText(child, "family");
      person.first_given = tree.ChildText(child, "given");
    }
  }
  person.birth_date = tree.ChildText(patient, "birthDate");
  person.gender = tree.ChildText(patient, "gender");
  return person;
}

bool StrictTraitsAgree(const Person& a, const Person& b) {
  bool places = a.birth_place.empty() || b.birth_place.empty() || a.birth_place == b.birth_place;
  return places && !a.birth_name.empty() && Folded(a.birth_name) == Folded(b.birth_name) &&
         Folded(a.first_given) == Folded(b.first_given) && a.birth_date == b.birth_date &&
         a.gender == b.gender;
}

Result<Match> FindPatient(Transaction& transaction, const Person& person, std::string_view own_id,
                          Issues& issues) {
  TRY(auto local, ByLocalIdentifier(transaction, person, own_id));
  if (!local.empty()) {
    TRY(auto version, transaction.Read("Patient", local));
    TRY(auto known, PersonOf(*version));
    if (person.QualifiedIns() && known.QualifiedIns()) {
      if (*person.ins != *known.ins) return Match{{}, std::string(rules::TwoQualifiedIns.id)};
      if (!StrictTraitsAgree(person, known)) return Match{{}, std::string(rules::OneInsDifferentTraits.id)};
    }
    return Match{local, {}};
  }
  if (!person.QualifiedIns()) return Match{};
  TRY(auto found, transaction.FindByIdentifier("Patient", person.ins->system, person.ins->value));
  for (const auto& candidate : found) {
    TRY(auto known, PersonOf(candidate));
    if (!known.QualifiedIns()) continue;
    if (StrictTraitsAgree(person, known)) {
      TRY(auto survivor, Survivor(transaction, candidate));
      return Match{survivor, {}};
    }
    issues.Add(rules::PatientNotLinked, {"Patient.identifier"});
  }
  return Match{};
}

}  // namespace passerelle::record
