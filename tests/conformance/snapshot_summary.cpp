#include "tests/conformance/snapshot_summary.h"

#include <algorithm>
#include <map>
#include <string_view>
#include <vector>

#include "fhir_model/json/json.h"

namespace passerelle::tests {

using node::Children;
using node::kNone;
using node::kRoot;
using node::NodeIndex;
using node::Tree;

namespace {

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

}  // namespace

std::string FirstDifference(const Tree& published, const Tree& made) {
  auto a = Summaries(published), b = Summaries(made);
  for (std::size_t i = 0; i < std::max(a.size(), b.size()); ++i) {
    std::string x = i < a.size() ? a[i] : "nothing", y = i < b.size() ? b[i] : "nothing";
    if (x != y) return "expected " + x + "\n    found " + y;
  }
  return {};
}

}  // namespace passerelle::tests
