// What a definition asks of a value: fixed, pattern, bounds, length.

#include "profiles/validator/values.h"

#include <re2/re2.h>

#include <algorithm>

#include "fhir_model/base/decimal.h"
#include "fhir_model/json/json.h"
#include "fhir_model/path/date_time.h"
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

std::optional<int> CompareDecimals(std::string_view a, std::string_view b) {
  auto x = Decimal::Parse(a), y = Decimal::Parse(b);
  if (!x || !y) return std::nullopt;
  return Decimal::Compare(*x, *y);
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

// A date or time against "100 a" before now (sign -1) or after it (sign 1).
std::optional<int> CompareWithNow(const Run& run, NodeIndex at, const Exemplar& span, int sign) {
  // Units of UCUM as words of the calendar, which a date can be moved by.
  constexpr std::pair<std::string_view, std::string_view> kUnits[] = {{"a", "year"}, {"mo", "month"}};
  std::string_view unit = span.tree.ChildText(span.value, "code");
  for (auto [ucum, word] : kUnits)
    if (unit == ucum) unit = word;
  auto amount = Decimal::Parse(span.tree.ChildText(span.value, "value"));
  auto bound = path::DateTime::Parse(run.options.now, true);
  auto value = path::DateTime::Parse(run.tree[at].text, true);
  if (!amount || !bound || !value || !bound->Add(*amount, unit, sign)) return std::nullopt;
  return path::DateTime::Compare(*value, *bound);
}

std::optional<int> CompareWithBound(const Run& run, NodeIndex at, const Exemplar& bound, int sign) {
  bool span = bound.tree[bound.value].kind == node::Kind::Element && run.tree[at].kind == node::Kind::String;
  return span ? CompareWithNow(run, at, bound, sign) : CompareValues(run.tree, at, bound.tree, bound.value);
}

void CheckBounds(Run& run, NodeIndex at, const ElementChecks& checks) {
  auto check = [&](const Exemplar* bound, int sign, const RuleInfo& rule) {
    if (bound == nullptr) return;
    auto order = CompareWithBound(run, at, *bound, sign);
    if (order && *order == sign)
      run.Report(rule, at, {ShownValue(run.tree, at), ShownValue(bound->tree, bound->value)},
                 checks.profile->url);
  };
  check(checks.min_value.get(), -1, rules::ValueTooSmall);
  check(checks.max_value.get(), 1, rules::ValueTooLarge);
}

bool HasExtension(const Run& run, NodeIndex at, const std::vector<std::string_view>& urls) {
  for (NodeIndex child : node::Children(run.tree, at))
    if (run.tree[child].name == run.words.extension &&
        std::find(urls.begin(), urls.end(), run.Text(child, run.words.url)) != urls.end())
      return true;
  return false;
}

// The size of an attachment, as it is or as it is said, or of a base64Binary.
std::optional<std::size_t> SizeOf(const Run& run, NodeIndex at) {
  if (run.tree[at].kind != node::Kind::Element) return DecodedSize(run.tree[at].text);
  std::string_view data = run.Text(at, run.words.data), size = run.Text(at, run.words.size);
  if (!data.empty()) return DecodedSize(data);
  auto number = Decimal::Parse(size);
  return number ? std::optional(static_cast<std::size_t>(std::strtoull(size.data(), nullptr, 10)))
                : std::nullopt;
}

// How much of it there may be, and in which form.
void CheckSizes(Run& run, NodeIndex at, const ElementChecks& checks) {
  const spec::Element& element = *checks.element;
  std::string_view source = checks.profile->url, text = run.tree[at].text;
  constexpr std::uint32_t kNoLimit = 0xFFFF'FFFFu;
  if (element.max_bytes != kNoLimit)
    if (auto size = SizeOf(run, at); size && *size > element.max_bytes)
      run.Report(rules::ValueTooLarge, at, {std::to_string(*size), std::to_string(element.max_bytes)}, source);
  if (run.tree[at].kind == node::Kind::Number && element.max_decimal_places != kNoLimit) {
    auto point = text.find('.');
    std::size_t places = point == text.npos ? 0 : text.size() - point - 1;
    if (places > element.max_decimal_places)
      run.Report(rules::ValueDecimals, at, {text, std::to_string(element.max_decimal_places)}, source);
  }
  if (checks.regex != nullptr && !text.empty() &&
      !re2::RE2::FullMatch(re2::StringPiece(text.data(), text.size()), *checks.regex))
    run.Report(rules::ValueForm, at, {text, element.regex}, source);
}

void CheckFacets(Run& run, NodeIndex at, const ElementChecks& checks) {
  const spec::Element& element = *checks.element;
  std::string_view source = checks.profile->url, text = run.tree[at].text;
  CheckSizes(run, at, checks);
  const std::size_t length = CountCharacters(text);
  if (element.max_length != 0 && length > element.max_length)
    run.Report(rules::ValueTooLong, at, {std::to_string(element.max_length), std::to_string(length)}, source);
  if (!text.empty() && length < element.min_length)
    run.Report(rules::ValueTooShort, at, {std::to_string(element.min_length), std::to_string(length)},
               source);
  bool valueless = run.tree[at].kind == node::Kind::Null;
  if (valueless && element.must_have_value)
    run.Report(rules::ValueWanted, at, {element.path, source}, source);
  if (valueless && !element.value_alternatives.empty() && !HasExtension(run, at, element.value_alternatives))
    run.Report(rules::ValueOrAlternative, at, {element.path, source}, source);
  if (!element.narrative_languages.empty()) CheckNarrativeLanguages(run, at, checks);
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
  if (checks.facets) CheckFacets(run, at, checks);
}

}  // namespace passerelle::validator
