#pragma once
// Regular expressions of matches() and its like: RE2, so that hostile text costs linear time.

#include <memory>
#include <string_view>

namespace re2 {
class RE2;
}

namespace passerelle::path {

// A dot is any character; `flags` may have 'i' and 'm'. nullptr: not a pattern that RE2 takes.
std::shared_ptr<const re2::RE2> CompileRegex(std::string_view pattern, std::string_view flags);

}  // namespace passerelle::path
