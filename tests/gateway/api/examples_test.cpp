// The official French examples: written through /fhir and read back equal modulo meta, in JSON and in XML.

#include <catch2/catch.hpp>
#include <filesystem>
#include <fstream>
#include <iostream>
#include <sstream>

#include "fhir_model/xml/xml.h"
#include "gateway/store/definitions_indexer.h"
#include "tests/gateway/api/fixture.h"

namespace passerelle::api {
namespace {

namespace fs = std::filesystem;

std::vector<fs::path> Examples() {
  std::vector<fs::path> files;
  const fs::path root = "../shared/packages-fr";
  if (!fs::exists(root)) return files;
  for (const auto& package : fs::directory_iterator(root)) {
    if (!fs::exists(package.path() / "example")) continue;
    for (const auto& file : fs::directory_iterator(package.path() / "example"))
      if (file.path().extension() == ".json" && file.path().filename() != "package.json")
        files.push_back(file.path());
  }
  std::sort(files.begin(), files.end());
  return files;
}

std::string ReadAll(const fs::path& file) {
  std::ifstream in(file, std::ios::binary);
  std::ostringstream bytes;
  bytes << in.rdbuf();
  return std::move(bytes).str();
}

// Equal but for meta, the id where the server gave it, and references to `renamed` entries of the same
// Bundle.
std::string Comparable(std::string json, bool own_id, const std::map<std::string, std::string>& renamed) {
  auto tree = *json::Parse(std::move(json), kFileLimits, &tests::Pack());
  for (auto name : {std::string_view("meta"), std::string_view(own_id ? "" : "id")})
    if (auto child = tree.Child(node::kRoot, name); child != node::kNone) tree.Remove(child);
  for (node::NodeIndex i = 0; i < tree.size(); ++i)
    if (auto it = renamed.find(std::string(tree[i].text)); it != renamed.end()) tree[i].text = it->second;
  return json::Write(tree);
}

struct Examined {
  Api api{store::MakeDefinitionsIndexer(tests::Pack())};
  int resources = 0, bundles = 0, entries = 0;

  void Same(const std::string& original, const std::string& address, bool own_id,
            const std::map<std::string, std::string>& renamed) {
    auto read = api.Call("GET", address, {}, {{"Accept", "application/fhir+json"}});
    if (address.find("/Binary/") != address.npos) read = api.Call("GET", address + "?_format=json");
    REQUIRE(read.status == 200);
    std::string expected = Comparable(original, own_id, renamed);
    CHECK(Comparable(read.body, own_id, {}) == expected);
    auto as_xml = api.Call("GET", address + "?_format=xml");
    auto tree = xml::ParseFhir(as_xml.body, kFileLimits, tests::Pack());
    REQUIRE(tree);
    // XML orders elements by the definitions: both through it.
    auto back = Comparable(json::Write(*tree), own_id, {});
    auto forth =
        xml::ParseFhir(xml::WriteFhir(*json::Parse(expected, kFileLimits, &tests::Pack()), tests::Pack()),
                       kFileLimits, tests::Pack());
    CHECK(back == json::Write(*forth));
  }

  void OneResource(const node::Tree& tree, const std::string& json) {
    std::string reference = std::string(tree.name(node::kRoot)) + "/" + TextAt(tree, {"id"});
    auto put = api.Put(reference, json);
    CAPTURE(put.body.substr(0, 500));
    REQUIRE((put.status == 201 || put.status == 200));
    Same(json, "/fhir/" + reference, true, {});
    ++resources;
  }

  void OneBundle(const node::Tree& tree, const std::string& json) {
    auto done = api.Post("/fhir", json);
    CAPTURE(done.body.substr(0, 500));
    REQUIRE(done.status == 200);
    auto answer = Parse(done.body);
    std::vector<std::string> locations;
    for (node::NodeIndex entry : node::Children(answer, node::kRoot))
      if (answer.name(entry) == "entry")
        locations.emplace_back(answer.ChildText(answer.Child(entry, "response"), "location"));
    std::map<std::string, std::string> renamed;
    std::size_t at = 0;
    for (node::NodeIndex entry : node::Children(tree, node::kRoot))
      if (tree.name(entry) == "entry") {
        std::string url(tree.ChildText(entry, "fullUrl"));
        if (at == 0)
          renamed["Patient?identifier=urn:oid:1.2.250.1.213.1.4.8|123456789012345"] = "Patient/needed";
        if (!url.empty()) renamed[url] = locations.at(at).substr(0, locations.at(at).find("/_history"));
        ++at;
      }
    at = 0;
    for (node::NodeIndex entry : node::Children(tree, node::kRoot)) {
      if (tree.name(entry) != "entry") continue;
      std::string location = locations.at(at++);
      node::NodeIndex resource = tree.Child(entry, "resource");
      std::string_view method = tree.ChildText(tree.Child(entry, "request"), "method");
      if (resource == node::kNone || method == "PATCH") continue;
      CAPTURE(location);
      Same(json::Write(tree, resource), "/fhir/" + location.substr(0, location.find("/_history")), false,
           renamed);
      ++entries;
    }
    ++bundles;
  }
};

// What the transactions among the examples refer to and do not bring: a patient by identifier (who is no
// other example, and whom a transaction may not do without), and the document that one of them replaces by a
// PATCH.
const std::map<std::string, std::string> kNeeded = {
    {"Patient/needed", R"({"resourceType":"Patient","id":"needed","identifier":[)"
                       R"({"system":"urn:oid:1.2.250.1.213.1.4.8","value":"123456789012345"}]})"},
    {"DocumentReference/doc-x-id",
     R"({"resourceType":"DocumentReference","id":"doc-x-id","status":"current"})"},
};

TEST_CASE("every official French example is read back equal modulo meta", "[corpus]") {
  auto files = Examples();
  if (files.empty()) {
    WARN("skipped: ../shared/packages-fr is not there");
    return;
  }
  Examined examined;
  for (const auto& [reference, json] : kNeeded) REQUIRE(examined.api.Put(reference, json).status == 201);
  for (const auto& file : files) {
    CAPTURE(file.parent_path().parent_path().filename().string(), file.filename().string());
    std::string json = ReadAll(file);
    auto tree = Parse(json);
    if (tree.root().resource == 0) continue;  // an instance of a logical model
    std::string type = TextAt(tree, {"type"});
    bool carried_out = tree.name(node::kRoot) == "Bundle" && (type == "transaction" || type == "batch");
    carried_out ? examined.OneBundle(tree, json) : examined.OneResource(tree, json);
  }
  std::cout << "examples read back: " << examined.resources << " resources, " << examined.bundles
            << " bundles with " << examined.entries << " entries\n";
  CHECK(examined.resources + examined.bundles > 80);
}

}  // namespace
}  // namespace passerelle::api
