// Names of converters; booleans, numbers, text, systems and national ids.

#include <algorithm>
#include <array>

#include "fhir_model/identity/identity.h"
#include "mappers/convert/convert.h"

namespace passerelle::convert {
namespace {

constexpr NameInfo kNames[] = {
#define CONVERTER(name, word, argument) {Name::name, word, Argument::argument},
#include "mappers/convert/names.def"
#undef CONVERTER
};

bool IsDigit(char c) { return c >= '0' && c <= '9'; }
bool IsLetter(char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z'); }
bool IsBlank(char c) { return c == ' ' || c == '\t' || c == '\r' || c == '\n'; }

std::string_view Trimmed(std::string_view text) {
  while (!text.empty() && IsBlank(text.front())) text.remove_prefix(1);
  while (!text.empty() && IsBlank(text.back())) text.remove_suffix(1);
  return text;
}

struct BooleanWord {
  std::string_view word;
  bool value;
};
constexpr std::array kBooleans = {
    BooleanWord{"Y", true},      BooleanWord{"N", false},  BooleanWord{"true", true},
    BooleanWord{"1", true},      BooleanWord{"0", false},  BooleanWord{"false", false},
    BooleanWord{"O", true},      BooleanWord{"yes", true}, BooleanWord{"no", false},
    BooleanWord{"YES", true},    BooleanWord{"NO", false}, BooleanWord{"TRUE", true},
    BooleanWord{"FALSE", false}, BooleanWord{"y", true},   BooleanWord{"n", false}};

// Appends the digits of a number's whole part as JSON wants them: no zeros in front.
void AppendWhole(std::string_view digits, std::string& out) {
  while (digits.size() > 1 && digits.front() == '0') digits.remove_prefix(1);
  out += digits.empty() ? std::string_view("0") : digits;
}

constexpr std::string_view kProfessionals = "1.2.250.1.71.4.2.1", kStructures = "1.2.250.1.71.4.2.2";

}  // namespace

const NameInfo* FindName(std::string_view word) {
  for (const auto& info : kNames)
    if (info.word == word) return &info;
  return nullptr;
}

Outcome ToBoolean(std::string_view text, std::string& out) {
  text = Trimmed(text);
  if (text.empty()) return Outcome::Nothing;
  for (const auto& row : kBooleans) {
    if (row.word != text) continue;
    out += row.value ? "true" : "false";
    return Outcome::Done;
  }
  return Outcome::Unreadable;
}

Outcome ToNumber(std::string_view text, std::string& out) {
  text = Trimmed(text);
  if (text.empty()) return Outcome::Nothing;
  bool negative = text.front() == '-';
  if (negative || text.front() == '+') text.remove_prefix(1);
  auto whole_end = std::find_if_not(text.begin(), text.end(), IsDigit);
  std::string_view whole(text.begin(), whole_end), rest(whole_end, text.end()), fraction;
  if (rest.starts_with('.') || rest.starts_with(',')) {  // a decimal comma, as French senders write
    rest.remove_prefix(1);
    fraction = rest.substr(
        0, static_cast<std::size_t>(std::find_if_not(rest.begin(), rest.end(), IsDigit) - rest.begin()));
    rest.remove_prefix(fraction.size());
  }
  if (whole.empty() && fraction.empty()) return Outcome::Unreadable;
  std::string_view exponent;
  if (rest.starts_with('e') || rest.starts_with('E')) {
    exponent = rest;
    rest.remove_prefix(1);
    if (rest.starts_with('+') || rest.starts_with('-')) rest.remove_prefix(1);
    auto end = std::find_if_not(rest.begin(), rest.end(), IsDigit);
    if (end == rest.begin() || rest.size() > 4) return Outcome::Unreadable;
    rest = std::string_view(end, rest.end());
  }
  if (!rest.empty()) return Outcome::Unreadable;
  if (negative) out += '-';
  AppendWhole(whole, out);
  if (!fraction.empty()) out.append(".").append(fraction);
  out += exponent;
  return Outcome::Done;
}

Outcome ToInteger(std::string_view text, std::string& out) {
  text = Trimmed(text);
  if (text.empty()) return Outcome::Nothing;
  bool negative = text.front() == '-';
  if (negative || text.front() == '+') text.remove_prefix(1);
  if (auto point = text.find('.'); point != text.npos) {  // "3.0" is 3
    auto zeros = text.substr(point + 1);
    if (!std::all_of(zeros.begin(), zeros.end(), [](char c) { return c == '0'; })) return Outcome::Unreadable;
    text = text.substr(0, point);
  }
  if (text.empty() || text.size() > 10 || !std::all_of(text.begin(), text.end(), IsDigit))
    return Outcome::Unreadable;
  if (negative) out += '-';
  AppendWhole(text, out);
  return Outcome::Done;
}

namespace {

enum class Base64Sign : std::uint8_t { Bad, Data, Blank, Padding };

constexpr std::array<Base64Sign, 256> kBase64Signs = [] {
  std::array<Base64Sign, 256> signs{};
  for (char c : std::string_view("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"))
    signs[static_cast<unsigned char>(c)] = Base64Sign::Data;
  for (char c : std::string_view(" \t\r\n")) signs[static_cast<unsigned char>(c)] = Base64Sign::Blank;
  signs['='] = Base64Sign::Padding;
  return signs;
}();

}  // namespace

// In one pass: documents of megabytes come this way.
Outcome ToBase64(std::string_view text, std::string& out) {
  std::size_t begin = out.size(), padding = 0;
  out.resize(begin + text.size() + 2);
  char* to = out.data() + begin;
  bool good = true;
  for (char c : text) {
    auto sign = kBase64Signs[static_cast<unsigned char>(c)];
    if (sign == Base64Sign::Data && padding == 0) {
      *to++ = c;
    } else if (sign == Base64Sign::Padding) {
      ++padding;
    } else if (sign != Base64Sign::Blank) {
      good = false;
      break;
    }
  }
  auto signs = static_cast<std::size_t>(to - out.data()) - begin;
  good = good && signs % 4 != 1 && padding <= 2;
  out.resize(good ? begin + signs : begin);
  if (!good) return Outcome::Unreadable;
  if (signs == 0) return padding == 0 ? Outcome::Nothing : Outcome::Unreadable;
  while ((out.size() - begin) % 4 != 0) out += '=';
  return Outcome::Done;
}

void ToPlain(std::string_view text, std::string& out) {
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] == '\r') {
      if (i + 1 == text.size() || text[i + 1] != '\n') out += '\n';
      continue;
    }
    out += text[i];
  }
  while (!out.empty() && IsBlank(out.back())) out.pop_back();
}

bool IsOid(std::string_view text) {
  if (text.size() < 3 || text[0] < '0' || text[0] > '2' || text[1] != '.') return false;
  char last = '.';
  for (std::size_t i = 2; i < text.size(); ++i) {
    if (!IsDigit(text[i]) && (text[i] != '.' || last == '.')) return false;
    last = text[i];
  }
  return last != '.';
}

bool IsUuid(std::string_view text) {
  if (text.size() != 36) return false;
  for (std::size_t i = 0; i < text.size(); ++i) {
    bool dash = i == 8 || i == 13 || i == 18 || i == 23;
    char c = text[i];
    bool hex = IsDigit(c) || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F');
    if (dash ? c != '-' : !hex) return false;
  }
  return true;
}

bool IsLanguage(std::string_view text) {
  std::size_t first = std::min(text.find('-'), text.size()), length = 0;
  if (first < 2 || first > 3 || !std::all_of(text.begin(), text.begin() + std::ptrdiff_t(first), IsLetter))
    return false;
  for (char c : text.substr(first)) {
    length = c == '-' ? 0 : length + 1;
    if (length > 8 || (c != '-' && !IsLetter(c) && !IsDigit(c))) return false;
  }
  return first == text.size() || length > 0;
}

Form FormOf(std::string_view type) {
  struct Row {
    std::string_view type;
    Form form;
  };
  static constexpr std::array kForms = {Row{"code", Form::Code},
                                        Row{"uri", Form::Uri},
                                        Row{"url", Form::Uri},
                                        Row{"canonical", Form::Uri},
                                        Row{"oid", Form::Uri},
                                        Row{"uuid", Form::Uri},
                                        Row{"positiveInt", Form::Positive},
                                        Row{"unsignedInt", Form::Unsigned}};
  for (const auto& row : kForms)
    if (row.type == type) return row.form;
  return Form::Any;
}

bool Fits(Form form, std::string_view text) {
  auto is_control = [](char c) { return static_cast<unsigned char>(c) < ' '; };
  switch (form) {
    case Form::Any: return true;
    case Form::Positive: return !text.starts_with('-') && text.find_first_not_of('0') != text.npos;
    case Form::Unsigned: return !text.starts_with('-');
    case Form::Code:
      return text.find("  ") == text.npos && std::none_of(text.begin(), text.end(), is_control);
    case Form::Language: return IsLanguage(text);
    case Form::Uri: break;
  }
  if (std::any_of(text.begin(), text.end(), [&](char c) { return c == ' ' || is_control(c); })) return false;
  if (text.starts_with("urn:oid:")) return IsOid(text.substr(8));
  return !text.starts_with("urn:uuid:") || IsUuid(text.substr(9));
}

void AppendToUri(std::string_view text, std::string& out) {
  constexpr std::string_view digits = "0123456789ABCDEF", never = "\"<>\\^`{|}%";
  for (char c : text) {
    auto byte = static_cast<unsigned char>(c);
    if (byte > ' ' && byte < 0x7F && never.find(c) == never.npos) {
      out += c;
    } else {
      out += '%';
      out += digits[byte >> 4];
      out += digits[byte & 15];
    }
  }
}

std::string_view After(std::string_view text, std::string_view mark) {
  auto at = text.find(mark);
  return at == text.npos ? std::string_view() : text.substr(at + mark.size());
}

std::string_view Before(std::string_view text, std::string_view mark) {
  auto at = text.find(mark);
  return at == text.npos ? std::string_view() : text.substr(0, at);
}

bool Systems::UriOf(std::string_view key, std::string& out) const {
  key = Trimmed(key);
  if (key.empty()) return false;
  if (auto known = Find(key); !known.empty()) {
    out += known;
    return true;
  }
  if (IsOid(key)) {
    out.append("urn:oid:").append(key);
  } else if (IsUuid(key)) {
    out += "urn:uuid:";
    for (char c : key) out += c >= 'A' && c <= 'F' ? static_cast<char>(c - 'A' + 'a') : c;
  } else if (key.starts_with("urn:") || key.starts_with("http://") || key.starts_with("https://")) {
    if (key.starts_with("urn:oid:") && !Find(key.substr(8)).empty())
      out += Find(key.substr(8));
    else
      out += key;
  } else {
    return false;
  }
  return true;
}

National NationalId(std::string_view root, std::string_view text) {
  if (root.starts_with("urn:oid:")) root.remove_prefix(8);
  if (text.size() < 2) return {};
  const identity::NationalIdKind* kind = nullptr;
  if (root == kProfessionals) kind = identity::FindProfessionalIdKind(text[0]);
  if (root == kStructures) kind = identity::FindStructureIdKind(text[0]);
  return kind == nullptr ? National{} : National{text.substr(1), kind->system};
}

}  // namespace passerelle::convert
