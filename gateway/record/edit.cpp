#include "gateway/record/edit.h"

#include "fhir_model/base/limits.h"
#include "fhir_model/json/json.h"

namespace passerelle::record {

Result<bool> Edit(pipeline::Transaction& transaction, std::string_view type, std::string_view id,
                  const std::function<bool(node::Tree&)>& change) {
  TRY(auto version, transaction.Read(type, id));
  if (!version || version->deleted) return false;
  TRY(auto tree, json::Parse(version->json, kFileLimits));
  if (!change(tree)) return false;
  TRY(auto put, transaction.Put(type, id, json::Write(tree), "PUT", version->content));
  return true;
}

}  // namespace passerelle::record
