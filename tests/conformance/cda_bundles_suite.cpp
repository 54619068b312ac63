// The Bundles that the French documents become hold to FR Core and PDSm, whose profiles their resources
// claim. What is wrong for a reason that lies in the document or the package is in
// scores/cda_bundles-errata.txt. FOLDER is the folder of the corpora.

#include <algorithm>

#include "mappers/engine/engine.h"
#include "mappers/normalise/normalise.h"
#include "tests/conformance/defects.h"
#include "tests/conformance/judge.h"
#include "tests/conformance/options.h"
#include "tests/conformance/score.h"

namespace passerelle::tests {
namespace {

namespace fs = std::filesystem;

std::vector<fs::path> DocumentsIn(const fs::path& folder) {
  std::vector<fs::path> files;
  for (const auto& entry : fs::recursive_directory_iterator(folder))
    if (entry.path().extension() == ".xml") files.push_back(entry.path());
  std::sort(files.begin(), files.end());
  return files;
}

// The document Bundle of that file; nothing if there is none.
Result<node::Tree> Convert(const normalise::Normaliser& normaliser, const fs::path& file) {
  auto out = normaliser.Run(ReadAll(file), PublicOptions());
  if (out.refusal) return *std::move(out.refusal);
  return normalise::BundleAs(*std::move(out.draft), normalise::BundleForm::Document);
}

// A point for a Bundle without errors that are not listed; its first three are said. Claims of profiles are
// counted: a Bundle that claims nothing is easily right.
void Hold(const Judge& judge, node::Tree bundle, const std::string& name, Defects& errata, Score& score,
          Figures& figures) {
  Issues issues;
  judge.Validate(bundle, issues);
  std::vector<std::string> found;
  for (const auto& issue : issues.all())
    if (issue.severity >= Severity::Error && !errata.Lists(issue.rule->id, name))
      found.push_back(issue.place.path + ": " + issue.Text().substr(0, 200) + " [" +
                      std::string(issue.rule->id) + "]");
  std::string said = name;
  for (std::size_t i = 0; i < std::min<std::size_t>(found.size(), 3); ++i) said += "\n  " + found[i];
  score.Count(found.empty(), said);
  for (node::NodeIndex i = 0; i < bundle.size(); ++i)
    figures["claims"] +=
        bundle.name(i) == "profile" && bundle[i].text.find("fr-core") != std::string_view::npos;
}

int Main(const fs::path& folder, const char* score_file) {
  if (!fs::exists(folder)) return Skip(folder.string());
  fs::path scores = score_file == nullptr ? "tests/conformance/scores/cda_bundles.txt" : score_file;
  std::vector<std::string> french;
  for (const char* package : {"hl7.fhir.fr.core#2.2.0", "ans.fhir.fr.pdsm#3.1.1"}) {
    french.push_back((folder / "../../packages-fr" / package).string());
    if (!fs::exists(french.back())) return Skip(french.back());
  }
  auto program = engine::Program::Compile(engine::ShippedTables(), Pack());
  if (!program) return std::cout << program.error().Text() << "\n", 1;
  normalise::Normaliser normaliser(*std::move(program), Pack());
  Defects errata(scores.parent_path() / "cda_bundles-errata.txt");
  Score score{"cda bundles"};
  Figures figures{{"claims", 0}};
  const Judge france(french);
  for (const std::string corpus : {"ans", "ans-2021"})
    for (const auto& file : DocumentsIn(folder / corpus)) {
      const std::string name = corpus + "/" + file.filename().string();
      auto bundle = Convert(normaliser, file);
      if (bundle)
        Hold(france, *std::move(bundle), name, errata, score, figures);
      else
        score.Count(false, name + ": " + bundle.error().Text());
    }
  errata.PrintUnmet();
  return Finish(score, score_file, figures);
}

}  // namespace
}  // namespace passerelle::tests

int main(int argc, char** argv) {
  if (argc < 2) return 2;
  return passerelle::tests::Main(argv[1], argc > 2 ? argv[2] : nullptr);
}
