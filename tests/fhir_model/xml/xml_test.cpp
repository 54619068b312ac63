#include "fhir_model/xml/xml.h"

#include <catch2/catch.hpp>

#include "fhir_model/base/errors.h"
#include "fhir_model/json/json.h"
#include "fhir_model/xml/errors.h"
#include "tests/support/pack.h"

namespace passerelle::xml {
namespace {

using node::kNone;
using node::Kind;
using node::kRoot;
using node::NodeIndex;
using node::Tree;

constexpr Vocabulary::Prefix kPrefixes[] = {{"urn:hl7-org:v3", ""}, {"urn:hl7-org:sdtc", "sdtc"}};
constexpr Vocabulary kCda{"urn:hl7-org:v3", "ClinicalDocument", kPrefixes, 2};

Tree Foreign(std::string text) {
  auto tree = ParseForeign(std::move(text), kWireLimits, kCda);
  if (!tree) FAIL(tree.error().Text());
  return *std::move(tree);
}

Tree Fhir(std::string text) {
  auto tree = ParseFhir(std::move(text), kWireLimits, tests::Pack());
  if (!tree) FAIL(tree.error().Text());
  return *std::move(tree);
}

Error ForeignRefusal(std::string text, const Limits& limits = kWireLimits) {
  auto tree = ParseForeign(std::move(text), limits, kCda);
  REQUIRE_FALSE(tree);
  return tree.error();
}

const std::string kStart = "<ClinicalDocument xmlns=\"urn:hl7-org:v3\"";

TEST_CASE("a foreign document becomes a tree by namespace, not by prefix", "[xml]") {
  Tree tree = Foreign(
      "<?xml version=\"1.0\"?>\n"
      "<c:ClinicalDocument xmlns:c=\"urn:hl7-org:v3\" xmlns:s=\"urn:hl7-org:sdtc\" xmlns:x=\"urn:x\"\n"
      "   xmlns:i=\"http://www.w3.org/2001/XMLSchema-instance\">\n"
      "  <c:id root=\"1.2\"/><s:id x:y='1'/><x:other/>\n"
      "  <c:value i:type=\"c:CD\" code=\"a&amp;b\">word</c:value>\n"
      "</c:ClinicalDocument>");
  CHECK(tree.name(kRoot) == "ClinicalDocument");
  CHECK(tree.ChildText(tree.Child(kRoot, "id"), "@root") == "1.2");
  CHECK(tree.ChildText(tree.Child(kRoot, "sdtc:id"), "@{urn:x}y") == "1");
  CHECK(tree.Child(kRoot, "{urn:x}other") != kNone);
  NodeIndex value = tree.Child(kRoot, "value");
  CHECK(tree[value].text == "word");
  CHECK(tree[value].kind == Kind::String);
  CHECK(tree.ChildText(value, "@xsi:type") == "CD");
  CHECK(tree.ChildText(value, "@code") == "a&b");
  Place place = tree.PlaceOf(value);
  CHECK(place.line == 5);
  CHECK(place.column == 3);
  CHECK(place.path == "/ClinicalDocument/value");
}

TEST_CASE("mixed content keeps its runs, indentation goes", "[xml]") {
  Tree tree = Foreign(kStart +
                      "><text>\n  <td>one <b>two</b> <i>three</i><!-- x --> "
                      "fo&#117;r<![CDATA[<5>]]></td>\n</text></ClinicalDocument>");
  NodeIndex text = tree.Child(kRoot, "text");
  REQUIRE(tree.CountChildren(text) == 1);
  std::string read;
  for (NodeIndex c : node::Children(tree, tree.Child(text, "td")))
    read += "[" + std::string(tree.name(c)) + ":" + std::string(tree[c].text) + "]";
  CHECK(read == "[:one ][b:two][: ][i:three][: four<5>]");
}

TEST_CASE("big text is a slice of the source", "[xml]") {
  std::string base64(1 << 20, 'Q');
  Tree tree = Foreign(kStart + "><text>" + base64 + "</text><t>\xC3\xA9t\xC3\xA9</t></ClinicalDocument>");
  CHECK(tree.ChildText(kRoot, "text") == base64);
  CHECK(tree.ChildText(kRoot, "t") == "\xC3\xA9t\xC3\xA9");
  CHECK(tree.arena_bytes() < 1000);
}

TEST_CASE("a document inside a stylesheet is found", "[xml]") {
  Tree tree = Foreign(
      "<?xml version='1.0'?><xsl:stylesheet xmlns:xsl='http://www.w3.org/1999/XSL/Transform' version='1.0'>"
      "<xsl:template match='/'>text</xsl:template>\n<ClinicalDocument xmlns='urn:hl7-org:v3'><title>T</title>"
      "</ClinicalDocument><after/></xsl:stylesheet>");
  CHECK(tree.ChildText(kRoot, "title") == "T");
  CHECK(tree.CountChildren(kRoot) == 1);
  CHECK(tree.root().line == 2);
  CHECK(ForeignRefusal("<other/>").info == &errors::XmlRootUnexpected);
}

TEST_CASE("a second byte order mark is text before the document, and so no XML", "[xml]") {
  auto twice = xml::DecodeXml("\xEF\xBB\xBF\xEF\xBB\xBF<a/>");
  REQUIRE(!twice);
  CHECK(twice.error().info == &errors::XmlMalformed);
}

TEST_CASE("encodings are decoded by byte order mark, then by declaration", "[xml]") {
  auto title = [](std::string text) {
    Tree tree = Foreign(std::move(text));
    return std::string(tree.ChildText(kRoot, "title"));
  };
  std::string body = kStart + "><title>";
  std::string end = "</title></ClinicalDocument>";
  CHECK(title("\xEF\xBB\xBF<?xml version='1.0' encoding='utf-8'?>" + body + "\xC3\xA9" + end) == "\xC3\xA9");
  CHECK(title("<?xml version='1.0' encoding='ISO-8859-1'?>" + body + "\xE9\x9C" + end) == "\xC3\xA9\xC5\x93");
  CHECK(title("<?xml version='1.0' encoding=\"ISO-8859-15\"?>" + body + "\xA4\xBD" + end) == "\xE2\x82\xAC\xC5\x93");
  CHECK(title("<?xml version='1.0' encoding=\"Windows-1252\"?>" + body + "\x80" + end) == "\xE2\x82\xAC");
  for (bool big : {false, true}) {
    std::string wide = big ? "\xFE\xFF" : "\xFF\xFE";
    for (char c : "<?xml version='1.0' encoding='UTF-16'?>" + body + "e" + end) {
      if (big) wide += '\0';
      wide += c;
      if (!big) wide += '\0';
    }
    CHECK(title(wide) == "e");
    CHECK(title(wide.substr(2)) == "e");
  }
  Error latin = ForeignRefusal(body + "\n\xE9" + end);
  CHECK(latin.info == &errors::XmlUndecodable);
  CHECK(latin.place.line == 2);
  CHECK(ForeignRefusal("<?xml version='1.0' encoding='EBCDIC'?><a/>").info == &errors::XmlEncodingUnknown);
  CHECK(ForeignRefusal(std::string("\xFF\xFE<\0\x00\xD8", 6)).info == &errors::XmlUndecodable);
}

TEST_CASE("a DOCTYPE is refused, whatever it holds; a comment about one is not", "[xml]") {
  std::string document = kStart + "/>";
  CHECK(ForeignRefusal("<!DOCTYPE ClinicalDocument>" + document).info == &errors::XmlDoctypeRefused);
  Error bomb = ForeignRefusal(
      "<?xml version='1.0'?>\n<!-- x -->\n <!DOCTYPE a [<!ENTITY b \"bb\"><!ENTITY c \"&b;&b;\">]>" + document);
  CHECK(bomb.info == &errors::XmlDoctypeRefused);
  CHECK(bomb.place.line == 3);
  CHECK(bomb.place.column == 2);
  CHECK(ForeignRefusal("<?p <!-- ?><!DOCTYPE a SYSTEM 'file:///etc/hostname'>" + document).info ==
        &errors::XmlDoctypeRefused);
  std::string wide = "\xFF\xFE";
  for (char c : "<!DOCTYPE a>" + document) wide += c, wide += '\0';
  CHECK(ForeignRefusal(wide).info == &errors::XmlDoctypeRefused);
  Foreign("<!-- <!DOCTYPE a> -->" + document);
  CHECK(ForeignRefusal(kStart + ">&undefined;</ClinicalDocument>").info == &errors::XmlMalformed);
}

TEST_CASE("what is not well-formed is refused with its place", "[xml]") {
  Error mismatch = ForeignRefusal("<?xml version='1.0'?>\n\n" + kStart + ">\n<a></b></ClinicalDocument>");
  CHECK(mismatch.info == &errors::XmlMalformed);
  CHECK(mismatch.place.line == 4);
  CHECK(ForeignRefusal("").info == &errors::XmlMalformed);
  CHECK(ForeignRefusal("  \n ").info == &errors::XmlMalformed);
  CHECK(ForeignRefusal(kStart + ">").info == &errors::XmlMalformed);
  CHECK(ForeignRefusal(kStart + "/>x").info == &errors::XmlMalformed);
  CHECK(ForeignRefusal(kStart + " a='1' a='2'/>").info == &errors::XmlMalformed);
  CHECK(ForeignRefusal(kStart + "><x:y/></ClinicalDocument>").info == &errors::XmlMalformed);
}

TEST_CASE("the limits are ours", "[xml]") {
  std::string deep = kStart + ">";
  for (int i = 0; i < 100'000; ++i) deep += "<a>";
  CHECK(ForeignRefusal(deep).info == &errors::InputTooDeep);
  std::string wide = kStart + ">";
  for (int i = 0; i < 100; ++i) wide += "<a/>";
  CHECK(ForeignRefusal(wide + "</ClinicalDocument>", {1000, 10, 50, 100}).info == &errors::InputTooManyValues);
  std::string attribute = kStart + " a='" + std::string(2000, 'x') + "'/>";
  CHECK(ForeignRefusal(attribute, {10'000, 10, 50, 1000}).info == &errors::XmlAttributeTooLong);
  CHECK(ForeignRefusal(attribute, {1000, 10, 50, 1000}).info == &errors::InputTooLarge);
}

TEST_CASE("FHIR XML is the same tree as FHIR JSON", "[xml]") {
  Tree tree = Fhir(
      "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<Patient xmlns=\"http://hl7.org/fhir\">\n"
      "<id value=\"p1\"/><text><status value=\"generated\"/>"
      "<div xmlns=\"http://www.w3.org/1999/xhtml\"><p>a&#160;b &lt; c</p></div></text>"
      "<contained><Organization><id value=\"o\"/></Organization></contained>"
      "<extension url=\"http://u\"><valueDecimal value=\"2.50\"/></extension>"
      "<active value=\"true\"/><name><given id=\"g\" value=\"A\"/><given><extension url=\"x\"/></given></name>"
      "</Patient>");
  CHECK(json::Write(tree) ==
        R"({"resourceType":"Patient","id":"p1","text":{"status":"generated","div":)"
        R"("<div xmlns=\"http://www.w3.org/1999/xhtml\"><p>a&#160;b &lt; c</p></div>"},)"
        R"("contained":[{"resourceType":"Organization","id":"o"}],)"
        R"("extension":[{"url":"http://u","valueDecimal":2.50}],"active":true,)"
        R"("name":[{"given":["A",null],"_given":[{"id":"g"},{"extension":[{"url":"x"}]}]}]})");
}

TEST_CASE("a narrative that leans on outer namespaces is made to stand alone", "[xml]") {
  Tree tree = Fhir(
      "<Patient xmlns=\"http://hl7.org/fhir\" xmlns:h=\"http://www.w3.org/1999/xhtml\"><text>"
      "<h:div><h:p class='c'>a &amp; b</h:p><h:br/></h:div></text></Patient>");
  CHECK(tree.ChildText(tree.Child(kRoot, "text"), "div") ==
        "<div xmlns=\"http://www.w3.org/1999/xhtml\"><p class=\"c\">a &amp; b</p><br/></div>");
}

TEST_CASE("FHIR XML is written in the order of the definitions", "[xml]") {
  auto tree = json::Parse(R"({"resourceType":"Patient","gender":"male","a b":"?","name":[{"given":["A\n\"<"]}],)"
                          R"("id":"1","text":{"div":"<div>&nbsp;</div>"}})",
                          kWireLimits, &tests::Pack());
  REQUIRE(tree);
  CHECK(WriteFhir(*tree, tests::Pack()) ==
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<Patient xmlns=\"http://hl7.org/fhir\"><id value=\"1\"/>"
        "<text><div xmlns=\"http://www.w3.org/1999/xhtml\">&lt;div&gt;&amp;nbsp;&lt;/div&gt;</div></text>"
        "<name><given value=\"A&#10;&quot;&lt;\"/></name><gender value=\"male\"/><a_b value=\"?\"/></Patient>\n");
}

}  // namespace
}  // namespace passerelle::xml
