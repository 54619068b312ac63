#include <algorithm>
#include <cctype>
#include <vector>

#include "fhir_model/xml/reader.h"
#include "fhir_model/xml/xhtml.h"
#include "fhir_model/xml/xml.h"

namespace passerelle::xml {
namespace {

using node::Kind;
using node::kNone;
using node::kRoot;
using node::NodeIndex;
using node::Tree;

constexpr std::string_view kNamespace = " xmlns=\"http://hl7.org/fhir\"";
constexpr std::string_view kEmptyDivStart = "<div xmlns=\"http://www.w3.org/1999/xhtml\">";

// Names come from definitions, or from a JSON text where any string may be one.
std::string XmlName(std::string_view name) {
  std::string out(name.empty() ? "_" : name);
  auto fits = [](unsigned char c) { return std::isalnum(c) || c == '_' || c == '-' || c == '.' || c >= 0x80; };
  for (char& c : out)
    if (!fits(static_cast<unsigned char>(c))) c = '_';
  if (!std::isalpha(static_cast<unsigned char>(out[0])) && out[0] != '_') out.insert(0, 1, '_');
  return out;
}

class Writer {
 public:
  Writer(const Tree& tree, const spec::Definitions& definitions) : tree_(tree), definitions_(definitions) {}

  std::string Document(NodeIndex from) {
    out_ = "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n";
    const node::Node& n = tree_[from];
    auto name = tree_.NameText(n.resource != 0 ? n.resource : n.name);
    Element(from, XmlName(name), definitions_.FindShape(name), kNamespace);
    out_ += '\n';
    return std::move(out_);
  }

 private:
  struct Child {
    NodeIndex node;
    const spec::ChildInfo* info;
    std::uint32_t order;
  };

  void Element(NodeIndex i, std::string_view name, spec::ShapeId shape, std::string_view declaration = {}) {
    const node::Node& n = tree_[i];
    std::vector<Child> children = InOrder(i, shape);
    out_ += '<';
    out_ += name;
    out_ += declaration;
    for (const Child& c : children)
      if (IsAttribute(c)) Attribute(tree_.name(c.node), tree_[c.node].text);
    bool valued = n.kind == Kind::String || n.kind == Kind::Number || n.kind == Kind::Boolean;
    if (valued && n.text.data() != nullptr) Attribute("value", n.text);
    bool empty = true;
    for (const Child& c : children) {
      if (IsAttribute(c)) continue;
      if (empty) out_ += '>';
      empty = false;
      Content(c);
    }
    if (empty) {
      out_ += "/>";
    } else {
      out_.append("</").append(name) += '>';
    }
  }

  void Content(const Child& c) {
    const node::Node& n = tree_[c.node];
    std::string_view name = tree_.name(c.node);
    if (n.kind == Kind::Xhtml) return Xhtml(n.text);
    if (n.kind == Kind::Text) return EscapeXml(n.text, false, out_);
    if (n.resource != 0) {
      auto type = tree_.NameText(n.resource);
      out_.append("<").append(name) += '>';
      Element(c.node, XmlName(type), definitions_.FindShape(type));
      out_.append("</").append(name) += '>';
      return;
    }
    c.info == nullptr ? Element(c.node, XmlName(name), 0) : Element(c.node, name, c.info->shape);
  }

  static bool IsAttribute(const Child& c) { return c.info != nullptr && c.info->xml_attribute; }

  void Attribute(std::string_view name, std::string_view value) {
    out_.append(" ").append(name).append("=\"");
    EscapeXml(value, true, out_);
    out_ += '"';
  }

  // Unknown elements come last, as they stand.
  std::vector<Child> InOrder(NodeIndex parent, spec::ShapeId shape) const {
    std::vector<Child> children;
    for (NodeIndex c : node::Children(tree_, parent)) {
      // An empty JSON array is nothing in XML.
      if (tree_[c].kind == Kind::Null && tree_[c].text == "[]") continue;
      const spec::ChildInfo* info = shape == 0 ? nullptr : definitions_.FindChild(shape, tree_[c].name);
      children.push_back({c, info, info == nullptr ? UINT32_MAX : info->order});
    }
    std::stable_sort(children.begin(), children.end(),
                     [](const Child& a, const Child& b) { return a.order < b.order; });
    return children;
  }

  // The text goes out as it is if it is XML, else as words.
  void Xhtml(std::string_view div) {
    if (IsElement(div)) {
      out_ += div;
      return;
    }
    out_ += kEmptyDivStart;
    EscapeXml(div, false, out_);
    out_ += "</div>";
  }

  const Tree& tree_;
  const spec::Definitions& definitions_;
  std::string out_;
};

}  // namespace

std::string WriteFhir(const Tree& tree, const spec::Definitions& definitions, NodeIndex from) {
  return Writer(tree, definitions).Document(from);
}

}  // namespace passerelle::xml
