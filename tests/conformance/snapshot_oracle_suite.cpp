// Our own oracle: every published StructureDefinition that has both a differential and a snapshot; the
// snapshot made from the differential must say the same to a validator. FOLDER is the folder of the pinned
// packages (.packages).

#include <map>
#include <vector>

#include "fhir_model/json/json.h"
#include "profiles/packages/snapshot.h"
#include "profiles/packages/source.h"
#include "tests/conformance/score.h"
#include "tests/conformance/snapshot_summary.h"

namespace passerelle::tests {
namespace {

namespace fs = std::filesystem;
using node::kNone;
using node::kRoot;
using node::NodeIndex;
using node::Tree;

int Main(const std::string& folder, const char* score_file) {
  // The order of the pack: what comes later wins.
  const std::vector<std::string> packages = {"hl7.fhir.r4.examples-4.0.1.tgz",
                                             "hl7.fhir.uv.extensions.r4-5.3.0-ballot-tc1.tgz",
                                             "hl7.fhir.uv.ips-2.0.0.tgz"};
  if (!fs::exists(fs::path(folder) / packages[0])) return Skip(folder);
  std::map<std::string, std::string> bodies;             // by canonical, the last package
  std::vector<std::pair<std::string, std::string>> all;  // package, body
  for (const auto& package : packages) {
    auto read = packages::ReadPackage(
        (fs::path(folder) / package).string(), [&](std::string_view name, std::string bytes) {
          if (name.find("StructureDefinition-") == name.npos) return Ok();
          auto tree = json::Parse(bytes, kFileLimits);
          if (!tree || tree->Child(kRoot, "differential") == kNone || tree->Child(kRoot, "snapshot") == kNone)
            return Ok();
          bodies[std::string(tree->ChildText(kRoot, "url"))] = bytes;
          all.emplace_back(package, std::move(bytes));
          return Ok();
        });
    if (!read) {
      std::cout << read.error().Text() << "\n";
      return 1;
    }
  }
  packages::Snapshots snapshots([&](std::string_view canonical) -> std::optional<Tree> {
    auto it = bodies.find(std::string(canonical.substr(0, canonical.find('|'))));
    if (it == bodies.end()) return std::nullopt;
    auto tree = json::Parse(it->second, kFileLimits);
    if (!tree) return std::nullopt;
    return *std::move(tree);
  });
  Score score{"snapshot_oracle"};
  for (const auto& [package, body] : all) {
    auto published = json::Parse(body, kFileLimits);
    std::string url(published->ChildText(kRoot, "url")), miss;
    if (published->ChildText(kRoot, "baseDefinition").empty())
      continue;  // Element and Resource build on nothing
    auto made = snapshots.Make(*published);
    miss = made ? FirstDifference(*published, *made) : made.error().Text();
    score.Count(miss.empty(), package.substr(0, package.find('-')) + " " + url + ": " + miss);
  }
  return Finish(score, score_file);
}

}  // namespace
}  // namespace passerelle::tests

int main(int argc, char** argv) {
  if (argc < 2) return 2;
  return passerelle::tests::Main(argv[1], argc > 2 ? argv[2] : nullptr);
}
