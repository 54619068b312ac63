#pragma once
// Conditions as the official v2-to-FHIR sheets write them ("IF PID-11 LST.COUNT EQUALS 1 AND PID-11.9 NOT
// VALUED") and as our tables do (FHIRPath), read into one form and compared by trying all values that they
// tell apart.

#include <algorithm>
#include <cctype>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

namespace passerelle::tests {

// True, false, or nothing, as FHIRPath has it.
enum class Truth { False, True, Nothing };

struct Term {
  enum Kind { Always, Exists, In, Starts, CountAbove, LengthAbove, Not, Otherwise, And, Or } kind = Always;
  std::string field;                // "PID-11.9"
  std::vector<std::string> values;  // In, Starts
  int number = 0;                   // CountAbove, LengthAbove
  bool three_valued = false;        // In: nothing where the field is absent
  std::vector<Term> parts;

  static Term Of(Kind kind, std::vector<Term> parts) {
    Term term;
    term.kind = kind;
    term.parts = std::move(parts);
    return term;
  }
};

// "PV1-2" for "PV1-2.1"; nothing for what is no first component of a field.
inline std::optional<std::string> WholeOf(const std::string& field) {
  auto dash = field.find('-');
  bool first = dash != field.npos && field.ends_with(".1") && field.find('.', dash) == field.size() - 2;
  return first ? std::optional(field.substr(0, field.size() - 2)) : std::nullopt;
}

// The fields that have components, as the sheets say: "PV1-2", which is a CWE. Of others the first component
// is the field itself. A sheet that compares one with a value means its code, the first component; a table
// that compares the field compares all of it.
using Composites = std::set<std::string>;

inline void NameAlike(Term& term, const Composites& composites, bool of_sheet) {
  auto whole = WholeOf(term.field);
  if (whole && !composites.contains(*whole)) term.field = *whole;
  if (of_sheet && term.kind == Term::In && composites.contains(term.field)) term.field += ".1";
  for (Term& part : term.parts) NameAlike(part, composites, of_sheet);
}

inline void NameFields(Term& term, const std::function<std::string(std::string)>& name) {
  if (!term.field.empty()) term.field = name(term.field);
  for (Term& part : term.parts) NameFields(part, name);
}

inline bool Mentions(const Term& term, const std::string& field) {
  if (!term.field.empty() && (term.field == field || term.field.starts_with(field + "."))) return true;
  return std::any_of(term.parts.begin(), term.parts.end(),
                     [&](const Term& part) { return Mentions(part, field); });
}

// One trial: what each field holds. Absent fields are not in it; a count or length stands beside the value.
struct Trial {
  struct Value {
    std::string text;
    int count = 1, length = 1;
  };
  std::map<std::string, Value> fields;
};

inline Truth Evaluate(const Term& term, const Trial& trial) {
  auto of = [](bool b) { return b ? Truth::True : Truth::False; };
  auto it = trial.fields.find(term.field);
  bool here = it != trial.fields.end();
  switch (term.kind) {
    case Term::Always: return Truth::True;
    case Term::Exists: return of(here);
    case Term::CountAbove: return of(here && it->second.count > term.number);
    case Term::LengthAbove: return of(here && it->second.length > term.number);
    case Term::In:
      if (!here) return term.three_valued ? Truth::Nothing : Truth::False;
      return of(std::find(term.values.begin(), term.values.end(), it->second.text) != term.values.end());
    case Term::Starts:
      if (!here) return Truth::Nothing;
      return of(std::any_of(term.values.begin(), term.values.end(),
                            [&](const auto& value) { return it->second.text.starts_with(value); }));
    case Term::Not: {
      Truth truth = Evaluate(term.parts[0], trial);
      return truth == Truth::Nothing ? truth : of(truth == Truth::False);
    }
    case Term::Otherwise: return of(Evaluate(term.parts[0], trial) != Truth::True);  // what `else` takes
    default: break;
  }
  Truth decides = term.kind == Term::And ? Truth::False : Truth::True;
  Truth result = term.kind == Term::And ? Truth::True : Truth::False;
  for (const Term& part : term.parts) {
    Truth truth = Evaluate(part, trial);
    if (truth == decides) return truth;
    if (truth == Truth::Nothing) result = truth;
  }
  return result;
}

inline void Collect(const Term& term, std::map<std::string, std::vector<Trial::Value>>& seen) {
  if (!term.field.empty()) {
    auto& values = seen[term.field];
    if (term.kind == Term::Starts)
      values.push_back({term.values[0] + "5", 1, 1});
    else
      for (const auto& value : term.values) values.push_back({value, 1, static_cast<int>(value.size())});
    if (term.kind == Term::CountAbove) values.push_back({"other", term.number + 1, 1});
    if (term.kind == Term::LengthAbove) values.push_back({"other", 1, term.number + 1});
  }
  for (const Term& part : term.parts) Collect(part, seen);
}

// Whether nothing is there without what it is a part of: no component without its field, no field without its
// segment.
inline bool MayBe(const Trial& trial, const std::map<std::string, std::vector<Trial::Value>>& seen) {
  return std::all_of(trial.fields.begin(), trial.fields.end(), [&](const auto& field) {
    std::string whole = field.first;
    for (auto mark = whole.find_last_of("-."); mark != whole.npos; mark = whole.find_last_of("-.")) {
      whole.resize(mark);
      if (seen.contains(whole) && !trial.fields.contains(whole)) return false;
    }
    return true;
  });
}

// Calls visit(trial) for the combinations of values that the terms tell apart, at most `trials_max` of them,
// until it gives false. `given`: a field that is there in any case.
inline void ForEachTrial(std::initializer_list<const Term*> terms, const std::string& given,
                         std::size_t trials_max, const std::function<bool(const Trial&)>& visit) {
  std::map<std::string, std::vector<Trial::Value>> seen;
  for (const Term* term : terms) Collect(*term, seen);
  std::vector<std::pair<std::string, std::vector<std::optional<Trial::Value>>>> choices;
  std::size_t trials = 1;
  for (auto& [field, values] : seen) {
    std::vector<std::optional<Trial::Value>> all{Trial::Value{"other", 1, 1}};
    if (field != given) all.push_back(std::nullopt);
    for (auto& value : values) {
      auto same = [&](const auto& x) {
        return x && x->text == value.text && x->count == value.count && x->length == value.length;
      };
      if (std::none_of(all.begin(), all.end(), same)) all.push_back(value);
    }
    trials = std::min(trials * all.size(), trials_max);
    choices.emplace_back(field, std::move(all));
  }
  for (std::size_t n = 0; n < trials; ++n) {
    Trial trial;
    std::size_t rest = n;
    for (const auto& [field, all] : choices) {
      if (const auto& value = all[rest % all.size()]) trial.fields[field] = *value;
      rest /= all.size();
    }
    if (MayBe(trial, seen) && !visit(trial)) return;
  }
}

// Whether the condition of a sheet and that of a table hold on the same messages. `given`: the row runs on
// it.
inline bool SameCondition(Term sheet, Term table, const std::string& given, const Composites& composites) {
  NameAlike(sheet, composites, true);
  NameAlike(table, composites, false);
  bool same = true;
  ForEachTrial({&sheet, &table}, given, 200'000, [&](const Trial& trial) {
    same = (Evaluate(sheet, trial) == Truth::True) == (Evaluate(table, trial) == Truth::True);
    return same;
  });
  return same;
}

// Both languages as words: names, quoted values, and single marks.
inline std::vector<std::string> WordsOf(std::string_view text, char quote) {
  std::vector<std::string> words;
  for (std::size_t i = 0; i < text.size();) {
    char c = text[i];
    if (std::isspace(static_cast<unsigned char>(c)) || c == ',') {
      ++i;
    } else if (c == quote) {
      auto end = std::min(text.find(quote, i + 1), text.size());
      words.push_back("'" + std::string(text.substr(i + 1, end - i - 1)));
      i = end + 1;
    } else if (std::isalnum(static_cast<unsigned char>(c)) || c == '%' || c == '$') {
      std::size_t end = i;
      while (end < text.size() && (std::isalnum(static_cast<unsigned char>(text[end])) || text[end] == '-' ||
                                   text[end] == '.' || text[end] == '%' || text[end] == '$'))
        ++end;
      words.emplace_back(text.substr(i, end - i));
      i = end;
    } else {
      bool two = i + 1 < text.size() && text[i + 1] == '=' && (c == '<' || c == '>' || c == '!');
      words.emplace_back(text.substr(i, two ? 2 : 1));
      i += two ? 2 : 1;
    }
  }
  return words;
}

// IF PRT-4.1 IN ("ARI", "TN") AND (OBX-5 LST.COUNT GREATER THAN 1 OR OBX-2 IS NOT "NA")
class SheetReader {
 public:
  explicit SheetReader(std::string_view text) : words_(WordsOf(text, '"')) {
    for (auto& word : words_)
      if (!word.starts_with('\''))
        for (char& c : word) c = static_cast<char>(std::toupper(static_cast<unsigned char>(c)));
  }

  std::optional<Term> Read() {
    auto term = ReadOr();
    return at_ == words_.size() ? term : std::nullopt;
  }

 private:
  bool Take(std::string_view word) {
    if (at_ == words_.size() || words_[at_] != word) return false;
    ++at_;
    return true;
  }
  static bool IsField(const std::string& word) {
    return word.size() > 1 && std::isupper(static_cast<unsigned char>(word[0])) &&
           (word.find('-') != word.npos || word.find('.') != word.npos || word.size() == 3);
  }

  std::optional<Term> ReadOr() {
    auto first = ReadAnd();
    if (!first) return first;
    std::vector<Term> parts{*std::move(first)};
    while (Take("OR")) {
      auto next = ReadAnd();
      if (!next) return next;
      parts.push_back(*std::move(next));
    }
    return parts.size() == 1 ? parts[0] : Term::Of(Term::Or, std::move(parts));
  }
  std::optional<Term> ReadAnd() {
    auto first = ReadTerm();
    if (!first) return first;
    std::vector<Term> parts{*std::move(first)};
    while (Take("AND")) {
      auto next = ReadTerm();
      if (!next) return next;
      parts.push_back(*std::move(next));
    }
    return parts.size() == 1 ? parts[0] : Term::Of(Term::And, std::move(parts));
  }

  std::optional<Term> ReadTerm() {
    Take("IF");
    if (Take("(")) {
      auto inner = ReadOr();
      if (!inner || !Take(")")) return std::nullopt;
      return inner;
    }
    // "A AND B VALUED": both
    if (at_ + 1 < words_.size() && IsField(words_[at_]) &&
        (words_[at_ + 1] == "AND" || words_[at_ + 1] == "OR")) {
      auto saved = at_;
      std::string field = Field();
      bool all = Take("AND") || !Take("OR");
      Take("IF");
      auto next = ReadTerm();
      if (next) {
        Term mine = *next;
        if (mine.kind == Term::Not && !mine.parts.empty() && mine.parts[0].kind == Term::Exists)
          mine.parts[0].field = field;
        else
          mine.field = field;
        return Term::Of(all ? Term::And : Term::Or, {mine, *next});
      }
      at_ = saved;
    }
    if (at_ == words_.size()) return std::nullopt;
    bool named = IsField(words_[at_]);
    return ReadTest(named ? Field() : std::string());
  }

  std::string Field() {
    std::string field = words_[at_++];
    last_ = field;
    return field;
  }

  std::optional<Term> ReadTest(std::string field) {
    if (field.empty()) field = last_;
    Term term;
    term.field = field;
    bool negated = false;
    while (Take("IS") || Take("DOES") || Take("LIST") || Take("ARE") || Take("AREA")) {}
    if (Take("LST.COUNT") || Take("COUNT")) return ReadNumber(std::move(term), Term::CountAbove);
    if (Take("LENGTH")) return ReadNumber(std::move(term), Term::LengthAbove);
    while (Take("NOT")) negated = !negated;
    while (Take("IS") || Take("EQUALS") || Take("EQUAL") || Take("TO") || Take("=")) {}
    while (Take("NOT")) negated = !negated;
    if (Take("!=")) negated = !negated;
    if (Take("VALUED") || Take("VALUE") || Take("EXIST") || Take("EXISTS")) {
      term.kind = Term::Exists;
    } else if (Take("EMPTY")) {
      term.kind = Term::Exists;
      negated = !negated;
    } else if (Take("IN") || Take("(")) {
      if (at_ > 0 && words_[at_ - 1] == "IN" && !Take("(")) return std::nullopt;
      term.kind = Term::In;
      while (at_ < words_.size() && words_[at_].starts_with('\''))
        term.values.push_back(words_[at_++].substr(1));
      if (!Take(")")) return std::nullopt;
    } else if (at_ < words_.size() && words_[at_].starts_with('\'')) {
      term.kind = Term::In;
      term.values.push_back(words_[at_++].substr(1));
    } else {
      return std::nullopt;
    }
    return negated ? Term::Of(Term::Not, {std::move(term)}) : term;
  }

  std::optional<Term> ReadNumber(Term term, Term::Kind kind) {
    bool less = false, equal = false;
    for (;;) {
      if (Take("LESS") || Take("<="))
        less = true;
      else if (Take("GREATER") || Take(">") || Take("THAN"))
        continue;
      else if (Take("EQUALS") || Take("EQUAL") || Take("="))
        equal = true;
      else if (Take("OR"))
        continue;
      else
        break;
    }
    if (at_ == words_.size() || !std::isdigit(static_cast<unsigned char>(words_[at_][0])))
      return std::nullopt;
    term.kind = kind;
    term.number = std::stoi(words_[at_++]);
    if (less) return Term::Of(Term::Not, {std::move(term)});
    if (!equal) return term;
    Term below = term;
    below.number -= 1;
    return Term::Of(Term::And, {below, Term::Of(Term::Not, {std::move(term)})});
  }

  std::vector<std::string> words_;
  std::size_t at_ = 0;
  std::string last_;
};

// XTN.3.empty() or (XTN.3 in ('Internet' | 'X.400')).not()
class PathReader {
 public:
  explicit PathReader(std::string_view text) : words_(WordsOf(text, '\'')) {}
  std::optional<Term> Read() {
    auto term = ReadLevel("or", Term::Or);
    return at_ == words_.size() ? term : std::nullopt;
  }

 private:
  bool Take(std::string_view word) {
    if (at_ == words_.size() || words_[at_] != word) return false;
    ++at_;
    return true;
  }
  std::optional<Term> ReadLevel(std::string_view word, Term::Kind kind) {
    std::vector<Term> parts;
    do {
      auto next = kind == Term::Or ? ReadLevel("and", Term::And) : ReadTerm();
      if (!next) return next;
      parts.push_back(*std::move(next));
    } while (Take(word));
    return parts.size() == 1 ? parts[0] : Term::Of(kind, std::move(parts));
  }
  std::optional<Term> Negations(std::optional<Term> term) {
    while (term && (Take(".not") || Take("."))) {
      if (words_[at_ - 1] == "." && !Take("not")) return std::nullopt;
      if (!Take("(") || !Take(")")) return std::nullopt;
      term = Term::Of(Term::Not, {*std::move(term)});
    }
    return term;
  }
  std::optional<Term> ReadTerm() {
    if (Take("(")) {
      auto inner = ReadLevel("or", Term::Or);
      if (!inner || !Take(")")) return std::nullopt;
      return Negations(std::move(inner));
    }
    if (at_ == words_.size()) return std::nullopt;
    std::string word = words_[at_++];
    if (word.starts_with('%')) word.erase(0, 1);
    Term term;
    auto function = [&](std::string_view name) {
      if (!word.ends_with(name)) return false;
      term.field = word.substr(0, word.size() - name.size());
      return Take("(");
    };
    if (function(".exists")) {
      term.kind = Term::Exists;
      if (Take("$this") && !ReadValues(term)) return std::nullopt;
      if (term.kind == Term::In) term.three_valued = false;
      if (!Take(")")) return std::nullopt;
      return Negations(std::move(term));
    }
    if (function(".empty")) {
      term.kind = Term::Exists;
      return Take(")") ? Negations(Term::Of(Term::Not, {std::move(term)})) : std::nullopt;
    }
    if (function(".startsWith")) {
      term.kind = Term::Starts;
      if (at_ == words_.size() || !words_[at_].starts_with('\'')) return std::nullopt;
      term.values.push_back(words_[at_++].substr(1));
      return Take(")") ? Negations(std::move(term)) : std::nullopt;
    }
    if (function(".children")) {
      if (!Take(")") || at_ == words_.size()) return std::nullopt;
      words_[at_] = term.field + words_[at_];
      return ReadTerm();
    }
    if (function(".count")) return Take(")") ? ReadNumber(std::move(term), Term::CountAbove) : std::nullopt;
    if (function(".toString") && Take(")"))
      return Take(".") && Take("length") && Take("(") && Take(")")
                 ? ReadNumber(std::move(term), Term::LengthAbove)
                 : std::nullopt;
    term.field = word;
    return ReadValues(term) ? std::optional(term.kind == Term::Not ? negated_ : term) : std::nullopt;
  }
  bool ReadValues(Term& term) {
    bool unequal = Take("!=");
    bool list = !unequal && Take("in");
    if (!unequal && !list && !Take("=")) return false;
    term.kind = Term::In;
    term.three_valued = true;
    if (list && !Take("(")) return false;
    do {
      if (at_ == words_.size() || !words_[at_].starts_with('\'')) return false;
      term.values.push_back(words_[at_++].substr(1));
    } while (list && Take("|"));
    if (list && !Take(")")) return false;
    if (unequal) {
      negated_ = Term::Of(Term::Not, {term});
      term.kind = Term::Not;
    }
    return true;
  }
  std::optional<Term> ReadNumber(Term term, Term::Kind kind) {
    std::string mark = at_ < words_.size() ? words_[at_++] : std::string();
    if (at_ == words_.size() || !std::isdigit(static_cast<unsigned char>(words_[at_][0])))
      return std::nullopt;
    term.kind = kind;
    term.number = std::stoi(words_[at_++]);
    if (mark == ">") return term;
    if (mark == "<=") return Term::Of(Term::Not, {std::move(term)});
    Term below = term;
    below.number -= 1;
    return Term::Of(Term::And, {below, Term::Of(Term::Not, {std::move(term)})});
  }

  std::vector<std::string> words_;
  std::size_t at_ = 0;
  Term negated_;
};

}  // namespace passerelle::tests
