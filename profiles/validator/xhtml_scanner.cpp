#include "profiles/validator/xhtml_scanner.h"

#include <algorithm>
#include <array>

namespace passerelle::validator {
namespace {

constexpr std::size_t kDepthMax = 200;

bool IsSpace(char c) { return c == ' ' || c == '\n' || c == '\r' || c == '\t'; }

constexpr std::array<bool, 256> kNameChars = [] {
  std::array<bool, 256> chars{};
  for (std::size_t c = 0; c < chars.size(); ++c)
    chars[c] = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' ||
               c == '_' || c == ':' || c == '.' || c >= 0x80;
  return chars;
}();
bool IsNameChar(char c) { return kNameChars[static_cast<unsigned char>(c)]; }

class Scanner {
 public:
  Scanner(std::string_view text, XhtmlVisitor& visitor) : rest_(text), visitor_(visitor) {}

  std::string Scan() {
    while (!rest_.empty() && wrong_.empty()) rest_.front() == '<' ? Markup() : Text();
    if (wrong_.empty() && !open_.empty()) wrong_ = "<" + std::string(open_.back()) + "> is not closed";
    if (wrong_.empty() && !any_) wrong_ = "there is no element";
    return wrong_;
  }

 private:
  bool Take(std::string_view word) {
    if (!rest_.starts_with(word)) return false;
    rest_.remove_prefix(word.size());
    return true;
  }
  void SkipSpaces() {
    std::size_t size = 0;
    while (size < rest_.size() && IsSpace(rest_[size])) ++size;
    rest_.remove_prefix(size);
  }
  std::string_view Name() {
    std::size_t size = 0;
    while (size < rest_.size() && IsNameChar(rest_[size])) ++size;
    std::string_view name = rest_.substr(0, size);
    rest_.remove_prefix(size);
    return name;
  }
  void SkipPast(std::string_view end) {
    auto at = rest_.find(end);
    if (at == rest_.npos) wrong_ = "something is not closed";
    rest_.remove_prefix(at == rest_.npos ? rest_.size() : at + end.size());
  }

  void Text() {
    std::string_view text = rest_.substr(0, rest_.find('<'));
    rest_.remove_prefix(text.size());
    if (std::all_of(text.begin(), text.end(), IsSpace)) return;
    if (open_.empty()) wrong_ = "text outside of the element";
    for (auto at = text.find('&'); at != text.npos; at = text.find('&', at + 1)) {
      auto end = text.find(';', at);
      if (end == text.npos || end - at > 12 || end == at + 1) wrong_ = "'&' is not escaped";
    }
    visitor_.Content();
  }

  void Markup() {
    rest_.remove_prefix(1);
    switch (rest_.empty() ? '\0' : rest_.front()) {
      case '!':
      case '?': return Aside();
      case '/': return rest_.remove_prefix(1), End();
      default: return Start();
    }
  }

  // What is no element.
  void Aside() {
    if (Take("!--")) return SkipPast("-->");
    if (Take("![CDATA[")) return SkipPast("]]>");
    if (Take("?")) return SkipPast("?>");
    wrong_ = "a declaration is not allowed";
  }

  void End() {
    std::string_view name = Name();
    SkipSpaces();
    if (!Take(">"))
      wrong_ = "</" + std::string(name) + " is not closed";
    else if (open_.empty() || open_.back() != name)
      wrong_ = "</" + std::string(name) + "> closes nothing";
    else
      open_.pop_back(), visitor_.End();
  }

  void Start() {
    std::string_view name = Name();
    attributes_.clear();
    if (name.empty()) wrong_ = "'<' is not escaped";
    if (open_.empty() && any_) wrong_ = "there is more than one element";
    any_ = true;
    while (wrong_.empty()) {
      SkipSpaces();
      if (rest_.starts_with('>') || rest_.starts_with("/>")) break;
      Attribute();
    }
    if (!wrong_.empty()) return;
    visitor_.Start(name, attributes_);
    if (Take("/>")) return visitor_.End();
    Take(">");
    if (open_.size() >= kDepthMax) wrong_ = "elements are nested too deep";
    open_.push_back(name);
  }

  void Attribute() {
    std::string_view name = Name();
    SkipSpaces();
    bool equals = Take("=");
    SkipSpaces();
    if (name.empty() || !equals || rest_.empty() || (rest_.front() != '"' && rest_.front() != '\'')) {
      wrong_ = "an attribute is malformed";
      return;
    }
    char quote = rest_.front();
    auto end = rest_.find(quote, 1);
    if (end == rest_.npos) {
      wrong_ = "an attribute is not closed";
      return;
    }
    attributes_.push_back({name, rest_.substr(1, end - 1)});
    rest_.remove_prefix(end + 1);
  }

  std::string_view rest_;
  XhtmlVisitor& visitor_;
  std::vector<std::string_view> open_;
  std::vector<XhtmlAttribute> attributes_;
  std::string wrong_;
  bool any_ = false;
};

template <std::size_t N>
bool Among(const std::array<std::string_view, N>& list, std::string_view text) {
  if (text.empty()) return false;
  return std::any_of(list.begin(), list.end(),
                     [&](std::string_view one) { return one.front() == text.front() && one == text; });
}

}  // namespace

std::string ScanXhtml(std::string_view text, XhtmlVisitor& visitor) { return Scanner(text, visitor).Scan(); }

bool IsNarrativeAttribute(std::string_view element, std::string_view name) {
  constexpr std::array<std::string_view, 21> kAnywhere = {
      "title",     "style",    "class", "id",      "lang",  "xml:lang", "dir",
      "accesskey", "tabindex", "span",  "width",   "align", "valign",   "char",
      "charoff",   "abbr",     "axis",  "headers", "scope", "rowspan",  "colspan"};
  struct Row {
    std::string_view element;
    std::string_view names;
  };
  constexpr Row kOwn[] = {{"a", " href name charset type hreflang rel rev shape coords "},
                          {"img", " src alt longdesc height width usemap ismap border "},
                          {"div", " xmlns "},
                          {"blockquote", " cite "},
                          {"q", " cite "},
                          {"map", " name "},
                          {"area", " shape coords href nohref alt "},
                          {"table", " summary border frame rules cellspacing cellpadding bgcolor "},
                          {"tr", " bgcolor "},
                          {"pre", " space xml:space "},
                          {"td", " nowrap bgcolor "},
                          {"th", " nowrap bgcolor "}};
  // "data-fhir" is how the publishing tool marks what it generated.
  if (Among(kAnywhere, name) || name.starts_with("xmlns") || name == "data-fhir") return true;
  for (const auto& row : kOwn)
    if (row.element == element && row.names.find(" " + std::string(name) + " ") != row.names.npos)
      return true;
  return false;
}

}  // namespace passerelle::validator
