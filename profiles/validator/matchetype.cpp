#include "profiles/validator/matchetype.h"

#include <algorithm>
#include <map>
#include <set>
#include <string>
#include <vector>

#include "fhir_model/path/path.h"
#include "profiles/validator/primitives.h"
#include "profiles/validator/rules.h"

namespace passerelle::validator {

using node::kNone;
using node::kRoot;
using node::NodeIndex;
using node::Tree;

namespace {

constexpr std::string_view kTools = "http://hl7.org/fhir/tools/StructureDefinition/matchetype";

// What an object of the example says of its own members.
struct Instructions {
  std::set<std::string, std::less<>> optional, counted;
  std::map<std::string, std::string, std::less<>> sorted;  // member, FHIRPath
  bool item_optional = false;                              // the object itself, as an item of a list
};

void AddNames(std::string_view list, std::set<std::string, std::less<>>& names) {
  while (!list.empty()) {
    auto comma = list.find(',');
    names.emplace(list.substr(0, comma));
    list.remove_prefix(comma == list.npos ? list.size() : comma + 1);
  }
}

bool IsInstruction(const Tree& tree, NodeIndex at) {
  return tree.name(at) == "extension" && tree.ChildText(at, "url").starts_with(kTools);
}

void ReadInstruction(const Tree& tree, NodeIndex at, Instructions& out) {
  std::string_view tail = tree.ChildText(at, "url").substr(kTools.size());
  if (tail == "-optional" && tree.ChildText(at, "valueBoolean") == "true") out.item_optional = true;
  if (tail == "-optional") AddNames(tree.ChildText(at, "valueString"), out.optional);
  if (tail == "-count") AddNames(tree.ChildText(at, "valueString"), out.counted);
  if (tail != "-sort") return;
  std::string element, expression;
  for (NodeIndex part : node::Children(tree, at)) {
    if (tree.ChildText(part, "url") == "element") element = tree.ChildText(part, "valueString");
    if (tree.ChildText(part, "url") == "expression") expression = tree.ChildText(part, "valueString");
  }
  out.sorted[element] = expression;
}

Instructions InstructionsOf(const Tree& tree, NodeIndex at) {
  Instructions found;
  for (NodeIndex child : node::Children(tree, at))
    if (IsInstruction(tree, child)) ReadInstruction(tree, child, found);
  return found;
}

// "$uuid$" and the like: what a value must look like.
struct Placeholder {
  std::string_view word;
  bool (*matches)(std::string_view text);
};
constexpr Placeholder kPlaceholders[] = {
    {"$string$", [](std::string_view text) { return !text.empty(); }},
    {"$token$", [](std::string_view text) { return !text.empty() && text.find(' ') == text.npos; }},
    {"$id$", IsResourceId},
    {"$uuid$",
     [](std::string_view text) { return IsUuid(text.starts_with("urn:uuid:") ? text.substr(9) : text); }},
    {"$url$", IsAbsoluteUri},
    {"$date$", [](std::string_view text) { return text.size() == 10 && IsDate(text); }},
    {"$instant$", [](std::string_view text) { return CheckLexical(Primitive::Instant, text) == nullptr; }},
    {"$version$", [](std::string_view text) { return !text.empty(); }}};

bool TextMatches(std::string_view wanted, std::string_view text) {
  for (const auto& placeholder : kPlaceholders)
    if (placeholder.word == wanted) return placeholder.matches(text);
  constexpr std::string_view kChoice = "$choice:";
  if (!wanted.starts_with(kChoice)) return wanted == text;
  std::string_view options = wanted.substr(kChoice.size(), wanted.size() - kChoice.size() - 1);
  while (true) {
    auto bar = options.find('|');
    if (options.substr(0, bar) == text) return true;
    if (bar == options.npos) return false;
    options.remove_prefix(bar + 1);
  }
}

class Comparer {
 public:
  Comparer(const Tree& resource, const Tree& example, Issues& issues)
      : resource_(resource), example_(example), issues_(issues) {
    for (NodeIndex child : node::Children(example, kRoot))
      if (IsInstruction(example, child) && example.ChildText(child, "url") == kTools)
        complete_ = example.ChildText(child, "valueCode") != "partial";
  }

  void Object(NodeIndex at, NodeIndex wanted, const std::string& path) {
    Instructions said = InstructionsOf(example_, wanted);
    auto given = Members(resource_, at), expected = Members(example_, wanted);
    for (const auto& [name, items] : expected) {
      auto it = given.find(name);
      if (it != given.end()) {
        Member(it->second, items, path + "." + name, said, name);
        continue;
      }
      bool optional =
          said.optional.contains(name) || std::all_of(items.begin(), items.end(), [&](NodeIndex item) {
            return InstructionsOf(example_, item).item_optional;
          });
      if (!optional) Say(rules::MatchMissing, path, name);
    }
    if (!complete_) return;
    for (const auto& [name, items] : given)
      if (!expected.contains(name) && !said.optional.contains(name)) Say(rules::MatchUnexpected, path, name);
  }

  bool failed() const { return failed_; }

 private:
  using Named = std::map<std::string, std::vector<NodeIndex>, std::less<>>;

  static Named Members(const Tree& tree, NodeIndex at) {
    Named members;
    for (NodeIndex child : node::Children(tree, at))
      if (!IsInstruction(tree, child)) members[std::string(tree.name(child))].push_back(child);
    return members;
  }

  void Say(const RuleInfo& rule, const std::string& path, std::string_view what) {
    failed_ = true;
    if (!quiet_) issues_.Add(rule, Place{path, 0, 0}, {what});
  }

  void Member(std::vector<NodeIndex> given, std::vector<NodeIndex> expected, const std::string& path,
              const Instructions& said, const std::string& name) {
    if (said.counted.contains(name)) {
      if (given.size() != expected.size()) Say(rules::MatchCount, path, std::to_string(expected.size()));
      return;
    }
    if (auto it = said.sorted.find(name); it != said.sorted.end()) {
      Sort(resource_, given, it->second);
      Sort(example_, expected, it->second);
    }
    bool list = resource_[given.front()].list || example_[expected.front()].list;
    if (list) return List(given, expected, path);
    Value(given.front(), expected.front(), path);
  }

  void Value(NodeIndex at, NodeIndex wanted, const std::string& path) {
    if (example_[wanted].kind == node::Kind::Element) return Object(at, wanted, path);
    if (!TextMatches(example_[wanted].text, resource_[at].text))
      Say(rules::MatchValue, path, example_[wanted].text);
  }

  bool Agrees(NodeIndex at, NodeIndex wanted) {
    bool quiet = quiet_, failed = failed_;
    quiet_ = true;
    failed_ = false;
    Value(at, wanted, {});
    bool agrees = !failed_;
    quiet_ = quiet;
    failed_ = failed;
    return agrees;
  }

  // Items in order; an optional one that does not agree is passed over, in a partial example also what it
  // does not name.
  void List(const std::vector<NodeIndex>& given, const std::vector<NodeIndex>& expected,
            const std::string& path) {
    std::size_t needed = 0, next = 0;
    for (NodeIndex wanted : expected) needed += !InstructionsOf(example_, wanted).item_optional;
    if (given.size() < needed || (complete_ && given.size() > expected.size()))
      Say(rules::MatchCount, path, std::to_string(expected.size()));
    for (NodeIndex wanted : expected) {
      bool optional = InstructionsOf(example_, wanted).item_optional;
      std::size_t at = next;
      while (!complete_ && at < given.size() && !Agrees(given[at], wanted)) ++at;
      if (optional && (at >= given.size() || !Agrees(given[at], wanted))) continue;
      if (at >= given.size()) return Say(rules::MatchCount, path, std::to_string(expected.size()));
      Value(given[at], wanted, path + "[" + std::to_string(at) + "]");
      next = at + 1;
    }
    if (complete_ && next < given.size() && given.size() <= expected.size())
      Say(rules::MatchCount, path, std::to_string(expected.size()));
  }

  static void Sort(const Tree& tree, std::vector<NodeIndex>& items, const std::string& by) {
    auto expression = path::Expression::Compile(by);
    if (!expression) return;
    path::Machine machine;
    std::map<NodeIndex, std::string> keys;
    for (NodeIndex item : items) {
      auto found = machine.Evaluate(*expression, path::Item::Of(tree, item));
      keys[item] = found && !found->empty() ? std::string(path::TextOf(found->front())) : std::string();
    }
    std::stable_sort(items.begin(), items.end(), [&](NodeIndex a, NodeIndex b) { return keys[a] < keys[b]; });
  }

  const Tree& resource_;
  const Tree& example_;
  Issues& issues_;
  bool complete_ = true, quiet_ = false, failed_ = false;
};

}  // namespace

void CompareWithMatchetype(const Tree& resource, const Tree& matchetype, Issues& issues) {
  if (resource.NameText(resource.root().resource) != matchetype.NameText(matchetype.root().resource)) {
    issues.Add(rules::MatchValue, Place{"$", 0, 0}, {matchetype.NameText(matchetype.root().resource)});
    return;
  }
  Comparer(resource, matchetype, issues).Object(kRoot, kRoot, "$");
}

}  // namespace passerelle::validator
