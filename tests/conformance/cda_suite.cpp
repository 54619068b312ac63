// The reference CDA documents, converted: FOLDER is ../shared/corpora/cda. Each document must convert, twice
// to the same bytes, to valid FHIR R4, with a ledger that balances and no denied statement that reads as one
// that is made. How many of its facts stand again in the FHIR is counted one by one.
//
// Each is then varied (templates that no table knows, all denied, all intended), and what comes of that
// counted.
//
// With --missing, names the facts that were lost; with --out DIR, writes the Bundles.

#include <algorithm>
#include <ctime>
#include <map>
#include <vector>

#include "fhir_model/json/json.h"
#include "mappers/cda/cda.h"
#include "mappers/normalise/normalise.h"
#include "tests/conformance/facts.h"
#include "tests/conformance/options.h"
#include "tests/conformance/score.h"
#include "tests/support/validate.h"

namespace passerelle::tests {
namespace {

namespace fs = std::filesystem;

double CpuMilliseconds() {
  std::timespec now{};
  clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now);
  return double(now.tv_sec) * 1e3 + double(now.tv_nsec) / 1e6;
}

struct Settings {
  bool missing = false;
  fs::path out;
  std::string only;
};

struct Totals {
  std::size_t documents = 0, converted = 0, errors = 0, leaves = 0, unmapped = 0;
  std::array<std::size_t, kFactKinds.size()> kept{}, all{};
};

const normalise::Normaliser& TheNormaliser() {
  static const normalise::Normaliser normaliser = [] {
    auto tables = engine::ShippedTables();
    std::vector<Error> errors;
    auto program = engine::Program::Compile(tables, Pack(), &errors);
    for (const Error& error : errors) std::cout << error.Text() << "\n";
    if (!program) std::exit(1);
    return normalise::Normaliser(*std::move(program), Pack());
  }();
  return normaliser;
}

normalise::Normalised Convert(const std::string& bytes) {
  auto options = PublicOptions();
  options.format = normalise::Format::Cda;
  return TheNormaliser().Run(bytes, options);
}

// Identifiers of acts that are denied, as FHIR writes them; only those that no other act of the document has
// too.
std::vector<std::string> DeniedIds(const node::Tree& source) {
  std::map<std::string, int> count;
  std::vector<std::string> denied;
  for (node::NodeIndex i = 0; i < source.size(); ++i) {
    if (source.name(i) != "id" || source[i].parent == node::kNone) continue;
    auto root = source.ChildText(i, "@root"), extension = source.ChildText(i, "@extension");
    if (root.empty()) continue;
    std::string id = !extension.empty()                    ? std::string(extension)
                     : root.find('-') == std::string::npos ? "urn:oid:" + std::string(root)
                                                           : "urn:uuid:" + std::string(root);
    ++count[id];
    if (source.ChildText(source[i].parent, "@negationInd") == "true") denied.push_back(std::move(id));
  }
  std::erase_if(denied, [&](const std::string& id) { return count[id] > 1; });
  return denied;
}

// The code of the first coding of a CodeableConcept below a resource.
std::string_view FirstCode(const node::Tree& tree, node::NodeIndex resource, std::string_view element) {
  node::NodeIndex coded = tree.Child(resource, element);
  node::NodeIndex coding = coded == node::kNone ? node::kNone : tree.Child(coded, "coding");
  return coding == node::kNone ? std::string_view() : tree.ChildText(coding, "code");
}

// How each type says that what it was made of is denied: an element and the value or first code it then has.
struct Denial {
  std::string_view type, element, value;
};
constexpr Denial kDenials[] = {{"AllergyIntolerance", "verificationStatus", "refuted"},
                               {"Condition", "verificationStatus", "refuted"},
                               {"DeviceRequest", "status", "revoked"},
                               {"DeviceUseStatement", "status", "entered-in-error"},
                               {"DiagnosticReport", "status", "cancelled"},
                               {"DocumentReference", "status", "entered-in-error"},
                               {"Encounter", "status", "cancelled"},
                               {"FamilyMemberHistory", "status", "entered-in-error"},
                               {"Goal", "lifecycleStatus", "rejected"},
                               {"Immunization", "status", "not-done"},
                               {"List", "emptyReason", "nilknown"},
                               {"List", "status", "entered-in-error"},
                               {"Media", "status", "not-done"},
                               {"MedicationDispense", "status", "declined"},
                               {"MedicationRequest", "doNotPerform", "true"},
                               {"MedicationStatement", "status", "not-taken"},
                               {"Observation", "status", "cancelled"},
                               {"Procedure", "status", "not-done"},
                               {"ServiceRequest", "doNotPerform", "true"},
                               {"Specimen", "status", "unavailable"}};

// A quantity that says only why it has no number.
bool IsWithoutNumber(const node::Tree& tree, node::NodeIndex quantity) {
  node::NodeIndex value = tree.Child(quantity, "value");
  return value != node::kNone && tree[value].text.empty();
}

// Whether a resource that was made of a denied act says so, in the way of its type.
bool IsDenied(const node::Tree& tree, node::NodeIndex resource) {
  std::string_view type = tree.NameText(tree[resource].resource);
  for (const Denial& denial : kDenials)
    if (denial.type == type && (tree.ChildText(resource, denial.element) == denial.value ||
                                FirstCode(tree, resource, denial.element) == denial.value))
      return true;
  if (type == "ImmunizationRecommendation")
    return FirstCode(tree, tree.Child(resource, "recommendation"), "forecastStatus") == "not-done";
  if (type != "Observation") return false;
  for (node::NodeIndex child : node::Children(tree, resource))
    if (tree.name(child).starts_with("value") && tree[child].text != "false" && !IsWithoutNumber(tree, child))
      return false;
  return true;
}

// In the body of a document every `from` becomes `to`; not in tags that say `except` already.
struct Variant {
  std::string_view name, from, to, except;
};
constexpr Variant kVariants[] = {
    {"unknown templates", "<templateId root=\"", "<templateId root=\"1.2.250.1.999.", "1.2.250.1.999."},
    {"denied", "moodCode=\"EVN\"", "moodCode=\"EVN\" negationInd=\"true\"", "negationInd"},
    {"intended", "moodCode=\"EVN\"", "moodCode=\"INT\"", "INT"},
    {"types unsaid", " xsi:type=\"PQ\"", "", "IVL"}};

std::string WithVariant(const std::string& bytes, const Variant& variant) {
  std::size_t at = bytes.find("structuredBody");
  std::string out = bytes.substr(0, at);
  while (at < bytes.size()) {
    std::size_t hit = std::min(bytes.find(variant.from, at), bytes.size());
    out.append(bytes, at, hit - at);
    if (hit == bytes.size()) break;
    std::size_t begin = bytes.rfind('<', hit), end = bytes.find('>', hit);
    bool said = bytes.substr(begin, end - begin).find(variant.except) != std::string::npos;
    out.append(said ? variant.from : variant.to);
    at = hit + variant.from.size();
  }
  return out;
}

class Runner {
 public:
  Runner(Score& score, Settings settings) : score_(score), settings_(std::move(settings)) {}

  void Run(const fs::path& file, Totals& totals) {
    std::string bytes = ReadAll(file), name = file.filename().string();
    ++totals.documents;
    double begin = CpuMilliseconds();
    auto made = Convert(bytes);
    bool good = made.draft && !made.refusal;
    score_.Count(good, name + ": not converted: " + (made.refusal ? made.refusal->Text() : "no draft"));
    if (!good) return;
    auto bundle = normalise::BundleAs(*std::move(made.draft), normalise::BundleForm::Document);
    score_.Count(static_cast<bool>(bundle), name + ": no document Bundle");
    if (!bundle) return;
    std::string text = json::Write(*bundle);
    times_.push_back(CpuMilliseconds() - begin);
    ++totals.converted;
    if (!settings_.out.empty()) std::ofstream(settings_.out / (file.stem().string() + ".json")) << text;
    auto again = Convert(bytes);
    again.draft->Settle(*again.source);
    CheckLedger(again.draft->ledger, name, totals);
    auto second = normalise::BundleAs(*std::move(again.draft), normalise::BundleForm::Document);
    score_.Count(second && json::Write(*second) == text, name + ": not the same twice");
    CheckFacts(*made.source, *bundle, name, totals);
    CheckDenials(*made.source, *bundle, name);
    CheckValid(text, name, totals);
  }

  // The same document as others might write it: with templates that no table knows, denied throughout,
  // intended throughout. What came of it is counted apart: senders' own errors are multiplied too.
  void RunVariants(const fs::path& file) {
    const std::string bytes = ReadAll(file);
    for (const Variant& variant : kVariants) {
      std::string text = WithVariant(bytes, variant);
      ++figures_["variants"];
      auto made = Convert(text);
      if (!made.draft) continue;
      made.draft->Settle(*made.source);
      figures_["variants' leaves unmapped"] += made.draft->ledger.Count(engine::Fate::Unmapped);
      auto bundle = normalise::BundleAs(*std::move(made.draft), normalise::BundleForm::Document);
      if (!bundle) continue;
      ++figures_["variants converted"];
      std::string name = file.filename().string() + " (" + std::string(variant.name) + ")";
      CheckDenials(*made.source, *bundle, name);
      Totals totals;
      Score apart{"variants"};
      std::swap(apart.passed, score_.passed), std::swap(apart.total, score_.total);
      CheckFacts(*made.source, *bundle, name, totals);
      CheckValid(json::Write(*bundle), name, totals);
      std::swap(apart.passed, score_.passed), std::swap(apart.total, score_.total);
      figures_["variants' errors"] += totals.errors;
      for (std::size_t kind = 0; kind < kFactKinds.size(); ++kind)
        figures_["variants' facts lost"] += totals.all[kind] - totals.kept[kind];
    }
  }
  const Figures& figures() const { return figures_; }

  void PrintTimes() {
    if (times_.empty()) return;
    std::sort(times_.begin(), times_.end());
    auto at = [&](double part) { return times_[static_cast<std::size_t>(part * double(times_.size() - 1))]; };
    std::cout << "milliseconds of CPU a document: p50 " << at(0.5) << ", p99 " << at(0.99) << ", most "
              << times_.back() << "\n";
  }

 private:
  void CheckLedger(const engine::Ledger& ledger, const std::string& name, Totals& totals) {
    std::size_t unmapped = ledger.Count(engine::Fate::Unmapped);
    std::size_t sum = ledger.Count(engine::Fate::Mapped) + ledger.Count(engine::Fate::Dropped) + unmapped;
    score_.Count(sum == ledger.lines.size() && sum > 0, name + ": the ledger does not balance");
    totals.leaves += sum;
    totals.unmapped += unmapped;
    if (settings_.missing)
      for (const auto& line : ledger.lines)
        if (line.fate == engine::Fate::Unmapped) std::cout << "  unmapped " << line.place << "\n";
  }

  void CheckFacts(const node::Tree& source, const node::Tree& bundle, const std::string& name,
                  Totals& totals) {
    Facts facts = FactsOf(source);
    Stands stands(bundle);
    for (std::size_t kind = 0; kind < facts.size(); ++kind)
      for (const auto& fact : facts[kind]) {
        bool structural = kind == 0 && std::find(kStructuralCodes.begin(), kStructuralCodes.end(), fact) !=
                                           kStructuralCodes.end();
        bool kept = structural || stands.Has(kind, fact);
        ++totals.all[kind];
        totals.kept[kind] += kept;
        ++score_.total;
        score_.passed += kept;
        if (!kept && settings_.missing)
          std::cout << "  " << name << ": lost " << kFactKinds[kind] << " " << fact << "\n";
      }
  }

  // What the sender denies (negationInd) must not stand in the FHIR as said, wherever its identifier leads.
  void CheckDenials(const node::Tree& source, const node::Tree& bundle, const std::string& name) {
    for (const auto& id : DeniedIds(source))
      for (node::NodeIndex i = 0; i < bundle.size(); ++i) {
        if (bundle[i].parent == node::kNone || bundle[bundle[i].parent].parent == node::kRoot) continue;
        bool named = bundle.name(i) == "value" && bundle[i].text == id &&
                     bundle.name(bundle[i].parent) == "identifier";
        if (named && bundle[bundle[bundle[i].parent].parent].resource != 0)
          score_.Count(IsDenied(bundle, bundle[bundle[i].parent].parent),
                       name + ": denied, but reads as said: " + bundle.Path(bundle[bundle[i].parent].parent));
      }
  }

  void CheckValid(const std::string& text, const std::string& name, Totals& totals) {
    auto tree = json::Parse(text, kFileLimits, &Pack());
    Issues issues;
    if (tree) BaseValidator().Validate(*tree, {}, issues);
    std::size_t errors = tree ? 0 : 1;
    for (const Issue& issue : issues.all()) {
      if (issue.severity != Severity::Error && issue.severity != Severity::Fatal) continue;
      ++errors;
      if (settings_.missing)
        std::cout << "  " << name << ": " << issue.place.path << ": " << issue.Text() << "\n";
    }
    totals.errors += errors;
    score_.Count(errors == 0, name + ": " + std::to_string(errors) + " errors against R4");
  }

  Score& score_;
  Settings settings_;
  Figures figures_{{"variants", 0},
                   {"variants converted", 0},
                   {"variants' errors", 0},
                   {"variants' facts lost", 0},
                   {"variants' leaves unmapped", 0}};
  std::vector<double> times_;
};

void Print(const std::string& name, const Totals& totals) {
  std::cout << name << ": " << totals.converted << " of " << totals.documents << " documents";
  for (std::size_t kind = 0; kind < kFactKinds.size(); ++kind)
    std::cout << ", " << kFactKinds[kind] << " " << totals.kept[kind] << "/" << totals.all[kind];
  std::cout << ", " << totals.errors << " errors, " << totals.unmapped << " of " << totals.leaves
            << " leaves unmapped\n";
}

struct Corpus {
  std::string_view name;
  std::vector<std::string_view> folders;
};
const Corpus kCorpora[] = {{"French", {"ans", "ans-2021"}},
                           {"C-CDA", {"microsoft", "c-cda-examples/Documents"}}};

int Main(const fs::path& folder, const char* score_file, const Settings& settings) {
  if (!fs::exists(folder)) return Skip(folder);
  Score score{"cda"};
  Runner runner(score, settings);
  for (const Corpus& corpus : kCorpora) {
    Totals totals;
    for (auto sub : corpus.folders) {
      std::vector<fs::path> files;
      for (const auto& entry : fs::recursive_directory_iterator(folder / sub))
        if (entry.path().extension() == ".xml" || entry.path().extension() == ".ccda")
          files.push_back(entry.path());
      std::sort(files.begin(), files.end());
      for (const auto& file : files)
        if (settings.only.empty() || file.string().find(settings.only) != std::string::npos) {
          runner.Run(file, totals);
          runner.RunVariants(file);
        }
    }
    Print(std::string(corpus.name), totals);
  }
  runner.PrintTimes();
  return Finish(score, score_file, runner.figures());
}

}  // namespace
}  // namespace passerelle::tests

int main(int argc, char** argv) {
  if (argc < 2) return 2;
  passerelle::tests::Settings settings;
  const char* score_file = nullptr;
  for (int i = 2; i < argc; ++i) {
    std::string word = argv[i];
    if (word == "--missing")
      settings.missing = true;
    else if (word == "--out" && i + 1 < argc)
      settings.out = argv[++i];
    else if (word == "--only" && i + 1 < argc)
      settings.only = argv[++i];
    else
      score_file = argv[i];
  }
  return passerelle::tests::Main(argv[1], score_file, settings);
}
