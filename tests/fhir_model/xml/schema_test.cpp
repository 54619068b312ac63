// Schemas: our verdict on a document is xmllint's, on every official document and on broken copies of them.

#include "fhir_model/xml/schema.h"

#include <catch2/catch.hpp>
#include <filesystem>
#include <fstream>
#include <random>
#include <sstream>
#include <vector>

#include "tests/support/xmllint.h"

using namespace passerelle;
namespace fs = std::filesystem;

namespace {

const fs::path kShared = "../shared";
const std::string kSchema = (kShared / "schemas/cda/CDA_extended.xsd").string();

std::string ReadBytes(const fs::path& path) {
  std::ifstream in(path, std::ios::binary);
  std::ostringstream bytes;
  bytes << in.rdbuf();
  return std::move(bytes).str();
}

// Documents that are not wrapped in a stylesheet: xmllint looks at the root alone.
std::vector<std::string> Documents() {
  std::vector<std::string> documents;
  for (const auto* folder : {"corpora/cda/ans", "corpora/cda/ans-2021"})
    for (const auto& entry : fs::directory_iterator(kShared / folder)) {
      auto bytes = ReadBytes(entry.path());
      if (bytes.size() < 400'000 && bytes.find("xsl:stylesheet") == bytes.npos)
        documents.push_back(std::move(bytes));
    }
  return documents;
}

// One name, number or tag changed somewhere.
std::string Broken(std::string document, std::mt19937& random) {
  for (int tries = 0; tries < 100; ++tries) {
    auto at = std::uniform_int_distribution<std::size_t>(0, document.size() - 1)(random);
    at = document.find_first_of("<\"", at);
    if (at == document.npos || at + 1 >= document.size()) continue;
    char& c = document[at + 1];
    if (c == '!' || c == '?' || c == '/' || static_cast<unsigned char>(c) >= 0x80) continue;
    c = c == 'x' ? 'y' : 'x';
    return document;
  }
  return document;
}

}  // namespace

TEST_CASE("a schema that is not there is an error") {
  auto schema = xml::Schema::Load("/nowhere.xsd", "ClinicalDocument");
  REQUIRE(!schema);
  CHECK(schema.error().info->name == "SchemaUnreadable");
}

TEST_CASE("our schema verdict is that of xmllint, on documents and on broken ones") {
  if (!fs::exists(kSchema) || !tests::HasXmllint()) {
    WARN("skipped: no ../shared/schemas/cda, or no xmllint");
    return;
  }
  auto documents = Documents();
  std::mt19937 random(3);
  auto good = documents.size();
  for (std::size_t i = 0; i < good; ++i)
    for (int n = 0; n < 4; ++n) documents.push_back(Broken(documents[i], random));
  auto theirs = tests::Xmllint(documents, kSchema);
  auto schema = xml::Schema::Load(kSchema, "ClinicalDocument");
  REQUIRE(schema);
  std::size_t invalid = 0, different = 0;
  for (std::size_t i = 0; i < documents.size(); ++i) {
    auto ours = schema->Validate(documents[i]).empty();
    invalid += !ours;
    different += ours != theirs[i];
  }
  CHECK(good > 80);
  CHECK(invalid > good);  // most of the broken ones
  CHECK(different == 0);
}

TEST_CASE("a problem names its element, also where the document stands on one line") {
  if (!fs::exists(kSchema)) {
    WARN("skipped: no ../shared/schemas/cda");
    return;
  }
  auto schema = xml::Schema::Load(kSchema, "ClinicalDocument");
  REQUIRE(schema);
  auto problems = schema->Validate(
      "<ClinicalDocument xmlns=\"urn:hl7-org:v3\"><realmCode code=\"FR\"/><oops/></ClinicalDocument>");
  REQUIRE(!problems.empty());
  CHECK(problems[0].path == std::vector<std::uint32_t>{1});
}

TEST_CASE("what may not be read at all is a problem, not a pass") {
  if (!fs::exists(kSchema)) return;
  auto schema = xml::Schema::Load(kSchema, "ClinicalDocument");
  REQUIRE(schema);
  for (std::string bytes :
       {"", "<a", "<!DOCTYPE a [<!ENTITY b SYSTEM \"file:///etc/passwd\">]><a>&b;</a>", "hello"})
    CHECK(!schema->Validate(bytes).empty());
}
