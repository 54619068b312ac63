// passerelle label: the bench itself.

#include <array>
#include <cstdio>

#include "fhir_model/base/errors.h"
#include "gateway/app/bench.h"
#include "gateway/app/command.h"
#include "gateway/app/errors.h"
#include "gateway/labelling/mutation.h"

namespace passerelle::app {
namespace {

constexpr std::size_t kSitesMax = 20;

void PrintRow(const std::string& name, const labelling::MutationScore::Row& row) {
  std::printf("%-10s %5zu made %5zu killed %5zu placed\n", name.c_str(), row.made, row.killed, row.placed);
}

double Share(std::size_t part, std::size_t whole) {
  return whole == 0 ? 0 : 100.0 * static_cast<double>(part) / static_cast<double>(whole);
}

// Defects made in good examples, and who finds them.
int Mutate(const Arguments& arguments) {
  std::vector<std::pair<std::string, std::string>> examples;
  for (std::size_t i = 1; i < arguments.files().size(); ++i) {
    auto bytes = ReadFile(arguments.files()[i]);
    if (!bytes) return Fail(bytes.error(), kUnreadable);
    examples.emplace_back(arguments.files()[i], *std::move(bytes));
  }
  if (examples.empty()) return Fail({errors::UsageWrong, "label mutate wants good examples"}, kUsage);
  auto bench = OpenBench(arguments);
  if (!bench) return Fail(bench.error(), kUnreadable);
  (*bench)->reader.draft = nullptr;  // operators break what a sender makes
  auto operators = labelling::ReadOperators(labelling::ShippedMutants());
  if (!operators) return Fail(operators.error(), kUnreadable);
  auto score = labelling::RunMutants((*bench)->catalogue, *operators, examples, (*bench)->reader,
                                     (*bench)->world, kSitesMax);
  for (const auto& [id, row] : score.by_requirement) PrintRow(id, row);
  for (const auto& survivor : score.survivors) std::printf("survived: %s\n", survivor.c_str());
  for (const auto& misplaced : score.misplaced) std::printf("misplaced: %s\n", misplaced.c_str());
  for (const auto& op : *operators)
    if (!score.by_operator.contains(op.name)) std::printf("not applied: %s\n", op.name.c_str());
  PrintRow("all", score.total);
  std::printf("operators %zu of %zu, killed %.2f %%, right place %.2f %% of the killed\n",
              score.by_operator.size(), operators->size(), Share(score.total.killed, score.total.made),
              Share(score.total.placed, score.total.killed));
  return score.survivors.empty() ? kClean : kFindings;
}

int Run(const Arguments& arguments) {
  std::string_view verb = arguments.files().empty() ? std::string_view() : arguments.files().front();
  if (verb == "mutate") return Mutate(arguments);
  return Fail({errors::UsageWrong, "label wants mutate"}, kUsage);
}

constexpr std::array<std::string_view, 5> kOptions = {"--mode", "--value-sets", "--schema", "--definitions",
                                                      "--package"};

}  // namespace

extern const Command kLabel;
const Command kLabel{"label",
                     "the labelling bench: its own test by seeded defects",
                     R"(usage: passerelle label mutate [--value-sets DIR]... [--schema CDA.xsd] EXAMPLE...

mutate makes known defects in good examples, one at a time, and prints by requirement how many were found and how many
at the right place.
)",
                     kOptions,
                     {},
                     Run};

}  // namespace passerelle::app
