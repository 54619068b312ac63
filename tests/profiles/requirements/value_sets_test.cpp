// Value sets from files: found by their short name, in or out or unknown, never "not in" for want of a file.

#include "profiles/requirements/value_sets.h"

#include <stdlib.h>

#include <catch2/catch.hpp>
#include <filesystem>
#include <fstream>

using namespace passerelle::requirements;

namespace {

struct Folder {
  std::filesystem::path path;
  Folder() {
    std::string pattern = (std::filesystem::temp_directory_path() / "passerelle-value-sets-XXXXXX").string();
    path = ::mkdtemp(pattern.data());
  }
  ~Folder() { std::filesystem::remove_all(path); }
  void Write(const std::string& name, const std::string& text) const { std::ofstream(path / name) << text; }
};

constexpr auto kSvs = R"(<?xml version="1.0" encoding="UTF-8"?>
<RetrieveValueSetResponse xmlns="urn:ihe:iti:svs:2008"><ValueSet id="1.2.3" dateMaj="20260101120000"><ConceptList>
<Concept code="A" codeSystem="1.2" displayName="first"/><Concept code="B" codeSystem="1.2" displayName="second"/>
</ConceptList></ValueSet></RetrieveValueSetResponse>)";

}  // namespace

TEST_CASE("a value set is found by its short and its whole name") {
  Folder folder;
  folder.Write("JDV_J999_Essai_CISIS.xml", kSvs);
  ValueSets sets({folder.path.string()});
  const auto* set = sets.Find("JDV_J999");
  REQUIRE(set);
  CHECK(set->version == "20260101120000");
  CHECK(set->concepts.count("A") == 1);
  CHECK(set->concepts.find("B")->second.display == "second");
  CHECK(sets.Find("JDV_J999_Essai_CISIS") != nullptr);
  CHECK(sets.Used().size() == 2);
}

TEST_CASE("what is missing, empty, cut short or no value set is unknown") {
  Folder folder;
  folder.Write(
      "JDV_J1_Vide_CISIS.xml",
      R"(<RetrieveValueSetResponse xmlns="urn:ihe:iti:svs:2008"><ValueSet id="1"/></RetrieveValueSetResponse>)");
  folder.Write("JDV_J2_Coupe_CISIS.xml", std::string(kSvs).substr(0, 250));
  folder.Write("JDV_J3_Autre_CISIS.xml", "<html/>");
  folder.Write("JDV_J4_Json.json", "{\"concepts\": []}");
  ValueSets sets({folder.path.string()});
  for (auto name : {"JDV_J0", "JDV_J1", "JDV_J2", "JDV_J3", "JDV_J4"}) CHECK(sets.Find(name) == nullptr);
  CHECK(sets.Used().empty());
}

TEST_CASE("the JSON form has concepts and associations") {
  Folder folder;
  folder.Write(
      "ASS_X9_Essai.json",
      R"({"version": "1", "map": [{"system": "s", "code": "A", "targetSystem": "t", "target": "10"}]})");
  ValueSets sets({folder.path.string()});
  const auto* set = sets.Find("ASS_X9");
  REQUIRE(set);
  CHECK(set->associations.find("A")->second == "10");
}

TEST_CASE("FHIR ValueSets and ConceptMaps count when they list their codes, by either name of the file") {
  Folder folder;
  folder.Write("ValueSet-JDV-J998-Essai-CISIS.json", R"({"resourceType": "ValueSet", "version": "1",
    "compose": {"include": [{"system": "http://loinc.org", "concept": [{"code": "A", "display": "first"}]}]}})");
  folder.Write("JDV_J997_Essai_CISIS.json", R"({"resourceType": "ValueSet",
    "compose": {"include": [{"system": "http://loinc.org"}]},
    "expansion": {"contains": [{"system": "http://loinc.org", "code": "B"}]}})");
  folder.Write("JDV_J996_Filtre_CISIS.json", R"({"resourceType": "ValueSet", "compose": {"include": [
    {"system": "s", "concept": [{"code": "A"}]}, {"system": "t", "filter": [{"property": "p"}]}]}})");
  folder.Write("ConceptMap-ASS-X8-Essai.json", R"({"resourceType": "ConceptMap", "group": [
    {"element": [{"code": "A", "target": [{"code": "10"}]}]}]})");
  ValueSets sets({folder.path.string()});
  const auto* composed = sets.Find("JDV_J998");
  REQUIRE(composed);
  CHECK(composed->version == "1");
  CHECK(composed->concepts.find("A")->second.system == "http://loinc.org");
  REQUIRE(sets.Find("JDV_J997"));
  CHECK(sets.Find("JDV_J997")->concepts.count("B") == 1);
  CHECK(sets.Find("JDV_J996") == nullptr);
  REQUIRE(sets.Find("ASS_X8"));
  CHECK(sets.Find("ASS_X8")->associations.find("A")->second == "10");
}

TEST_CASE("an expansion is read to its depth, and nobody may choose what is abstract") {
  Folder folder;
  folder.Write("JDV_J995_Arbre_CISIS.json",
               R"({"resourceType": "ValueSet", "expansion": {"total": 4, "contains": [
    {"system": "s", "code": "HEAD", "abstract": true, "contains": [
      {"system": "s", "code": "A", "contains": [{"system": "s", "code": "A1", "display": "below A"}]}]},
    {"display": "a heading", "contains": [{"system": "s", "code": "B"}]}]}})");
  ValueSets sets({folder.path.string()});
  const auto* set = sets.Find("JDV_J995");
  REQUIRE(set);
  for (auto code : {"A", "A1", "B"}) CHECK(set->concepts.count(code) == 1);
  CHECK(set->concepts.find("A1")->second.display == "below A");
  CHECK(set->concepts.count("HEAD") == 0);
}

TEST_CASE("an expansion that is a part of its set is unknown, unless the set lists its codes beside it") {
  constexpr std::string_view kPartial[] = {
      R"("total": 3)",
      R"("offset": 1)",
      R"("parameter": [{"name": "offset", "valueInteger": 2}])",
      R"("parameter": [{"name": "count", "valueInteger": 2}])",
      R"("parameter": [{"name": "limitedExpansion", "valueBoolean": true}])",
      R"("extension": [{"url": "http://hl7.org/fhir/StructureDefinition/valueset-unclosed", "valueBoolean": true}])"};
  const std::string two = R"("contains": [{"system": "s", "code": "A"}, {"system": "s", "code": "B"}]})";
  for (auto partial : kPartial) {
    INFO(partial);
    auto set = R"({"resourceType": "ValueSet", "expansion": {)" + std::string(partial) + ", " + two;
    Folder folder;
    folder.Write("JDV_J1_Page_CISIS.json", set + "}");
    folder.Write("JDV_J2_Page_CISIS.json", set + R"(, "compose": {"include": [{"system": "s", "concept": [
      {"code": "A"}, {"code": "B"}, {"code": "C"}]}]}})");
    folder.Write("JDV_J3_Page_CISIS.json", set + R"(, "compose": {"include": [{"system": "s"}]}})");
    ValueSets sets({folder.path.string()});
    CHECK(sets.Find("JDV_J1") == nullptr);
    REQUIRE(sets.Find("JDV_J2"));
    CHECK(sets.Find("JDV_J2")->concepts.size() == 3);
    CHECK(sets.Find("JDV_J3") == nullptr);
  }
  Folder folder;
  folder.Write("JDV_J1_Tout_CISIS.json",
               R"({"resourceType": "ValueSet", "expansion": {"total": 2, "offset": 0,
    "parameter": [{"name": "count", "valueInteger": 1000}], )" +
                   two + "}");
  folder.Write("JDV_J2_Croise_CISIS.json", R"({"resourceType": "ValueSet", "compose": {"include": [
    {"system": "s", "concept": [{"code": "A"}], "valueSet": ["urn:other"]}]}})");
  ValueSets sets({folder.path.string()});
  CHECK(sets.Find("JDV_J1") != nullptr);
  CHECK(sets.Find("JDV_J2") == nullptr);  // what both have: only one of them is here
}
