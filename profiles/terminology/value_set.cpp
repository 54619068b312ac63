#include "profiles/terminology/value_set.h"

#include <re2/re2.h>

#include <algorithm>

namespace passerelle::terminology {
namespace {

using node::kNone;
using node::NodeIndex;
using node::Tree;

constexpr int kNestingMax = 16;

Answer AskNested(const Clause& clause, const Coded& coded, int depth, Membership& found);

bool IsNamed(const ListedNames& names, std::string_view display) {
  if (display.empty()) return false;
  return names.display == display ||
         std::find(names.designations.begin(), names.designations.end(), display) != names.designations.end();
}

Answer AskSystem(const Clause& clause, const Coded& coded, Membership& found) {
  std::string_view code = coded.code;
  if (clause.enumerated) {
    auto it = clause.codes.find(code);
    if (it != clause.codes.end()) {
      found.display = it->second.display;
      found.named = IsNamed(it->second, coded.display);
      return Answer::In;
    }
    if (clause.code_system == nullptr || clause.code_system->case_sensitive()) return Answer::Out;
    auto folded = Fold(code);
    bool in = std::any_of(clause.codes.begin(), clause.codes.end(),
                          [&](const auto& c) { return Fold(c.first) == folded; });
    return in ? Answer::In : Answer::Out;
  }
  if (clause.undecided) return Answer::CannotTell;
  if (clause.code_system != nullptr) {
    std::uint32_t concept_index = clause.code_system->Find(code);
    if (concept_index != CodeSystem::kNone) {
      found.display = clause.code_system->concepts()[concept_index].display;
      return !clause.filtered || clause.selected[concept_index] ? Answer::In : Answer::Out;
    }
    if (clause.code_system->content() == Content::Complete) return Answer::Out;
  }
  if (clause.grammar == nullptr) return Answer::CannotTell;
  Answer form = clause.grammar(code);
  return clause.filtered && form == Answer::In ? Answer::CannotTell : form;
}

Answer AskClause(const Clause& clause, const Coded& coded, int depth, Membership& found) {
  Answer answer = Answer::In;
  if (!clause.system.empty()) {
    if (!coded.system.empty() && coded.system != clause.system) return Answer::Out;
    answer = AskSystem(clause, coded, found);
    if (answer == Answer::CannotTell) found.missing = clause.system;
    if (answer == Answer::Out) return answer;
    if (answer == Answer::In) found.system = clause.system;
  }
  if (!clause.nested.empty() || !clause.missing.empty()) {
    Answer nested = AskNested(clause, coded, depth, found);
    if (nested != Answer::In) return nested;
  }
  return answer;
}

Membership AskAll(const ValueSet& set, const Coded& coded, int depth) {
  Membership result;
  if (!set.known || depth > kNestingMax) {
    result.missing = set.url;
    return result;
  }
  result.answer = Answer::Out;
  for (const auto& clause : set.includes) {
    Membership found;
    Answer answer = AskClause(clause, coded, depth, found);
    if (answer == Answer::Out || (answer == Answer::CannotTell && result.answer == Answer::CannotTell))
      continue;
    found.answer = answer;
    result = found;
    if (answer == Answer::In) break;
  }
  if (result.answer == Answer::Out) return result;
  for (const auto& clause : set.excludes) {
    Membership found;
    Answer answer = AskClause(clause, coded, depth, found);
    if (answer == Answer::In) return {Answer::Out, {}, {}, {}, false};
    if (answer == Answer::CannotTell) result.answer = Answer::CannotTell, result.missing = found.missing;
  }
  return result;
}

Answer AskNested(const Clause& clause, const Coded& coded, int depth, Membership& found) {
  Answer worst = Answer::In;
  if (!clause.missing.empty()) worst = Answer::CannotTell, found.missing = clause.missing;
  for (const ValueSet* nested : clause.nested) {
    Membership there = AskAll(*nested, coded, depth + 1);
    if (there.answer == Answer::Out) return Answer::Out;
    if (there.answer == Answer::CannotTell)
      worst = Answer::CannotTell, found.missing = there.missing;
    else
      found.system = there.system, found.display = there.display, found.named |= there.named;
  }
  return worst;
}

// One filter as bits over the concepts; nothing when it cannot be applied here.
using Selection = std::optional<std::vector<bool>>;

Selection Negated(Selection bits) {
  if (bits) bits->flip();
  return bits;
}

Selection SelectByHierarchy(const CodeSystem& system, std::string_view op, std::string_view value) {
  std::uint32_t top = system.Find(value);
  std::vector<bool> bits(system.concepts().size());
  if (top == CodeSystem::kNone) return system.content() == Content::Complete ? Selection(bits) : std::nullopt;
  if (op == "is-a") return system.Below(top);
  if (op == "is-not-a") return Negated(system.Below(top));
  if (op == "child-of") return system.ChildrenOf(top);
  if (op == "descendent-of" || op == "descendant-leaf" || op == "descendent-leaf") {
    bits = system.Below(top);
    bits[top] = false;
    if (op == "descendent-of") return bits;
    for (std::uint32_t i = 0; i < bits.size(); ++i) bits[i] = bits[i] && system.concepts()[i].end == i + 1;
    return bits;
  }
  if (op != "generalizes") return std::nullopt;
  for (std::uint32_t i = 0; i < bits.size(); ++i) bits[i] = system.Below(i)[top];
  return bits;
}

// The values of a filter's property at one concept; "code" and "display" are properties too.
std::vector<std::string_view> ValuesOf(const CodeSystem& system, std::uint32_t i, std::string_view property) {
  const auto& entry = system.concepts()[i];
  if (property == "code" || property == "concept") return {entry.code};
  if (property == "display") return {entry.display};
  std::vector<std::string_view> values;
  for (const auto& p : system.Properties(i))
    if (p.code == property) values.push_back(p.value);
  if (property == "parent" && entry.parent != CodeSystem::kNone)
    values.push_back(system.concepts()[entry.parent].code);
  return values;
}

bool ListHas(std::string_view list, std::string_view value) {
  while (!list.empty()) {
    auto comma = list.find(',');
    std::string_view item = list.substr(0, comma);
    while (!item.empty() && item.front() == ' ') item.remove_prefix(1);
    while (!item.empty() && item.back() == ' ') item.remove_suffix(1);
    if (item == value) return true;
    list.remove_prefix(comma == list.npos ? list.size() : comma + 1);
  }
  return false;
}

Selection SelectByValue(const CodeSystem& system, std::string_view property, std::string_view op,
                        std::string_view value) {
  RE2::Options quiet;
  quiet.set_log_errors(false);
  RE2 pattern(op == "regex" ? re2::StringPiece(value.data(), value.size()) : re2::StringPiece(), quiet);
  if (!pattern.ok()) return std::nullopt;
  std::vector<bool> bits(system.concepts().size());
  for (std::uint32_t i = 0; i < bits.size(); ++i) {
    auto values = ValuesOf(system, i, property);
    auto any = [&](auto test) { return std::any_of(values.begin(), values.end(), test); };
    if (op == "=")
      bits[i] = any([&](std::string_view v) { return v == value; }) || (values.empty() && value == "false");
    else if (op == "in")
      bits[i] = any([&](std::string_view v) { return ListHas(value, v); });
    else if (op == "not-in")
      bits[i] = !any([&](std::string_view v) { return ListHas(value, v); });
    else if (op == "exists")
      bits[i] = values.empty() == (value == "false");
    else if (op == "regex")
      bits[i] = any(
          [&](std::string_view v) { return RE2::FullMatch(re2::StringPiece(v.data(), v.size()), pattern); });
    else
      return std::nullopt;
  }
  return bits;
}

Selection Select(const CodeSystem& system, std::string_view property, std::string_view op,
                 std::string_view value) {
  constexpr std::string_view kByValue[] = {"=", "in", "not-in", "exists", "regex"};
  bool by_value = std::find(std::begin(kByValue), std::end(kByValue), op) != std::end(kByValue);
  return by_value ? SelectByValue(system, property, op, value) : SelectByHierarchy(system, op, value);
}

void ApplyFilter(const Tree& tree, NodeIndex filter, Clause& clause) {
  clause.filtered = true;
  if (clause.code_system == nullptr || clause.code_system->content() != Content::Complete) {
    clause.undecided = true;
    return;
  }
  auto bits = Select(*clause.code_system, tree.ChildText(filter, "property"), tree.ChildText(filter, "op"),
                     tree.ChildText(filter, "value"));
  if (!bits) {
    clause.undecided = true;
    return;
  }
  if (clause.selected.empty()) clause.selected.assign(bits->size(), true);
  for (std::size_t i = 0; i < bits->size(); ++i) clause.selected[i] = clause.selected[i] && (*bits)[i];
}

// Of a concept in a compose or of an entry of an expansion.
ListedNames NamesOf(const Tree& tree, NodeIndex at) {
  ListedNames names{tree.ChildText(at, "display"), {}};
  for (NodeIndex child : node::Children(tree, at))
    if (tree.name(child) == "designation") names.designations.push_back(tree.ChildText(child, "value"));
  return names;
}

Clause CompileClause(const Tree& tree, NodeIndex at, CompileContext& context) {
  Clause clause;
  clause.system = tree.ChildText(at, "system");
  clause.version = tree.ChildText(at, "version");
  if (!clause.system.empty()) {
    clause.code_system = context.FindCodeSystem(clause.system, clause.version);
    clause.grammar = FindGrammar(clause.system);
  }
  for (NodeIndex child : node::Children(tree, at)) {
    std::string_view name = tree.name(child);
    if (name == "concept") {
      clause.enumerated = true;
      clause.codes.emplace(tree.ChildText(child, "code"), NamesOf(tree, child));
    } else if (name == "filter") {
      ApplyFilter(tree, child, clause);
    } else if (name == "valueSet") {
      const ValueSet* nested = context.FindValueSet(tree[child].text);
      if (nested != nullptr)
        clause.nested.push_back(nested);
      else
        clause.missing = tree[child].text;
    }
  }
  return clause;
}

void CollectExpansion(const Tree& tree, NodeIndex parent, ValueSet& out) {
  for (NodeIndex child : node::Children(tree, parent)) {
    if (tree.name(child) != "contains") continue;
    std::string_view system = tree.ChildText(child, "system"), code = tree.ChildText(child, "code");
    if (!code.empty() && tree.ChildText(child, "abstract") != "true") {
      auto clause = std::find_if(out.includes.begin(), out.includes.end(),
                                 [&](const Clause& c) { return c.system == system; });
      if (clause == out.includes.end()) {
        clause = out.includes.insert(out.includes.end(), Clause{});
        clause->system = system;
        clause->enumerated = true;
      }
      clause->codes.emplace(code, NamesOf(tree, child));
    }
    CollectExpansion(tree, child, out);
  }
}

}  // namespace

Membership ValueSet::Ask(const Coded& coded) const { return AskAll(*this, coded, 0); }

void CompileValueSet(const Tree& tree, NodeIndex at, CompileContext& context, ValueSet& out) {
  out.url = tree.ChildText(at, "url");
  out.version = tree.ChildText(at, "version");
  out.name = tree.ChildText(at, "name");
  NodeIndex compose = tree.Child(at, "compose");
  if (compose != kNone) {
    for (NodeIndex child : node::Children(tree, compose)) {
      if (tree.name(child) == "include") out.includes.push_back(CompileClause(tree, child, context));
      if (tree.name(child) == "exclude") out.excludes.push_back(CompileClause(tree, child, context));
    }
  } else if (NodeIndex expansion = tree.Child(at, "expansion"); expansion != kNone) {
    CollectExpansion(tree, expansion, out);
  }
  out.known = !out.includes.empty();
}

}  // namespace passerelle::terminology
