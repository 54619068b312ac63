#include <algorithm>

#include "fhir_model/base/errors.h"
#include "fhir_model/xml/errors.h"
#include "fhir_model/xml/reader.h"
#include "fhir_model/xml/xhtml.h"
#include "fhir_model/xml/xml.h"

namespace passerelle::xml {
namespace {

using node::Kind;
using node::kNone;
using node::kRoot;
using node::NodeIndex;

constexpr std::string_view kFhir = "http://hl7.org/fhir";
constexpr std::string_view kXhtml = "http://www.w3.org/1999/xhtml";
constexpr std::string_view kSchemaInstance = "http://www.w3.org/2001/XMLSchema-instance";

bool IsBlank(std::string_view text) { return text.find_first_not_of(" \t\n\r") == text.npos; }

// RFC 8259, 6.
bool IsJsonNumber(std::string_view text) {
  std::size_t i = 0;
  auto digits = [&] {
    std::size_t begin = i;
    while (i < text.size() && text[i] >= '0' && text[i] <= '9') ++i;
    return i > begin;
  };
  if (i < text.size() && text[i] == '-') ++i;
  if (i < text.size() && text[i] == '0') {
    ++i;
  } else if (!digits()) {
    return false;
  }
  if (i < text.size() && text[i] == '.' && (++i, !digits())) return false;
  if (i < text.size() && (text[i] == 'e' || text[i] == 'E')) {
    ++i;
    if (i < text.size() && (text[i] == '+' || text[i] == '-')) ++i;
    if (!digits()) return false;
  }
  return i == text.size();
}

// What is no number or boolean stays a string, so that JSON can say it and a validator can see it.
Kind KindOf(spec::JsonForm form, std::string_view value) {
  if (form == spec::JsonForm::Number && IsJsonNumber(value)) return Kind::Number;
  if (form == spec::JsonForm::Boolean && (value == "true" || value == "false")) return Kind::Boolean;
  return Kind::String;
}

class FhirEvents : public Events {
 public:
  FhirEvents(node::Tree& tree, const Limits& limits, const spec::Definitions& definitions)
      : tree_(tree), limits_(limits), definitions_(definitions) {}

  void Start(const StartTag& tag) override {
    if (xhtml_) return xhtml_->Start(tag), CheckDepth(tag);
    open_.push_back(open_.empty() ? kRoot : open_.back());
    CheckDepth(tag);
    if (open_.size() == 1) return StartRoot(tag);
    NodeIndex parent = open_.back();
    if (StartsResource(parent, tag)) return;
    if (tag.name == "div" && (tag.uri == kXhtml || tree_.name(parent) == "text")) {
      open_.back() = Add(parent, "div", Kind::Xhtml, tag);
      xhtml_.emplace(tag);
      xhtml_depth_ = open_.size();
      return;
    }
    StartElement(parent, tag);
  }

  void End(std::size_t begin, std::size_t end) override {
    if (xhtml_) {
      if (!xhtml_->End(begin, end)) return;
      auto [text, in_source] = xhtml_->Take(tree_.source());
      tree_[open_.back()].text = in_source ? text : tree_.Keep(text);
      xhtml_.reset();
    }
    open_.pop_back();
  }

  void Text(std::string_view text, bool in_source) override {
    if (xhtml_) return xhtml_->Text(text);
    if (IsBlank(text) || open_.empty()) return;
    // FHIR has no character data: kept, so that the validator can say so.
    if (Room(0, 0)) tree_.Append(open_.back(), 0, Kind::Text, in_source ? text : tree_.Keep(text));
  }

 private:
  void CheckDepth(const StartTag& tag) {
    std::size_t depth = xhtml_ ? std::max(xhtml_->depth(), open_.size()) : open_.size();
    if (depth > limits_.depth_max)
      Fail(errors::InputTooDeep, "more than " + std::to_string(limits_.depth_max), {{}, tag.line, tag.column});
  }

  bool Room(std::uint32_t line, std::uint32_t column) {
    if (tree_.size() < limits_.values_max) return true;
    Fail(errors::InputTooManyValues, std::to_string(limits_.values_max), {{}, line, column});
    return false;
  }

  void StartRoot(const StartTag& tag) {
    if (tag.uri != kFhir)
      return Fail(errors::XmlRootUnexpected, "the root element is not in " + std::string(kFhir),
                  {{}, tag.line, tag.column});
    node::Node& root = tree_[kRoot];
    root.line = tag.line, root.column = tag.column;
    BeginResource(kRoot, tag);
    tree_[kRoot].name = tree_[kRoot].resource;
  }

  void BeginResource(NodeIndex i, const StartTag& tag) {
    tree_[i].resource = tree_.NameOf(tag.name);
    tree_[i].shape = definitions_.FindShape(tag.name);
    if (tree_[i].shape != 0 && !definitions_.IsResource(tree_[i].shape)) tree_[i].shape = 0;
    Attributes(i, tag, false);
  }

  // <contained><Patient>: the two are one node.
  bool StartsResource(NodeIndex parent, const StartTag& tag) {
    node::Node& n = tree_[parent];
    bool any = n.shape != 0 && definitions_.IsAnyResource(n.shape);
    if (!any || n.resource != 0 || tag.name.empty() || tag.name[0] < 'A' || tag.name[0] > 'Z') return false;
    n.line = tag.line, n.column = tag.column;
    BeginResource(parent, tag);
    return true;
  }

  void StartElement(NodeIndex parent, const StartTag& tag) {
    const spec::ChildInfo* info = nullptr;
    if (tag.uri == kFhir)
      if (spec::ShapeId shape = tree_[parent].shape) info = definitions_.FindChild(shape, node::Find(tag.name));
    bool primitive = info != nullptr && info->form != spec::JsonForm::Object;
    NodeIndex i = Add(
        parent,
        tag.uri == kFhir ? std::string(tag.name) : "{" + std::string(tag.uri) + "}" + std::string(tag.name),
        primitive ? Kind::Null : Kind::Element, tag);
    if (i == kNone) return;
    open_.back() = i;
    if (info != nullptr) {
      tree_[i].shape = info->shape;
      tree_[i].list = info->max > 1;
    }
    Attributes(i, tag, true, primitive ? info->form : spec::JsonForm::String);
  }

  NodeIndex Add(NodeIndex parent, std::string_view name, Kind kind, const StartTag& tag) {
    if (!Room(tag.line, tag.column)) return kNone;
    NodeIndex i = tree_.Append(parent, tree_.NameOf(name), kind);
    tree_[i].line = tag.line, tree_[i].column = tag.column;
    return i;
  }

  void Attributes(NodeIndex i, const StartTag& tag, bool may_have_value,
                  spec::JsonForm form = spec::JsonForm::String) {
    for (const Attribute& a : tag.attributes) {
      if (a.uri == kSchemaInstance) continue;
      std::string_view value = a.in_source ? a.value : tree_.Keep(a.value);
      if (may_have_value && a.name == "value" && a.uri.empty()) {
        tree_[i].kind = KindOf(form, value);
        tree_[i].text = value;
        continue;
      }
      if (value.size() > limits_.attribute_bytes_max)
        return Fail(errors::XmlAttributeTooLong, std::to_string(value.size()) + " bytes", {{}, tag.line, tag.column});
      if (!Room(tag.line, tag.column)) return;
      NodeIndex child = tree_.Append(i, tree_.NameOf(a.name), Kind::String, value);
      node::Node& n = tree_[child];
      n.line = tag.line, n.column = tag.column;
      const spec::ChildInfo* info =
          tree_[i].shape == 0 ? nullptr : definitions_.FindChild(tree_[i].shape, n.name);
      if (info != nullptr) n.shape = info->shape;
      n.attribute = info == nullptr || !info->xml_attribute;  // marks what FHIR does not know
    }
  }

  node::Tree& tree_;
  const Limits& limits_;
  const spec::Definitions& definitions_;
  std::vector<NodeIndex> open_;  // a node for each open element; the same twice for a resource in its holder
  std::optional<XhtmlCapture> xhtml_;
  std::size_t xhtml_depth_ = 0;
};

}  // namespace

Result<node::Tree> ParseFhir(std::string bytes, const Limits& limits, const spec::Definitions& definitions) {
  node::Tree tree(node::Format::Fhir);
  CHECK_OK(AdoptXml(tree, std::move(bytes), limits));
  FhirEvents events(tree, limits, definitions);
  CHECK_OK(Read(tree.source(), events));
  return tree;
}

}  // namespace passerelle::xml
