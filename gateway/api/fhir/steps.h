#pragma once
// Steps: the entries of a transaction or batch, read and checked before the record is touched, and the
// references between them.

#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "gateway/api/fhir/common.h"

namespace passerelle::api::fhir {

struct Step {
  std::size_t index = 0;  // in the Bundle
  std::string method, full_url;
  // The address: "Patient/1", "Patient/1/_history/2", "Patient?identifier=x", "Patient".
  std::string type, id, version, condition;
  bool conditional = false;  // there was a "?"
  std::string if_match, if_none_match, if_none_exist;
  std::optional<node::Tree> resource;
  std::optional<Error> refusal;  // of a batch: of this entry alone
  Issues issues;                 // why its resource was refused

  std::optional<pipeline::ResourceVersion> existing;  // ifNoneExist found it: nothing is written
  Entry answer;

  std::string Target() const { return type + "/" + id; }
};

// EntryInvalid with the entry's place.
Result<std::vector<Step>> ReadSteps(const Request& request, const node::Tree& bundle);

// DELETE, POST, PUT and PATCH, GET (R4, 3.1.0.11.2).
int RankOf(std::string_view method);

// Where an entry's error is: "Bundle.entry[3]".
Error InEntry(Error error, std::size_t index);

// What entries are called in the Bundle and what they become in the record.
class Names {
 public:
  void Add(const Step& step) {
    if (!step.full_url.empty()) targets_[step.full_url] = step.Target();
  }
  // Rewrites whatever names an entry: references, URIs, canonicals, links of narratives. A urn:uuid or
  // urn:oid reference that names none is ReferenceUnresolved; other foreign references stay.
  Status Rewrite(node::Tree& resource, std::string_view full_url) const;

 private:
  std::optional<std::string> Find(std::string_view text, std::string_view root) const;
  void RewriteNarrative(node::Tree& resource, node::NodeIndex div) const;

  std::map<std::string, std::string, std::less<>> targets_;  // fullUrl -> "Patient/…"
};

}  // namespace passerelle::api::fhir
