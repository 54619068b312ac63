#pragma once
// Words: a line of a table cut at blanks, with quotes, braces and brackets kept whole. Private to this room.

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace passerelle::engine {

// The line without its comment and the blanks at its end. A comment begins at a '#' that begins the line or
// follows a blank, outside of quotes.
std::string_view WithoutComment(std::string_view line);

// Cuts at blanks outside of "...", '...' (an apostrophe within a word is none), {...}, (...) and [...].
// nullopt when one of them is not closed.
std::optional<std::vector<std::string_view>> Words(std::string_view text);

// Cuts at `separator` outside of the same.
std::vector<std::string_view> CutAt(std::string_view text, char separator);

// Without the double quotes around it, if there are any.
std::string_view Unquoted(std::string_view word);
bool IsQuoted(std::string_view word);

}  // namespace passerelle::engine
