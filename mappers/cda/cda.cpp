#include "mappers/cda/cda.h"

#include <algorithm>
#include <cctype>
#include <unordered_set>

#include "fhir_model/base/digest.h"
#include "fhir_model/node/names.h"
#include "fhir_model/xml/xml.h"
#include "mappers/cda/rules.h"

namespace passerelle::cda {
namespace {

using node::kNone;
using node::kRoot;
using node::NodeIndex;

constexpr std::string_view kRootName = "ClinicalDocument";
constexpr std::string_view kUtf8Mark = "\xEF\xBB\xBF";

// Each namespace that carries CDA or extends it, with the prefix its elements have in the tree. Some have had
// more than one URI: the French rules still bind pharm to the first form, the schema and all documents to the
// second.
constexpr xml::Vocabulary::Prefix kPrefixes[] = {
    {"urn:hl7-org:v3", ""},
    {"urn:hl7-org:sdtc", "sdtc"},
    {"urn:ihe:pharm:medication", "pharm"},
    {"urn:ihe:pharm", "pharm"},
    {"urn:oid:1.3.6.1.4.1.19376.1.3.2", "lab"},
    {"urn:hl7-org:lab", "lab"},
    {"urn:dicom-org:ps3-20", "ps3-20"},
};
constexpr xml::Vocabulary kCda{"urn:hl7-org:v3", kRootName, kPrefixes, std::size(kPrefixes)};

// Beginnings of OIDs as official examples misspell them. None of the wrong ones is registered.
struct Misspelling {
  std::string_view wrong, right;
};
constexpr Misspelling kMisspellings[] = {
    {"2.16.840.1.11383.", "2.16.840.1.113883."},
    {"1.3.5.1.4.1.19376.", "1.3.6.1.4.1.19376."},
};

// The document's text up to the first element, without comments and instructions, starts here.
std::size_t FirstElement(std::string_view text) {
  std::size_t at = 0;
  while ((at = text.find('<', at)) != text.npos) {
    std::string_view rest = text.substr(at);
    std::string_view end = rest.starts_with("<!--") ? "-->" : rest.starts_with("<?") ? "?>" : "";
    if (end.empty()) return at;
    at = text.find(end, at);
    if (at == text.npos) break;
  }
  return text.npos;
}

// "c:ClinicalDocument" of "<c:ClinicalDocument xmlns...", without its prefix.
std::string_view LocalName(std::string_view tag) {
  tag = tag.substr(1, tag.find_first_of(" \t\r\n/>", 1) - 1);
  auto colon = tag.find(':');
  return colon == tag.npos ? tag : tag.substr(colon + 1);
}

// encoding="..." of the declaration as it is written; empty without one.
std::string Declared(std::string_view bytes) {
  if (!bytes.starts_with("<?xml")) return {};
  std::string_view declaration = bytes.substr(0, std::min<std::size_t>(bytes.find("?>"), 200));
  auto at = declaration.find("encoding");
  if (at == declaration.npos) return {};
  auto open = declaration.find_first_of("'\"", at);
  if (open == declaration.npos) return {};
  auto close = declaration.find(declaration[open], open + 1);
  return close == declaration.npos ? std::string()
                                   : std::string(declaration.substr(open + 1, close - open - 1));
}

bool IsUtf8Name(std::string name) {
  std::transform(name.begin(), name.end(), name.begin(), [](unsigned char c) { return std::tolower(c); });
  return name.empty() || name == "utf-8" || name == "utf8" || name == "us-ascii" || name == "ascii";
}

bool HasManyBytes(std::string_view text) {
  return std::any_of(text.begin(), text.end(), [](char c) { return static_cast<unsigned char>(c) >= 0x80; });
}

// What the bytes say of their encoding. Where a declaration of a single-byte set stands before bytes that are
// UTF-8, a byte order mark is put in front: no French text in ISO-8859 is UTF-8 by chance.
void NoteEncoding(std::string& bytes, Issues& issues) {
  Place start{{}, 1, 1};
  if (bytes.starts_with("\xFF\xFE") || bytes.starts_with("\xFE\xFF")) {
    issues.Add(rules::CdaEncodingNotUtf8, start, {"UTF-16"});
    return;
  }
  std::string_view text = bytes;
  if (text.starts_with(kUtf8Mark)) {
    issues.Add(rules::CdaByteOrderMark, start);
    text.remove_prefix(kUtf8Mark.size());
  }
  std::string declared = Declared(text);
  if (IsUtf8Name(declared)) return;
  bool marked = text.size() != bytes.size();
  if (!marked && (!HasManyBytes(text) || FindInvalidUtf8(text))) {
    issues.Add(rules::CdaEncodingNotUtf8, start, {declared});
    return;
  }
  issues.Add(rules::CdaEncodingContradicted, start, {declared});
  if (!marked) bytes.insert(0, kUtf8Mark);
}

// One walk over the nodes finds what is odd about the document.
class Review {
 public:
  Review(node::Tree& tree, Issues& issues) : tree_(tree), issues_(issues) {}

  void Run() {
    NoteWrapper();
    for (NodeIndex i = 0; i < tree_.size(); ++i) {
      const node::Node& n = tree_[i];
      if (n.attribute) {
        if (n.name == id_) ids_.insert(n.text);
        if (n.name == code_system_ || (n.name == root_ && tree_[n.parent].name == template_id_)) Spell(i);
      } else if (n.name == reference_ || n.name == render_) {
        references_.push_back(i);
      } else if ((n.name & node::kLocalName) != 0) {
        NoteNamespace(i);
      }
    }
    for (NodeIndex i : references_) tree_[i].name == render_ ? FollowObjects(i) : Follow(i);
  }

 private:
  void Say(const RuleInfo& rule, NodeIndex at, std::initializer_list<std::string_view> arguments = {}) {
    if (issues_.Wants(rule)) issues_.Add(rule, tree_.PlaceOf(at), arguments);
  }

  void NoteWrapper() {
    std::size_t at = FirstElement(tree_.source());
    if (at == std::string_view::npos) return;
    std::string_view name = LocalName(tree_.source().substr(at));
    if (name != kRootName) Say(rules::CdaWrapped, kRoot, {name});
  }

  // Names nobody knows are "{uri}local" when their namespace is not known either.
  void NoteNamespace(NodeIndex i) {
    std::string_view name = tree_.name(i);
    if (!name.starts_with('{')) return;
    std::string_view uri = name.substr(1, name.find('}') - 1);
    if (namespaces_.insert(uri).second) Say(rules::CdaNamespaceUnknown, i, {uri});
  }

  void Spell(NodeIndex i) {
    std::string_view oid = tree_[i].text;
    for (const Misspelling& m : kMisspellings) {
      if (!oid.starts_with(m.wrong)) continue;
      std::string right = std::string(m.right).append(oid.substr(m.wrong.size()));
      Say(rules::CdaOidMisspelt, i, {oid, right});
      tree_[i].text = tree_.Keep(right);
    }
  }

  // "#ID" must exist; "ID" alone is meant as one if it exists; anything else is an address of another kind.
  void Follow(NodeIndex reference) {
    NodeIndex value = tree_.Child(reference, value_);
    if (value == kNone) return;
    std::string_view target = tree_[value].text;
    if (target.starts_with('#')) {
      if (!ids_.contains(target.substr(1))) Say(rules::CdaReferenceDangling, value);
    } else if (ids_.contains(target)) {
      Say(rules::CdaReferenceWithoutHash, value);
    } else if (target.find_first_of(":/.") == target.npos) {
      Say(rules::CdaReferenceDangling, value);
    }
  }

  // Objects are named by their IDs alone, several parted by blanks.
  void FollowObjects(NodeIndex render) {
    NodeIndex value = tree_.Child(render, referenced_object_);
    if (value == kNone) return;
    for (std::string_view rest = tree_[value].text; !rest.empty();) {
      std::string_view object = rest.substr(0, rest.find(' '));
      rest.remove_prefix(std::min(object.size() + 1, rest.size()));
      if (!object.empty() && !ids_.contains(object)) Say(rules::CdaReferenceDangling, value);
    }
  }

  inline static const node::NameId id_ = node::Intern("@ID"), code_system_ = node::Intern("@codeSystem"),
                                   root_ = node::Intern("@root"), template_id_ = node::Intern("templateId"),
                                   reference_ = node::Intern("reference"), value_ = node::Intern("@value"),
                                   render_ = node::Intern("renderMultiMedia"),
                                   referenced_object_ = node::Intern("@referencedObject");
  node::Tree& tree_;
  Issues& issues_;
  std::unordered_set<std::string_view> ids_, namespaces_;
  std::vector<NodeIndex> references_;
};

}  // namespace

Result<node::Tree> Parse(std::string bytes, const Limits& limits, Issues& issues) {
  NoteEncoding(bytes, issues);
  auto tree = xml::ParseForeign(std::move(bytes), limits, kCda);
  if (tree) Review(*tree, issues).Run();
  return tree;
}

std::string Write(const node::Tree& document) { return xml::WriteForeign(document, kCda); }

bool LooksLikeCda(std::string_view bytes) {
  std::string narrow;  // UTF-16 without its zero bytes, as far as the tags go
  if (bytes.substr(0, 4).find('\0') != bytes.npos || bytes.starts_with("\xFF\xFE") ||
      bytes.starts_with("\xFE\xFF")) {
    std::copy_if(bytes.begin(), bytes.end(), std::back_inserter(narrow), [](char c) { return c != '\0'; });
    bytes = narrow;
  }
  if (bytes.substr(0, bytes.find('<')).find_first_not_of(" \t\r\n\xEF\xBB\xBF\xFE\xFF") != bytes.npos)
    return false;
  std::size_t at = FirstElement(bytes);
  if (at == bytes.npos) return false;
  // A DOCTYPE is refused by the reader, which must see the document for that.
  if (bytes.substr(at).starts_with("<!DOCTYPE")) return bytes.find(kRootName) != bytes.npos;
  if (LocalName(bytes.substr(at)) == kRootName) return true;
  std::string_view first_tag = bytes.substr(at, bytes.find('>', at) - at);
  if (first_tag.find("http://hl7.org/fhir\"") != first_tag.npos) return false;
  for (std::size_t hit = bytes.find(kRootName, at); hit != bytes.npos; hit = bytes.find(kRootName, hit + 1))
    if (hit > 0 && (bytes[hit - 1] == '<' || bytes[hit - 1] == ':')) return true;
  return false;
}

}  // namespace passerelle::cda
