#include "profiles/validator/matchetype.h"

#include <algorithm>
#include <array>
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
  bool item_barred = false;                                // it belongs to another version or mode
};

void AddNames(std::string_view list, std::set<std::string, std::less<>>& names) {
  while (!list.empty()) {
    auto comma = list.find(',');
    names.emplace(list.substr(0, comma));
    list.remove_prefix(comma == list.npos ? list.size() : comma + 1);
  }
}

// A condition on versions and modes, of which none is set here: "!mode" holds, "mode" and "version:..." do
// not; "warning:..." only asks for a warning.
bool Holds(std::string_view condition) {
  return condition.starts_with('!') || condition.starts_with("warning:");
}

bool IsInstruction(const Tree& tree, NodeIndex at) {
  return tree.name(at) == "extension" && tree.ChildText(at, "url").starts_with(kTools);
}

void ReadOptional(const Tree& tree, NodeIndex at, Instructions& out) {
  std::string_view said = tree.ChildText(at, "valueString");
  if (tree.ChildText(at, "valueBoolean") == "true" || Holds(said)) out.item_optional = true;
  AddNames(said, out.optional);
}
void ReadOptionalProperties(const Tree& tree, NodeIndex at, Instructions& out) {
  AddNames(tree.ChildText(at, "valueString"), out.optional);
}
void ReadOnly(const Tree& tree, NodeIndex at, Instructions& out) {
  if (!Holds(tree.ChildText(at, "valueString"))) out.item_barred = true;
}
void ReadCount(const Tree& tree, NodeIndex at, Instructions& out) {
  AddNames(tree.ChildText(at, "valueString"), out.counted);
}
void ReadSort(const Tree& tree, NodeIndex at, Instructions& out) {
  std::string element, expression;
  for (NodeIndex part : node::Children(tree, at)) {
    if (tree.ChildText(part, "url") == "element") element = tree.ChildText(part, "valueString");
    if (tree.ChildText(part, "url") == "expression") expression = tree.ChildText(part, "valueString");
  }
  out.sorted[element] = expression;
}

// What the extension of kTools with this ending says.
struct InstructionRow {
  std::string_view ending;
  void (*read)(const Tree& tree, NodeIndex at, Instructions& out);
};
constexpr std::array kInstructions = {
    InstructionRow{"-optional", ReadOptional}, InstructionRow{"-optional-properties", ReadOptionalProperties},
    InstructionRow{"-only", ReadOnly},         InstructionRow{"-count", ReadCount},
    InstructionRow{"-sort", ReadSort},
};

void ReadInstruction(const Tree& tree, NodeIndex at, Instructions& out) {
  std::string_view ending = tree.ChildText(at, "url").substr(kTools.size());
  for (const auto& row : kInstructions)
    if (row.ending == ending) row.read(tree, at, out);
}

Instructions InstructionsOf(const Tree& tree, NodeIndex at) {
  Instructions found;
  for (NodeIndex child : node::Children(tree, at))
    if (IsInstruction(tree, child)) ReadInstruction(tree, child, found);
  return found;
}

bool IsTrimmed(std::string_view text) { return text.empty() || (text.front() > ' ' && text.back() > ' '); }

// "4.0.1", "1.0.0-ballot".
bool IsSemanticVersion(std::string_view text) {
  int numbers = 0;
  for (; numbers < 3; ++numbers) {
    std::size_t digits = 0;
    while (digits < text.size() && text[digits] >= '0' && text[digits] <= '9') ++digits;
    if (digits == 0) return false;
    text.remove_prefix(digits);
    if (!text.starts_with('.')) break;
    if (numbers < 2) text.remove_prefix(1);
  }
  return numbers > 0 && (text.empty() || text.front() == '-' || text.front() == '+');
}

// "$uuid$" and the like: what a value must look like.
struct Placeholder {
  std::string_view word;
  bool (*matches)(std::string_view text);
};
constexpr Placeholder kPlaceholders[] = {
    {"$$", [](std::string_view) { return true; }},
    {"$string$", IsTrimmed},
    {"$token$", [](std::string_view text) { return !text.empty() && text.find(' ') == text.npos; }},
    {"$id$", IsResourceId},
    {"$uuid$",
     [](std::string_view text) { return IsUuid(text.starts_with("urn:uuid:") ? text.substr(9) : text); }},
    {"$url$", IsAbsoluteUri},
    {"$date$", [](std::string_view text) { return text.size() == 10 && IsDate(text); }},
    {"$instant$", [](std::string_view text) { return CheckLexical(Primitive::Instant, text) == nullptr; }},
    {"$semver$", IsSemanticVersion},
    {"$version$", [](std::string_view) { return true; }}};

std::vector<std::string_view> SplitAtBars(std::string_view text) {
  std::vector<std::string_view> parts;
  while (true) {
    auto bar = text.find('|');
    parts.push_back(text.substr(0, bar));
    if (bar == text.npos) return parts;
    text.remove_prefix(bar + 1);
  }
}

bool HasIgnoringCase(std::string_view text, std::string_view part) {
  auto same = [](char a, char b) {
    return a == b || ((a ^ b) == 0x20 && (a | 0x20) >= 'a' && (a | 0x20) <= 'z');
  };
  return std::search(text.begin(), text.end(), part.begin(), part.end(), same) != text.end();
}

bool HasAll(std::string_view text, std::string_view fragments) {
  auto parts = SplitAtBars(fragments);
  return std::all_of(parts.begin(), parts.end(), [&](auto part) { return HasIgnoringCase(text, part); });
}

bool IsAmong(std::string_view text, std::string_view options) {
  auto parts = SplitAtBars(options);
  return std::find(parts.begin(), parts.end(), text) != parts.end();
}

// "NAME" or "NAME:FRAGMENTS": a text that is kept elsewhere, of which only the fragments are known here.
bool HasFragmentsOf(std::string_view text, std::string_view external) {
  auto colon = external.find(':');
  return colon == external.npos || HasAll(text, external.substr(colon + 1));
}

// "$choice:a|b$" and the like.
struct Command {
  std::string_view word;
  bool (*matches)(std::string_view text, std::string_view argument);
};
constexpr Command kCommands[] = {
    {"$choice:", IsAmong}, {"$fragments:", HasAll}, {"$external:", HasFragmentsOf}};

bool TextMatches(std::string_view wanted, std::string_view text) {
  for (const auto& placeholder : kPlaceholders)
    if (placeholder.word == wanted) return placeholder.matches(text);
  if (wanted.ends_with('$'))
    for (const auto& command : kCommands)
      if (wanted.starts_with(command.word) && wanted.size() > command.word.size())
        return command.matches(text,
                               wanted.substr(command.word.size(), wanted.size() - command.word.size() - 1));
  return wanted == text;
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
      bool optional = said.optional.contains(name) || said.optional.contains("*") ||
                      std::all_of(items.begin(), items.end(), [&](NodeIndex item) { return MayMiss(item); });
      if (!optional) Say(rules::MatchMissing, path, name);
    }
    for (const auto& [name, items] : given)
      if (complete_ && !expected.contains(name)) Say(rules::MatchUnexpected, path, name);
  }

  bool failed() const { return failed_; }

 private:
  using Named = std::map<std::string, std::vector<NodeIndex>, std::less<>>;

  // The instructions make a member too, of which nothing is expected.
  static Named Members(const Tree& tree, NodeIndex at) {
    Named members;
    for (NodeIndex child : node::Children(tree, at)) {
      auto& items = members[std::string(tree.name(child))];
      if (!IsInstruction(tree, child)) items.push_back(child);
    }
    return members;
  }

  bool MayMiss(NodeIndex item) const {
    Instructions said = InstructionsOf(example_, item);
    return said.item_optional || said.item_barred;
  }

  void Say(const RuleInfo& rule, const std::string& path, std::string_view what) {
    failed_ = true;
    if (!quiet_) issues_.Add(rule, Place{path, 0, 0}, {what});
  }

  void Member(std::vector<NodeIndex> given, std::vector<NodeIndex> expected, const std::string& path,
              const Instructions& said, const std::string& name) {
    std::erase_if(expected, [&](NodeIndex item) { return InstructionsOf(example_, item).item_barred; });
    if (said.counted.contains(name)) {
      if (given.size() != expected.size()) Say(rules::MatchCount, path, std::to_string(expected.size()));
      return;
    }
    if (auto it = said.sorted.find(name); it != said.sorted.end()) Sort(resource_, given, it->second);
    if (given.size() > 1 || expected.size() > 1) {
      if (complete_)
        List(given, expected, path);
      else
        Among(given, expected, path);
    } else if (expected.empty()) {
      Say(rules::MatchUnexpected, path, name);
    } else {
      Value(given.front(), expected.front(), path);
    }
  }

  void Value(NodeIndex at, NodeIndex wanted, const std::string& path) {
    const auto& here = resource_[at];
    const auto& there = example_[wanted];
    if (resource_.NameText(here.resource) != example_.NameText(there.resource))
      return Say(rules::MatchValue, path, example_.NameText(there.resource));
    bool prose = there.kind == node::Kind::Xhtml;
    if (there.kind != node::Kind::Element && !prose && !TextMatches(there.text, here.text))
      return Say(rules::MatchValue, path, there.text);
    Object(at, wanted, path);
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

  // Items in order; an optional one that does not agree is passed over. The first that differs ends it.
  void List(const std::vector<NodeIndex>& given, const std::vector<NodeIndex>& expected,
            const std::string& path) {
    std::string count = std::to_string(expected.size());
    std::size_t needed = 0, next = 0;
    for (NodeIndex wanted : expected) needed += !MayMiss(wanted);
    if (given.size() < needed || given.size() > expected.size()) Say(rules::MatchCount, path, count);
    bool passed_over = false;
    for (std::size_t i = 0; i < expected.size(); ++i) {
      bool optional = MayMiss(expected[i]);
      if (next >= given.size()) {
        if (!optional) Say(rules::MatchCount, path, count);
      } else if (Agrees(given[next], expected[i])) {
        ++next;
        passed_over = false;
      } else if (optional) {
        passed_over = true;
      } else {
        if (!passed_over) Value(given[next], expected[i], path + "[" + std::to_string(i) + "]");
        break;
      }
    }
    if (next < given.size()) Say(rules::MatchCount, path, count);
  }

  // In a partial example: each item somewhere after the one before.
  void Among(const std::vector<NodeIndex>& given, const std::vector<NodeIndex>& expected,
             const std::string& path) {
    std::size_t next = 0;
    for (NodeIndex wanted : expected) {
      while (next < given.size() && !Agrees(given[next], wanted)) ++next;
      if (next++ >= given.size()) Say(rules::MatchCount, path, std::to_string(expected.size()));
    }
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
