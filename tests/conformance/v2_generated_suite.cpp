// Messages made at random of PAM-FR 2.11's grammar, every event of it with every field filled, and of HL7
// v2.5 for the events of other chapters: each becomes a valid Bundle. What a sender may send and no row takes
// is counted by its place; `--unmapped` as third argument lists it. FOLDER holds PAM-FR's schemas.

#include <iomanip>

#include "mappers/engine/engine.h"
#include "mappers/normalise/normalise.h"
#include "tests/conformance/defects.h"
#include "tests/conformance/judge.h"
#include "tests/conformance/score.h"
#include "tests/conformance/v2_generator.h"

namespace passerelle::tests {
namespace {

namespace fs = std::filesystem;

constexpr unsigned kSeeds[] = {1, 2, 3, 4};
constexpr int kFills[] = {100, 60, 25};  // in percent, a message of each event for each seed

constexpr std::string_view kOtherEvents[] = {"ORU^R01", "ORU^R30", "ORM^O01", "OML^O21", "OMG^O19", "OUL^R22",
                                             "SIU^S12", "SIU^S15", "VXU^V04", "RDE^O11", "RDS^O13", "RAS^O17",
                                             "OMP^O09", "DFT^P03", "BAR^P01", "MDM^T02", "MDM^T10", "PPR^PC1",
                                             "REF^I12", "ADT^A08", "ADT^A60"};

// "PID-3[2].4" is PID-3.4.
std::string KindOfPlace(std::string place) {
  for (auto open = place.find('['); open != place.npos; open = place.find('['))
    place.erase(open, place.find(']', open) - open + 1);
  return place;
}

// PAM-FR's own events: its results and documents are those of HL7 v2.
std::vector<fs::path> SchemaFiles(const fs::path& folder) {
  std::vector<fs::path> files;
  for (const auto& entry : fs::directory_iterator(folder)) {
    std::string name = entry.path().filename().string();
    if (name.starts_with("ADT") || name.starts_with("SIU")) files.push_back(entry.path());
  }
  std::sort(files.begin(), files.end());
  return files;
}

class Run {
 public:
  Run(normalise::Normaliser normaliser, const fs::path& errata)
      : normaliser_(std::move(normaliser)), errata_(errata) {}

  void Take(const std::string& name, const std::string& message, const Judge& judge, Score& score) {
    normalise::Options options;
    options.map.id_key = engine::kPublicIdKey;
    options.map.scope = name;
    options.map.timezone = "Europe/Paris";
    auto out = normaliser_.Run(message, options);
    if (out.refusal || !out.draft || !out.source)
      return score.Count(false, name + ": " + (out.refusal ? out.refusal->Text() : "nothing"));
    out.draft->Settle(*out.source);
    for (const auto& line : out.draft->ledger.lines)
      if (line.fate == engine::Fate::Unmapped) ++unmapped[KindOfPlace(line.place)];
    leaves += out.draft->ledger.lines.size();
    Issues issues;
    judge.Validate(out.draft->bundle, issues);
    std::string wrong;
    for (const auto& issue : issues.all())
      if (issue.severity >= Severity::Error && !errata_.Lists(issue.rule->id, name))
        wrong += "\n    " + issue.place.path + ": " + issue.Text().substr(0, 200) + " [" +
                 std::string(issue.rule->id) + "]";
    score.Count(wrong.empty(), name + wrong);
  }

  std::map<std::string, std::size_t> unmapped;
  std::size_t leaves = 0;

 private:
  normalise::Normaliser normaliser_;
  Defects errata_;
};

int Main(const fs::path& folder, const char* score_file, bool tell) {
  if (!fs::exists(folder)) return Skip(folder.string());
  fs::path scores = score_file == nullptr ? "tests/conformance/scores/v2_generated.txt" : score_file;
  auto program = engine::Program::Compile(engine::ShippedTables(), Pack());
  if (!program) return std::cout << program.error().Text() << "\n", 1;
  Run run(normalise::Normaliser(*std::move(program), Pack()),
          scores.parent_path() / "v2_generated-errata.txt");
  std::vector<std::string> french;
  if (auto package = folder / "../../../packages-fr/hl7.fhir.fr.core#2.2.0"; fs::exists(package))
    french.push_back(package.string());
  const Judge r4({}), france(french);
  const Grammar grammar(folder);
  const CodeTables codes = ShippedCodes();
  Score score{"v2 generated"};
  std::vector<std::pair<std::string, Element>> french_events, other_events;
  for (const auto& file : SchemaFiles(folder / "structures"))
    french_events.emplace_back(file.stem().string(), ReadStructure(file));
  for (auto event : kOtherEvents) other_events.emplace_back(event, OurStructure(event));
  for (unsigned seed : kSeeds) {
    Generator generator(grammar, codes, seed);
    for (int fill : kFills) {
      auto name = "#" + std::to_string(seed) + "-" + std::to_string(fill);
      for (const auto& [event, structure] : french_events)
        run.Take(event + name, generator.Message(event, structure, true, fill), france, score);
      for (const auto& [event, structure] : other_events)
        run.Take(event + name, generator.Message(event, structure, false, fill), r4, score);
    }
  }
  std::size_t unmapped = 0;
  for (const auto& [place, count] : run.unmapped) {
    unmapped += count;
    if (tell) std::cout << std::setw(6) << count << " " << place << "\n";
  }
  return Finish(score, score_file, {{"leaves", run.leaves}, {"leaves unmapped", unmapped}});
}

}  // namespace
}  // namespace passerelle::tests

int main(int argc, char** argv) {
  if (argc < 2) return 2;
  bool tell = argc > 3 && std::string_view(argv[3]) == "--unmapped";
  return passerelle::tests::Main(argv[1], argc > 2 ? argv[2] : nullptr, tell);
}
