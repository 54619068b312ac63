#pragma once
// A validator over R4 and the packages that are laid over it; a package that cannot be read ends the suite.

#include <optional>
#include <span>
#include <stdexcept>
#include <string>
#include <vector>

#include "fhir_model/spec/mapped_file.h"
#include "profiles/packages/pack_builder.h"
#include "profiles/terminology/terminology.h"
#include "profiles/validator/validator.h"
#include "tests/support/pack.h"

namespace passerelle::tests {

class Judge {
 public:
  explicit Judge(const std::vector<std::string>& packages) : library_(Pack()) {
    if (!packages.empty()) {
      packages::PackReport report;
      pack_ = Sure(packages::BuildPack(packages, report, {}, &library_));
      library_.Add(Sure(spec::Definitions::Open(std::as_bytes(std::span(pack_)))));
    }
    terminology_.emplace(library_);
    validator_.emplace(library_, *terminology_);
  }

  void Validate(node::Tree& bundle, Issues& issues) const {
    Pack().Type(bundle, node::kRoot, Pack().FindShape("Bundle"));
    validator_->Validate(bundle, {}, issues);
  }

 private:
  // Without what it is told to judge by, nothing is judged.
  template <class T>
  static T Sure(Result<T> result) {
    if (!result) throw std::runtime_error(result.error().Text());
    return *std::move(result);
  }

  spec::Library library_;
  std::string pack_;
  std::optional<terminology::Terminology> terminology_;
  std::optional<validator::Validator> validator_;
};

}  // namespace passerelle::tests
