#include <boost/beast/core/string.hpp>

#include "gateway/net/http.h"

namespace passerelle::net {

void Headers::Set(std::string_view name, std::string value) {
  std::erase_if(all_, [&](const auto& header) { return boost::beast::iequals(header.first, name); });
  Add(std::string(name), std::move(value));
}

std::string_view Headers::Get(std::string_view name) const {
  for (const auto& [key, value] : all_)
    if (boost::beast::iequals(key, name)) return value;
  return {};
}

bool Headers::Has(std::string_view name) const {
  for (const auto& header : all_)
    if (boost::beast::iequals(header.first, name)) return true;
  return false;
}

}  // namespace passerelle::net
