#include "fhir_model/path/html_checks.h"

#include <algorithm>
#include <array>
#include <string>
#include <vector>

namespace passerelle::path {
namespace {

// Sorted.
constexpr std::string_view kElements[] = {
    "a",   "abbr",     "acronym", "b",     "big",  "blockquote", "br",  "caption", "cite",  "code",
    "col", "colgroup", "dd",      "dfn",   "div",  "dl",         "dt",  "em",      "h1",    "h2",
    "h3",  "h4",       "h5",      "h6",    "hr",   "i",          "img", "li",      "ol",    "p",
    "pre", "q",        "samp",    "small", "span", "strong",     "sub", "sup",     "table", "tbody",
    "td",  "tfoot",    "th",      "thead", "tr",   "tt",         "ul",  "var"};
constexpr std::string_view kAttributes[] = {
    "abbr",        "accesskey",   "align",      "alt",    "axis",     "bgcolor", "border", "cellhalign",
    "cellpadding", "cellspacing", "cellvalign", "char",   "charoff",  "charset", "cite",   "class",
    "colspan",     "compact",     "coords",     "dir",    "frame",    "headers", "height", "href",
    "hreflang",    "hspace",      "id",         "lang",   "longdesc", "name",    "nowrap", "rel",
    "rev",         "rowspan",     "rules",      "scope",  "shape",    "span",    "src",    "start",
    "style",       "summary",     "tabindex",   "target", "title",    "type",    "valign", "value",
    "vspace",      "width",       "xml:lang",   "xmlns"};

bool IsIn(std::string_view word, const auto& words) {
  return std::binary_search(std::begin(words), std::end(words), word);
}
bool IsBlank(char c) { return c == ' ' || c == '\t' || c == '\n' || c == '\r'; }

std::string_view TakeName(std::string_view& text) {
  std::size_t size = 0;
  while (size < text.size() && !IsBlank(text[size]) && text[size] != '=' && text[size] != '>' &&
         text[size] != '/')
    ++size;
  std::string_view name = text.substr(0, size);
  text.remove_prefix(size);
  return name;
}

void SkipBlanks(std::string_view& text) {
  while (!text.empty() && IsBlank(text.front())) text.remove_prefix(1);
}

// The attributes and the end of a start tag, without its "<name".
bool TakeAttributes(std::string_view& text, bool& closed) {
  while (true) {
    SkipBlanks(text);
    if (text.empty()) return false;
    closed = text.starts_with("/>");
    if (closed || text.front() == '>') {
      text.remove_prefix(closed ? 2 : 1);
      return true;
    }
    std::string_view name = TakeName(text);
    if (!IsIn(name, kAttributes) && !name.starts_with("xmlns:") && name != "data-fhir") return false;
    SkipBlanks(text);
    if (!text.starts_with('=')) return false;
    text.remove_prefix(1);
    SkipBlanks(text);
    if (text.empty() || (text.front() != '"' && text.front() != '\'')) return false;
    auto end = text.find(text.front(), 1);
    if (end == text.npos) return false;
    text.remove_prefix(end + 1);
  }
}

bool SkipComment(std::string_view& text) {
  if (!text.starts_with("<!--")) return false;
  auto end = text.find("-->", 4);
  text.remove_prefix(end == text.npos ? text.size() : end + 3);
  return true;
}

}  // namespace

bool IsNarrativeHtml(std::string_view text) {
  std::vector<std::string_view> open;
  bool seen = false;
  while (!text.empty()) {
    if (text.front() != '<') {
      if (open.empty() && !IsBlank(text.front())) return false;
      text.remove_prefix(std::max<std::size_t>(1, std::min(text.find('<'), text.size())));
      if (open.empty()) continue;
      continue;
    }
    if (SkipComment(text)) continue;
    if (text.starts_with("</")) {
      text.remove_prefix(2);
      std::string_view name = TakeName(text);
      SkipBlanks(text);
      if (open.empty() || open.back() != name || !text.starts_with('>')) return false;
      open.pop_back();
      text.remove_prefix(1);
      continue;
    }
    text.remove_prefix(1);
    std::string_view name = TakeName(text);
    bool closed = false;
    if (!IsIn(name, kElements) || (open.empty() && (seen || name != "div")) || !TakeAttributes(text, closed))
      return false;
    seen = true;
    if (!closed) open.push_back(name);
  }
  return seen && open.empty();
}

bool HasHtmlContent(std::string_view text) {
  while (!text.empty()) {
    if (SkipComment(text)) continue;
    if (text.front() == '<') {
      if (text.starts_with("<img")) return true;
      auto end = text.find('>');
      text.remove_prefix(end == text.npos ? text.size() : end + 1);
      continue;
    }
    if (!IsBlank(text.front())) return true;
    text.remove_prefix(1);
  }
  return false;
}

}  // namespace passerelle::path
