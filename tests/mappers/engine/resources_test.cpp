// Resources: nearest ones, references, identity, merging, CDA's maps by element and template.

#include "tests/mappers/engine/support.h"

using namespace passerelle;
using namespace passerelle::tests;
using Strings = std::vector<std::string>;

namespace {

std::string Id(const node::Tree& bundle, std::string_view type, std::size_t nth = 0) {
  for (node::NodeIndex entry : node::Children(bundle, node::kRoot)) {
    node::NodeIndex resource = bundle.Child(entry, "resource");
    if (resource == node::kNone || bundle.NameText(bundle[resource].resource) != type || nth-- > 0) continue;
    CHECK(bundle.ChildText(entry, "fullUrl") == "urn:uuid:" + std::string(bundle.ChildText(resource, "id")));
    return std::string(bundle.ChildText(resource, "id"));
  }
  return {};
}

const std::string kResults =
    "message X = ORU^R01\nPID -> Patient\nOBR -> DiagnosticReport\nOBX -> Observation\n"
    "OBX -> +DiagnosticReport.result[] reference Observation\nNTE -> +Observation.note[]\n  NTE-3 -> text\n"
    "segment PID -> Patient\nidentity identifier\nPID-3 -> identifier[] CX\n"
    "datatype CX -> Identifier\nCX.1 -> value\nCX.4 -> system system\n"
    "segment OBR -> DiagnosticReport\nOBR-4 -> code.text\n(PID) -> subject reference Patient\n"
    "segment OBX -> Observation\nOBX-5 -> valueString\n. -> subject reference Patient\n. -> encounter "
    "reference Encounter\n"
    "segment PV1 -> Encounter\nPV1-2 -> class.code\n";

}  // namespace

TEST_CASE("the nearest resource is in the same group, then in those around it, never in a sister's") {
  auto program = Compiled({{"a.map", kResults, 0}});
  auto mapped =
      Map(program, Message("MSH|^~\\&|A||||2026||ORU^R01^ORU_R01|1|P|2.5\n"
                           "PID|1||7^^^H&1.2.3&ISO\nOBR|1|||one\nOBX|1|ST|a||1\nNTE|1||n1\nOBX|2|ST|b||2\n"
                           "NTE|1||n2\nOBR|2|||two\nOBX|1|ST|c||3\nNTE|1||n3"));
  const auto& b = mapped.draft.bundle;
  REQUIRE(mapped.resources.size() == 6);
  auto patient = "{\"reference\":\"urn:uuid:" + Id(b, "Patient") + "\"}";
  auto observation = [&](std::size_t n) {
    return "{\"reference\":\"urn:uuid:" + Id(b, "Observation", n) + "\"}";
  };
  CHECK(mapped.resources[1] ==
        "{\"resourceType\":\"DiagnosticReport\",\"code\":{\"text\":\"one\"},\"subject\":" + patient +
            ",\"result\":[" + observation(0) + "," + observation(1) + "]}");
  CHECK(mapped.resources[2] ==
        "{\"resourceType\":\"DiagnosticReport\",\"code\":{\"text\":\"two\"},\"subject\":" + patient +
            ",\"result\":[" + observation(2) + "]}");
  // No Encounter: the reference to it has vanished.
  CHECK(mapped.resources[3] == "{\"resourceType\":\"Observation\",\"subject\":" + patient +
                                   ",\"valueString\":\"1\",\"note\":[{\"text\":\"n1\"}]}");
  CHECK(mapped.resources[5].ends_with("\"valueString\":\"3\",\"note\":[{\"text\":\"n3\"}]}"));
}

TEST_CASE("the same business key gives the same id in every message; without one ids are the message's own") {
  auto program = Compiled({{"a.map", kResults, 0}});
  auto run = [&](std::string pid, std::string scope) {
    auto options = Options();
    options.scope = std::move(scope);
    return Map(program, Message("MSH|^~\\&|A||||2026||ORU^R01^ORU_R01|1|P|2.5\n" + pid + "\nOBR|1|||one"),
               options);
  };
  auto one = run("PID|1||7^^^H&1.2.3&ISO", "m1"), two = run("PID|1||x~7^^^H&1.2.3&ISO", "m2");
  CHECK(Id(one.draft.bundle, "Patient") == Id(two.draft.bundle, "Patient"));
  CHECK(Id(one.draft.bundle, "Patient") ==
        engine::ResourceId(engine::kPublicIdKey, "Patient", "urn:oid:1.2.3", "7"));
  CHECK(Id(one.draft.bundle, "DiagnosticReport") != Id(two.draft.bundle, "DiagnosticReport"));
  CHECK(Id(run("PID|1||7", "m1").draft.bundle, "Patient") !=
        Id(run("PID|1||7", "m2").draft.bundle, "Patient"));
  // Another secret, another id; the form is a version 8 UUID.
  auto options = Options();
  options.id_key = "secret";
  auto id = Id(
      Map(program, Message("MSH|^~\\&|A||||2026||ORU^R01^ORU_R01|1|P|2.5\nPID|1||7^^^H&1.2.3&ISO"), options)
          .draft.bundle,
      "Patient");
  CHECK(id != Id(one.draft.bundle, "Patient"));
  CHECK((id.size() == 36 && id[14] == '8'));
}

TEST_CASE("two of one identity become one, with what only the second has") {
  auto program =
      Compiled({{"a.map",
                 "message X = ORU^R01\nOBX -> Observation\nsegment OBX -> Observation\nOBX-5 -> valueString\n"
                 "OBX-16 -> performer[] XCN\ndatatype XCN -> Practitioner\nidentity identifier\n"
                 "XCN.1 -> identifier.value\n\"http://s\" -> identifier.system\nXCN.2 -> name.family\n"
                 "XCN.5 -> gender",
                 0}});
  auto source = Message(
      "MSH|^~\\&|A||||2026||ORU^R01^ORU_R01|1|P|2.5\n"
      "OBX|1|ST|a||1|||||||||||7^DOE\nOBX|2|ST|a||2|||||||||||7^DOE^^^male\nOBX|3|ST|a||3|||||||||||8^DOE");
  auto mapped = Map(program, source);
  REQUIRE(mapped.resources.size() == 5);
  CHECK(mapped.resources[1] ==
        R"({"resourceType":"Practitioner","identifier":[{"system":"http://s","value":"7"}],)"
        R"("name":[{"family":"DOE"}],"gender":"male"})");
  CHECK(mapped.resources[2].find(Id(mapped.draft.bundle, "Practitioner", 0)) != std::string::npos);
  CHECK(mapped.resources[3].find(Id(mapped.draft.bundle, "Practitioner", 1)) != std::string::npos);
  // The second one's name and number stand in the first: mapped.
  for (const auto& line : mapped.ledger)
    if (line.starts_with("OBX[2]-16")) CHECK(line.ends_with(" mapped"));
}

TEST_CASE("labels tell resources of one type apart") {
  auto program = Compiled(
      {{"a.map",
        "message X = ADT^A01\nPID -> Provenance:a\nPID -> Provenance:b\nPID -> Patient\n"
        "segment PID -> Provenance:a\nPID-3 -> agent[].who.display\n. -> target[] reference Provenance:b\n"
        "segment PID -> Provenance:b\nPID-8 -> agent[].who.display\n"
        "segment PID -> Patient\nPID-3 -> identifier.value",
        0}});
  auto mapped = Map(program, Message("MSH|^~\\&|A||||2026||ADT^A01|1|P|2.5\nPID|1||7|||||F"));
  REQUIRE(mapped.resources.size() == 3);
  CHECK(mapped.resources[0].starts_with(R"({"resourceType":"Patient")"));  // patients first
  CHECK(mapped.resources[1] == R"({"resourceType":"Provenance","target":[{"reference":"urn:uuid:)" +
                                   Id(mapped.draft.bundle, "Provenance", 1) +
                                   R"("}],"agent":[{"who":{"display":"7"}}]})");
}

TEST_CASE("the header's condition chooses among maps of one name") {
  auto program = Compiled(
      {{"a.map",
        "message X = ADT^A01\nPID -> Patient\nsegment PID -> Patient when PID-8 = 'F'\n\"female\" -> gender\n"
        "PID-3 -> identifier.value\nsegment PID -> Patient\nPID-3 -> name.text",
        0}});
  auto map = [&](std::string pid) {
    return Map(program, Message("MSH|^~\\&|A||||2026||ADT^A01|1|P|2.5\n" + pid)).resources;
  };
  CHECK(map("PID|1||7|||||F") ==
        Strings{R"({"resourceType":"Patient","identifier":[{"value":"7"}],"gender":"female"})"});
  CHECK(map("PID|1||7|||||M") == Strings{R"({"resourceType":"Patient","name":[{"text":"7"}]})"});
}

TEST_CASE("CDA: steps, filters, values, contained resources") {
  auto program =
      Compiled({{"a.map",
                 "element ClinicalDocument -> Composition\ntitle -> title text\n"
                 "recordTarget.patientRole -> subject patientRole\nauthor[2].assignedAuthor -> author[] "
                 "contain person\n"
                 "element patientRole -> Patient\nid.@extension -> identifier[].value\n"
                 "patient.name.family[@qualifier=BR] -> name[0].family\n"
                 "patient.name.family[!@qualifier] -> name[1].family\npatient.birthTime -> birthDate\n"
                 "element person -> Practitioner\nassignedPerson.name.family -> name.family",
                 0}});
  auto mapped =
      Map(program,
          Document("<title>A &amp; B</title><recordTarget><patientRole><id root='1' extension='7'/><id "
                   "root='2' extension='8'/>"
                   "<patient><name><family qualifier='BR'>X</family><family>Y</family></name><birthTime "
                   "value='19700102'/></patient>"
                   "</patientRole></recordTarget><author><assignedAuthor><assignedPerson><name><family>P1</"
                   "family></name></assignedPerson>"
                   "</assignedAuthor></author><author><assignedAuthor><assignedPerson><name><family>P2</"
                   "family></name></assignedPerson>"
                   "</assignedAuthor></author>"));
  REQUIRE(mapped.resources.size() == 2);
  CHECK(mapped.resources[0] == R"({"resourceType":"Patient","identifier":[{"value":"7"},{"value":"8"}],)"
                               R"("name":[{"family":"X"},{"family":"Y"}],"birthDate":"1970-01-02"})");
  CHECK(mapped.resources[1] ==
        R"({"resourceType":"Composition","contained":[{"resourceType":"Practitioner","id":"c1",)"
        R"("name":[{"family":"P2"}]}],)"
        R"("subject":{"reference":"urn:uuid:)" +
            Id(mapped.draft.bundle, "Patient") + R"("},"author":[{"reference":"#c1"}],"title":"A & B"})");
}

TEST_CASE(
    "CDA: the best map is a template's, by authority and length; apply looks below a node without one") {
  const std::string tables =
      "precedence 1.2. 2.\nelement ClinicalDocument -> Composition\nentry -> section[].entry[] apply\n"
      "template 2.1 -> Observation\n\"final\" -> status when @value.exists()\n@value -> valueString prefix "
      "\"general \"\n"
      "template 1.2.3 -> Observation\n@value -> valueString prefix \"ours \"\n"
      "template 1.2.3.4 -> Observation when @value = 'x'\n@value -> valueString prefix \"longer \"\n"
      "element observation -> Observation\n@value -> valueString prefix \"any \"";
  auto program = Compiled({{"a.map", tables, 0}});
  auto value = [&](std::string content) {
    auto all = Map(program, Document("<entry><observation " + content + "</observation></entry>")).resources;
    REQUIRE(all.size() == 2);
    auto at = all[1].find("valueString");
    if (at == std::string::npos) at = all[0].find("valueString"), all[1] = all[0];
    return all[1].substr(at + 14, all[1].size() - at - 16);
  };
  CHECK(value("value='x'>") == "any x");
  CHECK(value("value='x'><templateId root='2.1'/>") == "general x");
  CHECK(value("value='x'><templateId root='2.1'/><templateId root='1.2.3'/>") == "ours x");
  CHECK(value("value='x'><templateId root='1.2.3'/><templateId root='1.2.3.4'/>") == "longer x");
  CHECK(value("value='y'><templateId root='1.2.3'/><templateId root='1.2.3.4'/>") == "ours y");
}

TEST_CASE("CDA: the nearest element outward") {
  auto program = Compiled(
      {{"a.map",
        "element ClinicalDocument -> Composition\ncomponent.section -> section[] section\n"
        "element section -> Composition.section\ncode.@code -> title\nentry -> entry[] apply\n"
        "component.section -> section[] section\n"
        "element observation -> Observation\n@value -> valueString\n(section).code.@code -> code.text\n"
        "\"deep\" -> bodySite.text when %section.code.@code = 'inner'",
        0}});
  auto mapped = Map(program, Document("<component><section><code code='outer'/><entry><observation "
                                      "value='1'/></entry><component><section>"
                                      "<code code='inner'/><entry><observation "
                                      "value='2'/></entry></section></component></section></component>"));
  REQUIRE(mapped.resources.size() == 3);
  CHECK(mapped.resources[1] == R"({"resourceType":"Observation","code":{"text":"outer"},"valueString":"1"})");
  CHECK(
      mapped.resources[2] ==
      R"({"resourceType":"Observation","code":{"text":"inner"},"valueString":"2","bodySite":{"text":"deep"}})");
}

TEST_CASE("the ledger: mapped, dropped with its reason, unmapped; everywhere for what is left") {
  auto program =
      Compiled({{"t/a.map",
                 "message X = ADT^A01\nPID -> Patient\nsegment PID -> Patient\nPID-3 -> identifier[].value\n"
                 "PID-1 -> drop \"a number\"\nPID-7 -> birthDate\neverywhere\nMSH-1 -> drop \"delimiters\"\n"
                 "MSH-2 -> drop \"delimiters\"\nPID-3 -> drop \"never asked\"",
                 0}});
  auto source = Message("MSH|^~\\&|A||||||ADT^A01|\nPID|1||7^^^H~8||||soon|\"\"");
  auto mapped = Map(program, source);
  CHECK(mapped.ledger == Strings{"MSH-1 dropped", "MSH-2 dropped", "MSH-3 unmapped", "MSH-9.1 unmapped",
                                 "MSH-9.2 unmapped", "PID-1 dropped", "PID-3[1].1 mapped",
                                 "PID-3[1].4 dropped", "PID-3[2] mapped", "PID-7 unmapped",
                                 "PID-8 unmapped"});
  const auto& lines = mapped.draft.ledger.lines;
  CHECK(lines[5].reason == "a number");
  CHECK(lines[5].row == "t/a.map:5");
  CHECK(lines[6].targets == Strings{"Patient.identifier[0].value"});
  CHECK(lines[8].targets == Strings{"Patient.identifier[1].value"});
  CHECK(mapped.draft.ledger.Json().starts_with(
      R"({"leaves":11,"mapped":2,"dropped":4,"unmapped":5,"lines":[{"place":"MSH-1",)"));
  auto explained = engine::Explain(mapped.draft.ledger);
  REQUIRE(explained.size() == 2);
  CHECK(explained[0].element == "Patient.identifier[0].value");
  CHECK(explained[0].place == "PID-3[1].1");
  CHECK(explained[0].row == "t/a.map:4");
}

TEST_CASE("rows of everywhere may map what nobody used") {
  auto program =
      Compiled({{"a.map",
                 "message X = ADT^A01\nPID -> Patient\nsegment PID -> Patient\nPID-3 -> identifier.value\n"
                 "everywhere\nPID-5 -> +Patient.extension(http://rest)[].valueString",
                 0}});
  CHECK(Map(program, Message("MSH|^~\\&|A||||||ADT^A01|\nPID|1||7||A^B")).resources ==
        Strings{R"({"resourceType":"Patient","extension":[{"url":"http://rest","valueString":"A"},)"
                R"({"url":"http://rest","valueString":"B"}],"identifier":[{"value":"7"}]})"});
}

TEST_CASE("what no row has used is kept on the resource around it, in the form it has") {
  auto program = Compiled(
      {{"a.map",
        "element ClinicalDocument -> Composition\ntitle -> title\nentry.act -> *\n"
        "element act -> Procedure\ncode.@code -> code.text\n"
        "datatype PQ -> Quantity\n@value -> value\n@unit -> unit\n"
        "everywhere\n@classCode -> drop \"fixed\"\n@negationInd -> drop \"no\" when $this = 'false'\n"
        "(ClinicalDocument) -> kept(urn:v3:).valueQuantity PQ when @unit.exists()\n"
        "(ClinicalDocument) -> kept(urn:v3:).valueString",
        0}});
  auto mapped =
      Map(program,
          Document("<title>T</title><code code='x'/><entry><act classCode='ACT' negationInd='true'>"
                   "<code code='A' displayName='words'/><part negationInd='false'><dose value='3' unit='mg'/>"
                   "<text>said <b>so</b></text></part></act></entry>"));
  CHECK(
      mapped.resources ==
      Strings{
          R"({"resourceType":"Composition","extension":[{"url":"urn:v3:code","valueString":"x"}],)"
          R"("title":"T"})",
          R"({"resourceType":"Procedure","extension":[{"url":"urn:v3:negationInd","valueString":"true"},)"
          R"({"url":"urn:v3:code.displayName","valueString":"words"},)"
          R"({"url":"urn:v3:part.dose","valueQuantity":{"value":3,"unit":"mg"}},)"
          R"({"url":"urn:v3:part.text","valueString":"said"},{"url":"urn:v3:part.text.b","valueString":"so"}],)"
          R"("code":{"text":"A"}})"});
  CHECK(mapped.draft.ledger.Count(engine::Fate::Unmapped) == 0);
  CHECK(mapped.draft.ledger.Count(engine::Fate::Dropped) == 2);
  CHECK(ErrorsOf("element act -> Procedure\ncode -> kept(urn:v3:).valueString") ==
        Strings{"2 kept(URL).value... stands in everywhere alone"});
}

TEST_CASE("ten thousand repetitions take linear time") {
  auto program = Compiled({{"a.map", kResults, 0}});
  auto steps = [&](int count) {
    std::string text = "MSH|^~\\&|A||||2026||ORU^R01^ORU_R01|1|P|2.5\nPID|1||7^^^H&1.2.3&ISO\nOBR|1|||one\n";
    for (int i = 0; i < count; ++i) text += "OBX|1|ST|a||1\nNTE|1||n\n";
    auto source = Message(text);
    auto begin = std::clock();
    Issues issues;
    REQUIRE(program.Run(source, Options(), issues).has_value());
    return static_cast<double>(std::clock() - begin);
  };
  steps(100);
  double small = steps(1000), large = steps(10'000);
  CHECK(large < 60 * small);  // ten times as much, with room for a busy machine
}
