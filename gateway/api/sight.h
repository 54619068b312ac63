#pragma once
// Sight: what one caller may see of the record, and whose data it is. Masks cover a resource, its earlier
// versions, all that was made of a masked document and the bytes in a Binary (safety rule 3); a patient sees
// his own record alone. Over one View, with its life and thread.

#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "gateway/access/masks.h"
#include "gateway/api/roles.h"
#include "gateway/pipeline/store.h"

namespace passerelle::api {

struct Look {
  bool shown = false;
  std::vector<std::string> patients;  // "Patient/…" it is about, for the audit
};

class Sight {
 public:
  Sight(pipeline::View& view, const Caller& caller) : view_(view), caller_(caller) {}

  Result<Look> At(const pipeline::ResourceVersion& version);
  Result<bool> Shows(const pipeline::ResourceVersion& version);

  // Terms that keep what is hidden out of a search, so that totals and pages do not tell of it.
  std::vector<pipeline::SearchTerm> HidingTerms(std::string_view type) const;
  // False: a caller of this kind can see nothing of that type.
  bool MaySearch(std::string_view type) const;

 private:
  Result<access::Labels> LabelsOf(const pipeline::ResourceVersion& version, const node::Tree& tree);
  Result<access::Labels> LabelsOfDocument(const std::string& reference);
  Result<bool> IsOwn(const pipeline::ResourceVersion& version, const std::vector<std::string>& patients);

  pipeline::View& view_;
  const Caller& caller_;
  std::map<std::string, access::Labels, std::less<>> documents_;  // labels of those already looked at
};

// The references to patients by which a resource is about somebody: Patient itself, its subject, patient, ...
std::vector<std::string> PatientsOf(const node::Tree& tree);

// The patient that goes on where `id` was merged into another (safety rule 7); `id` itself otherwise.
Result<std::string> Survivor(pipeline::View& view, std::string id);
// All ids under which one patient's data stand: the survivor's and those merged into it.
Result<std::vector<std::string>> Namesakes(pipeline::View& view, const std::string& id);

// After a document's labels changed: gives everything derived from it the labels of all its documents, so
// that search and the next hands hide it too. Gives the references that were written.
Result<std::vector<std::string>> SpreadLabels(pipeline::Transaction& transaction,
                                              const std::string& document);

// Labels a new version must carry beside its own: an absent flag means unchanged (safety rule 3).
Status KeepLabels(pipeline::Transaction& transaction, const pipeline::ResourceVersion* known,
                  node::Tree& tree);

}  // namespace passerelle::api
