// Our own oracle: every published StructureDefinition that has both a differential and a snapshot; the
// snapshot made from the differential must say the same to a validator. FOLDER is the folder of the pinned
// packages (.packages).

#include <algorithm>
#include <map>
#include <set>
#include <vector>

#include "fhir_model/json/json.h"
#include "profiles/packages/snapshot.h"
#include "profiles/packages/source.h"
#include "tests/conformance/score.h"

namespace passerelle::tests {
namespace {

namespace fs = std::filesystem;
using node::Children;
using node::kNone;
using node::kRoot;
using node::NodeIndex;
using node::Tree;

// Publishers may pin canonicals to the version that they found.
std::string_view Unpinned(std::string_view canonical) { return canonical.substr(0, canonical.find('|')); }

std::string Joined(const Tree& tree, NodeIndex element, std::string_view name) {
  std::string out;
  for (NodeIndex child : Children(tree, element))
    if (tree.name(child) == name) out += std::string(Unpinned(tree[child].text)) + ",";
  return out;
}

// What a validator reads of an element.
std::string Summary(const Tree& tree, NodeIndex e) {
  std::string all;
  std::vector<std::string> keys;  // in an order of its own: JSON leaves it open
  for (std::string_view field : {"path", "sliceName", "min", "max"})
    all += std::string(field) + "=" + std::string(tree.ChildText(e, field)) + " ";
  // Written with or without the definition that it points into.
  auto reference = tree.ChildText(e, "contentReference");
  if (!reference.empty()) all += "reference=" + std::string(reference.substr(reference.find('#'))) + " ";
  for (NodeIndex child : Children(tree, e)) {
    std::string_view name = tree.name(child);
    std::string out;
    if (name == "type")
      out += "type=" + std::string(tree.ChildText(child, "code")) + "(" + Joined(tree, child, "profile") +
             "/" + Joined(tree, child, "targetProfile") + ") ";
    if (name == "binding")
      out += "binding=" + std::string(tree.ChildText(child, "strength")) + ":" +
             std::string(Unpinned(tree.ChildText(child, "valueSet"))) + " ";
    if (name == "constraint") out = std::string(tree.ChildText(child, "key"));
    if (name.starts_with("fixed") || name.starts_with("pattern"))
      out += std::string(name) + "=" +
             (tree[child].text.empty() ? json::Write(tree, child) : std::string(tree[child].text)) + " ";
    if (name == "slicing") {
      out += "slicing=" + std::string(tree.ChildText(child, "rules")) + ":";
      for (NodeIndex d : Children(tree, child))
        if (tree.name(d) == "discriminator")
          out += std::string(tree.ChildText(d, "type")) + "@" + std::string(tree.ChildText(d, "path")) + ",";
      out += " ";
    }
    if (!out.empty()) keys.push_back(std::move(out));
  }
  std::sort(keys.begin(), keys.end());
  for (const auto& key : keys) all += key + " ";
  return all;
}

// What is sliced occurs at least as often as its slices must: some publishers write that down, R4's did not.
void RaiseMin(Tree& tree, NodeIndex snapshot) {
  std::map<std::string, std::pair<NodeIndex, int>> heads;  // by path; the slices that are below the last head
  for (NodeIndex e : Children(tree, snapshot)) {
    if (tree.name(e) != "element") continue;
    std::string path(tree.ChildText(e, "path"));
    int min = std::atoi(std::string(tree.ChildText(e, "min")).c_str());
    auto head = heads.find(path);
    if (tree.Child(e, "slicing") != kNone) {
      heads[path] = {e, 0};
    } else if (tree.ChildText(e, "sliceName").empty() || head == heads.end()) {
      heads.erase(path);
    } else if (int sum = head->second.second += min;
               sum > std::atoi(std::string(tree.ChildText(head->second.first, "min")).c_str())) {
      tree[tree.Child(head->second.first, "min")].text = tree.Keep(std::to_string(sum));
    }
  }
}

std::vector<std::string> Summaries(const Tree& source) {
  std::vector<std::string> out;
  Tree tree = source.Extract(kRoot);
  NodeIndex snapshot = tree.Child(kRoot, "snapshot");
  if (snapshot == kNone) return out;
  RaiseMin(tree, snapshot);
  for (NodeIndex child : Children(tree, snapshot))
    if (tree.name(child) == "element") out.push_back(Summary(tree, child));
  return out;
}

std::string FirstDifference(const Tree& published, const Tree& made) {
  auto a = Summaries(published), b = Summaries(made);
  for (std::size_t i = 0; i < std::max(a.size(), b.size()); ++i) {
    std::string x = i < a.size() ? a[i] : "nothing", y = i < b.size() ? b[i] : "nothing";
    if (x != y) return "expected " + x + "\n    found " + y;
  }
  return {};
}

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
