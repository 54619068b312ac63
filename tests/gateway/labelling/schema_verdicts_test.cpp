// HDR-01 is what `xmllint --schema` says, on the official documents and ours, and on their mutants: a sample,
// or with PASSERELLE_LONG every one of them.

#include <catch2/catch.hpp>
#include <cstdlib>

#include "tests/gateway/labelling/fixture.h"
#include "tests/support/xmllint.h"

using namespace passerelle;
using namespace passerelle::labelling;

namespace {

const bool kLong = std::getenv("PASSERELLE_LONG") != nullptr;

// Messages and documents: of the official ones every seventh in the sample.
std::vector<std::pair<std::string, std::string>> Examples() {
  auto examples = tests::GoodExamples();
  std::vector<std::filesystem::path> official;
  for (const auto* folder : {"corpora/hl7v2/ans", "corpora/cda/ans", "corpora/cda/ans-2021"})
    for (const auto& entry : std::filesystem::recursive_directory_iterator(tests::kShared / folder))
      if (entry.is_regular_file() && entry.path().extension() != ".md") official.push_back(entry.path());
  std::sort(official.begin(), official.end());
  for (std::size_t i = 0; i < official.size(); i += kLong ? 1 : 7)
    examples.emplace_back(official[i].filename().string(), tests::ReadBytes(official[i]));
  return examples;
}

struct Documents {
  std::vector<std::string> bytes, names;

  // Those of an input, without what is wrapped around them: xmllint looks at the root alone.
  void Add(const Input& input, const std::string& name) {
    for (const auto& subject : input.run.subjects) {
      bool wrapped = subject.bytes.find("xsl:stylesheet") != std::string_view::npos;
      if (subject.kind != requirements::Kind::Document || wrapped) continue;
      bytes.emplace_back(subject.bytes);
      names.push_back(name);
    }
  }
};

}  // namespace

TEST_CASE("the schema verdict of documents and mutants is that of xmllint") {
  static const tests::LabellingBench bench;
  if (!bench.schema || !tests::HasXmllint()) {
    WARN("skipped: no ../shared/schemas/cda, or no xmllint");
    return;
  }
  auto operators = ReadOperators(ShippedMutants());
  REQUIRE(operators);
  const std::string path = (tests::kShared / "schemas/cda/CDA_extended.xsd").string();
  std::size_t compared = 0, invalid = 0, different = 0;
  auto compare = [&](const Documents& documents) {
    auto theirs = tests::Xmllint(documents.bytes, path);
    for (std::size_t i = 0; i < documents.bytes.size(); ++i) {
      bool valid = bench.schema->Validate(documents.bytes[i]).empty();
      ++compared, invalid += !valid;
      if (valid == theirs[i]) continue;
      ++different;
      UNSCOPED_INFO(documents.names[i] << ": we say " << valid << ", xmllint " << theirs[i]);
    }
  };
  Documents documents;
  std::size_t turn = 0;
  for (auto& [name, bytes] : Examples()) {
    auto example = ReadInput(std::move(bytes), bench.reader);
    documents.Add(*example, name);
    for (const auto& op : *operators) {
      if (op.kind != requirements::Kind::Document || op.argument == "as-is") continue;
      if (!kLong && ++turn % 8 != 0) continue;
      for (auto& mutant : Mutate(op, *example, bench.reader, bench.world, kLong ? 20 : 1))
        documents.Add(*ReadInput(std::move(mutant.bytes), bench.reader),
                      op.name + " at " + mutant.place + " in " + name);
    }
    if (documents.bytes.size() < 500) continue;
    compare(documents);
    documents = {};
  }
  compare(documents);
  CHECK(different == 0);
  CHECK(compared > 300);
  CHECK(invalid > compared / 20);
  if (kLong)
    WARN(compared << " documents and mutants held against xmllint, " << invalid << " of them invalid");
}
