// Foreign vocabularies as XML: what ParseForeign read, written again.

#include <set>

#include "fhir_model/xml/xml.h"

namespace passerelle::xml {
namespace {

using node::NodeIndex;
using node::Tree;

void Escape(std::string_view text, bool attribute, std::string& out) {
  for (char c : text) {
    switch (c) {
      case '&': out += "&amp;"; break;
      case '<': out += "&lt;"; break;
      case '>': out += "&gt;"; break;
      case '"': out += attribute ? "&quot;" : "\""; break;
      case '\n': out += attribute ? "&#10;" : "\n"; break;
      case '\t': out += attribute ? "&#9;" : "\t"; break;
      case '\r': out += "&#13;"; break;
      default: out += c;
    }
  }
}

class ForeignWriter {
 public:
  ForeignWriter(const Tree& tree, const Vocabulary& vocabulary) : tree_(tree), vocabulary_(vocabulary) {}

  std::string Document() {
    out_ = "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n";
    Element(node::kRoot, 0);
    out_ += "\n";
    return std::move(out_);
  }

 private:
  // Recursion is bounded by the depth that the reader allowed.
  void Element(NodeIndex i, int depth) {
    std::string_view name = tree_.name(i);
    std::string_view uri;
    if (name.starts_with('{')) {
      auto close = name.find('}');
      uri = name.substr(1, close - 1), name = name.substr(close + 1);
    }
    out_ += '<';
    out_ += name;
    if (depth == 0) Namespaces();
    if (!uri.empty()) Attribute("xmlns", uri);
    for (NodeIndex child : node::Children(tree_, i))
      if (tree_[child].attribute) Attribute(tree_.name(child).substr(1), tree_[child].text);
    auto body = out_.size();
    out_ += '>';
    Escape(tree_[i].text, false, out_);
    for (NodeIndex child : node::Children(tree_, i)) {
      if (tree_[child].attribute) continue;
      if (tree_[child].kind == node::Kind::Text)
        Escape(tree_[child].text, false, out_);
      else
        Element(child, depth + 1);
    }
    if (out_.size() == body + 1) {
      out_.replace(body, 1, "/>");
      return;
    }
    out_.append("</").append(name) += '>';
  }

  void Attribute(std::string_view name, std::string_view value) {
    if (name.starts_with('{')) return;  // of a namespace nobody declared here
    out_.append(" ").append(name).append("=\"");
    Escape(value, true, out_);
    out_ += '"';
  }

  void Namespaces() {
    Attribute("xmlns", vocabulary_.root_namespace);
    Attribute("xmlns:xsi", "http://www.w3.org/2001/XMLSchema-instance");
    std::set<std::string_view> declared;
    for (std::size_t p = 0; p < vocabulary_.prefix_count; ++p) {
      const auto& row = vocabulary_.prefixes[p];
      if (row.prefix.empty() || !declared.insert(row.prefix).second) continue;
      Attribute("xmlns:" + std::string(row.prefix), row.uri);
    }
  }

  const Tree& tree_;
  const Vocabulary& vocabulary_;
  std::string out_;
};

}  // namespace

std::string WriteForeign(const node::Tree& tree, const Vocabulary& vocabulary) {
  return ForeignWriter(tree, vocabulary).Document();
}

}  // namespace passerelle::xml
