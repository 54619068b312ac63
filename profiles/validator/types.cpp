// Rules of single datatypes that no invariant says.

#include <set>

#include "profiles/validator/families.h"

namespace passerelle::validator {

using node::kNone;
using node::NodeIndex;

void CheckIdentifier(Run& run, NodeIndex at) {
  std::string_view system = run.Text(at, run.words.system), value = run.Text(at, run.words.value);
  if (system.empty()) return;
  if (!IsAbsoluteUri(system)) return run.Report(rules::IdentifierSystemRelative, at, {system});
  if (system == "urn:ietf:rfc:3986" && !value.empty() && !IsAbsoluteUri(value))
    run.Report(rules::IdentifierNotUri, at, {value});
}

std::size_t DecodedSize(std::string_view base64) {
  std::size_t significant = 0;
  for (char c : base64) significant += c != ' ' && c != '\n' && c != '\r' && c != '\t' && c != '=';
  return significant * 3 / 4;
}

void CheckAttachment(Run& run, NodeIndex at) {
  std::string_view data = run.Text(at, run.words.data), size = run.Text(at, run.words.size);
  if (data.empty() || size.empty() || CheckLexical(Primitive::Base64Binary, data) != nullptr) return;
  std::string bytes = std::to_string(DecodedSize(data));
  if (size != bytes) run.Report(rules::AttachmentSize, at, {size, bytes});
}

namespace {

// A unit is looked at whether or not a value set is bound; where none is, nobody said that it must be one.
void CheckQuantity(Run& run, NodeIndex at) {
  std::string_view system = run.Text(at, run.words.system), code = run.Text(at, run.words.code);
  if (system != "http://unitsofmeasure.org" || code.empty()) return;
  if (run.engine.terminology.Lookup(system, code).exists == terminology::Answer::Out)
    run.Report(rules::CodeUnknown, Severity::Warning, run.tree.Child(at, run.words.code),
               {code, system, "UCUM"});
}

// No label of meta.security stands there twice.
void CheckMeta(Run& run, NodeIndex at) {
  std::set<std::pair<std::string_view, std::string_view>> seen;
  for (NodeIndex label : node::Children(run.tree, at)) {
    if (run.tree[label].name != run.words.security) continue;
    std::string_view system = run.Text(label, run.words.system), code = run.Text(label, run.words.code);
    if (!seen.emplace(system, code).second) run.Report(rules::SecurityTwice, label, {system, code});
  }
}

struct Row {
  std::string_view type;
  TypeCheck check;
};
constexpr Row kTypeChecks[] = {{"Coding", CheckCoding},          {"Reference", CheckReference},
                               {"Extension", CheckExtension},    {"Identifier", CheckIdentifier},
                               {"Attachment", CheckAttachment},  {"canonical", CheckCanonical},
                               {"Narrative", CheckNarrative},    {"Meta", CheckMeta},
                               {"Quantity", CheckQuantity},      {"Age", CheckQuantity},
                               {"Distance", CheckQuantity},      {"Duration", CheckQuantity},
                               {"SimpleQuantity", CheckQuantity}};

}  // namespace

TypeCheck TypeCheckOf(std::string_view type) {
  for (const auto& row : kTypeChecks)
    if (row.type == type) return row.check;
  return nullptr;
}

}  // namespace passerelle::validator
