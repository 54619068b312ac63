#include "gateway/record/identity_events.h"

#include <array>
#include <functional>

#include "fhir_model/base/limits.h"
#include "fhir_model/json/json.h"
#include "gateway/pipeline/errors.h"
#include "gateway/record/edit.h"
#include "gateway/record/patients.h"
#include "gateway/record/rules.h"

namespace passerelle::record {
namespace {

using node::Children;
using node::Kind;
using node::kNone;
using node::kRoot;
using node::NodeIndex;
using node::Tree;
using pipeline::MergeFacts;
using pipeline::ResourceVersion;
using pipeline::Transaction;

constexpr std::string_view kPatient = "Patient/";

void SetActive(Tree& tree, std::string_view text) {
  NodeIndex active = tree.Child(kRoot, "active");
  if (active == kNone) active = tree.Append(kRoot, node::Intern("active"), Kind::Boolean);
  tree[active].text = text;
}

// Patient.link: once, whatever is repeated.
void Link(Tree& tree, std::string_view other, std::string_view type) {
  for (NodeIndex link : Children(tree, kRoot)) {
    NodeIndex there = tree.name(link) == "link" ? tree.Child(link, "other") : kNone;
    if (there != kNone && tree.ChildText(there, "reference") == other) return;
  }
  Tree made(node::Format::Fhir);
  NodeIndex link = made.Append(kRoot, node::Intern("link"), Kind::Element);
  made[link].list = true;
  NodeIndex reference = made.Append(link, node::Intern("other"), Kind::Element);
  made.Append(reference, node::Intern("reference"), Kind::String, made.Keep(other));
  made.Append(link, node::Intern("type"), Kind::String, made.Keep(type));
  tree.CopyToList(kRoot, made, link);
}

// Two people who may not be made one (safety rule 7); empty when they may.
std::string Conflict(const Person& survivor, const Person& loser) {
  if (!survivor.QualifiedIns() || !loser.QualifiedIns()) return {};
  if (*survivor.ins != *loser.ins) return std::string(rules::TwoQualifiedIns.id);
  return StrictTraitsAgree(survivor, loser) ? std::string() : std::string(rules::OneInsDifferentTraits.id);
}

Result<Person> PersonOf(Transaction& transaction, std::string_view id) {
  TRY(auto version, transaction.Read("Patient", id));
  if (!version || version->deleted) return Person{};
  TRY(auto tree, json::Parse(version->json, kFileLimits));
  return ReadPerson(tree, kRoot);
}

Result<std::vector<std::string>> MergePatients(Transaction& transaction, std::string_view survivor,
                                               std::string_view loser) {
  std::string winner_reference = std::string(kPatient) + std::string(survivor);
  std::string loser_reference = std::string(kPatient) + std::string(loser);
  TRY(bool lost, Edit(transaction, "Patient", loser, [&](Tree& tree) {
        SetActive(tree, "false");
        Link(tree, winner_reference, "replaced-by");
        return true;
      }));
  TRY(bool won, Edit(transaction, "Patient", survivor, [&](Tree& tree) {
        Link(tree, loser_reference, "replaces");
        return true;
      }));
  std::vector<std::string> written;
  if (lost) written.push_back(std::move(loser_reference));
  if (won) written.push_back(std::move(winner_reference));
  return written;
}

// What carries an account or visit number, and where it names the patient.
struct MovedRow {
  std::string_view type;
  bool list;
};
constexpr std::array kMoved = {MovedRow{"Encounter", false}, MovedRow{"Account", true}};

bool Names(const Tree& tree, std::string_view number) {
  for (NodeIndex identifier : Children(tree, kRoot))
    if (tree.name(identifier) == "identifier" && tree.ChildText(identifier, "value") == number) return true;
  return false;
}

bool MoveSubject(Tree& tree, std::string_view from, std::string_view to) {
  bool moved = false;
  for (NodeIndex subject : Children(tree, kRoot)) {
    NodeIndex reference = tree.name(subject) == "subject" ? tree.Child(subject, "reference") : kNone;
    if (reference == kNone || tree[reference].text != from) continue;
    tree[reference].text = tree.Keep(to);
    moved = true;
  }
  return moved;
}

Result<std::vector<std::string>> MoveVisit(Transaction& transaction, const MergeFacts& merge,
                                           std::string_view survivor, std::string_view loser) {
  std::string to = std::string(kPatient) + std::string(survivor),
              from = std::string(kPatient) + std::string(loser);
  std::vector<std::string> written;
  for (const auto& row : kMoved) {
    TRY(auto found, transaction.FindByIdentifier(row.type, {}, merge.account_value));
    for (const auto& version : found) {
      TRY(bool moved, Edit(transaction, row.type, version.id, [&](Tree& tree) {
            return Names(tree, merge.account_value) && MoveSubject(tree, from, to);
          }));
      if (moved) written.push_back(std::string(row.type) + "/" + version.id);
    }
  }
  return written;
}

}  // namespace

Result<std::string> FindLoser(Transaction& transaction, const MergeFacts& merge) {
  // A number that no authority vouches for is anybody's.
  if (merge.loser_value.empty() || merge.loser_system.empty()) return std::string();
  TRY(auto found, transaction.FindByIdentifier("Patient", merge.loser_system, merge.loser_value));
  return found.empty() ? std::string() : found.front().id;
}

Result<std::vector<std::string>> ApplyMerge(Transaction& transaction, const MergeFacts& merge,
                                            std::string_view survivor, Issues& issues) {
  std::string_view winner = survivor.substr(kPatient.size());
  TRY(auto loser, FindLoser(transaction, merge));
  if (loser.empty() || loser == winner) {
    issues.Add(rules::MergedUnknown, {"MRG-1"});
    return std::vector<std::string>();
  }
  TRY(auto mine, PersonOf(transaction, winner));
  TRY(auto theirs, PersonOf(transaction, loser));
  if (auto conflict = Conflict(mine, theirs); !conflict.empty())
    return Error{errors::PatientUnclear, conflict, {"MRG-1"}};
  if (merge.kind == MergeFacts::Kind::Patients) return MergePatients(transaction, winner, loser);
  return MoveVisit(transaction, merge, winner, loser);
}

Result<std::vector<std::string>> DropIdentifier(Transaction& transaction, const MergeFacts& merge,
                                                std::string_view patient) {
  TRY(bool changed, Edit(transaction, "Patient", patient.substr(kPatient.size()), [&](Tree& tree) {
        for (NodeIndex identifier : Children(tree, kRoot)) {
          bool old = tree.name(identifier) == "identifier" &&
                     tree.ChildText(identifier, "value") == merge.loser_value &&
                     tree.ChildText(identifier, "system") == merge.loser_system;
          if (!old) continue;
          tree.Remove(identifier);
          return true;
        }
        return false;
      }));
  std::vector<std::string> written;
  if (changed) written.emplace_back(patient);
  return written;
}

}  // namespace passerelle::record
