// The bench tests itself: good examples have no finding, seeded defects are found at their place, and faults
// of the bench never make a PASS.

#include "gateway/labelling/mutation.h"

#include <catch2/catch.hpp>
#include <cstdlib>
#include <map>
#include <random>

#include "mappers/cda/cda.h"
#include "tests/gateway/labelling/fixture.h"

using namespace passerelle;
using namespace passerelle::requirements;
using namespace passerelle::labelling;

namespace {

const tests::LabellingBench& Bench() {
  static const tests::LabellingBench bench;
  return bench;
}

// Whatever breaks these breaks another one too.
const std::map<std::string, std::string> kNeverAlone = {
    {"CNF-03", "the message that the platform should refuse has a combination that CNF-05 refuses"},
    {"REP-07", "a deletion is said twice (trigger, ORC-1), and one edit changes one of them: REP-01"},
    {"REP-08", "a target that nobody knows is the sender's fault too: REP-02"},
    {"TYP-03", "OBX-3 alone says another type than the document: TYP-01"}};

// Requirements that only value sets or the schema can decide.
const std::set<std::string> kNeedShared = {"AUT-08", "TYP-02", "TYP-03", "TYP-04",
                                           "TYP-05", "TYP-06", "HDR-01", "MES-05"};

std::vector<Operator> Operators() {
  auto operators = ReadOperators(ShippedMutants());
  REQUIRE(operators);
  if (!tests::HasShared()) {
    WARN("skipped: no ../shared, so no defect of codes or of the schema");
    std::erase_if(*operators, [](const Operator& op) { return kNeedShared.contains(op.breaks); });
  }
  return *std::move(operators);
}

bool IsFinding(Verdict verdict) { return verdict == Verdict::Fail || verdict == Verdict::Warn; }

}  // namespace

TEST_CASE("good examples have no finding") {
  for (const auto& [name, bytes] : tests::GoodExamples())
    for (const auto& finding : Bench().Check(bytes).findings) {
      INFO(name << " " << finding.id << " " << finding.place.path << " " << finding.expected << " "
                << finding.found);
      CHECK(!IsFinding(finding.verdict));
    }
}

TEST_CASE("writing an example again changes no verdict") {
  // What the mutants find comes from their edit, not from how they were written.
  for (const auto& [name, bytes] : tests::GoodExamples()) {
    auto input = ReadInput(bytes, Bench().reader);
    if (input->format != InputFormat::Cda) continue;
    INFO(name);
    auto before = Bench().Check(bytes), after = Bench().Check(cda::Write(*input->run.subjects[0].tree));
    for (const auto& id : Bench().all()) CHECK(before.Of(id) == after.Of(id));
  }
}

TEST_CASE("each requirement that a machine decides has its operators") {
  auto operators = ReadOperators(ShippedMutants());
  REQUIRE(operators);
  for (const auto& requirement : Bench().catalogue.requirements()) {
    INFO(requirement.id);
    bool broken = std::ranges::find(*operators, requirement.id, &Operator::breaks) != operators->end();
    CHECK(broken == (requirement.means == Means::Automatic));
  }
}

TEST_CASE("each operator names a requirement that a machine decides") {
  auto operators = ReadOperators(ShippedMutants());
  REQUIRE(operators);
  CHECK(operators->size() >= 60);
  std::set<std::string> names;
  for (const auto& op : *operators) {
    INFO(op.name);
    CHECK(names.insert(op.name).second);
    const auto* requirement = Bench().catalogue.Find(op.breaks);
    REQUIRE(requirement != nullptr);
    CHECK(requirement->means == Means::Automatic);
  }
}

TEST_CASE("a broken table of operators is told line by line") {
  SourceFile file{"own.mut", "mutant a breaks INS-01\n  on nothing\n  at PID-3.(\n  explode\n"};
  std::vector<Error> errors;
  auto read = ReadOperators(std::span(&file, 1), &errors);
  CHECK(!read);
  REQUIRE(errors.size() == 4);
  CHECK(errors[0].place.line == 2);
  CHECK(errors[1].place.line == 3);
  CHECK(errors[2].place.line == 4);
}

TEST_CASE("no defect is made that is none") {
  auto operators = Operators();
  auto made = [&](std::string_view name, const std::string& bytes) {
    auto input = ReadInput(bytes, Bench().reader);
    return Mutate(*std::ranges::find(operators, name, &Operator::name), *input, Bench().reader, Bench().world,
                  12)
        .size();
  };
  auto document = tests::Example("laboratory.xml"), message = tests::Example("1-laboratory.hl7");
  CHECK(made("document-with-byte-order-mark", document) == 1);
  CHECK(made("document-with-byte-order-mark", "\xEF\xBB\xBF" + document) == 0);
  CHECK(made("bytes-of-another-character-set", message) == 1);
  CHECK(made("bytes-of-another-character-set", message.replace(5, 1, "˜")) == 0);
  // Only what the volet CR-BIO speaks of has its results.
  CHECK(made("result-without-time", document) > 0);
  for (std::string_view model : {"1.3.6.1.4.1.19376.1.3.3\"", "1.2.250.1.213.1.1.1.55\""})
    if (auto at = document.find(model); at != document.npos) document.replace(at, 3, "2.9");
  CHECK(made("result-without-time", document) == 0);
}

TEST_CASE("an operator that names its example means the first of that name") {
  auto operators = Operators();
  std::erase_if(operators, [](const Operator& op) { return op.name != "answer-to-another-event"; });
  REQUIRE(operators.size() == 1);
  // One of another folder, to another event: the operator's edit would change nothing of it.
  auto other = tests::Example("ack.hl7");
  other.replace(other.find("^R01"), 4, "^T02");
  std::vector<std::pair<std::string, std::string>> examples = {
      {"ours/ack.hl7", tests::Example("ack.hl7")},
      {"ours/1-laboratory.hl7", tests::Example("1-laboratory.hl7")},
      {"theirs/ack.hl7", other},
      {"theirs/1-laboratory.hl7", tests::Example("1-imaging.hl7")}};
  auto score = RunMutants(Bench().catalogue, operators, examples, Bench().reader, Bench().world, 12);
  CHECK(score.total.made == 1);
  CHECK(score.total.killed == 1);
}

TEST_CASE("seeded defects are killed, at the right place") {
  auto operators = Operators();
  auto examples = tests::GoodExamples();
  auto score = RunMutants(Bench().catalogue, operators, examples, Bench().reader, Bench().world, 12);
  for (const auto& survivor : score.survivors) UNSCOPED_INFO("survived: " << survivor);
  for (const auto& misplaced : score.misplaced) UNSCOPED_INFO("misplaced: " << misplaced);
  CHECK(score.total.made >= 1000);
  CHECK(score.survivors.empty());
  CHECK(score.misplaced.empty());
  CHECK(score.by_operator.size() == operators.size());
  // Of each requirement some defect is found by it alone: without it nothing would find that defect.
  for (const auto& [id, row] : score.by_requirement) {
    INFO(id << " " << row.made);
    if (!kNeedShared.contains(id)) CHECK(row.alone != kNeverAlone.contains(id));
  }
}

TEST_CASE("a defect stays found or becomes undecided when the bench is at fault, but never passes") {
  auto operators = Operators();
  std::mt19937 random(20260105);
  const int cuts =
      std::getenv("PASSERELLE_LONG") ? 40 : 4;  // tests/long/labelling asks for more than 10,000 runs
  World blind;                                  // no value set, no schema
  std::size_t runs = 0;
  for (const auto& [name, bytes] : tests::GoodExamples()) {
    auto example = ReadInput(bytes, Bench().reader);
    for (const auto& op : operators) {
      const std::string ids[] = {op.breaks};
      for (const auto& mutant : Mutate(op, *example, Bench().reader, Bench().world, 2)) {
        auto whole = ReadInput(mutant.bytes, Bench().reader);
        if (!IsFinding(Evaluate(Bench().catalogue, ids, whole->run, Bench().world).Of(op.breaks))) continue;
        INFO(name << " " << op.name << " at " << mutant.place);
        // The value sets are gone.
        CHECK(Evaluate(Bench().catalogue, ids, whole->run, blind).Of(op.breaks) != Verdict::Pass);
        // The file is cut, anywhere but between two segments: what stands before would be a whole message.
        for (int i = 0; i < cuts; ++i) {
          auto cut = std::uniform_int_distribution<std::size_t>(1, mutant.bytes.size() - 1)(random);
          while (cut > 1 && (mutant.bytes[cut - 1] == '\r' || mutant.bytes[cut - 1] == '\n')) --cut;
          auto part = ReadInput(mutant.bytes.substr(0, cut), Bench().reader);
          CHECK(Evaluate(Bench().catalogue, ids, part->run, Bench().world).Of(op.breaks) != Verdict::Pass);
          ++runs;
        }
        ++runs;
      }
    }
  }
  // The rule is gone: the suite still asks for it.
  std::vector<SourceFile> tables(ShippedTables().begin(), ShippedTables().end());
  auto holds_it = [](const SourceFile& file) {
    return file.text.find("requirement INS-01") != file.text.npos;
  };
  auto& text = std::ranges::find_if(tables, holds_it)->text;
  auto from = text.find("requirement INS-01"), to = text.find("requirement INS-02");
  text.erase(from, to - from);
  auto without = Catalogue::Compile(tables);
  REQUIRE(without);
  auto input = ReadInput(tests::GoodExamples().front().second, Bench().reader);
  const std::string ids[] = {"INS-01"};
  CHECK(Evaluate(*without, ids, input->run, Bench().world).Of("INS-01") == Verdict::Indeterminate);
  CHECK(runs > static_cast<std::size_t>(cuts) * 300);
  if (std::getenv("PASSERELLE_LONG")) WARN(runs << " runs with a fault injected");
}
