#pragma once
// BundleIndex: the entries of one Bundle by fullUrl and by "Type/id", so that a reference is one look-up.
// Made in one pass over the entries.

#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "fhir_model/node/tree.h"

namespace passerelle::validator {

struct BundleEntry {
  node::NodeIndex entry = node::kNone, resource = node::kNone;
  std::string_view full_url;
  std::string_view version;  // meta.versionId
  std::string type_and_id;   // "Patient/1"; empty when the resource has no id
};

class BundleIndex {
 public:
  BundleIndex(const node::Tree& tree, node::NodeIndex bundle);

  const std::vector<BundleEntry>& entries() const { return entries_; }
  // Numbers of entries.
  std::vector<std::size_t> ByFullUrl(std::string_view url) const;
  std::vector<std::size_t> ByTypeAndId(std::string_view type_and_id) const;
  // The entry whose resource is, or holds, `at`; nullptr when it is none of this Bundle's.
  const BundleEntry* EntryOf(const node::Tree& tree, node::NodeIndex at) const;

  // What `reference`, standing in a resource of `from`, names by the rules of R4 bundle.html#references: an
  // absolute URL by fullUrl, a relative one by the base of the fullUrl of `from`.
  std::vector<std::size_t> Resolve(const BundleEntry* from, std::string_view reference) const;

 private:
  std::vector<BundleEntry> entries_;
  std::unordered_multimap<std::string_view, std::size_t> by_full_url_, by_type_and_id_;
  std::unordered_map<node::NodeIndex, std::size_t> by_entry_;
};

// "http://host/base/" of "http://host/base/Patient/1"; empty when `url` is no RESTful address of a resource.
std::string_view RestfulBase(std::string_view url);
// "Patient/1" of "http://host/base/Patient/1/_history/2" and of "Patient/1"; empty when it is none.
std::string_view TypeAndId(std::string_view url);
// "Patient" of those.
std::string_view ReferencedType(std::string_view url);

}  // namespace passerelle::validator
