// Hard cases of documents, one test for each that no other test of the reader or of the tables has. All of
// them, by what makes them hard, and where their test is (here where no file is named):
//
//   external entities, bombs       cda_test: a document type declaration is refused; limits on depth and
//   values hold encodings                      cda_test: in any usual encoding; bytes that contradict their
//   declaration wrapped documents, prefixes    cda_test: wrapped in a style sheet; xml_test: by namespace,
//   not by prefix extensions                     cda_test: known by their namespace; cda_shapes_test: an
//   unknown namespace is kept data types                     cda_tables_test: a value comes as what it is;
//   rarer ones: every data type null flavours                  why there is no value negation
//   cda_tables_test: what is denied never reads as stated; cda_suite over all documents several templates the
//   most specific template decides; cda_tables_test: on the entry, a laboratory chapter misspelt OIDs
//   cda_test: known misspellings; a system with two identifiers narrative references           cda_test:
//   followed leniently; what a narrative's link leads to huge content                   megabytes of bytes
//   and of narrative media                          an image that the narrative shows; narrative_test names
//   cda_tables_test: both names; one name of a person in parts dates, widths, ranges          a date is as
//   exact as it was; a range of one value; cda_shapes_test: a width, an end
//                                  before its start
//   decimals                       an amount keeps its digits
//   units                          a unit that is none of UCUM's
//   local codes                    a code of a system that nobody knows
//   moods and relations            what is intended is no fact; what is done is one, whatever the mood calls
//   it chain of versions              cda_tables_test: found by what its header says; the same document has
//   the same ids

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

TEST_CASE("edge case of CDA: every data type has a place for its value", "[cda][edge]") {
  struct ValueCase {
    const char* value;
    const char* question;
    const char* expected;
  };
  const ValueCase cases[] = {
      {R"(<value xsi:type="REAL" value="1.50"/>)", "value.value", "1.50"},
      {R"(<value xsi:type="CO" code="2" codeSystem="1.2.250.1.999.9"/>)", "value.coding.code", "2"},
      {R"(<value xsi:type="CE" code="2" codeSystem="1.2.250.1.999.9"/>)", "value.coding.code", "2"},
      {R"(<value xsi:type="ED">texte long</value>)", "value", "texte long"},
      {R"(<value xsi:type="IVL_TS"><low value="20260101"/><high value="20260131"/></value>)",
       "value.select(start | end)", "2026-01-01 2026-01-31"},
      {R"(<value xsi:type="IVL_REAL"><low value="0.5"/><high value="1.5"/></value>)",
       "value.select(low.value | high.value)", "0.5 1.5"},
      {R"(<value xsi:type="IVL_INT"><low value="1"/><high value="3"/></value>)",
       "value.select(low.value | high.value)", "1 3"},
      {R"(<value xsi:type="RTO_PQ_PQ"><numerator value="5" unit="mg"/><denominator value="2" unit="mL"/></value>)",
       "value.select(numerator.value | denominator.value)", "5 2"},
      {R"(<value xsi:type="PQ" value="2" unit="mg"><translation value="2000" code="ug"
          codeSystem="2.16.840.1.113883.6.8"/></value>)",
       "value.select(value | descendants().where($this is decimal and $this = 2000))", "2 2000"},
  };
  for (const ValueCase& c : cases) {
    INFO(c.value);
    CHECK(Ask(OfEntry(Observation(c.value)), "ofType(Observation)." + std::string(c.question)) == c.expected);
  }
}

TEST_CASE("edge case of CDA: a date is as exact as it was, and its zone its own", "[cda][edge]") {
  struct Date {
    const char* cda;
    const char* fhir;
  };
  constexpr Date kDates[] = {{"2026", "2026"},
                             {"202602", "2026-02"},
                             {"20260228", "2026-02-28"},
                             {"202602281015+0100", "2026-02-28T10:15:00+01:00"},
                             {"20260228101530-0300", "2026-02-28T10:15:30-03:00"},
                             {"20260228101530.250+0000", "2026-02-28T10:15:30.250+00:00"}};
  for (const Date& date : kDates) {
    INFO(date.cda);
    auto made =
        OfEntry(R"(<procedure classCode="PROC" moodCode="EVN"><code code="A" codeSystem="1.2.250.1.999.9"/>
        <statusCode code="completed"/><effectiveTime value=")" +
                std::string(date.cda) + R"("/></procedure>)");
    CHECK(Ask(made, "ofType(Procedure).performed") == date.fhir);
  }
}

TEST_CASE("edge case of CDA: an amount keeps its digits", "[cda][edge]") {
  for (const char* amount : {"0.70", "4.89", "10", "1.000", "0.0000001", "-3.50", "12345678901234567890.5"}) {
    auto made =
        OfEntry(Observation(R"(<value xsi:type="PQ" unit="mg" value=")" + std::string(amount) + R"("/>)"));
    CHECK(BundleText(made).find(R"("valueQuantity":{"value":)" + std::string(amount) + ",") !=
          std::string::npos);
  }
}

TEST_CASE("edge case of CDA: a code of a system that nobody knows is kept by its OID", "[cda][edge]") {
  auto made = OfEntry(Observation(R"(<value xsi:type="CD" code="GLY" codeSystem="1.2.3.4.833"
      codeSystemName="LABO1" displayName="Glycémie"/>)"));
  CHECK(Ask(made, "ofType(Observation).value.coding.select(system | code | display)") ==
        "urn:oid:1.2.3.4.833 GLY Glycémie");
}

TEST_CASE("edge case of CDA: what is done is a fact, whatever the mood calls it", "[cda][edge]") {
  for (std::string mood : {"EVN", "EVN.CRT", "DEF"}) {
    INFO(mood);
    auto made = OfEntry(Observation("", R"(moodCode=")" + mood + R"(")"));
    CHECK(Ask(made, "ofType(Observation).count()") == "1");
    CHECK(Ask(made, "ofType(ServiceRequest).count()") == "0");
  }
}

TEST_CASE("edge case of CDA: one name of a person in parts keeps what stands before and behind it",
          "[cda][edge]") {
  CHECK(Ask(Convert({}), "ofType(Practitioner).name.select(prefix | given | family | suffix)") ==
        "M Luc MESURE DR");
}

TEST_CASE("edge case of CDA: megabytes of bytes and of narrative come through whole, and the bytes once",
          "[cda][edge]") {
  std::string bytes, rows;
  while (bytes.size() < 3'000'000) bytes += "JVBERi0xLjQKJSVFT0YK\n";
  while (rows.size() < 400'000) rows += "<tr><td>Sérologie</td><td>négative</td></tr>";
  CdaDocument document;
  document.section = "<text><table><tbody>" + rows + R"(<tr><td>fin</td></tr></tbody></table></text><entry>
      <observationMedia classCode="OBS" moodCode="EVN"><id root="1.2.250.1.999.4" extension="M1"/>
      <value mediaType="application/pdf" representation="B64">)" +
                     bytes + "</value></observationMedia></entry>";
  Options options;
  options.limits = kFileLimits;
  auto made = Run(document.Text(), options);
  std::string text = BundleText(made), data = bytes;
  std::erase(data, '\n');
  auto first = text.find(data);
  REQUIRE(first != std::string::npos);
  CHECK(text.find(data, first + 1) == std::string::npos);
  CHECK(text.find("<tr><td>fin</td></tr></tbody></table></div>") != std::string::npos);
}

}  // namespace passerelle::normalise
