#include "gateway/targets/target.h"

#include <array>

#include "gateway/targets/errors.h"
#include "gateway/targets/fhir/fhir_target.h"
#include "gateway/targets/folder/folder_target.h"
#include "gateway/targets/http/http_target.h"
#include "gateway/targets/mllp/mllp_target.h"

namespace passerelle::targets {
namespace {

struct Kind {
  std::string_view name;
  Result<std::unique_ptr<Target>> (*make)(const TargetOptions&);
};
constexpr std::array kKinds = {Kind{"fhir", MakeFhirTarget}, Kind{"http", MakeHttpTarget},
                               Kind{"mllp", MakeMllpTarget}, Kind{"folder", MakeFolderTarget}};

}  // namespace

Verdict VerdictOf(Say say, const Error& error, int http_status) { return {say, http_status, error.Text()}; }

Result<std::unique_ptr<net::Source>> OpenLarge(const TargetOptions& options, const pipeline::Delivery& delivery) {
  if (delivery.inserts.empty()) return std::unique_ptr<net::Source>();
  return options.open(delivery);
}

Result<std::unique_ptr<Target>> MakeTarget(const TargetOptions& options) {
  for (const auto& kind : kKinds)
    if (kind.name == options.kind) return kind.make(options);
  return Error{errors::TargetUnusable, options.name + ": no such kind"};
}

}  // namespace passerelle::targets
