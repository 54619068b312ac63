#include "profiles/validator/words.h"

#include <catch2/catch.hpp>
#include <set>

#include "tests/support/pack.h"

namespace passerelle::validator {

// A tree keeps for itself what nobody has named when it is read (node/names.h), and files are read before the first of
// them is validated.
TEST_CASE("the names that rules ask for are names of the definitions, known before anything is read", "[validator]") {
  const auto& definitions = tests::Pack();
  std::set<std::string_view> known;
  for (spec::ShapeId shape = 0; shape < definitions.ShapeCount(); ++shape)
    for (const auto& child : definitions.Children(shape)) known.insert(node::NameText(child.name));
  for (auto type : definitions.ResourceTypes()) known.insert(type);
  for (auto type : definitions.ResourceTypes()) CHECK(node::Find(type) != 0);
#define PASSERELLE_WORD(name) \
  if (!known.contains(#name)) FAIL_CHECK(#name);
  PASSERELLE_WORDS(PASSERELLE_WORD)
#undef PASSERELLE_WORD
}

}  // namespace passerelle::validator
