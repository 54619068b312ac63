#include "profiles/validator/cql_library.h"

#include <algorithm>

#include "fhir_model/base/digest.h"
#include "fhir_model/json/json.h"
#include "fhir_model/xml/xml.h"

namespace passerelle::validator {

using node::kNone;
using node::kRoot;
using node::NodeIndex;
using node::Tree;

namespace {

constexpr Limits kElmLimits{64u << 20, 512, 10'000'000, 1u << 20};  // expressions nest deep

bool IsLetter(char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_'; }
bool IsDigit(char c) { return c >= '0' && c <= '9'; }

enum class TokenKind : std::uint8_t { Word, Quoted, Text, Symbol };
struct Token {
  TokenKind kind;
  std::string text;
  bool IsName() const { return kind == TokenKind::Word || kind == TokenKind::Quoted; }
  bool Is(char symbol) const { return kind == TokenKind::Symbol && text[0] == symbol; }
};

// CQL 1.5, appendix G: names, quoted ones, and everything else as far as needed to pass over it.
class Scanner {
 public:
  explicit Scanner(std::string_view text) : rest_(text) {}

  std::optional<Token> Next() {
    SkipBlanks();
    if (rest_.empty()) return std::nullopt;
    const char c = rest_[0];
    if (c == '"' || c == '`') return Token{TokenKind::Quoted, TakeQuoted()};
    if (c == '\'') return Token{TokenKind::Text, TakeQuoted()};
    if (!IsLetter(c)) return Token{TokenKind::Symbol, Take(1)};
    std::size_t size = 1;
    while (size < rest_.size() && (IsLetter(rest_[size]) || IsDigit(rest_[size]))) ++size;
    return Token{TokenKind::Word, Take(size)};
  }
  std::string_view rest() {
    SkipBlanks();
    return rest_;
  }

 private:
  std::string Take(std::size_t size) {
    std::string taken(rest_.substr(0, size));
    rest_.remove_prefix(size);
    return taken;
  }

  void SkipBlanks() {
    for (;;) {
      auto begin = rest_.find_first_not_of(" \t\r\n");
      rest_.remove_prefix(std::min(begin, rest_.size()));
      if (rest_.starts_with("//"))
        rest_.remove_prefix(std::min(rest_.find('\n'), rest_.size()));
      else if (rest_.starts_with("/*"))
        rest_.remove_prefix(std::min(rest_.find("*/", 2), rest_.size() - 2) + 2);
      else
        return;
    }
  }

  std::string TakeQuoted() {
    std::string text;
    const char quote = rest_[0];
    std::size_t at = 1;
    for (; at < rest_.size() && rest_[at] != quote; ++at) {
      if (rest_[at] == '\\' && at + 1 < rest_.size()) ++at;
      text += rest_[at];
    }
    rest_.remove_prefix(std::min(at + 1, rest_.size()));
    return text;
  }

  std::string_view rest_;
};

using Names = std::set<std::string, std::less<>>;

// The words that give a name to something.
struct Declaration {
  std::string_view word;
  Names CqlLibrary::* names;
};
constexpr Declaration kDeclarations[] = {
    {"library", &CqlLibrary::names},     {"define", &CqlLibrary::defined},
    {"parameter", &CqlLibrary::defined}, {"context", &CqlLibrary::defined},
    {"include", &CqlLibrary::included},  {"called", &CqlLibrary::included}};
Names CqlLibrary::* Declares(const Token& token) {
  if (token.kind != TokenKind::Word) return nullptr;
  for (const auto& row : kDeclarations)
    if (row.word == token.text) return row.names;
  return nullptr;
}

bool IsModifier(const Token& token) {
  constexpr std::string_view kModifiers[] = {"public", "private", "fluent", "function"};
  return token.kind == TokenKind::Word &&
         std::find(std::begin(kModifiers), std::end(kModifiers), token.text) != std::end(kModifiers);
}

// The end of a qualified name; `token` is then what stands after it.
std::string TakeName(Scanner& scanner, std::optional<Token>& token) {
  std::string last;
  while (token && token->IsName()) {
    last = token->text;
    token = scanner.Next();
    if (!token || !token->Is('.')) break;
    token = scanner.Next();
  }
  return last;
}

bool ReadCql(std::string bytes, CqlLibrary& library) {
  Scanner scanner(bytes);
  bool part = false;  // of what stands before a dot
  for (auto token = scanner.Next(); token;) {
    auto names = part ? nullptr : Declares(*token);
    part = token->Is('.');
    token = scanner.Next();
    if (names == nullptr) continue;
    while (token && IsModifier(*token)) token = scanner.Next();
    if (auto name = TakeName(scanner, token); !name.empty()) (library.*names).insert(std::move(name));
  }
  return true;
}

// The ELM of a library: `mark` stands before the names of attributes in XML.
void ReadElm(const Tree& tree, NodeIndex root, const std::string& mark, CqlLibrary& library) {
  const std::string name = mark + "name", id = mark + "id", local = mark + "localIdentifier";
  for (NodeIndex section : node::Children(tree, root)) {
    if (tree.name(section) == "identifier") library.names.emplace(tree.ChildText(section, id));
    for (NodeIndex def : node::Children(tree, section)) {
      if (tree.name(def) != "def") continue;
      if (auto text = tree.ChildText(def, name); !text.empty()) library.defined.emplace(text);
      if (tree.name(section) == "includes") library.included.emplace(tree.ChildText(def, local));
    }
  }
}

bool ReadElmXml(std::string bytes, CqlLibrary& library) {
  constexpr xml::Vocabulary kElm{"urn:hl7-org:elm:r1", "library", nullptr, 0};
  auto tree = xml::ParseForeign(std::move(bytes), kElmLimits, kElm);
  if (tree) ReadElm(*tree, kRoot, "@", library);
  return tree.has_value();
}

bool ReadElmJson(std::string bytes, CqlLibrary& library) {
  auto tree = json::Parse(std::move(bytes), kElmLimits);
  NodeIndex root = tree ? tree->Child(kRoot, "library") : kNone;
  if (root != kNone) ReadElm(*tree, root, "", library);
  return root != kNone;
}

struct Form {
  std::string_view content_type;
  bool (*read)(std::string bytes, CqlLibrary& library);
};
constexpr Form kForms[] = {
    {"application/elm+xml", ReadElmXml}, {"application/elm+json", ReadElmJson}, {"text/cql", ReadCql}};

}  // namespace

void CqlLibrary::Read(const Tree& tree, NodeIndex library) {
  known = true;
  if (auto name = tree.ChildText(library, "name"); !name.empty()) names.emplace(name);
  for (NodeIndex content : node::Children(tree, library)) {
    if (tree.name(content) != "content") continue;
    auto bytes = DecodeBase64(tree.ChildText(content, "data"));
    if (!bytes || bytes->empty()) continue;
    std::string_view type = tree.ChildText(content, "contentType");
    type = type.substr(0, type.find(';'));
    for (const auto& form : kForms)
      if (form.content_type == type) readable |= form.read(*bytes, *this);
  }
}

std::optional<CqlName> ReadCqlName(std::string_view text, bool identifier) {
  constexpr std::string_view kLiterals[] = {"true", "false", "null"};
  Scanner scanner(text);
  auto first = scanner.Next();
  if (!first) return std::nullopt;
  const bool dotted = first->IsName() && scanner.rest().starts_with('.');
  if (dotted) {
    Scanner after(scanner.rest().substr(1));
    std::string_view name = after.rest();
    auto second = after.Next();
    if (second && second->IsName() && after.rest().empty()) return CqlName{first->text, second->text};
    return identifier && !name.empty() ? std::optional(CqlName{first->text, std::string(name)})
                                       : std::nullopt;
  }
  if (first->IsName() && scanner.rest().empty()) {
    bool literal = first->kind == TokenKind::Word &&
                   std::find(std::begin(kLiterals), std::end(kLiterals), first->text) != std::end(kLiterals);
    return literal ? std::nullopt : std::optional(CqlName{{}, first->text});
  }
  return identifier ? std::optional(CqlName{{}, std::string(text)}) : std::nullopt;
}

}  // namespace passerelle::validator
