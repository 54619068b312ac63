// A document that exists as CDA and as FHIR: what its FHIR twin says, our Bundle of the CDA says too. FOLDER
// holds the documents, the file of facts is tests/conformance/twins/NAME.txt:
//
//     document IPS-FR_2024.01.xml
//     Condition E06.3                    a resource of that type that says so (in itself or what it refers
//     to)
//       clinicalStatus active            an element, and a text that stands in it or in what it refers to
//       onsetDateTime 2023 -- reason     a difference, and why it is one
//
// Order and ids do not count. A difference without reason is a miss; so is one with a reason that is none.

#include <algorithm>
#include <map>

#include "fhir_model/json/json.h"
#include "mappers/engine/engine.h"
#include "mappers/normalise/bundle.h"
#include "mappers/normalise/normalise.h"
#include "tests/conformance/options.h"
#include "tests/conformance/score.h"
#include "tests/support/pack.h"

namespace passerelle::tests {
namespace {

namespace fs = std::filesystem;
using node::NodeIndex;

class Bundle {
 public:
  explicit Bundle(node::Tree tree) : tree_(std::move(tree)) {
    for (const auto& entry : normalise::Entries(tree_)) resources_[std::string(entry.url)] = entry.resource;
  }

  std::vector<NodeIndex> Of(std::string_view type, std::string_view key) const {
    std::vector<NodeIndex> found;
    for (const auto& [url, resource] : resources_)
      if (tree_.NameText(tree_[resource].resource) == type && Says(resource, key, 1))
        found.push_back(resource);
    return found;
  }

  // Whether the element that `path` leads to holds the text.
  bool Says(NodeIndex at, std::string_view path, std::string_view text) const {
    std::string_view name = path.substr(0, path.find('.'));
    for (NodeIndex child : node::Children(tree_, at)) {
      if (tree_.name(child) != name) continue;
      if (name.size() == path.size() ? Says(child, text, 2) : Says(child, path.substr(name.size() + 1), text))
        return true;
    }
    return false;
  }

 private:
  // In it, below it, or as far as its references lead in so many steps. A date may be more exact.
  bool Says(NodeIndex at, std::string_view text, int steps) const {
    std::string_view own = tree_[at].text;
    if (own == text || (text.size() == 10 && text[4] == '-' && own.starts_with(text))) return true;
    if (auto to = steps == 0 ? resources_.end() : resources_.find(std::string(own));
        to != resources_.end() && tree_.name(at) == "reference" && Says(to->second, text, steps - 1))
      return true;
    for (NodeIndex child : node::Children(tree_, at))
      if (Says(child, text, steps)) return true;
    return false;
  }

  node::Tree tree_;
  std::map<std::string, NodeIndex> resources_;
};

Result<Bundle> Convert(const normalise::Normaliser& normaliser, const fs::path& file) {
  auto out = normaliser.Run(ReadAll(file), PublicOptions());
  if (out.refusal) return *std::move(out.refusal);
  return Bundle(std::move(out.draft->bundle));
}

// The two parts of a line around `mark`; the second is empty without it.
std::pair<std::string, std::string> Parted(const std::string& line, const std::string& mark) {
  auto at = line.find(mark);
  if (at == std::string::npos) return {line, {}};
  return {line.substr(0, at), line.substr(at + mark.size())};
}

int Main(const fs::path& folder, const char* score_file) {
  if (!fs::exists(folder)) return Skip(folder.string());
  fs::path twins = fs::path(score_file == nullptr ? "tests/conformance/scores/x" : score_file).parent_path();
  auto program = engine::Program::Compile(engine::ShippedTables(), Pack());
  if (!program) return std::cout << program.error().Text() << "\n", 1;
  normalise::Normaliser normaliser(*std::move(program), Pack());
  Score score{"twin"};
  Figures figures{{"facts the same", 0}, {"facts with a reason", 0}};
  std::optional<Bundle> bundle;
  std::vector<NodeIndex> resources;
  std::string resource;
  std::ifstream facts(twins / "../twins/ips_fr.txt");
  for (std::string line; std::getline(facts, line);) {
    if (line.empty() || line.starts_with('#')) continue;
    auto [name, value] = Parted(line.substr(std::min(line.find_first_not_of(' '), line.size())), " ");
    if (name == "document") {
      auto made = Convert(normaliser, folder / value);
      if (!made) return std::cout << made.error().Text() << "\n", 1;
      bundle = *std::move(made);
    } else if (bundle && !line.starts_with(' ')) {
      resource = line;
      resources = bundle->Of(name, value);
    } else if (bundle) {
      auto [text, reason] = Parted(value, " -- ");
      bool same =
          std::any_of(resources.begin(), resources.end(),
                      [&, path = name, wanted = text](NodeIndex r) { return bundle->Says(r, path, wanted); });
      ++figures[same ? "facts the same" : "facts with a reason"];
      score.Count(same == reason.empty(), resource + ":" + line + (same ? " (no difference)" : ""));
    }
  }
  return Finish(score, score_file, figures);
}

}  // namespace
}  // namespace passerelle::tests

int main(int argc, char** argv) {
  if (argc < 2) return 2;
  return passerelle::tests::Main(argv[1], argc > 2 ? argv[2] : nullptr);
}
