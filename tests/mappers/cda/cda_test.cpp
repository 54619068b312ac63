#include "mappers/cda/cda.h"

#include <algorithm>
#include <catch2/catch.hpp>
#include <filesystem>
#include <fstream>
#include <iterator>

#include "fhir_model/base/errors.h"
#include "fhir_model/xml/errors.h"
#include "mappers/cda/rules.h"

namespace passerelle::cda {
namespace {

namespace fs = std::filesystem;
using node::kNone;
using node::kRoot;
using node::NodeIndex;
using node::Tree;

const std::string kOpen =
    "<ClinicalDocument xmlns=\"urn:hl7-org:v3\" xmlns:xsi=\"http://www.w3.org/2001/XMLSchema-instance\"";

struct ReadDocument {
  Tree tree;
  Issues issues;

  std::size_t Count(const RuleInfo& rule) const {
    auto& all = issues.all();
    return static_cast<std::size_t>(
        std::count_if(all.begin(), all.end(), [&](auto& i) { return i.rule == &rule; }));
  }
};

ReadDocument Read(std::string bytes) {
  Issues issues;
  auto tree = Parse(std::move(bytes), kWireLimits, issues);
  if (!tree) FAIL(tree.error().Text());
  return {*std::move(tree), std::move(issues)};
}

Error Refusal(std::string bytes, const Limits& limits = kWireLimits) {
  Issues issues;
  auto tree = Parse(std::move(bytes), limits, issues);
  REQUIRE_FALSE(tree);
  return tree.error();
}

std::string Title(const Tree& tree) { return std::string(tree.ChildText(kRoot, "title")); }

std::string Utf16(std::string_view ascii, bool big_endian) {
  std::string out = big_endian ? "\xFE\xFF" : "\xFF\xFE";
  for (char c : ascii) {
    if (big_endian) out += '\0';
    out += c;
    if (!big_endian) out += '\0';
  }
  return out;
}

TEST_CASE("a document in any usual encoding reads the same, and says when it is not UTF-8", "[cda]") {
  std::string body = "?>" + kOpen + "><title>";
  auto utf8 = Read("<?xml version=\"1.0\" encoding=\"UTF-8\"" + body + "Été 5 €</title></ClinicalDocument>");
  CHECK(Title(utf8.tree) == "Été 5 €");
  CHECK(utf8.issues.all().empty());

  auto marked = Read("\xEF\xBB\xBF<?xml version=\"1.0\"" + body + "Été</title></ClinicalDocument>");
  CHECK(Title(marked.tree) == "Été");
  CHECK(marked.Count(rules::CdaByteOrderMark) == 1);

  auto latin9 = Read("<?xml version='1.0' encoding='ISO-8859-15'" + body +
                     "\xC9t\xE9 5 \xA4</title></ClinicalDocument>");
  CHECK(Title(latin9.tree) == "Été 5 €");
  CHECK(latin9.Count(rules::CdaEncodingNotUtf8) == 1);

  auto windows = Read("<?xml version='1.0' encoding='windows-1252'" + body +
                      "l\x92\xE9t\xE9</title></ClinicalDocument>");
  CHECK(Title(windows.tree) == "l’été");
  CHECK(windows.Count(rules::CdaEncodingNotUtf8) == 1);

  for (bool big_endian : {false, true}) {
    auto wide = Read(Utf16("<?xml version='1.0'" + body + "Ete</title></ClinicalDocument>", big_endian));
    CHECK(Title(wide.tree) == "Ete");
    CHECK(wide.Count(rules::CdaEncodingNotUtf8) == 1);
  }
}

TEST_CASE("bytes that contradict their declaration are noticed or refused", "[cda]") {
  std::string body = "?>" + kOpen + "><title>";
  auto wrong = Read("<?xml version='1.0' encoding='ISO-8859-1'" + body + "Été</title></ClinicalDocument>");
  CHECK(Title(wrong.tree) == "Été");
  CHECK(wrong.Count(rules::CdaEncodingContradicted) == 1);
  CHECK(wrong.Count(rules::CdaEncodingNotUtf8) == 0);

  Error error =
      Refusal("<?xml version='1.0' encoding='UTF-8'" + body + "\xC9t\xE9</title></ClinicalDocument>");
  CHECK(error.info == &errors::XmlUndecodable);
  CHECK(error.place.line == 1);
}

TEST_CASE("a document type declaration is refused on sight, an entity never expanded", "[cda]") {
  const std::string bomb =
      "<!DOCTYPE ClinicalDocument [<!ENTITY a \"aaaaaaaaaa\"><!ENTITY b \"&a;&a;&a;&a;&a;&a;&a;&a;\">]>" +
      kOpen + "><title>&b;</title></ClinicalDocument>";
  CHECK(Refusal(bomb).info == &errors::XmlDoctypeRefused);
  CHECK(LooksLikeCda(bomb));
  const std::string external = "<?xml version='1.0'?><!DOCTYPE x SYSTEM \"http://example.org/cda.dtd\">" +
                               kOpen + "><title/></ClinicalDocument>";
  CHECK(Refusal(external).info == &errors::XmlDoctypeRefused);
  CHECK(Refusal(kOpen + "><title>&unknown;</title></ClinicalDocument>").info == &errors::XmlMalformed);
}

TEST_CASE("limits on depth and values hold", "[cda]") {
  std::string deep = kOpen + ">", close;
  for (int i = 0; i < 100; ++i) deep += "<component>", close += "</component>";
  CHECK(Refusal(deep + close + "</ClinicalDocument>").info == &errors::InputTooDeep);
  Limits few = kWireLimits;
  few.values_max = 10;
  std::string many = kOpen + ">";
  for (int i = 0; i < 20; ++i) many += "<id/>";
  CHECK(Refusal(many + "</ClinicalDocument>", few).info == &errors::InputTooManyValues);
}

TEST_CASE("a document wrapped in a style sheet is found, whatever its prefix", "[cda]") {
  const std::string wrapped =
      "<?xml version='1.0'?><!-- carries <ClinicalDocument> -->"
      "<xsl:stylesheet version='1.0' xmlns:xsl='http://www.w3.org/1999/XSL/Transform' "
      "xmlns:c='urn:hl7-org:v3'"
      " xmlns:xsi='http://www.w3.org/2001/XMLSchema-instance'><xsl:template match='/'/>"
      "<c:ClinicalDocument><c:title>Bilan</c:title><c:value xsi:type='c:CD' code='A'/></c:ClinicalDocument>"
      "</xsl:stylesheet>";
  CHECK(LooksLikeCda(wrapped));
  auto read = Read(wrapped);
  CHECK(Title(read.tree) == "Bilan");
  CHECK(read.tree.ChildText(read.tree.Child(kRoot, "value"), "@xsi:type") == "CD");
  CHECK(read.Count(rules::CdaWrapped) == 1);
  CHECK(Read("<c:ClinicalDocument xmlns:c='urn:hl7-org:v3'><c:title>A</c:title></c:ClinicalDocument>")
            .issues.all()
            .empty());
}

TEST_CASE("extensions are known by their namespace; an unknown one is kept and reported once", "[cda]") {
  auto read =
      Read(kOpen +
           " xmlns:a='urn:hl7-org:sdtc' xmlns:b='urn:ihe:pharm:medication' xmlns:b2='urn:ihe:pharm'"
           " xmlns:c='urn:oid:1.3.6.1.4.1.19376.1.3.2' xmlns:d='urn:dicom-org:ps3-20' xmlns:e='urn:example'>"
           "<a:id/><b:name/><b2:desc/><c:statusCode/><d:accessionNumber/><e:x code='1'/><e:y/>"
           "</ClinicalDocument>");
  for (auto name : {"sdtc:id", "pharm:name", "pharm:desc", "lab:statusCode", "ps3-20:accessionNumber"}) {
    INFO(name);
    CHECK(read.tree.Child(kRoot, name) != kNone);
  }
  CHECK(read.tree.ChildText(read.tree.Child(kRoot, "{urn:example}x"), "@code") == "1");
  CHECK(read.Count(rules::CdaNamespaceUnknown) == 1);
}

TEST_CASE("narrative references are followed leniently and dangling ones have their place", "[cda]") {
  auto read = Read(kOpen +
                   ">\n<text><content ID='a'>x</content></text>\n<text><reference value='#a'/></text>\n"
                   "<text><reference value='a'/></text>\n<text><reference value='#b'/></text>\n"
                   "<text><reference value='http://example.org/b'/></text></ClinicalDocument>");
  CHECK(read.Count(rules::CdaReferenceWithoutHash) == 1);
  REQUIRE(read.Count(rules::CdaReferenceDangling) == 1);
  auto& all = read.issues.all();
  auto dangling =
      std::find_if(all.begin(), all.end(), [](auto& i) { return i.rule == &rules::CdaReferenceDangling; });
  CHECK(dangling->place.line == 5);
  CHECK(dangling->place.path == "/ClinicalDocument/text[4]/reference/@value");
}

TEST_CASE("known misspellings of OIDs are read as meant, and reported", "[cda]") {
  auto read = Read(kOpen +
                   "><templateId root='2.16.840.1.11383.10.20.1.7'/><id root='2.16.840.1.11383.1'/>"
                   "<code code='SPRECEIVE' codeSystem='1.3.5.1.4.1.19376.1.5.3.2'/></ClinicalDocument>");
  CHECK(read.tree.ChildText(read.tree.Child(kRoot, "templateId"), "@root") == "2.16.840.1.113883.10.20.1.7");
  CHECK(read.tree.ChildText(read.tree.Child(kRoot, "code"), "@codeSystem") == "1.3.6.1.4.1.19376.1.5.3.2");
  CHECK(read.tree.ChildText(read.tree.Child(kRoot, "id"), "@root") == "2.16.840.1.11383.1");
  CHECK(read.Count(rules::CdaOidMisspelt) == 2);
}

TEST_CASE("what is a CDA is told from what is not", "[cda]") {
  CHECK(LooksLikeCda(kOpen + "/>"));
  CHECK(LooksLikeCda("\xEF\xBB\xBF<?xml version='1.0'?>\n<!-- " + std::string(5000, 'x') + " -->" + kOpen +
                     "/>"));
  CHECK(LooksLikeCda(Utf16("<?xml version='1.0'?>" + kOpen + "/>", true)));
  CHECK_FALSE(LooksLikeCda(""));
  CHECK_FALSE(LooksLikeCda("MSH|^~\\&|A|<ClinicalDocument>"));
  CHECK_FALSE(LooksLikeCda("{\"resourceType\":\"Bundle\"}"));
  CHECK_FALSE(LooksLikeCda("<Bundle xmlns=\"http://hl7.org/fhir\"><!-- <ClinicalDocument --></Bundle>"));
  CHECK_FALSE(LooksLikeCda("<html><body/></html>"));
  CHECK_FALSE(LooksLikeCda("<!-- never closed"));
}

// Every document of the reference corpora reads; what is odd about them is a finding, never a refusal.
TEST_CASE("all reference documents read", "[cda]") {
  const fs::path corpora = "../shared/corpora/cda";
  if (!fs::exists(corpora)) {
    WARN("skipped: no ../shared/corpora/cda");
    return;
  }
  std::size_t documents = 0;
  for (auto folder : {"ans", "ans-2021", "microsoft", "c-cda-examples/Documents"}) {
    for (auto& file : fs::recursive_directory_iterator(corpora / folder)) {
      auto extension = file.path().extension();
      if (extension != ".xml" && extension != ".ccda") continue;
      INFO(file.path().filename());
      std::ifstream in(file.path(), std::ios::binary);
      std::string bytes{std::istreambuf_iterator<char>(in), {}};
      CHECK(LooksLikeCda(bytes));
      Issues issues;
      auto tree = Parse(std::move(bytes), kWireLimits, issues);
      if (!tree) FAIL(tree.error().Text());
      CHECK_FALSE(issues.HasErrors());
      ++documents;
    }
  }
  CHECK(documents > 100);
}

}  // namespace
}  // namespace passerelle::cda
