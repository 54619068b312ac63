// The official v2-to-FHIR sheets against our tables, row by row. FOLDER is the folder of the sheets.
//
// What is not the same has its own reason in scores/v2_sheets-reasons.txt. `--rows` as third argument lists
// every row with ours, file and line.

#include "tests/conformance/v2_comparison.h"

namespace passerelle::tests {
namespace {

int Main(const std::filesystem::path& folder, const char* score_file, bool tell) {
  if (!std::filesystem::exists(folder / "segments")) return Skip(folder.string());
  std::filesystem::path scores =
      score_file == nullptr ? "tests/conformance/scores/v2_sheets.txt" : score_file;
  Reasons reasons(scores.parent_path() / "v2_sheets-reasons.txt");
  OurMaps maps;
  Score score{"v2 sheets"};
  Comparison comparison(maps, reasons, ReadComposites(folder / "segments"), score, tell);
  CompareAll(folder, maps, comparison);
  for (const auto& row : reasons.Unused()) score.Count(false, "a reason for no row: " + row);
  const Tally& tally = comparison.tally;
  Figures figures;
  for (int i = 0; i < 4; ++i) {
    std::string verdict(kVerdicts[i]);
    figures["rows " + verdict] = tally.rows[i];
    figures["conditions " + verdict] = tally.conditions[i];
    figures["constants " + verdict] = tally.constants[i];
  }
  return Finish(score, score_file, figures);
}

}  // namespace
}  // namespace passerelle::tests

int main(int argc, char** argv) {
  if (argc < 2) return 2;
  bool tell = argc > 3 && std::string_view(argv[3]) == "--rows";
  return passerelle::tests::Main(argv[1], argc > 2 ? argv[2] : nullptr, tell);
}
