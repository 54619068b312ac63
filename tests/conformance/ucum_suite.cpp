// UCUM's own table (ucum-essence.xml) as oracle: every prefix, base unit and unit is known, and each unit is
// as many of the units it is defined by as the table says. FOLDER holds ucum-essence.xml.

#include "fhir_model/ucum/ucum.h"

#include "fhir_model/xml/xml.h"
#include "tests/conformance/score.h"

namespace passerelle::tests {
namespace {

using node::kNone;
using node::kRoot;

bool Agrees(const node::Tree& tree, node::NodeIndex unit, const std::string& code, std::string& miss) {
  if (!ucum::IsUnit(code)) return miss = "not known", false;
  bool metric = tree.ChildText(unit, "@isMetric") == "yes";
  if (ucum::IsUnit("k" + code) != metric) return miss = "prefixes", false;
  node::NodeIndex value = tree.Child(unit, "value");
  if (value == kNone || tree.ChildText(unit, "@isSpecial") == "yes") return true;
  std::string by(tree.ChildText(value, "@Unit")), times(tree.ChildText(value, "@value"));
  bool own = tree.ChildText(unit, "@isArbitrary") == "yes" && by == "1";  // measures something of its own
  if (own) return miss = "comparable to a number", !ucum::AreComparable(code, "1");
  auto order = ucum::Compare("1", code, times, by);
  return miss = "is not " + times + " " + by, order == 0;
}

int Main(const std::string& folder, const char* score_file) {
  std::filesystem::path table = std::filesystem::path(folder) / "ucum-essence.xml";
  if (!std::filesystem::exists(table)) return Skip(folder);
  constexpr xml::Vocabulary kVocabulary{"http://unitsofmeasure.org/ucum-essence", "root", nullptr, 0};
  auto tree = xml::ParseForeign(ReadAll(table), kFileLimits, kVocabulary);
  if (!tree) {
    std::cout << tree.error().Text() << "\n";
    return 1;
  }
  Score score{"ucum"};
  for (node::NodeIndex one : node::Children(*tree, kRoot)) {
    std::string code(tree->ChildText(one, "@Code")), miss;
    if (tree->name(one) == "prefix") score.Count(ucum::IsUnit(code + "g"), code + ": no prefix");
    if (tree->name(one) == "base-unit") score.Count(ucum::IsUnit(code), code + ": no base unit");
    if (tree->name(one) == "unit") score.Count(Agrees(*tree, one, code, miss), code + ": " + miss);
  }
  return Finish(score, score_file);
}

}  // namespace
}  // namespace passerelle::tests

int main(int argc, char** argv) {
  if (argc < 2) return 2;
  return passerelle::tests::Main(argv[1], argc > 2 ? argv[2] : nullptr);
}
