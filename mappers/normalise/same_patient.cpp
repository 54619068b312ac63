#include <algorithm>
#include <array>

#include "fhir_model/identity/identity.h"
#include "mappers/normalise/carried.h"
#include "mappers/normalise/errors.h"
#include "mappers/normalise/walk.h"

namespace passerelle::normalise {
namespace {

using node::Children;
using node::kNone;
using node::NodeIndex;
using node::Tree;

struct Identifier {
  std::string_view root, value;
  bool operator==(const Identifier&) const = default;
};

// What the two sides say of a person.
struct Person {
  std::vector<Identifier> identifiers;
  std::string_view birth_name, birth_date, sex;
};

// Latin letters without their marks, upper case, everything that is no letter as one blank: "D'Été" is "D
// ETE". The marks are those of ISO 8859-15, which is what French records can hold.
std::string Folded(std::string_view text) {
  static constexpr std::string_view kPlain =  // U+00C0..U+00FF
      "AAAAAAACEEEEIIIIDNOOOOO OUUUUYTSAAAAAAACEEEEIIIIDNOOOOO OUUUUYTY";
  std::string out;
  for (std::size_t i = 0; i < text.size(); ++i) {
    auto c = static_cast<unsigned char>(text[i]);
    char letter = ' ';
    if (c >= 'a' && c <= 'z') letter = static_cast<char>(c - 'a' + 'A');
    if ((c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9')) letter = static_cast<char>(c);
    if (c == 0xC3 && i + 1 < text.size()) letter = kPlain[static_cast<unsigned char>(text[++i]) & 0x3F];
    if (letter != ' ' || (!out.empty() && out.back() != ' ')) out += letter;
  }
  while (!out.empty() && out.back() == ' ') out.pop_back();
  return out;
}

// The root of an assigning authority: HD.2, else what stands alone in HD.1 and looks like an OID.
std::string_view RootOf(const Tree& message, NodeIndex identifier) {
  NodeIndex authority = message.Child(identifier, "PID-3.4");
  if (authority == kNone) return {};
  NodeIndex universal = message.Child(authority, "PID-3.4.2");
  if (universal != kNone) return message[universal].text;
  auto alone = message[authority].text;
  return alone.find_first_not_of("0123456789.") == alone.npos ? alone : std::string_view();
}

Person PersonOfMessage(const Tree& message) {
  Person person;
  NodeIndex pid = FindSegment(message, "PID");
  if (pid == kNone) return person;
  for (NodeIndex field : Children(message, pid)) {
    auto name = message.name(field);
    if (name == "PID-3") {
      NodeIndex value = message.Child(field, "PID-3.1");
      if (value != kNone) person.identifiers.push_back({RootOf(message, field), message[value].text});
    } else if (name == "PID-5") {
      NodeIndex type = message.Child(field, "PID-5.7"), family = message.Child(field, "PID-5.1");
      bool legal = type != kNone && message[type].text == "L";
      if (family != kNone && (legal || person.birth_name.empty())) {
        NodeIndex own = message.Child(family, "PID-5.1.1");
        person.birth_name = message[own == kNone ? family : own].text;
      }
    }
  }
  person.birth_date = FieldText(message, pid, "PID-7").substr(0, 8);
  person.sex = FieldText(message, pid, "PID-8");
  return person;
}

std::string_view Attribute(const Tree& document, NodeIndex element, std::string_view name) {
  return element == kNone ? std::string_view() : document.ChildText(element, name);
}

Person PersonOfDocument(const Tree& document) {
  Person person;
  NodeIndex target = document.Child(node::kRoot, "recordTarget");
  NodeIndex role = target == kNone ? kNone : document.Child(target, "patientRole");
  if (role == kNone) return person;
  for (NodeIndex id : Children(document, role))
    if (document.name(id) == "id")
      person.identifiers.push_back({Attribute(document, id, "@root"), Attribute(document, id, "@extension")});
  NodeIndex patient = document.Child(role, "patient");
  if (patient == kNone) return person;
  for (NodeIndex name : Children(document, patient)) {
    if (document.name(name) != "name") continue;
    for (NodeIndex part : Children(document, name))
      if (document.name(part) == "family" &&
          (Attribute(document, part, "@qualifier") == "BR" || person.birth_name.empty())) {
        person.birth_name = document[part].text;
      }
  }
  person.birth_date = Attribute(document, document.Child(patient, "birthTime"), "@value").substr(0, 8);
  person.sex = Attribute(document, document.Child(patient, "administrativeGenderCode"), "@code");
  return person;
}

// Two sides agree under a root when one of them says nothing under it, or some value is the same.
bool IdentifiersAgree(const Person& message, const Person& document, bool ins) {
  auto counts = [&](const Identifier& i) {
    return !i.root.empty() && !i.value.empty() && (identity::FindInsRoot(i.root) != nullptr) == ins;
  };
  bool compared = false;
  for (const auto& mine : message.identifiers) {
    if (!counts(mine)) continue;
    for (const auto& theirs : document.identifiers) {
      if (!counts(theirs) || (!ins && theirs.root != mine.root)) continue;
      if (theirs == mine) return true;
      compared = true;
    }
  }
  return !compared;
}

bool TextsAgree(std::string_view a, std::string_view b) {
  return a.empty() || b.empty() || Folded(a) == Folded(b);
}

// Only as far as both are precise: a document may know the year alone.
bool DatesAgree(std::string_view a, std::string_view b) {
  auto precision = std::min(a.size(), b.size());
  return a.substr(0, precision) == b.substr(0, precision);
}

// U of HL7 v2 and UN of CDA say that nobody knows.
bool SexesAgree(std::string_view message, std::string_view document) {
  bool both = (message == "F" || message == "M") && (document == "F" || document == "M");
  return !both || message == document;
}

}  // namespace

Status CheckSamePatient(const Tree& message, const Tree& document) {
  Person m = PersonOfMessage(message), d = PersonOfDocument(document);
  struct Comparison {
    bool agrees;
    std::string_view what, place;
  };
  const std::array comparisons = {
      Comparison{IdentifiersAgree(m, d, true), "INS", "PID-3"},
      Comparison{IdentifiersAgree(m, d, false), "local identifier", "PID-3"},
      Comparison{TextsAgree(m.birth_name, d.birth_name), "birth name", "PID-5"},
      Comparison{DatesAgree(m.birth_date, d.birth_date), "birth date", "PID-7"},
      Comparison{SexesAgree(m.sex, d.sex), "sex", "PID-8"},
  };
  for (const auto& comparison : comparisons)
    if (!comparison.agrees)
      return Error{
          errors::PatientDiffers, std::string(comparison.what), {std::string(comparison.place), 0, 0}};
  return Ok();
}

}  // namespace passerelle::normalise
