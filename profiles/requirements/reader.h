#pragma once
// Reader: the text of requirement tables, line by line, into blocks. What the words mean is compile.cpp's.

#include <string>
#include <string_view>
#include <vector>

#include "fhir_model/base/error.h"

namespace passerelle::requirements {

// One logical line: continued lines are joined, definitions put in.
struct Line {
  int number = 0;
  int depth = 0;  // 0 at the margin, 1 indented, 2 indented twice
  std::string word, rest;
};

// Lines of one file. A `define NAME = TEXT` at the margin is used as {NAME} below it. Errors go to `errors`.
std::vector<Line> ReadLines(std::string_view file, std::string_view text, std::vector<Error>& errors);

Error SyntaxError(std::string_view file, int line, std::string detail);

// The first word of `text`, taken away with the blanks after it.
std::string_view TakeWord(std::string_view& text);

}  // namespace passerelle::requirements
