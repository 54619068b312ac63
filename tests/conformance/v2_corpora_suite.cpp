// Other people's HL7 v2 messages: every one converts with a balanced ledger, and where somebody published the
// Bundle he expects, each of its facts stands in ours at the same element, at another, or is missing for a
// reason of scores/v2_corpora-reasons.txt. FOLDER is the folder of the corpora.
//
// Ids, order and narrative do not count. A fact is an element with its value; a reference is the type it
// points to. `--facts` as third argument lists every fact that is not the same and every leaf that is left,
// by file.

#include <cctype>
#include <iomanip>
#include <map>
#include <set>
#include <vector>

#include "fhir_model/base/digest.h"
#include "fhir_model/json/json.h"
#include "mappers/engine/engine.h"
#include "mappers/hl7v2/grammar.h"
#include "mappers/hl7v2/peek.h"
#include "mappers/hl7v2/reader.h"
#include "tests/conformance/options.h"
#include "tests/conformance/score.h"
#include "tests/support/pack.h"

namespace passerelle::tests {
namespace {

namespace fs = std::filesystem;
using node::Children;
using node::kNone;
using node::kRoot;
using node::NodeIndex;
using node::Tree;

// Letters and digits in lower case: how a value is written does not count.
std::string Plain(std::string_view text) {
  std::string plain;
  for (char c : text)
    if (std::isalnum(static_cast<unsigned char>(c)) || static_cast<unsigned char>(c) > 0x7F)
      plain += static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
  return plain;
}

struct Fact {
  std::string element, value;  // "Patient.name.family"
  auto operator<=>(const Fact&) const = default;
};

// The facts of a Bundle.
class Facts {
 public:
  explicit Facts(const Tree& bundle) : tree_(bundle) {
    for (NodeIndex entry : Children(tree_, kRoot)) {
      NodeIndex resource = tree_.name(entry) == "entry" ? tree_.Child(entry, "resource") : kNone;
      if (resource == kNone) continue;
      std::string type(tree_.NameText(tree_[resource].resource));
      types_[std::string(tree_.ChildText(entry, "fullUrl"))] = type;
      types_[type + "/" + std::string(tree_.ChildText(resource, "id"))] = type;
    }
    for (NodeIndex entry : Children(tree_, kRoot)) {
      NodeIndex resource = tree_.name(entry) == "entry" ? tree_.Child(entry, "resource") : kNone;
      if (resource != kNone) Walk(resource, std::string(tree_.NameText(tree_[resource].resource)));
    }
  }
  std::vector<Fact> all;

 private:
  void Walk(NodeIndex parent, const std::string& path) {
    static const std::set<std::string_view> kNot = {"id", "meta", "text", "url", "fullUrl"};
    for (NodeIndex child : Children(tree_, parent)) {
      auto name = tree_.name(child);
      bool has_value = tree_[child].kind != node::Kind::Element && !tree_[child].text.empty();
      if (kNot.contains(name) && !(name == "text" && has_value)) continue;
      std::string element = path + "." + std::string(name);
      if (name == "extension") {
        auto url = tree_.ChildText(child, "url");
        element += ":" + std::string(url.substr(url.rfind('/') + 1));
      }
      if (has_value && tree_[child].kind != node::Kind::Xhtml) Add(element, name, tree_[child].text);
      if (name == "data" && tree_.ChildText(parent, "contentType") == "text/plain") AddText(element, child);
      Walk(child, element);
    }
  }
  // What a text says, where it is an attachment.
  void AddText(const std::string& element, NodeIndex data) {
    if (auto text = DecodeBase64(tree_[data].text)) all.push_back({element, Plain(*text)});
  }
  void Add(const std::string& element, std::string_view name, std::string_view text) {
    if (name != "reference") return all.push_back({element, Plain(text)});
    auto it = types_.find(std::string(text));
    all.push_back({element, it == types_.end() ? Plain(text.substr(0, text.find('/'))) : it->second});
  }

  const Tree& tree_;
  std::map<std::string, std::string> types_;
};

// "PATTERN <= N => reason": why a fact is not the same, and for how many facts that holds. The first line
// that fits counts one; more than N, or none at all, is a miss.
class Reasons {
 public:
  explicit Reasons(const fs::path& file) {
    std::istringstream in(ReadAll(file));
    for (std::string line; std::getline(in, line);) {
      auto bound = line.find(" <= "), mark = line.find(" => ");
      if (line.starts_with('#') || bound == line.npos || mark == line.npos) continue;
      std::size_t most = std::stoul(line.substr(bound + 4, mark - bound - 4));
      lines_.push_back({line.substr(0, bound), line.substr(mark + 4), most, 0});
    }
  }
  // The reason of a fact, while there is room for it.
  const std::string* Take(const std::string& key) {
    for (auto& line : lines_)
      if (Matches(line.pattern, key)) return ++line.met <= line.most ? &line.reason : nullptr;
    return nullptr;
  }
  // Lines that hold for another number of facts than they say, as they should be.
  std::vector<std::string> Changed() const {
    std::vector<std::string> changed;
    for (const auto& line : lines_)
      if (line.met != line.most)
        changed.push_back(line.pattern + " <= " + std::to_string(line.met) + " => " + line.reason);
    return changed;
  }

 private:
  struct Line {
    std::string pattern, reason;
    std::size_t most, met;
  };
  static bool Matches(std::string_view pattern, std::string_view text) {
    auto star = pattern.find('*');
    if (star == pattern.npos) return pattern == text;
    if (!text.starts_with(pattern.substr(0, star))) return false;
    for (std::size_t i = star; i <= text.size(); ++i)
      if (Matches(pattern.substr(star + 1), text.substr(i))) return true;
    return false;
  }

  std::vector<Line> lines_;
};

// What the corpora say, counted.
class Comparison {
 public:
  Comparison(engine::Program program, Reasons& reasons, Score& score, bool tell)
      : program_(std::move(program)), reasons_(reasons), score_(score), tell_(tell) {}

  void Convert(const fs::path& file, const fs::path& expected, const std::string& corpus) {
    std::string bytes = ReadAll(file);
    auto peeked = hl7v2::Peek(bytes);
    if (!peeked.found || peeked.IsAcknowledgement() || peeked.type == "ZAM") return;
    Issues issues;
    auto message = hl7v2::Parse(bytes, {kFileLimits, std::nullopt}, issues);
    std::string name = corpus + "/" + file.filename().string();
    if (!message) return score_.Count(false, name + ": " + message.error().Text());
    hl7v2::Group(*message, issues);
    auto draft = program_.Run(*message, PublicMapOptions(), issues);
    if (!draft) return score_.Count(false, name + ": " + draft.error().Text());
    draft->Settle(*message);
    const auto& ledger = draft->ledger;
    auto mapped = ledger.Count(engine::Fate::Mapped), dropped = ledger.Count(engine::Fate::Dropped),
         unmapped = ledger.Count(engine::Fate::Unmapped);
    score_.Count(mapped + dropped + unmapped == ledger.lines.size() && !ledger.lines.empty(),
                 name + ": ledger");
    leaves[corpus] += ledger.lines.size();
    left[corpus] += unmapped;
    for (const auto& line : ledger.lines) {
      if (line.fate != engine::Fate::Unmapped) continue;
      ++unmapped_places[WithoutNumbers(line.place)];
      if (tell_) std::cout << "unmapped\t" << name << "\t" << line.place << "\n";
    }
    if (!expected.empty() && fs::exists(expected)) Compare(draft->bundle, expected, corpus, Plain(bytes));
  }

  std::map<std::string, std::size_t> leaves, left, unmapped_places, by_reason, facts;

 private:
  static std::string WithoutNumbers(const std::string& place) {
    std::string plain;
    bool inside = false;
    for (char c : place) {
      inside = inside || c == '[';
      if (!inside) plain += c;
      if (c == ']') inside = false;
    }
    return plain;
  }

  void Compare(const Tree& bundle, const fs::path& file, const std::string& corpus,
               const std::string& message) {
    std::string text = ReadAll(file);
    if (text.starts_with("\xEF\xBB\xBF")) text.erase(0, 3);
    auto expected = json::Parse(std::move(text), kFileLimits);
    if (!expected) return score_.Count(false, file.filename().string() + ": " + expected.error().Text());
    Facts ours(bundle), theirs(*expected);
    std::map<Fact, int> at_element;
    std::set<std::string> values;
    std::string all;
    for (const Fact& fact : ours.all) {
      ++at_element[fact];
      if (values.insert(fact.value).second) all += fact.value + "\n";
    }
    for (const Fact& fact : theirs.all) {
      if (--at_element[fact] >= 0) {
        score_.Count(true, {});
        ++facts[corpus + " same"];
        continue;
      }
      bool elsewhere =
          values.contains(fact.value) || (fact.value.size() > 3 && all.find(fact.value) != all.npos);
      bool sent = !fact.value.empty() && message.find(fact.value) != message.npos;
      std::string how = elsewhere ? "elsewhere" : sent ? "lost" : "invented";
      ++facts[corpus + " " + how];
      std::string key = corpus + " " + how + " " + fact.element;
      const std::string* reason = reasons_.Take(key);
      if (tell_)
        std::cout << how << "\t" << corpus << "/" << file.filename().string() << "\t" << fact.element << "\t"
                  << fact.value << "\t" << (reason == nullptr ? "" : *reason) << "\n";
      if (reason != nullptr) ++by_reason[corpus + ": " + *reason];
      score_.Count(reason != nullptr, key);
    }
  }

  engine::Program program_;
  Reasons& reasons_;
  Score& score_;
  bool tell_;
};

int Main(const fs::path& folder, const char* score_file, bool tell) {
  if (!fs::exists(folder)) return Skip(folder.string());
  fs::path scores = score_file == nullptr ? "tests/conformance/scores/v2_corpora.txt" : score_file;
  Reasons reasons(scores.parent_path() / "v2_corpora-reasons.txt");
  auto program = engine::Program::Compile(engine::ShippedTables(), Pack());
  if (!program) return std::cout << program.error().Text() << "\n", 1;
  Score score{"v2 corpora"};
  Comparison comparison(*std::move(program), reasons, score, tell);
  std::map<std::string, std::string> expected = {
      {"microsoft", "-expected.json"}, {"cdc", ".fhir"}, {"ans", ""}};
  for (const auto& [corpus, ending] : expected) {
    std::vector<fs::path> files;
    for (const auto& entry : fs::recursive_directory_iterator(folder / corpus))
      if (entry.path().extension() == ".hl7" || entry.path().extension() == ".er7")
        files.push_back(entry.path());
    std::sort(files.begin(), files.end());
    for (auto file : files) {
      fs::path other = ending.empty() ? fs::path() : fs::path(file).replace_extension("").concat(ending);
      comparison.Convert(file, other, corpus);
    }
    std::cout << corpus << ": " << files.size() << " files, " << comparison.leaves[corpus] << " leaves, "
              << comparison.left[corpus] << " unmapped\n";
  }
  std::vector<std::pair<std::size_t, std::string>> top;
  for (const auto& [place, count] : comparison.unmapped_places) top.emplace_back(count, place);
  std::sort(top.rbegin(), top.rend());
  for (std::size_t i = 0; i < top.size() && i < 25; ++i)
    std::cout << std::setw(6) << top[i].first << " unmapped " << top[i].second << "\n";
  for (const auto& [reason, count] : comparison.by_reason)
    std::cout << std::setw(6) << count << " " << reason << "\n";
  const auto changed = reasons.Changed();
  for (const auto& line : changed) std::cout << "of another number: " << line << "\n";
  // A reason with room to spare would explain the next loss.
  Figures figures{{"reasons of another number", changed.size()}};
  for (const auto& [what, count] : comparison.facts)
    figures["facts " + what] = static_cast<std::size_t>(count);
  for (const auto& [corpus, count] : comparison.left)
    figures["leaves " + corpus + " unmapped"] = static_cast<std::size_t>(count);
  return Finish(score, score_file, figures);
}

}  // namespace
}  // namespace passerelle::tests

int main(int argc, char** argv) {
  if (argc < 2) return 2;
  return passerelle::tests::Main(argv[1], argc > 2 ? argv[2] : nullptr,
                                 argc > 3 && std::string_view(argv[3]) == "--facts");
}
