// What a definition asks of a value: fixed, pattern, bounds, length.

#include "profiles/validator/values.h"

#include <algorithm>

#include "fhir_model/json/json.h"
#include "fhir_model/ucum/ucum.h"
#include "profiles/validator/families.h"

namespace passerelle::validator {

using node::kNone;
using node::NodeIndex;
using node::Tree;

bool MatchesPattern(const Tree& tree, NodeIndex value, const Tree& pattern_tree, NodeIndex pattern) {
  if (pattern_tree[pattern].kind != node::Kind::Element && pattern_tree[pattern].kind != node::Kind::Null &&
      tree[value].text != pattern_tree[pattern].text)
    return false;
  for (NodeIndex wanted : node::Children(pattern_tree, pattern)) {
    bool found = false;
    for (NodeIndex child = tree[value].first; child != kNone && !found; child = tree[child].next)
      found =
          tree.name(child) == pattern_tree.name(wanted) && MatchesPattern(tree, child, pattern_tree, wanted);
    if (!found) return false;
  }
  return true;
}

bool MatchesFixed(const Tree& tree, NodeIndex value, const Tree& fixed_tree, NodeIndex fixed) {
  if (tree[value].text != fixed_tree[fixed].text) return false;
  auto skip = [](const Tree& t, NodeIndex n) {
    while (n != kNone && t.name(n) == "id") n = t[n].next;
    return n;
  };
  NodeIndex a = skip(tree, tree[value].first), b = skip(fixed_tree, fixed_tree[fixed].first);
  while (a != kNone && b != kNone) {
    if (tree.name(a) != fixed_tree.name(b) || !MatchesFixed(tree, a, fixed_tree, b)) return false;
    a = skip(tree, tree[a].next), b = skip(fixed_tree, fixed_tree[b].next);
  }
  return a == kNone && b == kNone;
}

namespace {

bool IsDigit(char c) { return c >= '0' && c <= '9'; }

// A decimal as sign, digits without leading zeros, and how many of them stand before the point.
struct Decimal {
  bool negative = false;
  std::string digits;
  long point = 0;
};

std::optional<Decimal> ReadDecimal(std::string_view text) {
  Decimal d;
  if (!text.empty() && (text[0] == '-' || text[0] == '+')) d.negative = text[0] == '-', text.remove_prefix(1);
  bool after = false, any = false;
  std::size_t i = 0;
  for (; i < text.size() && (IsDigit(text[i]) || (text[i] == '.' && !after)); ++i) {
    if (text[i] == '.') {
      after = true;
      continue;
    }
    any = true;
    if (d.digits.empty() && text[i] == '0') {
      d.point -= after;
      continue;
    }
    d.digits += text[i];
    d.point += !after;
  }
  if (!any) return std::nullopt;
  if (i < text.size()) {
    if ((text[i] | 0x20) != 'e') return std::nullopt;
    auto exponent = text.substr(i + 1);
    bool down = !exponent.empty() && exponent[0] == '-';
    if (!exponent.empty() && (down || exponent[0] == '+')) exponent.remove_prefix(1);
    if (exponent.empty() || exponent.size() > 4 || !std::all_of(exponent.begin(), exponent.end(), IsDigit))
      return std::nullopt;
    long power = std::stol(std::string(exponent));
    d.point += down ? -power : power;
  }
  while (!d.digits.empty() && d.digits.back() == '0') d.digits.pop_back();
  if (d.digits.empty()) d = Decimal{};
  return d;
}

}  // namespace

std::optional<int> CompareDecimals(std::string_view a, std::string_view b) {
  auto x = ReadDecimal(a), y = ReadDecimal(b);
  if (!x || !y) return std::nullopt;
  auto sign = [](const Decimal& d) { return d.digits.empty() ? 0 : d.negative ? -1 : 1; };
  if (sign(*x) != sign(*y)) return sign(*x) < sign(*y) ? -1 : 1;
  if (sign(*x) == 0) return 0;
  int larger = 0;
  if (x->point != y->point)
    larger = x->point < y->point ? -1 : 1;
  else if (x->digits != y->digits)
    larger = x->digits < y->digits ? -1 : 1;
  return larger * sign(*x);
}

namespace {

std::optional<int> CompareQuantities(const Tree& tree, NodeIndex at, const Tree& bound_tree,
                                     NodeIndex bound) {
  auto text = [](const Tree& t, NodeIndex n, std::string_view name) { return t.ChildText(n, name); };
  if (text(tree, at, "system") == "http://unitsofmeasure.org" &&
      text(bound_tree, bound, "system") == "http://unitsofmeasure.org")
    return ucum::Compare(text(tree, at, "value"), text(tree, at, "code"), text(bound_tree, bound, "value"),
                         text(bound_tree, bound, "code"));
  if (text(tree, at, "code") != text(bound_tree, bound, "code")) return std::nullopt;
  return CompareDecimals(text(tree, at, "value"), text(bound_tree, bound, "value"));
}

}  // namespace

std::optional<int> CompareValues(const Tree& tree, NodeIndex at, const Tree& bound_tree, NodeIndex bound) {
  if (tree[at].kind == node::Kind::Element) return CompareQuantities(tree, at, bound_tree, bound);
  if (tree[at].kind == node::Kind::Number) return CompareDecimals(tree[at].text, bound_tree[bound].text);
  // Dates and times: what both say, in the order of text.
  std::string_view a = tree[at].text, b = bound_tree[bound].text;
  std::size_t common = std::min(a.size(), b.size());
  int order = a.substr(0, common).compare(b.substr(0, common));
  return order < 0 ? -1 : order > 0 ? 1 : 0;
}

namespace {

// A value as a finding shows it: the primitive itself, else JSON.
std::string ShownValue(const Tree& tree, NodeIndex at) {
  if (tree[at].kind != node::Kind::Element) return "'" + std::string(tree[at].text) + "'";
  return json::Write(tree, at);
}

std::size_t CountCharacters(std::string_view text) {
  return static_cast<std::size_t>(std::count_if(
      text.begin(), text.end(), [](char c) { return (static_cast<unsigned char>(c) & 0xC0) != 0x80; }));
}

void CheckBounds(Run& run, NodeIndex at, const ElementChecks& checks) {
  std::string_view source = checks.profile->url;
  if (checks.min_value) {
    auto order = CompareValues(run.tree, at, checks.min_value->tree, checks.min_value->value);
    if (order && *order < 0)
      run.Report(rules::ValueTooSmall, at,
                 {ShownValue(run.tree, at), ShownValue(checks.min_value->tree, checks.min_value->value)},
                 source);
  }
  if (checks.max_value) {
    auto order = CompareValues(run.tree, at, checks.max_value->tree, checks.max_value->value);
    if (order && *order > 0)
      run.Report(rules::ValueTooLarge, at,
                 {ShownValue(run.tree, at), ShownValue(checks.max_value->tree, checks.max_value->value)},
                 source);
  }
}

// Where an element differs from its fixed value, child by child.
void ReportFixed(Run& run, NodeIndex at, const Exemplar& fixed, const ElementChecks& checks) {
  std::string_view source = checks.profile->url;
  if (run.tree[at].kind != node::Kind::Element)
    return run.Report(rules::FixedValue, at,
                      {ShownValue(fixed.tree, fixed.value), ShownValue(run.tree, at), source}, source);
  bool said = false;
  for (NodeIndex child : node::Children(run.tree, at))
    if (run.tree.name(child) != "id" && fixed.tree.Child(fixed.value, run.tree.name(child)) == kNone)
      run.Report(rules::FixedExtra, child, {run.tree.name(child), source}, source), said = true;
  for (NodeIndex wanted : node::Children(fixed.tree, fixed.value)) {
    NodeIndex child = run.tree.Child(at, fixed.tree.name(wanted));
    if (child == kNone)
      run.Report(rules::FixedMissing, at, {fixed.tree.name(wanted), source}, source), said = true;
    else if (!MatchesFixed(run.tree, child, fixed.tree, wanted) && !run.tree[child].list)
      run.Report(rules::FixedValue, child,
                 {ShownValue(fixed.tree, wanted), ShownValue(run.tree, child), source}, source),
          said = true;
  }
  if (!said)
    run.Report(rules::FixedValue, at, {ShownValue(fixed.tree, fixed.value), ShownValue(run.tree, at), source},
               source);
}

}  // namespace

void CheckValue(Run& run, NodeIndex at, const ElementChecks& checks) {
  std::string_view source = checks.profile->url;
  if (checks.fixed && !MatchesFixed(run.tree, at, checks.fixed->tree, checks.fixed->value))
    ReportFixed(run, at, *checks.fixed, checks);
  if (checks.pattern && !MatchesPattern(run.tree, at, checks.pattern->tree, checks.pattern->value))
    run.Report(rules::PatternValue, at, {ShownValue(checks.pattern->tree, checks.pattern->value), source},
               source);
  if (checks.min_value || checks.max_value) CheckBounds(run, at, checks);
  if (checks.max_length != 0 && CountCharacters(run.tree[at].text) > checks.max_length)
    run.Report(rules::ValueTooLong, at,
               {std::to_string(checks.max_length), std::to_string(CountCharacters(run.tree[at].text))},
               source);
}

}  // namespace passerelle::validator
