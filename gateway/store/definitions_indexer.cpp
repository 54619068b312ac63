#include "gateway/store/definitions_indexer.h"

#include <array>
#include <charconv>
#include <map>
#include <mutex>
#include <shared_mutex>

#include "gateway/store/search_expression.h"

namespace passerelle::store {

using node::Children;
using node::kNone;
using node::NodeIndex;
using node::Tree;

namespace {

// One value on its way into the index.
struct Value {
  const Tree& tree;
  NodeIndex node;
  ParameterKey key;             // of the parameter
  ParameterKey identifier_key;  // of the parameter with :identifier
  IndexEntries& out;

  std::string_view Text(std::string_view child) const { return tree.ChildText(node, child); }
  std::string_view text() const { return tree[node].text; }
  void Term(std::string_view value, std::string_view system) const {
    if (!value.empty() || !system.empty())
      out.terms.push_back({key, std::string(value), std::string(system)});
  }
};

void TokenOfCoding(const Value& v) { v.Term(v.Text("code"), v.Text("system")); }
void TokenOfIdentifier(const Value& v) { v.Term(v.Text("value"), v.Text("system")); }
void TokenOfContact(const Value& v) { v.Term(v.Text("value"), {}); }
void TokenOfPrimitive(const Value& v) { v.Term(v.text(), {}); }
void TokenOfConcept(const Value& v) {
  for (NodeIndex child : Children(v.tree, v.node))
    if (v.tree.name(child) == "coding")
      v.Term(v.tree.ChildText(child, "code"), v.tree.ChildText(child, "system"));
}

void ReferenceOf(const Value& v) {
  std::string_view target = v.Text("reference");
  if (!target.starts_with('#')) v.Term(target.substr(0, target.find("/_history/")), {});
  NodeIndex identifier = v.tree.Child(v.node, "identifier");
  if (identifier == kNone) return;
  v.out.terms.push_back({v.identifier_key, std::string(v.tree.ChildText(identifier, "value")),
                         std::string(v.tree.ChildText(identifier, "system"))});
}

void StringOfPrimitive(const Value& v) { v.Term(Fold(v.text()), v.text()); }
// Names and addresses are found by each of their parts.
void StringOfParts(const Value& v) {
  for (NodeIndex child : Children(v.tree, v.node)) {
    std::string_view name = v.tree.name(child), text = v.tree[child].text;
    if (v.tree[child].kind == node::Kind::String && name != "use" && name != "type" && name != "id")
      v.Term(Fold(text), text);
  }
}

void DateOf(const Value& v) {
  std::int64_t low = 0, high = 0;
  if (IntervalOf(v.text(), low, high)) v.out.moments.push_back({v.key, low, high});
}
// An end that is not said is open.
void DateOfPeriod(const Value& v) {
  std::int64_t low = INT64_MIN, high = INT64_MAX, ignored = 0;
  std::string_view start = v.Text("start"), end = v.Text("end");
  if (!start.empty() && !IntervalOf(start, low, ignored)) return;
  if (!end.empty() && !IntervalOf(end, ignored, high)) return;
  if (!start.empty() || !end.empty()) v.out.moments.push_back({v.key, low, high});
}
void DateOfTiming(const Value& v) {
  for (NodeIndex child : Children(v.tree, v.node)) {
    if (v.tree.name(child) == "event") DateOf({v.tree, child, v.key, v.identifier_key, v.out});
    if (v.tree.name(child) != "repeat") continue;
    NodeIndex bounds = v.tree.Child(child, "boundsPeriod");
    if (bounds != kNone) DateOfPeriod({v.tree, bounds, v.key, v.identifier_key, v.out});
  }
}

bool Number(std::string_view text, double& number) {
  auto [end, failed] = std::from_chars(text.data(), text.data() + text.size(), number);
  return failed == std::errc() && end == text.data() + text.size();
}

void NumberOf(const Value& v) {
  double number = 0;
  if (Number(v.text(), number)) v.out.amounts.push_back({v.key, number, number, {}, {}});
}
void AmountOfQuantity(const Value& v) {
  double number = 0;
  if (!Number(v.Text("value"), number)) return;
  std::string_view code = v.Text("code");
  if (code.empty()) code = v.Text("unit");
  v.out.amounts.push_back({v.key, number, number, std::string(code), std::string(v.Text("system"))});
}
void AmountOfMoney(const Value& v) {
  double number = 0;
  if (Number(v.Text("value"), number))
    v.out.amounts.push_back({v.key, number, number, std::string(v.Text("currency")), "urn:iso:std:iso:4217"});
}
void AmountOfRange(const Value& v) {
  constexpr double kOpen = 1e308;
  double low = -kOpen, high = kOpen;
  NodeIndex from = v.tree.Child(v.node, "low"), to = v.tree.Child(v.node, "high");
  if (from != kNone && !Number(v.tree.ChildText(from, "value"), low)) return;
  if (to != kNone && !Number(v.tree.ChildText(to, "value"), high)) return;
  NodeIndex said = from != kNone ? from : to;
  if (said == kNone) return;
  v.out.amounts.push_back({v.key, low, high, std::string(v.tree.ChildText(said, "code")),
                           std::string(v.tree.ChildText(said, "system"))});
}

// How a value of a FHIR type is kept for a kind of parameter; "*": any primitive (R4, 3.1.1.4).
struct KindRow {
  std::string_view kind, type;
  void (*add)(const Value& value);
};
constexpr std::array kKinds = {
    KindRow{"token", "Coding", TokenOfCoding},
    KindRow{"token", "CodeableConcept", TokenOfConcept},
    KindRow{"token", "Identifier", TokenOfIdentifier},
    KindRow{"token", "ContactPoint", TokenOfContact},
    KindRow{"token", "*", TokenOfPrimitive},
    KindRow{"reference", "Reference", ReferenceOf},
    KindRow{"reference", "*", TokenOfPrimitive},
    KindRow{"uri", "*", TokenOfPrimitive},
    KindRow{"string", "HumanName", StringOfParts},
    KindRow{"string", "Address", StringOfParts},
    KindRow{"string", "*", StringOfPrimitive},
    KindRow{"date", "Period", DateOfPeriod},
    KindRow{"date", "Timing", DateOfTiming},
    KindRow{"date", "*", DateOf},
    KindRow{"number", "*", NumberOf},
    KindRow{"quantity", "Quantity", AmountOfQuantity},
    KindRow{"quantity", "Age", AmountOfQuantity},
    KindRow{"quantity", "Duration", AmountOfQuantity},
    KindRow{"quantity", "Count", AmountOfQuantity},
    KindRow{"quantity", "Distance", AmountOfQuantity},
    KindRow{"quantity", "Money", AmountOfMoney},
    KindRow{"quantity", "Range", AmountOfRange},
};

const KindRow* FindKind(std::string_view kind, std::string_view type, bool primitive) {
  for (const auto& row : kKinds)
    if (row.kind == kind && (row.type == type || (row.type == "*" && primitive))) return &row;
  return nullptr;
}

bool IsKept(std::string_view kind) {
  for (const auto& row : kKinds)
    if (row.kind == kind) return true;
  return false;
}

class DefinitionsIndexer : public Indexer {
 public:
  explicit DefinitionsIndexer(const spec::Definitions& definitions) : definitions_(definitions) {}

  IndexEntries Extract(const Tree& resource) const override {
    IndexEntries out;
    std::vector<FoundValue> found;
    for (const auto& parameter : ParametersOf(resource.name(node::kRoot))) {
      found.clear();
      parameter.expression.Run(resource, found);
      for (const auto& value : found) Add(resource, parameter, value, out);
    }
    return out;
  }

  std::string_view TypeOf(std::string_view resource_type, std::string_view code) const override {
    for (const auto& parameter : ParametersOf(resource_type))
      if (parameter.code == code) return parameter.kind;
    return {};
  }

 private:
  struct Parameter {
    std::string_view code, kind;
    ParameterKey key, identifier_key;
    SearchExpression expression;
  };
  using Parameters = std::vector<Parameter>;

  void Add(const Tree& resource, const Parameter& parameter, const FoundValue& value,
           IndexEntries& out) const {
    if (value.node == kNone) {
      if (parameter.kind == "token") out.terms.push_back({parameter.key, value.truth ? "true" : "false", {}});
      return;
    }
    bool primitive = definitions_.IsPrimitive(definitions_.FindShape(value.type));
    const KindRow* row = FindKind(parameter.kind, value.type, primitive);
    if (row != nullptr) row->add({resource, value.node, parameter.key, parameter.identifier_key, out});
  }

  const Parameters& ParametersOf(std::string_view type) const {
    {
      std::shared_lock lock(mutex_);
      if (auto it = types_.find(type); it != types_.end()) return *it->second;
    }
    auto compiled = std::make_unique<Parameters>(Compile(type));
    std::unique_lock lock(mutex_);
    return *types_.try_emplace(std::string(type), std::move(compiled)).first->second;
  }

  Parameters Compile(std::string_view type) const {
    Parameters parameters;
    for (const auto& known : definitions_.SearchParameters(type)) {
      bool built_in = known.code == "_id" || known.code == "_lastUpdated";  // columns of the store itself
      if (built_in || known.expression.empty() || !IsKept(known.type)) continue;
      auto expression = SearchExpression::Compile(definitions_, type, known.expression);
      if (!expression) continue;
      parameters.push_back({known.code, known.type, KeyOf(type, known.code),
                            KeyOf(type, std::string(known.code) + ":identifier"), *std::move(expression)});
    }
    return parameters;
  }

  spec::Definitions definitions_;
  mutable std::shared_mutex mutex_;
  mutable std::map<std::string, std::unique_ptr<Parameters>, std::less<>> types_;
};

}  // namespace

std::unique_ptr<Indexer> MakeDefinitionsIndexer(const spec::Definitions& definitions) {
  return std::make_unique<DefinitionsIndexer>(definitions);
}

}  // namespace passerelle::store
