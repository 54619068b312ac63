#pragma once
// Validation with one more definition known than the pinned packages hold.

#include <unistd.h>

#include <catch2/catch.hpp>
#include <filesystem>
#include <fstream>

#include "profiles/packages/pack_builder.h"
#include "tests/support/validate.h"

namespace passerelle::tests {

inline bool Has(const std::vector<std::string>& found, std::string_view wanted) {
  return std::find(found.begin(), found.end(), wanted) != found.end();
}

// Validates a resource with one more StructureDefinition or ValueSet known.
class With {
 public:
  explicit With(const std::string& definition) : library_(Pack()) {
    path_ = std::filesystem::temp_directory_path() /
            ("passerelle-bad-input-" + std::to_string(getpid()) + ".json");
    std::ofstream(path_) << definition;
    std::vector<std::string> paths{path_.string()};
    auto bytes = packages::BuildPack(paths, report_, {}, &library_);
    REQUIRE(bytes.has_value());
    pack_ = *std::move(bytes);
    auto layer = spec::Definitions::Open(std::as_bytes(std::span(pack_)));
    REQUIRE(layer.has_value());
    library_.Add(*std::move(layer));
  }
  ~With() { std::filesystem::remove(path_); }

  std::vector<std::string> Findings(const std::string& text, const std::string& profile) const {
    auto tree = json::Parse(text, kFileLimits, &Pack());
    REQUIRE(tree.has_value());
    terminology::Terminology terminology(library_);
    validator::Validator validator(library_, terminology);
    validator::ValidateOptions options;
    if (!profile.empty()) options.profiles = {profile};
    options.now = "2026-03-01T12:00:00.000+00:00";
    Issues issues;
    validator.Validate(*tree, options, issues);
    std::vector<std::string> found;
    for (const auto& issue : issues.all())
      found.push_back(std::string(issue.rule->id) + " " + issue.place.path);
    return found;
  }
  const std::vector<Error>& skipped() const { return report_.skipped; }

 private:
  std::filesystem::path path_;
  spec::Library library_;
  packages::PackReport report_;
  std::string pack_;
};

}  // namespace passerelle::tests
