#pragma once
// French value sets and association tables from files, as they are published: SVS XML, FHIR ValueSets and
// ConceptMaps in JSON that list their codes, or plain JSON with the same facts. They are read by name when
// first asked for; what is not here, is empty, or is a page of more, is unknown, never "not in".
//
// Safe from any thread.

#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "fhir_model/base/result.h"

namespace passerelle::requirements {

struct Concept {
  std::string code, system, display;  // system: an OID, or a FHIR URL in the JSON form
};

struct ValueSet {
  std::string name, version;
  std::multimap<std::string, Concept, std::less<>> concepts;          // by code
  std::multimap<std::string, std::string, std::less<>> associations;  // source code to target code
};

class ValueSets {
 public:
  // Folders of files named JDV_J07_..., ASS_X04_... or ValueSet-JDV-J07-...; a name is found by the part
  // before its second underscore, or by the whole. Folders given first come first.
  explicit ValueSets(std::vector<std::string> folders);

  // nullptr: not here, not readable, not whole or empty.
  const ValueSet* Find(std::string_view name) const;
  // SHA-256 over the value sets that were used, for the evidence: "JDV_J07@20240927120000 <hex>".
  std::vector<std::string> Used() const;

 private:
  std::map<std::string, std::string, std::less<>> paths_;
  mutable std::mutex mutex_;
  mutable std::map<std::string, std::unique_ptr<ValueSet>, std::less<>> read_;
  mutable std::map<std::string, std::string, std::less<>> digests_;
};

}  // namespace passerelle::requirements
