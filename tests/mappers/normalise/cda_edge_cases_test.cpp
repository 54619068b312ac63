// Hard cases of documents, one test for each that no other test of the reader or of the tables has: null
// flavours, moods, several templates, units that are codes, systems with two names, media in the narrative.

#include "tests/mappers/normalise/ask.h"

namespace passerelle::normalise {
namespace {

// An observation with that value; its code is one of the sender's own.
std::string Observation(const std::string& value, const std::string& attributes = R"(moodCode="EVN")") {
  return R"(<observation classCode="OBS" )" + attributes +
         R"(><id root="1.2.250.1.999.4" extension="O1"/><code code="A" codeSystem="1.2.250.1.999.9"/>)" +
         R"(<statusCode code="completed"/><effectiveTime value="20260228"/>)" + value + "</observation>";
}

}  // namespace

TEST_CASE("edge case of CDA: why there is no value is said in FHIR's words", "[cda][edge]") {
  struct Flavour {
    const char* flavour;
    const char* reason;
  };
  constexpr Flavour kFlavours[] = {{"UNK", "unknown"},
                                   {"NASK", "not-asked"},
                                   {"NAV", "temp-unknown"},
                                   {"NA", "not-applicable"},
                                   {"MSK", "masked"},
                                   {"ASKU", "asked-unknown"},
                                   {"NINF", "negative-infinity"},
                                   {"PINF", "positive-infinity"}};
  for (const Flavour& f : kFlavours) {
    INFO(f.flavour);
    auto made =
        OfEntry(Observation(R"(<value xsi:type="PQ" nullFlavor=")" + std::string(f.flavour) + R"("/>)"));
    CHECK(Ask(made, "ofType(Observation).dataAbsentReason.coding.code") == f.reason);
    CHECK(Ask(made, "ofType(Observation).value").empty());
  }
}

TEST_CASE("edge case of CDA: what is intended is no fact", "[cda][edge]") {
  for (std::string mood : {"INT", "RQO", "PRP", "ARQ"}) {
    INFO(mood);
    auto made = OfEntry(Observation("", R"(moodCode=")" + mood + R"(")"));
    CHECK(Ask(made, "ofType(Observation).count()") == "0");
    CHECK(Ask(made, "ofType(ServiceRequest).count()") == "1");
  }
  CHECK(Ask(OfEntry(Observation("", R"(moodCode="GOL")")), "ofType(Goal).count()") == "1");
}

TEST_CASE("edge case of CDA: the most specific template decides, wherever it stands among others",
          "[cda][edge]") {
  std::string
      problem = R"(<templateId root="1.3.6.1.4.1.19376.1.5.3.1.4.5"/>)",
      other = R"(<templateId root="1.2.250.1.999.77"/>)",
      rest =
          R"(<id root="1.2.250.1.999.4" extension="P1"/><code code="DX" codeSystem="1.2.250.1.213.1.1.4.322"/>
      <statusCode code="completed"/><value xsi:type="CD" code="I10" codeSystem="2.16.840.1.113883.6.3"/>)";
  for (const std::string& templates : {problem + other, other + problem, other + other + problem + other}) {
    auto made =
        OfEntry(R"(<observation classCode="OBS" moodCode="EVN">)" + templates + rest + "</observation>");
    CHECK(Ask(made, "ofType(Condition).code.coding.code") == "I10");
    CHECK(Ask(made, "ofType(Observation).count()") == "0");
  }
}

TEST_CASE("edge case of CDA: a unit that is none of UCUM's is kept, and not said to be", "[cda][edge]") {
  auto made = OfEntry(Observation(R"(<value xsi:type="PQ" value="2" unit="30009000"/>)"));
  CHECK(Ask(made, "ofType(Observation).value.value") == "2");
  CHECK(Ask(made, "ofType(Observation).value.system") != "http://unitsofmeasure.org");
  CHECK(Ask(made, "ofType(Observation).value.select(iif(code.exists(), code, unit))") == "30009000");
}

TEST_CASE("edge case of CDA: a system with two identifiers is one system", "[cda][edge]") {
  auto system = [](const std::string& oid) {
    return Ask(OfEntry(Observation(R"(<value xsi:type="CD" code="ZCQK002" codeSystem=")" + oid + R"("/>)")),
               "ofType(Observation).value.coding.system");
  };
  CHECK(system("1.2.250.1.213.2.5") == system("1.2.250.1.215.300.1"));
}

TEST_CASE("edge case of CDA: an image that the narrative shows is there as bytes", "[cda][edge]") {
  CdaDocument document;
  document.section = R"(<text>Voir <renderMultiMedia referencedObject="M1"/></text><entry>
      <observationMedia classCode="OBS" moodCode="EVN" ID="M1"><id root="1.2.250.1.999.4" extension="M1"/>
      <value mediaType="image/png" representation="B64">iVBORw0KGgo=</value></observationMedia></entry>)";
  auto made = Convert(document);
  CHECK(Ask(made, "descendants().where($this = 'iVBORw0KGgo=').count() > 0") == "true");
  CHECK(Ask(made, "ofType(Media).content.contentType") == "image/png");
  std::string link = R"(<a href=\"Media/)" + Ask(made, "ofType(Media).id") + R"(\">M1</a>)";
  CHECK(BundleText(made).find(link) != std::string::npos);
}

TEST_CASE("edge case of CDA: what a narrative's link leads to is there", "[cda][edge]") {
  CdaDocument document;
  document.section = R"(<text><content ID="c1">ici</content> <linkHtml href="#c1">voir</linkHtml>
      <linkHtml href="#nowhere">perdu</linkHtml> <renderMultiMedia referencedObject="none"/></text>)";
  auto made = Convert(document);
  auto says = [text = BundleText(made)](std::string_view link) { return text.find(link) != text.npos; };
  CHECK(says(R"(<a href=\"#c1\">voir</a>)"));
  CHECK(says("<a>perdu</a>"));
  CHECK(says("<a>none</a>"));
  CHECK(Has(made.issues, "cda.reference.dangling"));
}

TEST_CASE("edge case of CDA: a range of one value stays one", "[cda][edge]") {
  auto range = [](const std::string& low, const std::string& high) {
    return OfEntry(
        Observation(R"(<value xsi:type="PQ" value="4.10" unit="mmol/L"/><referenceRange><observationRange>
      <value xsi:type="IVL_PQ"><low value=")" +
                    low + R"(" unit="mmol/L"/><high value=")" + high +
                    R"(" unit="mmol/L"/></value></observationRange></referenceRange>)"));
  };
  CHECK(Ask(range("3.89", "3.89"), "ofType(Observation).referenceRange.select(low.value | high.value)") ==
        "3.89");
  CHECK(Ask(range("3.89", "5.50"), "ofType(Observation).referenceRange.select(low.value | high.value)") ==
        "3.89 5.50");
}

}  // namespace passerelle::normalise
