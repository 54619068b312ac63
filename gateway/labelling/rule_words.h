#pragma once
// What the validator found, said in English with the rule's id behind it ("... [structure.unknown]"), said in
// French: the rule's own French sentence around what stood within.

#include <optional>
#include <string>
#include <string_view>

namespace passerelle::labelling {

// Nothing: no rule says so (a text that was cut, the words of an invariant).
std::optional<std::string> RuleInFrench(std::string_view said);

}  // namespace passerelle::labelling
