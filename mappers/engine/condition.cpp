#include "mappers/engine/condition.h"

#include <algorithm>
#include <array>

namespace passerelle::engine {
namespace {

constexpr int kParenthesesMax = 16;

// Reads what it knows; anything else makes it give up, and FHIRPath takes the text.
class QuickReader {
 public:
  QuickReader(std::string_view text, const std::function<std::uint32_t(Source)>& add_source)
      : rest_(text), add_source_(add_source) {}

  std::optional<std::vector<Operation>> Read() {
    if (!ReadOr(0)) return std::nullopt;
    SkipBlanks();
    if (!rest_.empty()) return std::nullopt;
    return std::move(operations_);
  }

 private:
  void SkipBlanks() {
    while (!rest_.empty() && (rest_.front() == ' ' || rest_.front() == '\t')) rest_.remove_prefix(1);
  }
  bool Take(std::string_view text) {
    SkipBlanks();
    if (!rest_.starts_with(text)) return false;
    rest_.remove_prefix(text.size());
    return true;
  }
  bool TakeWord(std::string_view word) {
    SkipBlanks();
    bool ends = rest_.size() > word.size() && (rest_[word.size()] == ' ' || rest_[word.size()] == '(');
    return rest_.starts_with(word) && ends && Take(word);
  }
  bool TakeHere(std::string_view text) {  // without blanks before it
    return rest_.starts_with(text) && Take(text);
  }
  bool Push(Operation operation) {
    operations_.push_back(std::move(operation));
    return true;
  }

  bool ReadOr(int depth) {
    if (depth > kParenthesesMax || !ReadAnd(depth)) return false;
    while (TakeWord("or"))
      if (!ReadSecond(Operation::SkipIfTrue, Operation::Or, [&] { return ReadAnd(depth); })) return false;
    return true;
  }
  bool ReadAnd(int depth) {
    if (!ReadTerm(depth)) return false;
    while (TakeWord("and"))
      if (!ReadSecond(Operation::SkipIfFalse, Operation::And, [&] { return ReadTerm(depth); })) return false;
    return true;
  }
  // The second operand, which is passed over when the first decides.
  template <class Read>
  bool ReadSecond(Operation::Code skip, Operation::Code code, const Read& read) {
    const std::size_t at = operations_.size();
    Push({skip});
    if (!read()) return false;
    Push({code});
    operations_[at].count = static_cast<std::uint32_t>(operations_.size() - at - 1);
    return true;
  }
  bool ReadTerm(int depth) {
    if (Take("(")) return ReadOr(depth + 1) && Take(")") && ReadNot();
    auto operand = ReadOperand();
    return operand && ReadComparison(*operand, depth);
  }
  bool ReadNot() {
    while (rest_.starts_with(".not()")) {
      rest_.remove_prefix(6);
      Push({Operation::Not});
    }
    return rest_.empty() || rest_.front() == ' ' || rest_.front() == ')';
  }

  static bool IsOperandChar(char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '.' ||
           c == '@' || c == '-' || c == '_' || c == ':' || c == '%' || c == '$';
  }

  // The source, up to a function or an operator.
  std::optional<std::uint32_t> ReadOperand() {
    SkipBlanks();
    auto end =
        static_cast<std::size_t>(std::find_if_not(rest_.begin(), rest_.end(), IsOperandChar) - rest_.begin());
    auto text = rest_.substr(0, end);
    if (rest_.substr(end).starts_with('(')) {  // the last word is a function's name
      end = text.rfind('.');
      if (end == text.npos) return std::nullopt;
      text = text.substr(0, end);
    }
    rest_.remove_prefix(end);
    in_hand_ = text.starts_with("%context");
    auto source = SourceOf(text);
    if (!source) return std::nullopt;
    return add_source_(*std::move(source));
  }

  static std::optional<Source> SourceOf(std::string_view text) {
    if (text == "$this" || text == "%context") return Source{};
    if (text.starts_with("%context.")) text.remove_prefix(9);
    if (text.starts_with('%')) {
      auto dot = text.find('.');
      auto name = text.substr(1, dot == text.npos ? text.npos : dot - 1);
      static constexpr std::array<std::string_view, 5> kOwn = {"message", "context", "resource",
                                                               "rootResource", "ucum"};
      if (std::find(kOwn.begin(), kOwn.end(), name) != kOwn.end()) return std::nullopt;
      auto source =
          ReadSource("(" + std::string(name) + ")" + std::string(dot == text.npos ? "" : text.substr(dot)));
      return source && source->kind == SourceKind::Nearest ? source : std::nullopt;
    }
    auto source = ReadSource(text);
    if (!source) return std::nullopt;
    bool known =
        source->kind == SourceKind::Fields || source->kind == SourceKind::Components ||
        (source->kind == SourceKind::Steps && (text[0] == '@' || (text[0] >= 'a' && text[0] <= 'z')));
    return known ? source : std::nullopt;
  }

  bool ReadComparison(std::uint32_t operand, int depth) {
    std::vector<Operation> filter;
    const bool in_hand = in_hand_;
    if (TakeHere(".where(") && !ReadFilter(filter, depth)) return false;
    if (TakeHere(".exists()"))
      return PushFunction({Operation::Exists, operand, {}, 0, in_hand, std::move(filter)});
    if (TakeHere(".empty()"))
      return PushFunction({Operation::Empty, operand, {}, 0, in_hand, std::move(filter)});
    if (TakeHere(".count()")) {
      auto code = Take(">") ? Operation::CountMore : Operation::CountIs;
      return PushNumbered({code, operand, {}, 0, in_hand, std::move(filter)}, code == Operation::CountMore);
    }
    if (!filter.empty()) return false;
    if (TakeHere(".exists("))
      return ReadFilter(filter, depth) &&
             PushFunction({Operation::Exists, operand, {}, 0, in_hand, std::move(filter)});
    if (TakeHere(".convertsToDecimal()"))
      return PushFunction({Operation::IsDecimal, operand, {}, 0, in_hand, {}});
    if (rest_.starts_with(".toString().length()")) TakeHere(".toString()");
    if (TakeHere(".length()")) {
      auto code = Take(">") ? Operation::LengthMore : Take("<") ? Operation::LengthLess : Operation::LengthIs;
      return PushNumbered({code, operand, {}, 0, in_hand, {}}, code != Operation::LengthIs);
    }
    if (rest_.starts_with('.')) return ReadTextFunction(operand);
    auto code = Take("!=") ? Operation::NotEqual : Take("=") ? Operation::Equal : Operation::In;
    std::vector<std::string> literals;
    if (code == Operation::In ? !TakeWord("in") || !ReadList(literals) : !ReadLiteral(literals)) return false;
    return Push({code, operand, std::move(literals), 0, in_hand, {}});
  }

  // What stands between the parentheses of where(...) and exists(...), asked of each node.
  bool ReadFilter(std::vector<Operation>& filter, int depth) {
    std::swap(operations_, filter);
    bool read = ReadOr(depth + 1) && Take(")");
    std::swap(operations_, filter);
    return read;
  }
  bool PushFunction(Operation operation) {
    Push(std::move(operation));
    return ReadNot();
  }
  // `> 2` and `< 2`, whose sign has been taken, or `= 2`.
  bool PushNumbered(Operation operation, bool sign_taken) {
    if (!sign_taken && !Take("=")) return false;
    auto number = ReadNumber();
    if (number) operation.count = *number;
    return number && Push(std::move(operation));
  }
  bool ReadTextFunction(std::uint32_t operand) {
    struct Function {
      std::string_view word;
      Operation::Code code;
    };
    static constexpr std::array kFunctions = {Function{".startsWith(", Operation::Starts},
                                              Function{".contains(", Operation::Contains},
                                              Function{".matches(", Operation::IsWithin}};
    for (const Function& f : kFunctions) {
      if (!rest_.starts_with(f.word)) continue;
      rest_.remove_prefix(f.word.size());
      Operation operation{f.code, operand, {}, 0, in_hand_, {}};
      if (!ReadLiteral(operation.literals) || !Take(")")) return false;
      if (f.code == Operation::IsWithin && !SetPattern(operation)) return false;
      Push(std::move(operation));
      return ReadNot();
    }
    return false;
  }

  // "^[0-9.]", "^[0-9.]+$", "^[0-9]{8}$": what tables ask of codes and identifiers; other patterns are
  // FHIRPath's.
  static bool SetPattern(Operation& operation) {
    const std::string written = std::move(operation.literals[0]);
    std::string_view pattern = written;
    auto close = pattern.find(']');
    if (!pattern.starts_with("^[") || close == pattern.npos) return false;
    std::string_view set = pattern.substr(2, close - 2), rest = pattern.substr(close + 1);
    if (set.empty() || set.front() == '^' || set.find_first_of("[\\") != set.npos) return false;
    std::string flags(256, '0');
    for (std::size_t i = 0; i < set.size(); ++i) {
      auto from = static_cast<unsigned char>(set[i]), to = from;
      if (from >= 0x80) return false;
      if (i + 2 < set.size() && set[i + 1] == '-') to = static_cast<unsigned char>(set[i += 2]);
      for (unsigned c = from; c <= to; ++c) flags[c] = '1';
    }
    if (rest.empty()) operation.code = Operation::BeginsWithin;
    if (rest.size() > 3 && rest.size() < 8 && rest.front() == '{' && rest.ends_with("}$"))
      for (char c : rest.substr(1, rest.size() - 3)) {
        if (c < '0' || c > '9') return false;
        operation.count = operation.count * 10 + static_cast<std::uint32_t>(c - '0');
      }
    operation.literals[0] = std::move(flags);
    return rest.empty() || rest == "+$" || operation.count > 0;
  }

  std::optional<std::uint32_t> ReadNumber() {
    SkipBlanks();
    std::uint32_t number = 0;
    std::size_t digits = 0;
    while (digits < rest_.size() && digits < 6 && rest_[digits] >= '0' && rest_[digits] <= '9')
      number = number * 10 + static_cast<std::uint32_t>(rest_[digits++] - '0');
    if (digits == 0) return std::nullopt;
    rest_.remove_prefix(digits);
    return number;
  }
  bool ReadLiteral(std::vector<std::string>& literals) {
    if (!Take("'")) return false;
    auto end = rest_.find('\'');
    auto text = rest_.substr(0, end);
    if (end == rest_.npos || text.find('\\') != text.npos) return false;
    literals.emplace_back(text);
    rest_.remove_prefix(end + 1);
    return true;
  }
  bool ReadList(std::vector<std::string>& literals) {
    if (!Take("(")) return false;
    do {
      if (!ReadLiteral(literals)) return false;
    } while (Take("|"));
    return Take(")");
  }

  std::string_view rest_;
  const std::function<std::uint32_t(Source)>& add_source_;
  std::vector<Operation> operations_;
  bool in_hand_ = false;  // the operand read last
};

}  // namespace

std::optional<std::vector<Operation>> ReadQuickly(std::string_view text,
                                                  const std::function<std::uint32_t(Source)>& add_source) {
  return QuickReader(text, add_source).Read();
}

}  // namespace passerelle::engine
