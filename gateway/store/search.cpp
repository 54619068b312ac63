#include "gateway/store/search.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <variant>

#include "gateway/store/errors.h"
#include "gateway/store/record.h"

namespace passerelle::store {

using pipeline::SearchPage;
using pipeline::SearchTerm;

namespace {

using Value = std::variant<std::int64_t, double, std::string>;

// A condition on one index row, or on r, with the values for its question marks.
struct Condition {
  std::string sql;
  std::vector<Value> values;
  bool scans = false;  // names no value that the index could start from

  Condition& Or(const Condition& other) {
    scans = scans || other.scans;
    sql += (sql.empty() ? "(" : " OR (") + other.sql + ")";
    values.insert(values.end(), other.values.begin(), other.values.end());
    return *this;
  }
};

// "ge2024" -> "ge", "2024"
constexpr std::array<std::string_view, 9> kPrefixes = {"eq", "ne", "gt", "lt", "ge", "le", "sa", "eb", "ap"};

std::string_view TakePrefix(std::string_view& value) {
  for (auto prefix : kPrefixes)
    if (value.starts_with(prefix)) {
      value.remove_prefix(2);
      return prefix;
    }
  return "eq";
}

// Undoes "\," "\|" "\$" "\\" (R4, 3.1.1.4.0.4).
std::string Unescape(std::string_view text) {
  std::string out;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] == '\\' && i + 1 < text.size()) ++i;
    out += text[i];
  }
  return out;
}

std::size_t FindBar(std::string_view text, std::size_t from = 0) {
  for (std::size_t i = from; i < text.size(); ++i) {
    if (text[i] == '\\') {
      ++i;
    } else if (text[i] == '|') {
      return i;
    }
  }
  return text.npos;
}

// All that start with `prefix`, as a range that an index can walk.
Condition StartsWith(std::string_view column, std::string prefix) {
  std::string end = prefix + "\xF4\x8F\xBF\xBF";  // U+10FFFF
  std::string name(column);
  return {name + " >= ? AND " + name + " < ?", {std::move(prefix), std::move(end)}};
}

Condition TokenCondition(std::string_view value) {
  auto bar = FindBar(value);
  if (bar == value.npos) return {"value = ?", {Unescape(value)}};
  std::string system = Unescape(value.substr(0, bar)), code = Unescape(value.substr(bar + 1));
  if (code.empty()) return {"system = ?", {system}, true};
  return {"value = ? AND system = ?", {code, system}};
}

// What a bare id may stand for where the parameter does not say.
constexpr std::array<std::string_view, 12> kTargets = {
    "Patient", "Practitioner",      "PractitionerRole", "Organization", "Encounter", "Device",
    "Group",   "DocumentReference", "Location",         "Observation",  "Specimen",  "RelatedPerson"};

Condition ReferenceCondition(std::string_view code, std::string_view modifier, std::string_view value) {
  std::string target = Unescape(value);
  if (target.find('/') != target.npos || target.find(':') != target.npos) {
    Condition condition{"value = ?", {target}};
    if (auto history = target.find("/_history/"); history != target.npos)
      condition.values = {target.substr(0, history)};
    return condition;
  }
  if (!modifier.empty()) return {"value = ?", {std::string(modifier) + "/" + target}};
  if (code == "patient") return {"value = ?", {"Patient/" + target}};
  Condition any;
  for (auto type : kTargets) any.Or({"value = ?", {std::string(type) + "/" + target}});
  return any;
}

Condition StringCondition(std::string_view modifier, std::string_view value) {
  std::string text = Unescape(value);
  if (modifier == "exact") return {"value = ? AND system = ?", {Fold(text), text}};
  if (modifier == "contains") return {"instr(value, ?) > 0", {Fold(text)}, true};
  return StartsWith("value", Fold(text));
}

Condition UriCondition(std::string_view modifier, std::string_view value) {
  std::string text = Unescape(value);
  if (modifier == "below") return StartsWith("value", text);
  if (modifier == "above") return {"substr(?, 1, length(value)) = value", {text}, true};
  return {"value = ?", {text}};
}

// R4, 3.1.1.4.5 and the prefixes of 3.1.1.4.4. `low` and `high` name columns or expressions of the resource's
// interval.
Result<Condition> DateCondition(std::string_view value, std::string_view low, std::string_view high,
                                std::int64_t now) {
  auto prefix = TakePrefix(value);
  std::int64_t from = 0, to = 0;
  if (!IntervalOf(value, from, to)) return Error{errors::SearchValueMalformed, "not a date"};
  std::string l(low), h(high), within = l + " >= ? AND " + h + " <= ?";
  if (prefix == "eq") return Condition{within, {from, to}};
  if (prefix == "ne") return Condition{"NOT (" + within + ")", {from, to}};
  if (prefix == "gt") return Condition{h + " > ?", {to}};
  if (prefix == "lt") return Condition{l + " < ?", {from}};
  if (prefix == "ge") return Condition{h + " > ? OR (" + within + ")", {to, from, to}};
  if (prefix == "le") return Condition{l + " < ? OR (" + within + ")", {from, from, to}};
  if (prefix == "sa") return Condition{l + " >= ?", {to}};
  if (prefix == "eb") return Condition{h + " <= ?", {from}};
  std::int64_t slack = std::abs(now - from) / 10;
  return Condition{l + " < ? AND " + h + " > ?", {to + slack, from - slack}};
}

// Half a unit of the last digit written: 100 stands for [99.5, 100.5), 5.40 for [5.395, 5.405).
Result<Condition> NumberCondition(std::string_view value) {
  auto prefix = TakePrefix(value);
  double number = 0;
  auto [end, failed] = std::from_chars(value.data(), value.data() + value.size(), number);
  if (failed != std::errc() || end != value.data() + value.size() || !std::isfinite(number))
    return Error{errors::SearchValueMalformed, "not a number"};
  auto mantissa = value.substr(0, value.find_first_of("eE"));
  auto point = mantissa.find('.');
  double exponent = 0;
  if (mantissa.size() < value.size())
    exponent = std::atof(std::string(value.substr(mantissa.size() + 1)).c_str());
  double digits = point == mantissa.npos ? 0 : static_cast<double>(mantissa.size() - point - 1);
  double half = 0.5 * std::pow(10.0, exponent - digits);
  if (prefix == "ap") half = std::max(half, std::abs(number) / 10);
  if (prefix == "eq" || prefix == "ap")
    return Condition{"low >= ? AND high < ?", {number - half, number + half}};
  if (prefix == "ne") return Condition{"NOT (low >= ? AND high < ?)", {number - half, number + half}};
  if (prefix == "gt" || prefix == "sa") return Condition{prefix == "gt" ? "high > ?" : "low > ?", {number}};
  if (prefix == "lt" || prefix == "eb") return Condition{prefix == "lt" ? "low < ?" : "high < ?", {number}};
  return Condition{prefix == "ge" ? "high >= ?" : "low <= ?", {number}};
}

// [prefix]number|system|code or [prefix]number||code
Result<Condition> QuantityCondition(std::string_view value) {
  auto bar = FindBar(value);
  TRY(auto condition, NumberCondition(value.substr(0, bar)));
  if (bar == value.npos) return condition;
  condition.sql = "(" + condition.sql + ")";
  auto second = FindBar(value, bar + 1);
  std::string system = Unescape(value.substr(bar + 1, second == value.npos ? value.npos : second - bar - 1));
  std::string code = second == value.npos ? std::string() : Unescape(value.substr(second + 1));
  if (!system.empty()) {
    condition.sql += " AND system = ?";
    condition.values.emplace_back(system);
  }
  if (!code.empty()) {
    condition.sql += " AND code = ?";
    condition.values.emplace_back(code);
  }
  return condition;
}

// A parameter's name as an error may repeat it: one that looks like a name, not like something of a patient's.
std::string Sayable(std::string_view code) {
  for (char c : code)
    if (!(c >= 'a' && c <= 'z') && c != '-' && c != '_') return {};
  return std::string(code);
}

// One search as it grows: conditions on `resource r`.
class Compiler {
 public:
  Compiler(const Session& session, std::string_view type) : session_(session), type_(type) {}

  Status Add(const SearchTerm& term) {
    auto colon = term.parameter.find(':');
    std::string_view code = std::string_view(term.parameter).substr(0, colon);
    std::string_view modifier = colon == term.parameter.npos
                                    ? std::string_view()
                                    : std::string_view(term.parameter).substr(colon + 1);
    if (code == "_id") return AddId(term.values);
    if (code == "_lastUpdated") return AddLastUpdated(term.values);
    std::string_view kind = session_.indexer.TypeOf(type_, code);
    if (kind.empty()) return Error{errors::SearchParameterUnknown, Sayable(code)};
    std::string table = kind == "date"                           ? "moment"
                        : kind == "number" || kind == "quantity" ? "amount"
                                                                 : "term";
    if (modifier == "missing") return AddMissing(table, code, term.values);
    Condition any;
    if (kind == "reference" && modifier == "identifier") {  // those that name their target by a business identifier
      for (const auto& value : term.values) any.Or(TokenCondition(value));
      AddIndexCondition(table, KeyOf(type_, term.parameter), any, false, false);
      return Ok();
    }
    for (const auto& value : term.values) {
      TRY(auto one, OneValue(kind, code, modifier, value));
      any.Or(one);
    }
    bool negated = modifier == "not";
    AddIndexCondition(table, KeyOf(type_, code), any, negated, kind == "date" || kind == "number");
    return Ok();
  }

  const Condition& condition() const { return all_; }
  // Some condition finds its resources by an index: pages are cut from those, not from all of the type.
  bool selective() const { return selective_; }

  // Whether a term leaves few candidates, whatever else is asked.
  static bool Narrows(const SearchTerm& term) {
    if (term.parameter == "_id" || term.parameter == "identifier") return true;
    return !term.values.empty() && std::all_of(term.values.begin(), term.values.end(), [](std::string_view value) {
      return value.starts_with("Patient/");
    });
  }
  // Those that narrow first; then what comes may count on it.
  void Narrowed() { narrow_ = selective_; }

 private:
  Result<Condition> OneValue(std::string_view kind, std::string_view code, std::string_view modifier,
                             std::string_view value) const {
    if (kind == "token" && (modifier.empty() || modifier == "not")) return TokenCondition(value);
    if (kind == "reference" && modifier != "identifier") return ReferenceCondition(code, modifier, value);
    if (kind == "string" && (modifier.empty() || modifier == "exact" || modifier == "contains"))
      return StringCondition(modifier, value);
    if (kind == "uri" && (modifier.empty() || modifier == "below" || modifier == "above"))
      return UriCondition(modifier, value);
    if (kind == "date" && modifier.empty())
      return DateCondition(value, "low", "high", UnixMs(session_.clock()));
    if (kind == "number" && modifier.empty()) return NumberCondition(value);
    if (kind == "quantity" && modifier.empty()) return QuantityCondition(value);
    return Error{errors::SearchParameterUnknown, std::string(code) + ":" + std::string(modifier)};
  }

  void And(const Condition& condition) {
    all_.sql += " AND " + condition.sql;
    all_.values.insert(all_.values.end(), condition.values.begin(), condition.values.end());
  }

  // Selective kinds start from the index; the others are looked up in the entries of each candidate. Beside what names
  // one patient or identifier everything else is looked up: there are few candidates.
  void AddIndexCondition(const std::string& table, ParameterKey key, const Condition& any, bool negated,
                         bool lookup) {
    Condition condition;
    if (negated || lookup || any.scans || narrow_) {
      condition.sql =
          std::string(negated ? "NOT " : "") + "EXISTS (SELECT 1 FROM " + table +
          " x WHERE x.id BETWEEN r.key << 20 AND (r.key << 20) + 1048575 AND parameter = ? AND (" + any.sql +
          "))";
    } else {
      condition.sql =
          "r.key IN (SELECT id >> 20 FROM " + table + " WHERE parameter = ? AND (" + any.sql + "))";
      selective_ = true;
    }
    condition.values.emplace_back(key);
    condition.values.insert(condition.values.end(), any.values.begin(), any.values.end());
    And(condition);
  }

  Status AddMissing(const std::string& table, std::string_view code, const std::vector<std::string>& values) {
    bool missing = values.size() == 1 && values[0] == "true";
    if (!missing && (values.size() != 1 || values[0] != "false"))
      return Error{errors::SearchValueMalformed, ":missing is true or false"};
    AddIndexCondition(table, KeyOf(type_, code), {"1", {}}, missing, true);
    return Ok();
  }

  Status AddId(const std::vector<std::string>& ids) {
    Condition any;
    for (const auto& id : ids) any.Or({"r.id = ?", {id}});
    And({"(" + any.sql + ")", any.values});
    selective_ = narrow_ = true;
    return Ok();
  }

  Status AddLastUpdated(const std::vector<std::string>& values) {
    Condition any;
    for (const auto& value : values) {
      TRY(auto one, DateCondition(value, "r.at_ms", "(r.at_ms + 1)", UnixMs(session_.clock())));
      any.Or(one);
    }
    And({"(" + any.sql + ")", any.values});
    return Ok();
  }

  const Session& session_;
  std::string_view type_;
  Condition all_;
  bool selective_ = false, narrow_ = false;
};

// In which order pages come, and where one goes on: by creation, or by the time of the latest version.
struct Order {
  bool by_time = false, descending = false;
  std::int64_t after = 0, after_ms = 0;  // of the last one shown
  bool first = true;

  // With `apart` (a "+" in SQL) the order's own columns are kept from choosing the index to walk.
  std::string Sql(bool apart) const {
    if (!by_time) return " ORDER BY r.key";
    std::string at = apart ? "+r.at_ms" : "r.at_ms";
    return descending ? " ORDER BY " + at + " DESC, r.key DESC" : " ORDER BY " + at + ", r.key";
  }
  std::string Where(bool apart) const {
    if (!by_time) return apart ? " AND +r.key > ?" : " AND r.key > ?";
    if (first) return {};
    std::string columns = apart ? " AND (+r.at_ms, r.key)" : " AND (r.at_ms, r.key)";
    return columns + (descending ? " < (?, ?)" : " > (?, ?)");
  }
  void Bind(Query& query) const {
    if (by_time && first) return;
    if (by_time) query.Bind(after_ms);
    query.Bind(after);
  }
  std::string Key(std::int64_t key, std::int64_t at_ms) const {
    return by_time ? std::to_string(at_ms) + "-" + std::to_string(key) : std::to_string(key);
  }
};

bool ReadNumber(std::string_view text, std::int64_t& number) {
  auto [end, failed] = std::from_chars(text.data(), text.data() + text.size(), number);
  return failed == std::errc() && end == text.data() + text.size();
}

// `terms` may hold "_sort": "_lastUpdated" or "-_lastUpdated".
Result<Order> OrderOf(std::span<const SearchTerm> terms, std::string_view page) {
  Order order;
  for (const auto& term : terms) {
    if (term.parameter != "_sort" || term.values.size() != 1) continue;
    std::string_view by = term.values[0];
    order.descending = by.starts_with('-');
    if (by.substr(order.descending ? 1 : 0) != "_lastUpdated")
      return Error{errors::SearchParameterUnknown, "_sort knows _lastUpdated"};
    order.by_time = true;
  }
  order.first = page.empty();
  if (page.empty()) return order;
  auto dash = order.by_time ? page.find('-', 1) : page.npos;
  bool well_formed = order.by_time ? dash != page.npos && ReadNumber(page.substr(0, dash), order.after_ms) &&
                                         ReadNumber(page.substr(dash + 1), order.after)
                                   : ReadNumber(page, order.after);
  if (!well_formed) return Error{errors::PageUnknown};
  return order;
}

// Terms that are about the page and not about what is looked for.
bool IsOfPage(std::string_view parameter) { return parameter == "_sort" || parameter == "_total"; }

// "_total": "none": counting all that match may cost more than the page.
bool SaysNoTotal(std::span<const SearchTerm> terms) {
  return std::any_of(terms.begin(), terms.end(), [](const SearchTerm& term) {
    return term.parameter == "_total" && term.values == std::vector<std::string>{"none"};
  });
}

void BindAll(Query& query, const std::vector<Value>& values) {
  for (const auto& value : values) std::visit([&](const auto& v) { query.Bind(v); }, value);
}

}  // namespace

Result<SearchPage> SearchResources(const Session& session, std::string_view type,
                                   std::span<const SearchTerm> terms, int count_max, std::string_view page) {
  Compiler compiler(session, type);
  for (bool narrowing : {true, false}) {
    for (const auto& term : terms)
      if (!IsOfPage(term.parameter) && Compiler::Narrows(term) == narrowing) CHECK_OK(compiler.Add(term));
    compiler.Narrowed();
  }
  TRY(auto order, OrderOf(terms, page));
  std::string where = " WHERE r.type = ? AND r.deleted = 0" + compiler.condition().sql;

  bool apart = compiler.selective();
  SearchPage result;
  if (count_max <= 0 || !SaysNoTotal(terms)) {
    Query count(session.database, "SELECT count(*) FROM resource r" + where, type);
    BindAll(count, compiler.condition().values);
    if (count.Next()) result.total = count.Int(0);
    CHECK_OK(count.Ended());
  }
  if (count_max <= 0) return result;

  Query rows(session.database,
             "SELECT " + std::string(kVersionColumns) +
                 ", r.key, r.at_ms FROM resource r JOIN version v ON v.key = r.latest" + where +
                 order.Where(apart) + order.Sql(apart) + " LIMIT ?",
             type);
  BindAll(rows, compiler.condition().values);
  order.Bind(rows);
  rows.Bind(count_max + 1);
  std::int64_t last = 0, last_ms = 0;
  while (rows.Next()) {
    if (static_cast<int>(result.matches.size()) == count_max) {
      result.next = order.Key(last, last_ms);
      break;
    }
    TRY(auto version, VersionOf(session, rows));
    result.matches.push_back(std::move(version));
    last = rows.Int(7);
    last_ms = rows.Int(8);
  }
  CHECK_OK(rows.Ended());
  return result;
}

Result<std::vector<pipeline::ResourceVersion>> FindResourcesByIdentifier(const Session& session,
                                                                         std::string_view type,
                                                                         std::string_view system,
                                                                         std::string_view value) {
  std::string sql =
      "SELECT " + std::string(kVersionColumns) +
      " FROM resource r JOIN version v ON v.key = r.latest WHERE r.key IN (SELECT id >> 20 FROM term"
      " WHERE parameter = ? AND value = ?" +
      (system.empty() ? "" : " AND system = ?") + ") ORDER BY r.key";
  Query rows(session.database, sql, KeyOf(type, "identifier"), value);
  if (!system.empty()) rows.Bind(system);
  std::vector<pipeline::ResourceVersion> found;
  while (rows.Next()) {
    TRY(auto version, VersionOf(session, rows));
    found.push_back(std::move(version));
  }
  CHECK_OK(rows.Ended());
  return found;
}

}  // namespace passerelle::store
