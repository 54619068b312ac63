#pragma once
// Strings: every string of a pack once, as a place in its strings section.

#include <string>
#include <string_view>
#include <unordered_map>

#include "fhir_model/spec/pack_format.h"

namespace passerelle::packages {

class Strings {
 public:
  spec::format::Text Add(std::string_view text) {
    if (auto it = known_.find(std::string(text)); it != known_.end()) return it->second;
    spec::format::Text place{static_cast<std::uint32_t>(bytes_.size()), static_cast<std::uint32_t>(text.size())};
    bytes_ += text;
    known_.emplace(text, place);
    return place;
  }
  const std::string& bytes() const { return bytes_; }

 private:
  std::string bytes_;
  std::unordered_map<std::string, spec::format::Text> known_;
};

}  // namespace passerelle::packages
