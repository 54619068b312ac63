#include <algorithm>
#include <array>
#include <cstdint>
#include <unordered_map>

#include "fhir_model/base/errors.h"
#include "fhir_model/xml/errors.h"
#include "fhir_model/xml/reader.h"
#include "fhir_model/xml/xml.h"

namespace passerelle::xml {
namespace {

using node::Kind;
using node::kNone;
using node::kRoot;
using node::NameId;
using node::NodeIndex;

constexpr std::string_view kSchemaInstance = "http://www.w3.org/2001/XMLSchema-instance";
constexpr std::string_view kXmlItself = "http://www.w3.org/XML/1998/namespace";

// Blanks with a line end among them mean nothing; a blank between two words of a narrative does.
bool IsIndentation(std::string_view text) {
  constexpr std::string_view kEight = "        ";
  bool line_end = false;
  while (!text.empty()) {
    if (text.starts_with(kEight)) {
      text.remove_prefix(kEight.size());
      continue;
    }
    if (text[0] != ' ' && text[0] != '\t' && text[0] != '\n') return false;
    line_end = line_end || text[0] == '\n';
    text.remove_prefix(1);
  }
  return line_end;
}

class ForeignEvents : public Events {
 public:
  ForeignEvents(node::Tree& tree, const Limits& limits, const Vocabulary& vocabulary)
      : tree_(tree), limits_(limits), vocabulary_(vocabulary) {}

  bool found() const { return found_; }

  void Start(const StartTag& tag) override {
    ++depth_;
    Declare(tag);
    if (depth_ > limits_.depth_max)
      return Fail(errors::InputTooDeep, "more than " + std::to_string(limits_.depth_max), PlaceOf(tag));
    if (open_.empty()) {
      bool root = !found_ && tag.name == vocabulary_.root_name && tag.uri == vocabulary_.root_namespace;
      if (!root) return;
      found_ = true;
      tree_[kRoot].name = tree_.NameOf(tag.name);
      open_.push_back({kRoot});
    } else {
      FlushPendingText();
      NodeIndex i = Append(open_.back().node, Name(tag.uri, tag.name, false), Kind::Element, {}, tag);
      if (i == kNone) return;
      open_.back().has_elements = true;
      open_.push_back({i});
    }
    node::Node& n = tree_[open_.back().node];
    n.line = tag.line, n.column = tag.column;
    Attributes(tag);
  }

  void End(std::size_t, std::size_t) override {
    while (!prefixes_.empty() && prefixes_.back().depth == depth_) prefixes_.pop_back();
    --depth_;
    if (open_.empty()) return;
    Open& element = open_.back();
    if (element.has_elements) {
      FlushPendingText();
    } else if (!element.text.empty()) {
      tree_[element.node].text = element.text;
      tree_[element.node].kind = Kind::String;
    }
    open_.pop_back();
  }

  void Text(std::string_view text, bool in_source) override {
    if (open_.empty() || IsIndentation(text)) return;
    open_.back().text = in_source ? text : tree_.Keep(text);
  }

 private:
  struct Open {
    NodeIndex node;
    std::string_view text = {};  // the run since the last child
    bool has_elements = false;
  };
  struct Known {
    const char* local = nullptr;
    const char* uri = nullptr;
    bool attribute = false;
    NameId id = 0;
  };
  struct Bound {
    std::string_view prefix, uri;
    std::size_t depth;
  };

  Place PlaceOf(const StartTag& tag) const {
    return {open_.empty() ? std::string() : tree_.Path(open_.back().node), tag.line, tag.column};
  }

  void Declare(const StartTag& tag) {
    for (const Declaration& d : tag.declarations) prefixes_.push_back({d.prefix, d.uri, depth_});
  }

  void FlushPendingText() {
    Open& element = open_.back();
    if (element.text.empty()) return;
    if (tree_.size() < limits_.values_max) tree_.Append(element.node, 0, Kind::Text, element.text);
    element.text = {};
  }

  NodeIndex Append(NodeIndex parent, NameId name, Kind kind, std::string_view text, const StartTag& tag) {
    if (tree_.size() >= limits_.values_max) {
      Fail(errors::InputTooManyValues, std::to_string(limits_.values_max), PlaceOf(tag));
      return kNone;
    }
    NodeIndex i = tree_.Append(parent, name, kind, text);
    tree_[i].line = tag.line, tree_[i].column = tag.column;
    return i;
  }

  std::optional<std::string_view> PrefixFor(std::string_view uri) const {
    for (std::size_t i = 0; i < vocabulary_.prefix_count; ++i)
      if (vocabulary_.prefixes[i].uri == uri) return vocabulary_.prefixes[i].prefix;
    if (uri == vocabulary_.root_namespace) return std::string_view();
    if (uri == kSchemaInstance) return "xsi";
    if (uri == kXmlItself) return "xml";
    return std::nullopt;
  }

  // The name a node gets: "id", "@root", "sdtc:id", "@xsi:type", "{uri}name". The parser has each spelling once,
  // so where it stands tells which one it is.
  NameId Name(std::string_view uri, std::string_view local, bool attribute) {
    auto place = (reinterpret_cast<std::uintptr_t>(local.data()) >> 2) ^ (attribute ? 1u : 0u);
    Known& known = known_[place % known_.size()];
    if (known.local == local.data() && known.uri == uri.data() && known.attribute == attribute) return known.id;
    known = {local.data(), uri.data(), attribute, Spell(uri, local, attribute)};
    return known.id;
  }

  NameId Spell(std::string_view uri, std::string_view local, bool attribute) {
    spelled_.clear();
    if (attribute) spelled_ += '@';
    // An attribute without prefix is in no namespace.
    if (!(attribute && uri.empty())) {
      if (auto prefix = PrefixFor(uri)) {
        if (!prefix->empty()) spelled_.append(*prefix) += ':';
      } else {
        spelled_.append("{").append(uri) += '}';
      }
    }
    spelled_ += local;
    return tree_.NameOf(spelled_);
  }

  void Attributes(const StartTag& tag) {
    NodeIndex element = open_.back().node;
    for (const Attribute& a : tag.attributes) {
      if (a.value.size() > limits_.attribute_bytes_max)
        return Fail(errors::XmlAttributeTooLong, std::to_string(a.value.size()) + " bytes", PlaceOf(tag));
      std::string_view value = a.in_source ? a.value : tree_.Keep(a.value);
      if (a.uri == kSchemaInstance && a.name == "type") value = TypeName(value);
      NodeIndex i = Append(element, Name(a.uri, a.name, true), Kind::String, value, tag);
      if (i == kNone) return;
      tree_[i].attribute = true;
    }
  }

  // xsi:type="c:CD": the value is a qualified name; it reads "CD" whatever the prefix.
  std::string_view TypeName(std::string_view value) {
    auto colon = value.find(':');
    std::string_view prefix = colon == value.npos ? std::string_view() : value.substr(0, colon);
    std::string_view local = colon == value.npos ? value : value.substr(colon + 1);
    auto bound = std::find_if(prefixes_.rbegin(), prefixes_.rend(), [&](const Bound& b) { return b.prefix == prefix; });
    if (bound == prefixes_.rend()) return local;
    auto spelling = PrefixFor(bound->uri);
    if (!spelling || spelling->empty()) return local;
    return tree_.Keep(std::string(*spelling) + ":" + std::string(local));
  }

  node::Tree& tree_;
  const Limits& limits_;
  const Vocabulary& vocabulary_;
  std::vector<Open> open_;
  std::vector<Bound> prefixes_;
  std::string spelled_;
  std::array<Known, 512> known_{};
  std::size_t depth_ = 0;
  bool found_ = false;
};

}  // namespace

Result<node::Tree> ParseForeign(std::string bytes, const Limits& limits, const Vocabulary& vocabulary) {
  node::Tree tree(node::Format::Cda);
  CHECK_OK(AdoptXml(tree, std::move(bytes), limits));
  constexpr std::size_t kBytesPerNode = 28, kReserveMax = 1 << 16;  // documents with bytes in them have fewer
  tree.Reserve(std::min(tree.source().size() / kBytesPerNode, kReserveMax));
  ForeignEvents events(tree, limits, vocabulary);
  CHECK_OK(Read(tree.source(), events));
  if (!events.found())
    return Error{errors::XmlRootUnexpected, "no element " + std::string(vocabulary.root_name), {{}, 1, 1}};
  return tree;
}

}  // namespace passerelle::xml
