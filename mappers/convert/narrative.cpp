// StrucDoc text (CDA R2, 4.3.5) as XHTML that FHIR allows in a narrative: what is not known is its content
// only, and nothing but the attributes written here is ever written.

#include <array>

#include "mappers/convert/structure.h"

namespace passerelle::convert {

using node::Children;
using node::kNone;
using node::NodeIndex;
using node::Tree;

namespace {

struct ElementRow {
  std::string_view name;  // in StrucDoc
  std::string_view tag;   // in XHTML; empty: the content only
  bool leave_out = false;
};
constexpr std::array kElements = {
    ElementRow{"paragraph", "p"},
    ElementRow{"content", "span"},
    ElementRow{"list", "ul"},
    ElementRow{"item", "li"},
    ElementRow{"table", "table"},
    ElementRow{"thead", "thead"},
    ElementRow{"tbody", "tbody"},
    ElementRow{"tfoot", "tfoot"},
    ElementRow{"tr", "tr"},
    ElementRow{"th", "th"},
    ElementRow{"td", "td"},
    ElementRow{"col", "col"},
    ElementRow{"colgroup", "colgroup"},
    ElementRow{"caption", "b"},
    ElementRow{"br", "br"},
    ElementRow{"sub", "sub"},
    ElementRow{"sup", "sup"},
    ElementRow{"linkHtml", "a"},
    ElementRow{"footnote", "span"},
    ElementRow{"footnoteRef", "span"},
    ElementRow{"renderMultiMedia", "span"},
};

struct StyleRow {
  std::string_view code, css;
};
constexpr std::array kStyles = {
    StyleRow{"Bold", "font-weight: bold"},
    StyleRow{"Italics", "font-style: italic"},
    StyleRow{"Underline", "text-decoration: underline"},
    StyleRow{"Emphasis", "font-style: italic"},
    StyleRow{"Lrule", "border-left: 1px solid"},
    StyleRow{"Rrule", "border-right: 1px solid"},
    StyleRow{"Toprule", "border-top: 1px solid"},
    StyleRow{"Botrule", "border-bottom: 1px solid"},
};

// Attributes that are the same in both, on table cells and columns.
constexpr std::string_view kCellAttributes[] = {"@colspan", "@rowspan", "@align", "@valign"};

void Escape(std::string_view text, std::string& out) {
  for (char c : text) {
    switch (c) {
      case '<': out += "&lt;"; break;
      case '>': out += "&gt;"; break;
      case '&': out += "&amp;"; break;
      case '"': out += "&quot;"; break;
      default: out += c;
    }
  }
}

void Attribute(std::string_view name, std::string_view value, std::string& out) {
  out.append(" ").append(name).append("=\"");
  Escape(value, out);
  out += '"';
}

bool IsSafeLink(std::string_view href) {
  constexpr std::string_view kSchemes[] = {"http://", "https://", "mailto:", "tel:", "#"};
  for (auto scheme : kSchemes)
    if (href.starts_with(scheme)) return true;
  return false;
}

bool IsWordy(std::string_view text) {
  for (char c : text)
    if (!((c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '%'))
      return false;
  return !text.empty();
}

void Styles(std::string_view codes, std::string& out) {
  std::string css;
  while (!codes.empty()) {
    auto end = codes.find(' ');
    for (const auto& row : kStyles)
      if (codes.substr(0, end) == row.code) css.append(css.empty() ? "" : "; ").append(row.css);
    codes = end == codes.npos ? std::string_view() : codes.substr(end + 1);
  }
  if (!css.empty()) Attribute("style", css, out);
}

class Writer {
 public:
  Writer(const Tree& tree, std::string& out) : tree_(tree), out_(out) {}

  void Content(NodeIndex element) {
    if (!tree_[element].text.empty()) Escape(tree_[element].text, out_);
    for (NodeIndex child : Children(tree_, element)) {
      if (tree_[child].attribute) continue;
      if (tree_[child].kind == node::Kind::Text)
        Escape(tree_[child].text, out_);
      else
        Element(child);
    }
  }

 private:
  std::string_view TagOf(NodeIndex i) const {
    auto name = tree_.name(i);
    if (name == "list" && tree_.ChildText(i, "@listType") == "ordered") return "ol";
    for (const auto& row : kElements)
      if (row.name == name) return row.tag;
    return {};
  }

  void Element(NodeIndex i) {
    auto tag = TagOf(i);
    if (tag == "a" && !IsSafeLink(tree_.ChildText(i, "@href"))) tag = "span";
    if (tag.empty()) return Content(i);
    out_.append("<").append(tag);
    Attributes(i, tag);
    if (tag == "br" || tag == "col") {
      out_ += "/>";
      return;
    }
    out_ += '>';
    Content(i);
    out_.append("</").append(tag).append(">");
  }

  void Attributes(NodeIndex i, std::string_view tag) {
    if (auto id = tree_.ChildText(i, "@ID"); !id.empty()) Attribute("id", id, out_);
    if (tag == "a") Attribute("href", tree_.ChildText(i, "@href"), out_);
    if (auto codes = tree_.ChildText(i, "@styleCode"); !codes.empty()) Styles(codes, out_);
    if (tag != "td" && tag != "th") return;
    for (auto name : kCellAttributes)
      if (auto value = tree_.ChildText(i, name); IsWordy(value)) Attribute(name.substr(1), value, out_);
  }

  const Tree& tree_;
  std::string& out_;
};

}  // namespace

void PutNarrative(const Tree& source, NodeIndex text, std::string& out) {
  std::size_t begin = out.size();
  out += "<div xmlns=\"http://www.w3.org/1999/xhtml\">";
  std::size_t content = out.size();
  Writer(source, out).Content(text);
  // FHIR (txt-2) wants some non-blank content.
  if (out.find_first_not_of(" \t\r\n", content) == out.npos)
    out.resize(begin);
  else
    out += "</div>";
}

}  // namespace passerelle::convert
