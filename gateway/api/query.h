#pragma once
// Query: the parameters of an address or of a form, decoded (application/x-www-form-urlencoded).

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace passerelle::api {

struct Parameter {
  std::string name, value;
};
using Parameters = std::vector<Parameter>;  // in the order given

Parameters ParseQuery(std::string_view text);
std::optional<std::string_view> Find(const Parameters& parameters, std::string_view name);  // the first
// For a whole number in [least, most]; nothing when the text is none.
std::optional<std::int64_t> WholeNumber(std::string_view text, std::int64_t least, std::int64_t most);

std::string PercentDecode(std::string_view text, bool plus_is_space);
std::string PercentEncode(std::string_view text);  // all but unreserved characters (RFC 3986, 2.3)

}  // namespace passerelle::api
