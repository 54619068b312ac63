// Messages made at random of PAM-FR 2.11's grammar, every event of it with every field filled, and of HL7
// v2.5 for the events of other chapters: each becomes a valid Bundle. What a sender may send and no row takes
// is counted by its place; `--unmapped` as third argument lists it. Of messages with nonsense in some places
// those are counted that are valid all the same. FOLDER holds PAM-FR's schemas.

#include <iomanip>

#include "mappers/engine/engine.h"
#include "mappers/normalise/normalise.h"
#include "tests/conformance/defects.h"
#include "tests/conformance/judge.h"
#include "tests/conformance/options.h"
#include "tests/conformance/score.h"
#include "tests/conformance/v2_generator.h"

namespace passerelle::tests {
namespace {

namespace fs = std::filesystem;

constexpr unsigned kSeeds[] = {1, 2, 3, 4};
constexpr int kFills[] = {100, 60, 25};  // in percent, a message of each event for each seed

constexpr int kSloppy = 5;  // in percent, the values that are nonsense

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

  // Says whether the Bundle is valid, and in `wrong` what of it is not.
  bool Convert(const std::string& name, const std::string& message, const Judge& judge, std::string& wrong) {
    auto options = PublicOptions();
    options.map.scope = name;
    auto out = normaliser_.Run(message, options);
    if (out.refusal || !out.draft || !out.source) {
      wrong = ": " + (out.refusal ? out.refusal->Text() : "nothing");
      return false;
    }
    out.draft->Settle(*out.source);
    for (const auto& line : out.draft->ledger.lines)
      if (line.fate == engine::Fate::Unmapped) ++unmapped[KindOfPlace(line.place)];
    leaves += out.draft->ledger.lines.size();
    Issues issues;
    judge.Validate(out.draft->bundle, issues);
    for (const auto& issue : issues.all())
      if (issue.severity >= Severity::Error && !errata_.Lists(issue.rule->id, name))
        wrong += "\n    " + issue.place.path + ": " + issue.Text().substr(0, 200) + " [" +
                 std::string(issue.rule->id) + "]";
    return wrong.empty();
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
  const auto package = folder / "../../../packages-fr/hl7.fhir.fr.core#2.2.0";
  if (!fs::exists(package)) return Skip(package.string());
  const Judge r4({}), france({package.string()});
  const Grammar grammar(folder);
  const CodeTables codes = ShippedCodes();
  Score score{"v2 generated"};
  std::vector<std::pair<std::string, Element>> french_events, other_events;
  for (const auto& file : SchemaFiles(folder / "structures"))
    french_events.emplace_back(file.stem().string(), ReadStructure(file));
  for (auto event : kOtherEvents) other_events.emplace_back(event, OurStructure(event));
  auto take_all = [&](Generator generator, const std::string& name, auto count) {
    for (int fill : kFills)
      for (bool is_french : {true, false})
        for (const auto& [event, structure] : is_french ? french_events : other_events) {
          std::string full = event + name + "-" + std::to_string(fill), wrong;
          bool valid = run.Convert(full, generator.Message(event, structure, is_french, fill),
                                   is_french ? france : r4, wrong);
          count(valid, full + wrong);
        }
  };
  for (unsigned seed : kSeeds)
    take_all(Generator(grammar, codes, seed), "#" + std::to_string(seed),
             [&](bool valid, const std::string& miss) { score.Count(valid, miss); });
  std::size_t unmapped = 0;
  for (const auto& [place, count] : run.unmapped) {
    unmapped += count;
    if (tell) std::cout << std::setw(6) << count << " " << place << "\n";
  }
  std::size_t sloppy_valid = 0, leaves = run.leaves;
  take_all(Generator(grammar, codes, kSeeds[0], kSloppy), "#sloppy",
           [&](bool valid, const std::string&) { sloppy_valid += valid; });
  return Finish(score, score_file,
                {{"leaves", leaves}, {"leaves unmapped", unmapped}, {"sloppy messages valid", sloppy_valid}});
}

}  // namespace
}  // namespace passerelle::tests

int main(int argc, char** argv) {
  if (argc < 2) return 2;
  bool tell = argc > 3 && std::string_view(argv[3]) == "--unmapped";
  return passerelle::tests::Main(argv[1], argc > 2 ? argv[2] : nullptr, tell);
}
