// The official FHIRPath Patch suite for R4. FOLDER is the suite's folder "r4/patch".

#include "fhir_model/json/json.h"
#include "fhir_model/path/patch.h"
#include "fhir_model/xml/xml.h"
#include "tests/conformance/score.h"
#include "tests/support/pack.h"

namespace passerelle::tests {
namespace {

// What stands between the tags <NAME> and </NAME> of one case.
std::string Between(const std::string& text, const std::string& name) {
  auto begin = text.find("<" + name + ">");
  auto end = text.find("</" + name + ">", begin == text.npos ? 0 : begin);
  if (begin == text.npos || end == text.npos) return {};
  begin = text.find('<', begin + 1);
  return text.substr(begin, end - begin);
}

Result<node::Tree> Read(const std::string& xml) { return xml::ParseFhir(xml, kFileLimits, Pack()); }

// As JSON, with the elements in the order of the definitions. In a narrative's text a quote may be written
// either way.
std::string Canonical(const node::Tree& tree) {
  auto again = Read(xml::WriteFhir(tree, Pack()));
  if (!again) return again.error().Text();
  std::string text = json::Write(*again);
  constexpr std::string_view kEntity = "&quot;";
  for (auto at = text.find(kEntity); at != text.npos; at = text.find(kEntity, at))
    text.replace(at, kEntity.size(), "\\\"");
  return text;
}

bool Run(const std::string& text, std::string& found, std::string& expected) {
  auto input = Read(Between(text, "input")), diff = Read(Between(text, "diff"));
  bool must_fail = text.find("<error") != text.npos;
  expected = "an error";
  if (!input || !diff) return found = "the case cannot be read", false;
  auto patched = path::ApplyPatch(*input, node::kRoot, *diff, node::kRoot, Pack());
  if (!patched) return found = patched.error().Text(), must_fail;
  found = Canonical(*patched);
  if (must_fail) return false;
  auto output = Read(Between(text, "output"));
  if (!output) return expected = output.error().Text(), false;
  expected = Canonical(*output);
  return found == expected;
}

int Main(const std::string& folder, const char* score_file) {
  std::filesystem::path suite = std::filesystem::path(folder) / "fhir-patch-tests.xml";
  if (!std::filesystem::exists(suite)) return Skip(folder);
  std::string all = ReadAll(suite);
  Score score{"patch"};
  for (auto at = all.find("<case "); at != all.npos; at = all.find("<case ", at + 1)) {
    std::string text = all.substr(at, all.find("</case>", at) - at), found, expected;
    std::string name = text.substr(0, text.find('>'));
    bool pass = Run(text, found, expected);
    score.Count(pass, name + ": expected " + expected + ", found " + found);
  }
  return Finish(score, score_file);
}

}  // namespace
}  // namespace passerelle::tests

int main(int argc, char** argv) {
  if (argc < 2) return 2;
  return passerelle::tests::Main(argv[1], argc > 2 ? argv[2] : nullptr);
}
