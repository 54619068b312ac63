#pragma once
// The shipped tables over the pack, and the examples as input.

#include <catch2/catch.hpp>
#include <fstream>
#include <sstream>

#include "fhir_model/json/json.h"
#include "mappers/normalise/bundle.h"
#include "mappers/normalise/normalise.h"
#include "tests/support/pack.h"

namespace passerelle::normalise {

inline std::string Example(const std::string& path) {
  std::ifstream in("examples/" + path, std::ios::binary);
  std::ostringstream bytes;
  bytes << in.rdbuf();
  REQUIRE_FALSE(bytes.str().empty());
  return bytes.str();
}

// `text` with the first `from` changed; the test ends where it is not there.
inline std::string Changed(std::string text, std::string_view from, std::string_view to) {
  auto at = text.find(from);
  REQUIRE(at != text.npos);
  return text.replace(at, from.size(), to);
}

inline const Normaliser& Shipped() {
  static const auto* normaliser = [] {
    auto program = engine::Program::Compile(engine::ShippedTables(), tests::Pack());
    if (!program) throw std::runtime_error(program.error().Text());
    return new Normaliser(*std::move(program), tests::Pack());
  }();
  return *normaliser;
}

inline Normalised Run(std::string bytes, Options options = {}) {
  options.map.id_key = engine::kPublicIdKey;
  options.map.scope = "test";
  options.map.timezone = "Europe/Paris";
  return Shipped().Run(std::move(bytes), options);
}

inline std::string RefusalOf(const Normalised& done) {
  return done.refusal ? std::string(done.refusal->info->name) : std::string();
}

inline std::string BundleText(const Normalised& done) {
  REQUIRE(done.draft);
  return json::Write(done.draft->bundle);
}

// How many entries of a type the draft has.
inline std::size_t Count(const Normalised& done, std::string_view type) {
  REQUIRE(done.draft);
  std::size_t count = 0;
  for (const Entry& entry : Entries(done.draft->bundle)) count += entry.type == type ? 1 : 0;
  return count;
}

inline bool Has(const Issues& issues, std::string_view rule) {
  for (const auto& issue : issues.all())
    if (issue.rule->id == rule) return true;
  return false;
}

}  // namespace passerelle::normalise
