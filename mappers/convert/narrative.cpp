// StrucDoc text (CDA R2, 4.3.5) as XHTML that FHIR allows in a narrative: what is not known is its content
// only, and nothing but the attributes written here is ever written.

#include <algorithm>
#include <array>

#include "mappers/convert/structure.h"

namespace passerelle::convert {

using node::Children;
using node::kNone;
using node::NodeIndex;
using node::Tree;

namespace {

struct ElementRow {
  node::NameId name;     // in StrucDoc
  std::string_view tag;  // in XHTML
};
// Names are interned when the program starts: a tree that was read before would not know them.
const std::array kElements = {
    ElementRow{node::Intern("paragraph"), "p"},
    ElementRow{node::Intern("content"), "span"},
    ElementRow{node::Intern("list"), "ul"},
    ElementRow{node::Intern("item"), "li"},
    ElementRow{node::Intern("table"), "table"},
    ElementRow{node::Intern("thead"), "thead"},
    ElementRow{node::Intern("tbody"), "tbody"},
    ElementRow{node::Intern("tfoot"), "tfoot"},
    ElementRow{node::Intern("tr"), "tr"},
    ElementRow{node::Intern("th"), "th"},
    ElementRow{node::Intern("td"), "td"},
    ElementRow{node::Intern("col"), "col"},
    ElementRow{node::Intern("colgroup"), "colgroup"},
    ElementRow{node::Intern("caption"), "caption"},
    ElementRow{node::Intern("br"), "br"},
    ElementRow{node::Intern("sub"), "sub"},
    ElementRow{node::Intern("sup"), "sup"},
    ElementRow{node::Intern("linkHtml"), "a"},
    ElementRow{node::Intern("footnote"), "span"},
    ElementRow{node::Intern("footnoteRef"), "span"},
    ElementRow{node::Intern("renderMultiMedia"), "a"},
};

// What XHTML lets stand in these and nowhere else; anything else in them is wrapped as one of their own.
struct ContainerRow {
  std::string_view tag;
  std::string_view children;  // each with blanks around
  std::string_view open, close;
};
constexpr std::array kContainers = {
    ContainerRow{"ul", " li ", "<li>", "</li>"},
    ContainerRow{"ol", " li ", "<li>", "</li>"},
    ContainerRow{"table", " caption col colgroup thead tbody tfoot tr ", "<tr><td>", "</td></tr>"},
    ContainerRow{"thead", " tr ", "<tr><td>", "</td></tr>"},
    ContainerRow{"tbody", " tr ", "<tr><td>", "</td></tr>"},
    ContainerRow{"tfoot", " tr ", "<tr><td>", "</td></tr>"},
    ContainerRow{"tr", " td th ", "<td>", "</td>"},
};

// What stands for an element whose container is not around it.
struct StrayRow {
  std::string_view tag, stands_as;
};
constexpr std::array kStrays = {
    StrayRow{"li", "div"},    StrayRow{"tr", "div"},    StrayRow{"td", "span"},   StrayRow{"th", "span"},
    StrayRow{"thead", "div"}, StrayRow{"tbody", "div"}, StrayRow{"tfoot", "div"}, StrayRow{"col", ""},
    StrayRow{"caption", "b"}, StrayRow{"colgroup", ""},
};

// What XHTML lets hold text only is a <div> around blocks.
constexpr std::string_view kTextOnly = " p span a sub sup b caption ";

bool IsNamed(std::string_view name, std::string_view words) {
  for (auto at = words.find(name); at != words.npos && !name.empty(); at = words.find(name, at + 1))
    if (words[at - 1] == ' ' && words[at + name.size()] == ' ') return true;
  return false;
}

const ContainerRow* ContainerOf(std::string_view tag) {
  auto row = std::find_if(kContainers.begin(), kContainers.end(),
                          [&](const ContainerRow& container) { return container.tag == tag; });
  return row == kContainers.end() ? nullptr : &*row;
}

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

struct Words {
  node::NameId id = node::Intern("@ID"), style_code = node::Intern("@styleCode"),
               href = node::Intern("@href"), list_type = node::Intern("@listType"),
               list = node::Intern("list"), caption = node::Intern("caption"),
               render = node::Intern("renderMultiMedia"), object = node::Intern("@referencedObject");
  // Elements of StrucDoc that are blocks.
  std::array<node::NameId, 8> blocks = {node::Intern("paragraph"), list,
                                        node::Intern("table"),     node::Intern("item"),
                                        node::Intern("tr"),        node::Intern("thead"),
                                        node::Intern("tbody"),     node::Intern("tfoot")};
  // Attributes that are the same in both, on table cells.
  std::array<node::NameId, 4> cell = {node::Intern("@colspan"), node::Intern("@rowspan"),
                                      node::Intern("@align"), node::Intern("@valign")};
};
const Words kWords;

void Escape(std::string_view text, std::string& out) {
  auto is_markup = [](char c) { return c == '<' || c == '>' || c == '&' || c == '"'; };
  while (true) {
    auto plain = static_cast<std::size_t>(std::find_if(text.begin(), text.end(), is_markup) - text.begin());
    out += text.substr(0, plain);
    if (plain == text.size()) return;
    switch (text[plain]) {
      case '<': out += "&lt;"; break;
      case '>': out += "&gt;"; break;
      case '&': out += "&amp;"; break;
      default: out += "&quot;"; break;
    }
    text.remove_prefix(plain + 1);
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

// An address with what cannot stand in one as %20 and the like; what the sender wrote so already stays.
std::string Address(std::string_view href) {
  if (href.starts_with('#')) return std::string(href);
  std::string out;
  for (auto percent = href.find('%'); percent != href.npos; percent = href.find('%')) {
    AppendToUri(href.substr(0, percent), out);
    out += '%';
    href.remove_prefix(percent + 1);
  }
  AppendToUri(href, out);
  return out;
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

  // `around` is the innermost tag that was written.
  void Content(NodeIndex element, std::string_view around) {
    if (!tree_[element].text.empty()) Text(tree_[element].text, around);
    for (NodeIndex child : Children(tree_, element)) {
      if (tree_[child].attribute) continue;
      if (tree_[child].kind == node::Kind::Text)
        Text(tree_[child].text, around);
      else
        Element(child, around);
    }
  }

 private:
  void Text(std::string_view text, std::string_view around) {
    const ContainerRow* container = ContainerOf(around);
    bool blank = text.find_first_not_of(" \t\n") == text.npos;
    bool wraps = container != nullptr && !blank;
    if (wraps) out_ += container->open;
    Escape(text, out_);
    if (wraps) out_ += container->close;
  }

  std::string_view TagOf(NodeIndex i) const {
    const node::NameId name = tree_[i].name;
    if (name == kWords.list && tree_.ChildText(i, kWords.list_type) == "ordered") return "ol";
    for (const auto& row : kElements)
      if (row.name == name) return row.tag;
    return {};
  }

  bool HoldsBlock(NodeIndex i) const {
    for (NodeIndex child : Children(tree_, i)) {
      if (tree_[child].attribute || tree_[child].kind == node::Kind::Text) continue;
      if (std::find(kWords.blocks.begin(), kWords.blocks.end(), tree_[child].name) != kWords.blocks.end())
        return true;
      if (HoldsBlock(child)) return true;
    }
    return false;
  }

  void Element(NodeIndex i, std::string_view around) {
    auto tag = TagOf(i);
    const ContainerRow* container = ContainerOf(around);
    if (container != nullptr && !tag.empty() && !IsNamed(tag, container->children)) {
      out_ += container->open;
      Element(i, "td");
      out_ += container->close;
      return;
    }
    if (container == nullptr)
      for (const StrayRow& stray : kStrays)
        if (stray.tag == tag && !(tag == "col" && around == "colgroup")) tag = stray.stands_as;
    if (IsNamed(tag, kTextOnly) && HoldsBlock(i)) tag = "div";
    if (tag.empty()) return Content(i, around);
    if (tree_[i].name == kWords.render) return Shown(i, tag);
    if (tag == "a" && !IsSafeLink(tree_.ChildText(i, kWords.href))) tag = "span";
    out_.append("<").append(tag);
    Attributes(i, tag);
    if (tag == "a") Attribute("href", Address(tree_.ChildText(i, kWords.href)), out_);
    if (tag == "br" || tag == "col") {
      out_ += "/>";
      return;
    }
    out_ += '>';
    Content(i, tag);
    out_.append("</").append(tag).append(">");
  }

  // A link to each object (IDREFS); it reads as the caption, else as the object's name.
  void Shown(NodeIndex i, std::string_view tag) {
    std::string_view objects = tree_.ChildText(i, kWords.object);
    bool has_caption = tree_.Child(i, kWords.caption) != kNone;
    while (true) {
      objects.remove_prefix(std::min(objects.find_first_not_of(" \t\n"), objects.size()));
      std::string_view object = objects.substr(0, objects.find_first_of(" \t\n"));
      objects.remove_prefix(object.size());
      if (object.empty()) return;
      out_.append("<").append(tag);
      Attributes(i, tag);
      Attribute("href", "#" + std::string(object), out_);
      out_ += '>';
      has_caption ? Content(i, tag) : Escape(object, out_);
      out_.append("</").append(tag).append(">");
    }
  }

  void Attributes(NodeIndex i, std::string_view tag) {
    if (auto id = tree_.ChildText(i, kWords.id); !id.empty()) Attribute("id", id, out_);
    if (auto codes = tree_.ChildText(i, kWords.style_code); !codes.empty()) Styles(codes, out_);
    if (tag != "td" && tag != "th") return;
    for (auto name : kWords.cell)
      if (auto value = tree_.ChildText(i, name); IsWordy(value))
        Attribute(node::NameText(name).substr(1), value, out_);
  }

  const Tree& tree_;
  std::string& out_;
};

}  // namespace

void PutNarrative(const Tree& source, NodeIndex text, std::string& out) {
  std::size_t begin = out.size();
  out += "<div xmlns=\"http://www.w3.org/1999/xhtml\">";
  std::size_t content = out.size();
  Writer(source, out).Content(text, "div");
  // FHIR (txt-2) wants some non-blank content.
  if (out.find_first_not_of(" \t\r\n", content) == out.npos)
    out.resize(begin);
  else
    out += "</div>";
}

}  // namespace passerelle::convert
