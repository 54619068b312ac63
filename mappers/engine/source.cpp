#include "mappers/engine/source.h"

#include <algorithm>
#include <charconv>

#include "mappers/engine/words.h"

namespace passerelle::engine {
namespace {

bool IsCapital(char c) { return c >= 'A' && c <= 'Z'; }
bool IsDigit(char c) { return c >= '0' && c <= '9'; }

std::optional<std::uint32_t> NumberOf(std::string_view text) {
  std::uint32_t number = 0;
  auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error != std::errc() || end != text.data() + text.size()) return std::nullopt;
  return number;
}

bool IsNumber(std::string_view text) {
  return !text.empty() && text.size() <= 4 && std::all_of(text.begin(), text.end(), IsDigit);
}

// "PID", "Z01"
bool IsSegmentName(std::string_view text) {
  return text.size() == 3 && IsCapital(text[0]) &&
         std::all_of(text.begin(), text.end(), [](char c) { return IsCapital(c) || IsDigit(c); });
}

// "PID", "ORDER_OBSERVATION"
bool IsGroupName(std::string_view text) {
  return text.size() >= 3 && IsCapital(text[0]) &&
         std::all_of(text.begin(), text.end(), [](char c) { return IsCapital(c) || IsDigit(c) || c == '_'; });
}

bool IsNameChar(char c) {
  return IsCapital(c) || (c >= 'a' && c <= 'z') || IsDigit(c) || c == '_' || c == '-' || c == ':' ||
         static_cast<unsigned char>(c) >= 0x80;
}

bool IsElementName(std::string_view text) {
  if (text.starts_with('@')) text.remove_prefix(1);
  return !text.empty() && !IsDigit(text[0]) && text[0] != '-' && text[0] != ':' &&
         std::all_of(text.begin(), text.end(), IsNameChar);
}

std::optional<Filter> ReadFilter(std::string_view text) {
  if (text.starts_with("!@")) return Filter{Filter::NoAttribute, node::Intern(text.substr(1)), {}, 0};
  if (text.starts_with('@')) {
    auto equals = text.find('=');
    auto name = text.substr(0, equals);
    if (!IsElementName(name)) return std::nullopt;
    if (equals == text.npos) return Filter{Filter::HasAttribute, node::Intern(name), {}, 0};
    return Filter{Filter::Attribute, node::Intern(name), std::string(Unquoted(text.substr(equals + 1))), 0};
  }
  if (IsNumber(text)) {
    auto number = NumberOf(text);
    if (!number || *number == 0) return std::nullopt;
    return Filter{Filter::Number, 0, {}, *number};
  }
  bool oid = text.find('.') != text.npos &&
             std::all_of(text.begin(), text.end(), [](char c) { return IsDigit(c) || c == '.'; });
  if (!oid) return std::nullopt;
  return Filter{Filter::Template, 0, std::string(text), 0};
}

// name[filter]...
std::optional<Step> ReadStep(std::string_view text) {
  auto open = text.find('[');
  auto name = text.substr(0, open);
  if (!IsElementName(name)) return std::nullopt;
  Step step{node::Intern(name), {}};
  text.remove_prefix(name.size());
  while (!text.empty()) {
    auto close = text.find(']');
    if (text.front() != '[' || close == text.npos) return std::nullopt;
    auto filter = ReadFilter(text.substr(1, close - 1));
    if (!filter) return std::nullopt;
    step.filters.push_back(*std::move(filter));
    text.remove_prefix(close + 1);
  }
  return step;
}

bool ReadSteps(const std::vector<std::string_view>& parts, std::size_t from, std::vector<Step>& steps) {
  for (std::size_t i = from; i < parts.size(); ++i) {
    auto step = ReadStep(parts[i]);
    if (!step) return false;
    steps.push_back(*std::move(step));
  }
  return true;
}

bool ReadPositions(const std::vector<std::string_view>& parts, Positions& positions) {
  for (std::size_t i = 1; i < parts.size(); ++i) {
    if (!IsNumber(parts[i]) || parts[i] == "0") return false;
    if (!positions.Add(static_cast<std::uint16_t>(*NumberOf(parts[i])))) return false;
  }
  return true;
}

// PID-3[1].4.2, cut at its dots
std::optional<Source> ReadFields(const std::vector<std::string_view>& parts) {
  auto head = parts[0];
  Source source;
  source.kind = SourceKind::Fields;
  source.origin = node::Intern(head.substr(0, 3));
  head.remove_prefix(4);
  if (auto open = head.find('['); open != head.npos) {
    if (!head.ends_with(']')) return std::nullopt;
    auto number = NumberOf(head.substr(open + 1, head.size() - open - 2));
    if (!number || *number == 0) return std::nullopt;
    source.repetition = *number;
    head = head.substr(0, open);
  }
  if (!IsNumber(head) || head == "0") return std::nullopt;
  source.positions.Add(static_cast<std::uint16_t>(*NumberOf(head)));
  if (!ReadPositions(parts, source.positions)) return std::nullopt;
  return source;
}

// ORDER/NTE: as ORDER.NTE, but of that group itself.
std::optional<Source> ReadPath(std::string_view text);
std::optional<Source> ReadDirect(std::string_view text, std::size_t slash) {
  auto source = ReadPath(std::string(text.substr(0, slash)) + "." + std::string(text.substr(slash + 1)));
  if (!source || source->kind != SourceKind::Segments) return std::nullopt;
  source->direct = true;
  return source;
}

std::optional<Source> ReadPath(std::string_view text) {
  if (auto slash = text.rfind('/'); slash != text.npos) return ReadDirect(text, slash);
  auto parts = CutAt(text, '.');
  auto head = parts[0];
  if (head.size() > 4 && head[3] == '-' && IsSegmentName(head.substr(0, 3))) return ReadFields(parts);
  Source source;
  if (parts.size() > 1 && IsNumber(parts[1])) {
    source.kind = SourceKind::Components;
    if (!IsElementName(head) || !ReadPositions(parts, source.positions)) return std::nullopt;
    return source;
  }
  bool segments = std::all_of(parts.begin(), parts.end(), IsGroupName);
  source.kind = segments ? SourceKind::Segments : SourceKind::Steps;
  if (!ReadSteps(parts, 0, source.steps)) return std::nullopt;
  return source;
}

// (section).code
std::optional<Source> ReadNearest(std::string_view text) {
  auto close = text.find(')');
  if (close == text.npos || !IsElementName(text.substr(1, close - 1))) return std::nullopt;
  Source source;
  source.kind = SourceKind::Nearest;
  source.origin = node::Intern(text.substr(1, close - 1));
  text.remove_prefix(close + 1);
  if (text.empty()) return source;
  if (text.front() != '.' || !ReadSteps(CutAt(text, '.'), 1, source.steps)) return std::nullopt;
  return source;
}

}  // namespace

std::optional<Source> ReadSource(std::string_view text) {
  if (text.empty()) return std::nullopt;
  Source source;
  if (text == ".") return source;
  if (text.front() == '(') return ReadNearest(text);
  bool expression = text.front() == '{';
  if (!expression && text.front() != '"') return ReadPath(text);
  if (text.size() < 2 || text.back() != (expression ? '}' : '"')) return std::nullopt;
  source.kind = expression ? SourceKind::Expression : SourceKind::Constant;
  source.text = text.substr(1, text.size() - 2);
  return source;
}

}  // namespace passerelle::engine
