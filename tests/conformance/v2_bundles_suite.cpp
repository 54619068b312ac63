// The Bundles that other people's HL7 v2 messages become are valid R4; French ones also against FR Core and
// PDSm, where those packages are there. What is wrong for a reason that lies in the message is in
// scores/v2_bundles-errata.txt. FOLDER is the folder of the corpora.

#include "mappers/engine/engine.h"
#include "mappers/normalise/normalise.h"
#include "tests/conformance/defects.h"
#include "tests/conformance/judge.h"
#include "tests/conformance/options.h"
#include "tests/conformance/score.h"

namespace passerelle::tests {
namespace {

namespace fs = std::filesystem;

std::vector<fs::path> MessagesIn(const fs::path& folder) {
  std::vector<fs::path> files;
  for (const auto& entry : fs::recursive_directory_iterator(folder))
    if (entry.path().extension() == ".hl7" || entry.path().extension() == ".er7")
      files.push_back(entry.path());
  std::sort(files.begin(), files.end());
  return files;
}

// The errors of the message's Bundle that are not listed; nothing for what is no message about a patient.
void Convert(const normalise::Normaliser& normaliser, const Judge& judge, const fs::path& file,
             const std::string& name, Defects& errata, Score& score) {
  auto options = PublicOptions();
  options.map = PublicMapOptions();
  auto out = normaliser.Run(ReadAll(file), options);
  if (!out.draft || out.refusal) return;
  Issues issues;
  judge.Validate(out.draft->bundle, issues);
  std::string first;
  for (const auto& issue : issues.all()) {
    if (issue.severity < Severity::Error || errata.Lists(issue.rule->id, name) || !first.empty()) continue;
    first = name + ": " + issue.place.path + ": " + issue.Text().substr(0, 200) + " [" +
            std::string(issue.rule->id) + "]";
  }
  score.Count(first.empty(), first);
}

int Main(const fs::path& folder, const char* score_file) {
  if (!fs::exists(folder)) return Skip(folder.string());
  fs::path scores = score_file == nullptr ? "tests/conformance/scores/v2_bundles.txt" : score_file;
  auto program = engine::Program::Compile(engine::ShippedTables(), Pack());
  if (!program) return std::cout << program.error().Text() << "\n", 1;
  normalise::Normaliser normaliser(*std::move(program), Pack());
  Defects errata(scores.parent_path() / "v2_bundles-errata.txt");
  Score score{"v2 bundles"};
  std::vector<std::string> french;
  for (const char* package : {"hl7.fhir.fr.core#2.2.0", "ans.fhir.fr.pdsm#3.1.1"}) {
    french.push_back((folder / "../../packages-fr" / package).string());
    if (!fs::exists(french.back())) return Skip(french.back());
  }
  const Judge r4({}), france(french);
  for (const std::string corpus : {"ans", "cdc", "microsoft"})
    for (const auto& file : MessagesIn(folder / corpus))
      Convert(normaliser, corpus == "ans" ? france : r4, file, corpus + "/" + file.filename().string(),
              errata, score);
  errata.PrintUnmet();
  return Finish(score, score_file);
}

}  // namespace
}  // namespace passerelle::tests

int main(int argc, char** argv) {
  if (argc < 2) return 2;
  return passerelle::tests::Main(argv[1], argc > 2 ? argv[2] : nullptr);
}
