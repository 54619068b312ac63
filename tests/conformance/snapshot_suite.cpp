// The official snapshot suites. FOLDER is "r4b/snapshot-generation" or "rX/snapshot-generation"; of the
// latter, whose tests name their version, those of R4 count. The base definitions are those of the pinned
// package. A test passes if every element of the snapshot is the expected one, or, where the suite says so,
// if no snapshot is made; a test that only sorts, if the differential is in the expected order. What rX
// expects was made from definitions that the reference had changed (canonicals pinned, texts left out): there
// the snapshots must say the same to a validator.

#include <algorithm>
#include <map>
#include <optional>
#include <vector>

#include "fhir_model/json/json.h"
#include "fhir_model/xml/xml.h"
#include "profiles/packages/order.h"
#include "profiles/packages/snapshot.h"
#include "profiles/packages/source.h"
#include "tests/conformance/score.h"
#include "tests/conformance/snapshot_summary.h"
#include "tests/support/pack.h"

namespace passerelle::tests {
namespace {

namespace fs = std::filesystem;
using node::Children;
using node::kNone;
using node::kRoot;
using node::NodeIndex;
using node::Tree;

std::optional<Tree> ReadDefinition(const fs::path& path) {
  std::string bytes = ReadAll(path);
  auto tree = path.extension() == ".json" ? json::Parse(std::move(bytes), kFileLimits, &Pack())
                                          : xml::ParseFhir(std::move(bytes), kFileLimits, Pack());
  if (!tree) return std::nullopt;
  return *std::move(tree);
}

// Each element of the snapshot, or of the differential, as JSON, its parts in the order of the definitions.
std::vector<std::string> ElementTexts(const Tree& tree, std::string_view list = "snapshot") {
  std::vector<std::string> out;
  auto again = xml::ParseFhir(xml::WriteFhir(tree, Pack()), kFileLimits, Pack());
  if (!again) return {again.error().Text()};
  NodeIndex snapshot = again->Child(kRoot, list);
  if (snapshot == kNone) return out;
  for (NodeIndex child : Children(*again, snapshot)) {
    if (again->name(child) != "element") continue;
    NodeIndex id = again->Child(child, "id");  // the expected files have none, or one of an older rule
    if (id != kNone) again->Remove(id);
    out.push_back(json::Write(*again, child));
  }
  return out;
}

// Around the first character that differs.
std::string Difference(const std::vector<std::string>& expected, const std::vector<std::string>& found) {
  for (std::size_t i = 0; i < std::max(expected.size(), found.size()); ++i) {
    std::string x = i < expected.size() ? expected[i] : "", y = i < found.size() ? found[i] : "";
    if (x == y) continue;
    auto at =
        static_cast<std::size_t>(std::mismatch(x.begin(), x.end(), y.begin(), y.end()).first - x.begin());
    std::size_t from = at < 40 ? 0 : at - 40;
    auto path = [](const std::string& text) {
      auto begin = text.find("\"path\":\"");
      return begin == text.npos ? std::string("nothing")
                                : text.substr(begin + 8, text.find('"', begin + 8) - begin - 8);
    };
    return "element " + std::to_string(i) + " expected " + path(x) + " ..." +
           x.substr(std::min(from, x.size()), 160) + "\n    found " + path(y) + " ..." +
           y.substr(std::min(from, y.size()), 160);
  }
  return {};
}

std::vector<std::string> Sorted(const Tree& made) {
  Tree sorted = made.Extract(kRoot);
  NodeIndex differential = sorted.Append(kRoot, sorted.NameOf("differential"), node::Kind::Element);
  for (NodeIndex element : packages::SortDifferential(made))
    sorted[sorted.Copy(differential, made, element)].list = true;
  sorted.Remove(sorted.Child(kRoot, "differential"));
  return ElementTexts(sorted, "differential");
}

class Suite {
 public:
  Suite(fs::path folder, bool any_version) : folder_(std::move(folder)), any_version_(any_version) {}

  Status ReadBase(const std::string& package) {
    TRY(auto name, packages::ReadPackage(package, [&](std::string_view file, std::string bytes) {
          if (file.find("StructureDefinition-") == file.npos) return Ok();
          auto at = bytes.find("\"url\"");
          auto open = bytes.find('"', at + 5), close = bytes.find('"', open + 1);
          auto tree = json::Parse(bytes, kFileLimits);
          if (tree && close != bytes.npos)
            bodies_[std::string(tree->ChildText(kRoot, "url"))] = std::move(bytes);
          return Ok();
        }));
    (void)name;
    return Ok();
  }

  // Definitions of tests that come later.
  void ReadBeside(const Tree& manifest) {
    for (NodeIndex test : Children(manifest, kRoot))
      if (auto input = Find(std::string(manifest.ChildText(test, "@id")) + "-input"))
        beside_.emplace(input->ChildText(kRoot, "url"), json::Write(*input));
  }

  bool Run(const Tree& manifest, NodeIndex test, std::string& miss) {
    std::string id(manifest.ChildText(test, "@id"));
    registered_.clear();
    for (std::string_view attribute : {"@register", "@include"})
      Register(std::string(manifest.ChildText(test, attribute)));
    auto input = Find(id + "-input");
    if (!input) return miss = "the input cannot be read", false;
    packages::Snapshots snapshots([&](std::string_view canonical) { return Lookup(canonical); });
    auto made = snapshots.Make(*input);
    bool must_fail = manifest.ChildText(test, "@fail") == "true";
    if (!made) return miss = made.error().Text(), must_fail;
    // Later tests build on earlier ones.
    bodies_.insert_or_assign(std::string(made->ChildText(kRoot, "url")), json::Write(*made));
    // Unless it is to be sorted first, the differential must be in order.
    bool sorts = manifest.ChildText(test, "@sort") == "true";
    if (must_fail && !sorts && !packages::FindDisorder(*made).empty()) return true;
    if (must_fail) return miss = "a snapshot where none can be", false;
    auto expected = Find(id + "-expected");
    if (!expected) expected = Find(id + "-output");
    if (!expected) return miss = "the expected snapshot cannot be read", false;
    if (any_version_)
      miss = FirstDifference(*expected, *made);
    else if (manifest.ChildText(test, "@gen") == "true")
      miss = Difference(ElementTexts(*expected), ElementTexts(*made));
    else
      miss = Difference(ElementTexts(*expected, "differential"), Sorted(*made));
    return miss.empty();
  }

 private:
  std::optional<Tree> Find(const std::string& stem) {
    for (const char* extension : {".xml", ".json"})
      if (fs::path path = folder_ / (stem + extension); fs::exists(path)) return ReadDefinition(path);
    return std::nullopt;
  }

  void Register(std::string names) {
    for (std::size_t at = 0; at < names.size();) {
      auto end = std::min(names.find(',', at), names.size());
      std::string name = names.substr(at, end - at);
      name.erase(0, name.find_first_not_of(' '));
      for (const char* suffix : {"", "-input", "-expected"}) {
        auto tree = Find(name + suffix);
        if (!tree) continue;
        std::string url(tree->ChildText(kRoot, "url"));
        // Made anew, as all of this suite.
        if (NodeIndex old = tree->Child(kRoot, "snapshot");
            old != kNone && tree->Child(kRoot, "differential") != kNone)
          tree->Remove(old);
        registered_.insert_or_assign(url, json::Write(*tree));
        break;
      }
      at = end + 1;
    }
  }

  std::optional<Tree> Lookup(std::string_view canonical) {
    std::string url(canonical.substr(0, canonical.find('|')));
    for (const auto* known : {&registered_, &bodies_, &beside_}) {
      auto it = known->find(url);
      if (it == known->end()) continue;
      auto tree = json::Parse(it->second, kFileLimits);
      if (tree) return *std::move(tree);
    }
    return std::nullopt;
  }

  fs::path folder_;
  bool any_version_;
  std::map<std::string, std::string> bodies_, registered_, beside_;
};

int Main(const std::string& folder, const char* score_file) {
  bool any_version = folder.find("rX") != folder.npos;  // each test says which
  fs::path package = fs::path(PASSERELLE_PACKAGES) /
                     (any_version ? "hl7.fhir.r4.examples-4.0.1.tgz" : "hl7.fhir.r4b.core-4.3.0.tgz");
  fs::path manifest_path = fs::path(folder) / "manifest.xml";
  if (!fs::exists(manifest_path)) return Skip(folder);
  if (!fs::exists(package)) return Skip(package.string());
  constexpr xml::Vocabulary kVocabulary{"", "snapshot-generation-tests", nullptr, 0};
  auto manifest = xml::ParseForeign(ReadAll(manifest_path), kFileLimits, kVocabulary);
  if (!manifest) {
    std::cout << manifest.error().Text() << "\n";
    return 1;
  }
  Suite suite(folder, any_version);
  if (auto read = suite.ReadBase(package.string()); !read) {
    std::cout << read.error().Text() << "\n";
    return 1;
  }
  suite.ReadBeside(*manifest);
  Score score{any_version ? "snapshot_rx" : "snapshot"};
  for (NodeIndex test : Children(*manifest, kRoot)) {
    if (manifest->name(test) != "test") continue;
    if (any_version && manifest->ChildText(test, "@version") != "4.0.1") continue;
    std::string miss;
    bool pass = suite.Run(*manifest, test, miss);
    score.Count(pass, std::string(manifest->ChildText(test, "@id")) + ": " + miss);
  }
  return Finish(score, score_file);
}

}  // namespace
}  // namespace passerelle::tests

int main(int argc, char** argv) {
  if (argc < 2) return 2;
  return passerelle::tests::Main(argv[1], argc > 2 ? argv[2] : nullptr);
}
