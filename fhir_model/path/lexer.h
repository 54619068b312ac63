#pragma once
// Lexer: FHIRPath text into tokens (N1, appendix B). Tokens point into the text; nothing is copied.

#include <cstddef>
#include <string>
#include <string_view>

#include "fhir_model/base/result.h"

namespace passerelle::path {

enum class TokenKind : std::uint8_t {
  End,
  Identifier,  // also the keywords; `delimited` tells "`div`" from "div"
  Table,       // PID-32, CX.4, @root: only in mapping tables
  String,      // text between the quotes, escapes not yet undone
  Number,
  DateTime,  // @2015, @2015-02-04T14:34, without the @
  Time,      // @T14:34, without the @
  Dollar,    // $this: "this"
  Symbol     // text is one of ( ) [ ] { } . , + - * / & | = ~ != !~ < <= > >= %
};

struct Token {
  TokenKind kind = TokenKind::End;
  bool delimited = false;
  std::size_t offset = 0;
  std::string_view text;

  bool Is(std::string_view symbol) const { return kind == TokenKind::Symbol && text == symbol; }
  bool IsWord(std::string_view word) const {
    return kind == TokenKind::Identifier && !delimited && text == word;
  }
};

class Lexer {
 public:
  Lexer(std::string_view text, bool table_names) : text_(text), table_names_(table_names) {}
  // PathSyntax with the offset in `detail`.
  Result<Token> Next();

 private:
  Status SkipBlanks();
  Token Make(TokenKind kind, std::size_t begin, std::size_t end);
  Result<Token> Quoted(char quote, TokenKind kind);
  Result<Token> At();
  Token Word();
  Token Number();
  std::size_t TableWord() const;  // length of a table name here, or 0
  char Peek(std::size_t ahead = 0) const { return at_ + ahead < text_.size() ? text_[at_ + ahead] : '\0'; }

  std::string_view text_;
  std::size_t at_ = 0;
  bool table_names_;
};

Error SyntaxError(std::size_t offset, std::string what);

// Undoes the escapes of a string or a delimited identifier; PathSyntax for those that are none.
Result<std::string> Unescape(std::string_view text, std::size_t offset);

}  // namespace passerelle::path
