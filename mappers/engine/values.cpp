// Values: what a node says as text, and what converters make of it.

#include <algorithm>

#include "fhir_model/base/digest.h"
#include "fhir_model/identity/code_form.h"
#include "mappers/convert/rules.h"
#include "mappers/engine/run.h"

namespace passerelle::engine {

using convert::Name;
using convert::Outcome;
using node::Children;
using node::kNone;
using node::NodeIndex;

namespace {

constexpr std::string_view kNull = "\"\"";  // HL7 v2: the value shall be deleted

struct Words {
  node::NameId value = node::Intern("@value"), code = node::Intern("@code"), root = node::Intern("@root"),
               code_system = node::Intern("@codeSystem"), extension = node::Intern("@extension"),
               display_name = node::Intern("@displayName"), id = node::Intern("@ID"),
               reference = node::Intern("reference");
  // of FHIR
  node::NameId start = node::Intern("start"), end = node::Intern("end");
  node::NameId system = node::Intern("system"), coded = node::Intern("code"),
               display = node::Intern("display"), coding = node::Intern("coding"),
               version = node::Intern("version"), text = node::Intern("text"),
               status = node::Intern("status"), div = node::Intern("div");
};
const Words& W() {
  static const Words words;
  return words;
}

std::string_view Trimmed(std::string_view text) {
  auto blank = [](char c) { return c == ' ' || c == '\t' || c == '\r' || c == '\n'; };
  while (!text.empty() && blank(text.front())) text.remove_prefix(1);
  while (!text.empty() && blank(text.back())) text.remove_suffix(1);
  return text;
}

}  // namespace

// HL7 v2: the first component, down to a value. CDA: @value, else @code, else the text.
Run::Text Run::ValueAt(NodeIndex i) const {
  if (source_.format() == node::Format::Hl7v2) {
    if (source_[i].position == 0) return {};  // a segment is no value
    while (source_[i].first != kNone) {
      NodeIndex first = source_[i].first;
      if (source_[first].position != 1) return {};
      i = first;
    }
    if (source_[i].text == kNull) return {};
    return {source_[i].text, i};
  }
  if (source_[i].attribute || source_.format() == node::Format::Fhir) return {source_[i].text, i};
  for (auto name : {W().value, W().code})
    if (NodeIndex attribute = source_.Child(i, name); attribute != kNone)
      return {source_[attribute].text, attribute};
  return {source_[i].text, i};
}

// The element whose ID a CDA reference names: "#id", or "id" alone as some write it.
NodeIndex Run::Referenced(std::string_view target) {
  if (!ids_known_) {
    ids_known_ = true;
    for (NodeIndex i = 0; i < source_.size(); ++i)
      if (source_[i].attribute && source_[i].name == W().id) ids_.emplace(source_[i].text, source_[i].parent);
  }
  if (target.starts_with('#')) target.remove_prefix(1);
  auto it = ids_.find(target);
  return it == ids_.end() ? kNone : it->second;
}

// All character data of a CDA element with mixed content, runs parted by blanks. Without any, what its
// reference points to in the narrative.
Run::Text Run::TextAt(NodeIndex i) {
  if (source_.format() != node::Format::Cda || source_[i].attribute) return ValueAt(i);
  if (NodeIndex reference = source_.Child(i, W().reference); reference != kNone) {
    NodeIndex leaf = source_.Child(reference, W().value);
    NodeIndex target = leaf == kNone ? kNone : Referenced(source_[leaf].text);
    if (target != kNone && source_.Child(target, W().reference) == kNone) return {CharactersOf(target), leaf};
  }
  auto text = CharactersOf(i);
  return text.empty() ? ValueAt(i) : Text{text, i};
}

std::string_view Run::CharactersOf(NodeIndex i) {
  if (!source_[i].text.empty()) return source_[i].text;
  std::string all;
  NodeIndex at = source_[i].first;
  while (at != kNone) {
    if (!source_[at].attribute && !source_[at].text.empty()) {
      if (!all.empty() && all.back() != ' ' && all.back() != '\n') all += ' ';
      all += Trimmed(source_[at].text);
    }
    if (source_[at].first != kNone) {
      at = source_[at].first;
      continue;
    }
    while (at != i && source_[at].next == kNone) at = source_[at].parent;
    at = at == i ? kNone : source_[at].next;
  }
  return all.empty() ? std::string_view() : draft_.bundle.Keep(all);
}

void Run::Report(const RuleInfo& rule, NodeIndex node, std::initializer_list<std::string_view> arguments) {
  if (issues_.Wants(rule)) issues_.Add(rule, node == kNone ? Place{} : source_.PlaceOf(node), arguments);
}

bool Run::Settle(Outcome outcome, const RuleInfo& unreadable, NodeIndex leaf) {
  if (outcome == Outcome::Unreadable) Report(unreadable, leaf);
  if (outcome == Outcome::ZoneMissing) Report(rules::ZoneMissing, leaf);
  return outcome == Outcome::Done || outcome == Outcome::ZoneMissing;
}

bool Run::Convert(const Row& row, const Found& found, Text& value, std::string& out) {
  const convert::Zone* zone = zone_ ? &*zone_ : nullptr;
  bool whole = row.converter == Name::Text || row.converter == Name::Formatted;
  if (whole && row.reads_text && !found.is_value) value = TextAt(found.node);
  if (row.converter == Name::System) return SystemAt(found, value, out);
  if (row.converter == Name::NationalValue || row.converter == Name::NationalSystem)
    return NationalAt(row, found, value, out);
  if (row.converter == Name::Narrative) {
    convert::PutNarrative(source_, found.node, out);
    value = {{}, found.node};
    return !out.empty();
  }
  NodeIndex leaf = value.leaf != kNone ? value.leaf : found.node;
  if (value.text.empty()) {
    NoteNull(found);
    return false;
  }
  switch (row.converter) {
    case Name::Date: return Settle(convert::ToDate(value.text, out), rules::DateUnreadable, leaf);
    case Name::DateTime:
      return Settle(convert::ToDateTime(value.text, zone, out), rules::DateUnreadable, leaf);
    case Name::Instant: return Settle(convert::ToInstant(value.text, zone, out), rules::DateUnreadable, leaf);
    case Name::Time: return Settle(convert::ToTime(value.text, out), rules::DateUnreadable, leaf);
    case Name::Boolean: return Settle(convert::ToBoolean(value.text, out), rules::BooleanUnreadable, leaf);
    case Name::Number: return Settle(convert::ToNumber(value.text, out), rules::NumberUnreadable, leaf);
    case Name::Integer: return Settle(convert::ToInteger(value.text, out), rules::NumberUnreadable, leaf);
    case Name::Base64: return Settle(convert::ToBase64(value.text, out), rules::Base64Unreadable, leaf);
    default: break;
  }
  return ConvertText(row, value, out);
}

bool Run::ConvertText(const Row& row, const Text& value, std::string& out) {
  auto text = Trimmed(value.text);
  switch (row.converter) {
    case Name::Prefix:
      out = row.text;
      row.form == convert::Form::Uri ? convert::AppendToUri(text, out) : void(out += text);
      break;
    case Name::After: out = Trimmed(convert::After(text, row.text)); break;
    case Name::Before: out = Trimmed(convert::Before(text, row.text)); break;
    case Name::Formatted: convert::ToPlain(value.text, out); break;
    default: out = text; break;
  }
  return !out.empty();
}

// All that a row found, as one value.
bool Run::Join(const Row& row, const std::vector<Text>& texts, std::string& out) {
  if (row.converter == Name::Later || row.converter == Name::Earlier) {  // a time, how long, in which unit
    std::string amount;
    if (texts.size() < 2 || convert::ToInteger(Trimmed(texts[1].text), amount) != Outcome::Done ||
        amount.size() > 6)
      return false;
    auto unit = texts.size() > 2 ? convert::TimeUnit(Trimmed(texts[2].text)) : "min";
    int by = std::stoi(amount) * (row.converter == Name::Later ? 1 : -1);
    const convert::Zone* zone = zone_ ? &*zone_ : nullptr;
    return convert::ToLater(texts[0].text, by, unit, zone, out) == Outcome::Done;
  }
  for (const Text& one : texts) {
    if (!out.empty()) out += row.text;
    row.converter == Name::Encoded ? convert::ToPlain(one.text, out) : void(out += one.text);
  }
  if (row.converter == Name::Encoded) out = EncodeBase64(out);
  return true;
}

// FHIR has nothing that ends before it starts: then the second of the two is left where it is.
bool Run::RunsBackwards(NodeIndex element, std::string_view text, NodeIndex leaf) {
  const node::NameId name = draft_.bundle[element].name;
  if (name != W().end && name != W().start) return false;
  NodeIndex other = output_.FirstOf(draft_.bundle[element].parent, name == W().end ? W().start : W().end);
  if (other == kNone || draft_.bundle[other].text.empty()) return false;
  std::string_view start = draft_.bundle[other].text, end = text;
  if (name == W().start) std::swap(start, end);
  if (!convert::IsEarlier(end, start, nullptr)) return false;
  Report(rules::PeriodBackwards, leaf);
  return true;
}

// A null that a row looked at says that there is no value: nothing to map, and nothing lost.
void Run::NoteNull(const Found& found) {
  if (found.is_value || source_.format() != node::Format::Hl7v2 || source_[found.node].text != kNull) return;
  account_->drops.push_back({found.node, kNullValue});
}

// The system an HD, an OID, a table or an authority stands for. An HD's OID goes before its name.
bool Run::SystemAt(const Found& found, Text& value, std::string& out) {
  if (!found.is_value && source_.format() == node::Format::Hl7v2 && source_[found.node].first != kNone) {
    for (NodeIndex part : Children(source_, found.node))
      if (source_[part].position == 2 && p_.systems.UriOf(source_[part].text, out)) {
        value = {source_[part].text, part};
        return true;
      }
  }
  if (!found.is_value && source_.format() == node::Format::Cda && !source_[found.node].attribute)
    for (auto name : {W().root, W().code_system})
      if (NodeIndex attribute = source_.Child(found.node, name); attribute != kNone)
        value = {source_[attribute].text, attribute};
  if (value.text.empty()) {
    NoteNull(found);
    return false;
  }
  if (auto it = options_.authorities.find(std::string(value.text)); it != options_.authorities.end()) {
    out = it->second;
    return true;
  }
  if (p_.systems.UriOf(value.text, out)) {
    KeepIfNotOfSystem(value, out);
    return true;
  }
  Report(rules::AuthorityUnknown, value.leaf != kNone ? value.leaf : found.node);
  return false;
}

// CDA: what cannot be a code of the system it claims is no code of it. It stays what the sender wrote, under
// the OID.
void Run::KeepIfNotOfSystem(const Text& system, std::string& out) {
  if (source_.format() != node::Format::Cda || system.leaf == kNone || !source_[system.leaf].attribute ||
      source_[system.leaf].name != W().code_system)
    return;
  NodeIndex code = source_.Child(source_[system.leaf].parent, W().code);
  if (code == kNone || identity::MayBeCodeOf(out, Trimmed(source_[code].text))) return;
  Report(rules::CodeNotOfSystem, code, {out});
  out = "urn:oid:" + std::string(system.text);
}

// PS_IdNat, Struct_IdNat: in CDA @root and @extension; in HL7 v2 the root is in an authority beside the
// number.
bool Run::NationalAt(const Row& row, const Found& found, Text& value, std::string& out) {
  convert::National national;
  if (source_.format() == node::Format::Cda) {
    NodeIndex root = source_.Child(found.node, W().root), number = source_.Child(found.node, W().extension);
    if (root == kNone || number == kNone) return false;
    national = convert::NationalId(source_[root].text, source_[number].text);
    value.leaf = row.converter == Name::NationalValue ? number : root;
  } else if (value.leaf != kNone && source_[value.leaf].parent != kNone) {
    for (NodeIndex beside : Children(source_, source_[value.leaf].parent))
      for (NodeIndex part : Children(source_, beside))
        if (source_[part].position == 2 && national.value.empty())
          national = convert::NationalId(source_[part].text, value.text);
  }
  out = row.converter == Name::NationalValue ? national.value : national.system;
  // A number without the digit for its kind is bare already.
  if (out.empty() && row.converter == Name::NationalValue && source_.format() == node::Format::Hl7v2)
    out = value.text;
  return !out.empty();
}

namespace {

// The code, its system and what it is called, where they stand.
struct CodeParts {
  NodeIndex code = kNone, system = kNone, display = kNone;
};

CodeParts CodePartsOf(const node::Tree& tree, NodeIndex i) {
  if (tree.format() == node::Format::Cda) {
    if (tree[i].attribute) return {i, kNone, kNone};
    NodeIndex code = tree.Child(i, W().code);
    if (code == kNone) code = tree.Child(i, W().value);
    return {code == kNone ? i : code, tree.Child(i, W().code_system), tree.Child(i, W().display_name)};
  }
  if (tree[i].first == kNone) return {i, kNone, kNone};
  CodeParts parts;
  for (NodeIndex child : Children(tree, i)) {
    if (tree[child].first != kNone) continue;
    if (tree[child].position == 1) parts.code = child;
    if (tree[child].position == 2) parts.display = child;
    if (tree[child].position == 3) parts.system = child;
  }
  return parts;
}

}  // namespace

const CodeLine* Run::LineFor(const CodeMap& codes, std::string_view code, std::string_view system) const {
  auto it = codes.lines.find(code);
  auto fits = [&](const CodeLine& line) { return line.system.empty() || line.system == system; };
  if (it != codes.lines.end())
    for (const CodeLine& line : it->second)
      if (fits(line)) return &line;
  for (const CodeLine& line : codes.otherwise)
    if (fits(line)) return &line;
  return nullptr;
}

// The code map's line for the code at `i`; `code` becomes the source's code and its leaf.
const CodeLine* Run::MapCode(const Row& row, const Found& found, Text& code, const RuleInfo& unmapped) {
  std::string system;
  if (found.is_value) {
    code = {found.value, kNone};
  } else {
    CodeParts parts = CodePartsOf(source_, found.node);
    if (parts.code == kNone || source_[parts.code].text == kNull) return nullptr;
    code = {Trimmed(source_[parts.code].text), parts.code};
    if (parts.system != kNone) p_.systems.UriOf(source_[parts.system].text, system);
  }
  if (code.text.empty()) return nullptr;
  const CodeLine* line = LineFor(p_.codes[row.codes], code.text, system);
  if (line == nullptr) Report(unmapped, code.leaf, {p_.codes[row.codes].name});
  return line == nullptr || line->LeftToOthers() ? nullptr : line;
}

void Run::PutChild(NodeIndex element, node::NameId name, std::string_view text, NodeIndex leaf,
                   const Row& row) {
  if (text.empty()) return;
  NodeIndex child = output_.Add(element, name);
  if (child == kNone) return;
  output_.SetValue(child, draft_.bundle.Keep(text));
  if (leaf != kNone) Note(leaf, child, row);
}

bool Run::HasCoding(NodeIndex concept_element, std::string_view system, std::string_view code) const {
  for (NodeIndex coding : Children(draft_.bundle, concept_element)) {
    NodeIndex its_code = draft_.bundle.Child(coding, W().coded);
    if (its_code == kNone || draft_.bundle[its_code].text != code) continue;
    NodeIndex its_system = draft_.bundle.Child(coding, W().system);
    if (its_system != kNone && draft_.bundle[its_system].text == system) return true;
  }
  return false;
}

// A code, Coding or CodeableConcept of one code; of a Quantity the unit's.
bool Run::PutCoding(NodeIndex element, std::string_view system, std::string_view code,
                    std::string_view display, NodeIndex leaf, const Row& row) {
  if (code.empty()) return false;
  if (draft_.bundle[element].kind == node::Kind::Null) {  // a primitive
    const bool again = leaf != kNone && draft_.bundle[element].text == code;
    if (!again && !output_.SetValue(element, draft_.bundle.Keep(code))) return false;
    if (leaf != kNone) Note(leaf, element, row);
  } else {
    const auto* inner = p_.definitions.FindChild(draft_.bundle[element].shape, W().coding);
    if (leaf == kNone && inner != nullptr && HasCoding(element, system, code)) return true;  // a constant
    if (inner != nullptr) element = output_.Add(element, *inner);
    if (output_.FirstOf(element, W().coded) != kNone) return false;
    PutChild(element, W().system, system, kNone, row);
    PutChild(element, W().coded, code, leaf, row);
    PutChild(element, W().display, display, kNone, row);
  }
  content_ += leaf != kNone || row.condition != kNoNumber || conditional_ > 0;
  return true;
}

bool Run::PutCoded(const Row& row, NodeIndex element, const Found& found) {
  if (row.converter == Name::Coding) {
    Text value = found.is_value ? Text{found.value, kNone} : Text{};
    std::string_view display;
    if (!found.is_value) {
      CodeParts parts = CodePartsOf(source_, found.node);
      if (parts.code != kNone && source_[parts.code].text != kNull)
        value = {Trimmed(source_[parts.code].text), parts.code};
      if (parts.display != kNone) display = source_[parts.display].text;
    }
    return PutCoding(element, row.text, value.text, display, value.leaf, row);
  }
  Text code;
  const CodeLine* line = MapCode(row, found, code, rules::CodeUnmapped);
  if (line == nullptr) return false;
  std::string_view system = line->target_system.empty() ? p_.codes[row.codes].system : line->target_system;
  return PutCoding(element, system, line->same ? code.text : std::string_view(line->code), line->display,
                   code.leaf, row);
}

// The mapped coding before those that the map makes of the node. Gives the line of the code map.
const CodeLine* Run::PutMappedFirst(const Row& row, NodeIndex element, NodeIndex node) {
  Text code;
  const CodeLine* line = MapCode(row, {node, {}, false}, code, rules::CodeKeptAsSent);
  if (line == nullptr) return nullptr;
  std::string_view system = line->target_system.empty() ? p_.codes[row.codes].system : line->target_system;
  bool put = PutCoding(element, system, line->same ? code.text : std::string_view(line->code), line->display,
                       code.leaf, row);
  return put ? line : nullptr;
}

// After the mapped coding stands what the sender wrote. A code that names no system is one of the table whose
// code map knows it; the sender's words for it are text then, since they are not those of the table. Where
// that is the mapped coding once more, it goes.
void Run::SettleSent(const Row& row, const CodeLine& line, NodeIndex concept_element) {
  const node::Tree& bundle = draft_.bundle;
  NodeIndex mapped = output_.FirstOf(concept_element, W().coding);
  NodeIndex sent = mapped == kNone ? kNone : bundle.NextOfName(mapped);
  if (sent == kNone || bundle.Child(sent, W().version) != kNone) return;
  NodeIndex code = bundle.Child(sent, W().coded), words = bundle.Child(sent, W().display);
  if (code == kNone) return;
  auto text_of = [&](NodeIndex coding, node::NameId name) {
    NodeIndex child = bundle.Child(coding, name);
    return child == kNone ? std::string_view() : bundle[child].text;
  };
  std::string_view system = text_of(sent, W().system), table = p_.codes[row.codes].table;
  const bool again = bundle[code].text == text_of(mapped, W().coded) &&
                     (system.empty() || system == text_of(mapped, W().system));
  if (!again && (!system.empty() || line.is_default || table.empty())) return;
  NodeIndex said = words;
  if (words != kNone) {
    NodeIndex text = output_.FirstOf(concept_element, W().text), name = bundle.Child(mapped, W().display);
    if (again && name != kNone && bundle[name].text == bundle[words].text) {
      said = name;
    } else if (text == kNone) {
      said = output_.Add(concept_element, W().text);
      output_.SetValue(said, bundle[words].text);
    } else if (bundle[text].text == bundle[words].text) {
      said = text;
    } else {
      return;  // two texts, and room for one
    }
    account_->merged.emplace_back(words, said);
  }
  if (again) {
    account_->merged.emplace_back(code, bundle.Child(mapped, W().coded));
    if (NodeIndex named = bundle.Child(sent, W().system); named != kNone)
      account_->merged.emplace_back(named, bundle.Child(mapped, W().system));
    return output_.Remove(sent, output_.mark());
  }
  if (words != kNone) output_.Remove(words, output_.mark());
  PutChild(sent, W().system, table, kNone, row);
}

// The child of that name; a list gets one more.
NodeIndex Run::OpenChild(NodeIndex element, node::NameId name) {
  const auto* child = p_.definitions.FindChild(draft_.bundle[element].shape, name);
  if (child == nullptr) return kNone;
  NodeIndex first = child->max > 1 ? kNone : output_.FirstOf(element, name);
  return first != kNone ? first : output_.Add(element, *child);
}

// Whether a single element has its value.
bool Run::IsSet(NodeIndex element, node::NameId name) const {
  const auto* child = p_.definitions.FindChild(draft_.bundle[element].shape, name);
  return child != nullptr && child->max <= 1 && output_.FirstOf(element, name) != kNone;
}

// A leaf that says once more what the element says.
void Run::NoteSame(NodeIndex element, node::NameId name, std::string_view text, NodeIndex leaf,
                   const Row& row) {
  NodeIndex known = output_.FirstOf(element, name);
  if (known != kNone && draft_.bundle[known].text == text) Note(leaf, known, row);
}

// Takes what a structured converter tells and puts it below an element.
class Run::StructureSink final : public convert::Sink {
 public:
  StructureSink(Run& run, const Row& row, NodeIndex element) : run_(run), row_(row) {
    open_.push_back(element);
  }

  void Open(std::string_view name) override {
    open_.push_back(open_.back() == kNone ? kNone : run_.OpenChild(open_.back(), node::Find(name)));
  }
  void Close() override {
    NodeIndex closed = open_.back();
    open_.pop_back();
    if (closed != kNone && run_.draft_.bundle[closed].first == kNone)
      run_.output_.Remove(closed, run_.output_.mark());
  }
  void Put(std::string_view element, std::string_view text, NodeIndex leaf) override {
    const node::NameId name = node::Find(element);
    if (open_.back() == kNone || text.empty()) return;
    if (run_.IsSet(open_.back(), name)) {
      if (leaf != kNone) run_.NoteSame(open_.back(), name, text, leaf, row_);
      return;
    }
    run_.PutChild(open_.back(), name, text, leaf, row_);
    run_.content_ += leaf != kNone;
    came_ = true;
  }
  void Report(const RuleInfo& rule, NodeIndex leaf) override { run_.Report(rule, leaf); }
  bool came() const { return came_; }

 private:
  Run& run_;
  const Row& row_;
  std::vector<NodeIndex> open_;
  bool came_ = false;
};

// The words of the sender, who alone knows how much of them the entries say: "additional".
bool Run::PutNarrative(const Row& row, NodeIndex element, NodeIndex node) {
  std::string div;
  convert::PutNarrative(source_, node, div);
  bool says_something = !CharactersOf(node).empty() || div.find("<img") != div.npos;
  if (!says_something) return false;
  PutChild(element, W().status, "additional", kNone, row);
  PutChild(element, W().div, div, node, row);
  if (div.find(kInnerLink) != div.npos) linked_.push_back(draft_.bundle.Child(element, W().div));
  ++content_;
  return true;
}

bool Run::PutStructure(const Row& row, NodeIndex element, NodeIndex node) {
  if (row.converter == Name::Narrative) return PutNarrative(row, element, node);
  StructureSink sink(*this, row, element);
  convert::Reading reading{source_, zone_ ? &*zone_ : nullptr, p_.systems, sink};
  const auto* info = output_.InfoOf(element);
  std::string_view type =
      info != nullptr ? info->type : p_.definitions.ShapeName(draft_.bundle[element].shape);
  convert::PutStructure(row.converter, type, node, reading);
  return sink.came();
}

}  // namespace passerelle::engine
