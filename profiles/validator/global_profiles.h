#pragma once
// GlobalProfiles: what the implementation guides at hand ask of every resource of a type
// (ImplementationGuide.global). Read once, safe from any thread.

#include <map>
#include <mutex>
#include <string>
#include <string_view>
#include <vector>

#include "fhir_model/spec/library.h"

namespace passerelle::validator {

class GlobalProfiles {
 public:
  explicit GlobalProfiles(const spec::Library& library) : library_(library) {}
  const std::vector<std::string>& Of(std::string_view type) const;

 private:
  void Read() const;

  const spec::Library& library_;
  mutable std::once_flag once_;
  mutable std::map<std::string, std::vector<std::string>, std::less<>> by_type_;
};

}  // namespace passerelle::validator
