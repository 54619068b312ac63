#pragma once
// What FHIRPath may ask of a Run: value sets, profiles, references.

#include "fhir_model/path/path.h"
#include "profiles/validator/run.h"

namespace passerelle::validator {

class RunServices : public path::Services {
 public:
  explicit RunServices(Run& run) : run_(run) {}
  std::optional<bool> MemberOf(const path::Item& coded, std::string_view value_set) override;
  std::optional<bool> ConformsTo(const path::Item& resource, std::string_view profile) override;
  std::optional<path::Item> Resolve(const path::Item& reference) override;
  std::string Now() override;

 private:
  Run& run_;
};

// The machine of this thread that is free at this depth: an evaluation may ask for a profile, which evaluates
// in turn.
class MachineLease {
 public:
  MachineLease();
  ~MachineLease();
  MachineLease(const MachineLease&) = delete;
  MachineLease& operator=(const MachineLease&) = delete;
  path::Machine& operator*() const { return *machine_; }
  path::Machine* operator->() const { return machine_; }

 private:
  path::Machine* machine_;
};

}  // namespace passerelle::validator
