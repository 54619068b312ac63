// The French reference documents as PDSm publishes them: the DocumentReference of each must conform to the
// comprehensive profile (safety rule 22), or its error be in a reviewed list.
//
//     pdsm_suite DEFECTS DOCUMENTS PACKAGE...
//
// DOCUMENTS is ../shared/corpora/cda, the last PACKAGE is PDSm. Exit codes: 0, 1 an error that is not in the
// list, 77 skipped.

#include "fhir_model/json/json.h"
#include "mappers/normalise/normalise.h"
#include "profiles/packages/pack_builder.h"
#include "tests/conformance/defects.h"
#include "tests/conformance/options.h"
#include "tests/conformance/score.h"
#include "tests/support/validate.h"

namespace passerelle::tests {
namespace {

namespace fs = std::filesystem;
using node::NodeIndex;

constexpr std::string_view kProfile =
    "https://interop.esante.gouv.fr/ig/fhir/pdsm/StructureDefinition/pdsm-comprehensive-document-reference";

// The document's own: the DocumentReference that holds its author and patient.
NodeIndex FindOwn(const node::Tree& bundle) {
  for (NodeIndex entry : node::Children(bundle, node::kRoot)) {
    NodeIndex resource = bundle.Child(entry, "resource");
    if (resource != node::kNone && bundle.NameText(bundle[resource].resource) == "DocumentReference" &&
        bundle.Child(resource, "contained") != node::kNone)
      return resource;
  }
  return node::kNone;
}

std::string DocumentReferenceOf(const normalise::Normaliser& normaliser, std::string bytes) {
  auto options = PublicOptions();
  options.format = normalise::Format::Cda;
  auto made = normaliser.Run(std::move(bytes), options);
  if (!made.draft) return {};
  NodeIndex own = FindOwn(made.draft->bundle);
  return own == node::kNone ? std::string() : json::Write(made.draft->bundle, own);
}

class Suite {
 public:
  Suite(const spec::Library& library, const char* defects)
      : terminology_(library),
        validator_(library, terminology_),
        defects_(defects),
        normaliser_(*engine::Program::Compile(engine::ShippedTables(), Pack()), Pack()) {}

  int Run(const fs::path& documents) {
    std::size_t count = 0;
    for (const char* folder : {"ans", "ans-2021"})
      for (const auto& entry : fs::directory_iterator(documents / folder))
        if (entry.path().extension() == ".xml") count += Check(entry.path());
    defects_.PrintUnmet();
    std::cout << count << " documents, " << unknown_ << " errors that are in no list\n";
    return unknown_ == 0 && count > 0 ? 0 : 1;
  }

 private:
  std::size_t Check(const fs::path& file) {
    std::string name = file.filename().string();
    auto tree = json::Parse(DocumentReferenceOf(normaliser_, ReadAll(file)), kFileLimits, &Pack());
    if (!tree) {
      ++unknown_;
      std::cout << name << ": no DocumentReference\n";
      return 1;
    }
    Issues issues;
    validator::ValidateOptions options;
    options.profiles.emplace_back(kProfile);
    validator_.Validate(*tree, options, issues);
    for (const auto& issue : issues.all()) {
      if (issue.severity < Severity::Error || defects_.Lists(issue.rule->id, name)) continue;
      ++unknown_;
      std::cout << name << ": " << issue.place.path << ": " << issue.Text().substr(0, 200) << " ["
                << issue.rule->id << "]\n";
    }
    return 1;
  }

  terminology::Terminology terminology_;
  validator::Validator validator_;
  Defects defects_;
  normalise::Normaliser normaliser_;
  std::size_t unknown_ = 0;
};

}  // namespace
}  // namespace passerelle::tests

int main(int argc, char** argv) {
  using namespace passerelle;
  if (argc < 4) return 2;
  for (int i = 2; i < argc; ++i)
    if (!std::filesystem::exists(argv[i])) return tests::Skip(argv[i]);
  spec::Library library(tests::Pack());
  packages::PackReport report;
  auto pack = packages::BuildPack(std::vector<std::string>(argv + 3, argv + argc), report, {}, &library);
  if (!pack) {
    std::cerr << pack.error().Text() << "\n";
    return 1;
  }
  if (auto layer = spec::Definitions::Open(std::as_bytes(std::span(*pack)))) library.Add(*std::move(layer));
  return tests::Suite(library, argv[1]).Run(argv[2]);
}
