// Narratives: XHTML within what FHIR allows, with content, with links that lead somewhere.

#include <algorithm>
#include <utility>

#include "profiles/validator/families.h"
#include "profiles/validator/xhtml_nesting.h"
#include "profiles/validator/xhtml_scanner.h"

namespace passerelle::validator {

using node::kNone;
using node::NodeIndex;

namespace {

// Whether what follows "data:" is a MIME type, maybe ";base64", a comma and data without another comma.
bool IsDataUrl(std::string_view text) {
  auto comma = text.find(',');
  if (comma == text.npos || comma + 1 == text.size() || text.find(',', comma + 1) != text.npos) return false;
  std::string_view type = text.substr(0, comma), data = text.substr(comma + 1);
  if (type.ends_with(";base64") && CheckLexical(Primitive::Base64Binary, data) != nullptr) return false;
  type = type.substr(0, type.find(';'));
  return type.empty() || type.find('/') != type.npos;
}

// Whether an address has only characters that addresses have; others than those of ASCII pass.
bool HasUrlCharacters(std::string_view text) {
  constexpr std::string_view kMarks = ";?:@&=+$.,/%-_~#[]!'()*|";
  return std::all_of(text.begin(), text.end(), [&](char c) {
    bool letter = (c | 0x20) >= 'a' && (c | 0x20) <= 'z', digit = c >= '0' && c <= '9';
    return letter || digit || static_cast<unsigned char>(c) >= 0x80 || kMarks.find(c) != kMarks.npos;
  });
}

class Checker : public XhtmlVisitor {
 public:
  Checker(Run& run, NodeIndex div) : run_(run), div_(div) {}

  void Start(std::string_view name, const std::vector<XhtmlAttribute>& attributes) override {
    std::string_view around = nesting_.innermost();
    const bool fits = nesting_.Open(name);
    if (nesting_.innermost().empty()) run_.Report(rules::NarrativeElement, div_, {name});
    if (!fits) run_.Report(rules::NarrativeNesting, div_, {name, around});
    if (name == "img") content_ = true;
    std::string_view lang, xml_lang;
    for (const auto& a : attributes) {
      bool handler = a.name.starts_with("on");
      if (handler || !IsNarrativeAttribute(name, a.name))
        run_.Report(rules::NarrativeAttribute, div_, {a.name, name});
      if (a.name == "id" || (name == "a" && a.name == "name")) anchors_.push_back(a.value);
      if ((name == "a" && a.name == "href") || (name == "img" && a.name == "src")) links_.push_back(a.value);
      if (a.name == "lang") lang = a.value;
      if (a.name == "xml:lang") xml_lang = a.value;
      if (first_ && a.name == "xmlns") namespace_ = a.value;
    }
    if (first_ && !lang.empty() && !xml_lang.empty() && lang != xml_lang)
      run_.Report(rules::NarrativeLanguage, div_);
    if (first_ && name != "div") rooted_ = false;
    first_ = false;
  }
  void Content() override {
    content_ = true;
    if (!nesting_.Text()) run_.Report(rules::NarrativeText, div_, {nesting_.innermost()});
  }
  void End() override { nesting_.Close(); }

  void Finish() {
    if (!rooted_ || namespace_ != "http://www.w3.org/1999/xhtml") run_.Report(rules::NarrativeRoot, div_);
    if (!content_) run_.Report(rules::NarrativeEmpty, div_);
    std::sort(anchors_.begin(), anchors_.end());
    for (auto link : links_) CheckLink(link);
  }

 private:
  void CheckLink(std::string_view link) {
    bool data = link.starts_with("data:");
    if (data ? !IsDataUrl(link.substr(5)) : link.empty() || !HasUrlCharacters(link))
      return run_.Report(rules::NarrativeUrl, div_, {link.substr(0, kShownMax)});
    if (link.starts_with('#')) {
      std::string_view name = link.substr(1);
      bool found = name.empty() || std::binary_search(anchors_.begin(), anchors_.end(), name) ||
                   run_.FindContained(div_, name) != kNone;
      if (!found) run_.Report(rules::NarrativeLink, div_, {link});
      return;
    }
    constexpr std::string_view kSchemes[] = {"http", "https", "mailto", "tel", "ftp", "data", "sms", "geo"};
    auto colon = link.find(':');
    if (colon == link.npos || link.find_first_of("/?#") < colon) return;
    std::string_view scheme = link.substr(0, colon);
    if (std::find(std::begin(kSchemes), std::end(kSchemes), scheme) == std::end(kSchemes))
      run_.Report(rules::NarrativeScheme, div_, {scheme, link});
  }

  static constexpr std::size_t kShownMax = 80;  // a data URL can be long

  Run& run_;
  NodeIndex div_;
  XhtmlNesting nesting_;
  bool first_ = true, rooted_ = true, content_ = false;
  std::string_view namespace_;
  std::vector<std::string_view> anchors_, links_;
};

}  // namespace

void CheckNarrative(Run& run, NodeIndex at) {
  NodeIndex div = run.tree.Child(at, run.words.div);
  if (div == kNone || run.tree[div].text.empty()) return;
  Checker checker(run, div);
  std::string wrong = ScanXhtml(run.tree[div].text, checker);
  if (!wrong.empty()) return run.Report(rules::NarrativeMalformed, div, {wrong});
  checker.Finish();
}

namespace {

// The languages of the <div>s within the narrative's own.
class LanguageSections : public XhtmlVisitor {
 public:
  void Start(std::string_view name, const std::vector<XhtmlAttribute>& attributes) override {
    bool outermost = std::exchange(outermost_, false);
    if (outermost || name != "div") return;
    for (const auto& a : attributes)
      if (a.name == "lang" || a.name == "xml:lang") {
        languages.push_back(a.value);
        break;
      }
  }
  void Content() override {}

  std::vector<std::string_view> languages;

 private:
  bool outermost_ = true;
};

}  // namespace

void CheckNarrativeLanguages(Run& run, NodeIndex at, const ElementChecks& checks) {
  NodeIndex div = run.tree.Child(at, run.words.div);
  if (div == kNone) return;
  LanguageSections sections;
  ScanXhtml(run.tree[div].text, sections);
  const auto& found = sections.languages;
  std::string_view source = checks.profile->url;
  for (std::string_view control : checks.element->narrative_languages) {
    if (control == "_no") {
      if (!found.empty()) run.Report(rules::NarrativeSections, at, {found.front(), source}, source);
      continue;
    }
    if (control == "_yes") {
      if (found.empty()) run.Report(rules::NarrativeNoSections, at, {source}, source);
      continue;
    }
    std::string_view wanted = control == "_resource" ? run.Text(run.resource, run.words.language) : control;
    if (!wanted.empty() && std::find(found.begin(), found.end(), wanted) == found.end())
      run.Report(rules::NarrativeSectionMissing, at, {wanted, source}, source);
  }
}

}  // namespace passerelle::validator
