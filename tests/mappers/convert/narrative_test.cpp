// Narratives: what comes out is XHTML as FHIR has it, whatever went in.

#include <catch2/catch.hpp>

#include "mappers/cda/cda.h"
#include "mappers/convert/structure.h"

namespace passerelle::convert {
namespace {

// The inside of the <div> that `text`, the inside of a section's text, becomes.
std::string Narrative(const std::string& text) {
  Issues issues;
  auto document =
      cda::Parse(R"(<ClinicalDocument xmlns="urn:hl7-org:v3"><text>)" + text + "</text></ClinicalDocument>",
                 kFileLimits, issues);
  REQUIRE(document);
  std::string out;
  PutNarrative(*document, document->Child(node::kRoot, "text"), out);
  if (out.empty()) return out;
  constexpr std::string_view kOpen = "<div xmlns=\"http://www.w3.org/1999/xhtml\">", kClose = "</div>";
  REQUIRE(out.starts_with(kOpen));
  REQUIRE(out.ends_with(kClose));
  return out.substr(kOpen.size(), out.size() - kOpen.size() - kClose.size());
}

}  // namespace

TEST_CASE("a narrative keeps its tables, lists, styles and links", "[narrative]") {
  struct Pair {
    const char* cda;
    const char* xhtml;
  };
  constexpr Pair kPairs[] = {
      {"<paragraph>Bon<br/>jour</paragraph>", "<p>Bon<br/>jour</p>"},
      {R"(<list listType="ordered"><item>a</item></list>)", "<ol><li>a</li></ol>"},
      {"<table><caption>c</caption><tbody><tr><td colspan=\"2\">x</td></tr></tbody></table>",
       "<table><caption>c</caption><tbody><tr><td colspan=\"2\">x</td></tr></tbody></table>"},
      {R"(<content ID="a1" styleCode="Bold xFancy">x</content>)",
       R"(<span id="a1" style="font-weight: bold">x</span>)"},
      {R"(<linkHtml href="https://a.example/?q=1 2%203">x</linkHtml>)",
       R"(<a href="https://a.example/?q=1%202%203">x</a>)"},
      {R"(<linkHtml href="javascript:x">x</linkHtml>)", "<span>x</span>"},
      {R"(<renderMultiMedia referencedObject="M1 M2"/>)", R"(<a href="#M1">M1</a><a href="#M2">M2</a>)"},
      {R"(<renderMultiMedia referencedObject="M1"><caption>Radio</caption></renderMultiMedia>)",
       R"(<a href="#M1"><b>Radio</b></a>)"},
      {R"(<script>x</script>&lt;b onclick="y"&gt;)", "x&lt;b onclick=&quot;y&quot;&gt;"}};
  for (const Pair& pair : kPairs) {
    INFO(pair.cda);
    CHECK(Narrative(pair.cda) == pair.xhtml);
  }
}

TEST_CASE("what XHTML has no place for is brought where it may stand, and nothing is lost", "[narrative]") {
  struct Pair {
    const char* cda;
    const char* xhtml;
  };
  constexpr Pair kPairs[] = {
      {"<list><caption>c</caption><item>a</item></list>", "<ul><li><b>c</b></li><li>a</li></ul>"},
      {"<list>loose<item>a</item></list>", "<ul><li>loose</li><li>a</li></ul>"},
      {"<table>loose<tr>x<td>a</td></tr></table>",
       "<table><tr><td>loose</td></tr><tr><td>x</td><td>a</td></tr></table>"},
      {"<item>a</item>", "<div>a</div>"},
      {"<tr><td>a</td></tr>", "<div><span>a</span></div>"},
      {"<paragraph>a<list><item>b</item></list></paragraph>", "<div>a<ul><li>b</li></ul></div>"},
      {"<content><content><table><tr><td>a</td></tr></table></content></content>",
       "<div><div><table><tr><td>a</td></tr></table></div></div>"},
      {"<list><list><item>a</item></list></list>", "<ul><li><ul><li>a</li></ul></li></ul>"}};
  for (const Pair& pair : kPairs) {
    INFO(pair.cda);
    CHECK(Narrative(pair.cda) == pair.xhtml);
  }
}

}  // namespace passerelle::convert
