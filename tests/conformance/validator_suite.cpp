// The official validator suite (fhir-test-cases/validator), R4 runs with a recorded outcome of the reference.
//
//     validator_suite FOLDER [SCORE-FILE] [NAME]
//
// A run passes M1 when both find an error or both find none, M2 when the sets of places with errors are
// equal, M3 when the sets of (place, code) are. Prints a line for each run that fails M2 or M3, the score,
// and compares it with the score file. NAME runs the tests whose name contains it and prints what is found.

#include <algorithm>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <iostream>
#include <map>
#include <set>
#include <sstream>

#include "fhir_model/json/json.h"
#include "fhir_model/spec/mapped_file.h"
#include "fhir_model/xml/xml.h"
#include "profiles/packages/pack_builder.h"
#include "profiles/validator/matchetype.h"
#include "profiles/validator/read.h"
#include "profiles/validator/validator.h"

namespace {

namespace fs = std::filesystem;
using namespace passerelle;
using node::kNone;
using node::kRoot;
using node::NodeIndex;
using node::Tree;

constexpr int kSkipped = 77;

std::string ReadAll(const fs::path& path) {
  std::ifstream in(path, std::ios::binary);
  std::ostringstream out;
  out << in.rdbuf();
  return out.str();
}

Result<Tree> ReadResource(std::string bytes, const spec::Definitions& definitions) {
  auto start = bytes.find_first_not_of("\xEF\xBB\xBF \t\r\n");
  if (start != bytes.npos && bytes[start] == '<')
    return xml::ParseFhir(std::move(bytes), kFileLimits, definitions);
  return json::Parse(std::move(bytes), kFileLimits, &definitions);
}

// (place, code): the code is left out of M2.
using Findings = std::set<std::pair<std::string, std::string>>;

// The reference adds comments and urls to its places, and names elements of XML by their XPath.
std::string Normalise(std::string path) {
  for (auto at = path.find("/*"); at != path.npos; at = path.find("/*")) {
    auto end = path.find("*/", at);
    path.erase(at, end == path.npos ? path.npos : end + 2 - at);
  }
  if (auto at = path.find("[url='"); at != path.npos) path.erase(at, path.find(']', at) + 1 - at);
  if (path.starts_with("/f:"))
    for (auto at = path.find("/f:"); at != path.npos; at = path.find("/f:"))
      path.replace(at, 3, at == 0 ? "" : ".");
  return path;
}

// Some of the reference's rules say their places by another convention.
std::string OneBased(const std::string& path) {
  std::string out;
  for (std::size_t i = 0; i < path.size(); ++i) {
    out += path[i];
    if (path[i] != '[') continue;
    auto close = path.find(']', i);
    out += std::to_string(std::stoul(path.substr(i + 1, close - i - 1)) + 1);
    i = close - 1;
  }
  return out;
}
std::string OneBasedResource(const std::string& path) {
  return path.ends_with(".resource") ? OneBased(path) : path;
}
std::string FirstEntry(const std::string& path) { return path.substr(0, path.rfind('[')) + "[0]"; }
// "binding.strength" as "binding[0].strength[0]".
std::string EachFirst(const std::string& path) {
  std::string out;
  for (std::size_t i = 0, parts = 0; i <= path.size(); ++i) {
    bool ends = i == path.size() || path[i] == '.';
    if (ends && ++parts > 2 && out.back() != ']') out += "[0]";
    if (i < path.size()) out += path[i];
  }
  return out;
}
// An extension of a value is said to be one of what has the value.
std::string WithoutValue(const std::string& path) {
  std::string out = path;
  if (auto at = out.find(".value.extension"); at != out.npos) out.erase(at, 6);
  return out;
}
// Security labels are counted as profiles.
std::string AsProfile(const std::string& path) {
  std::string out = path;
  if (auto at = out.rfind(".security["); at != out.npos) out.replace(at, 9, ".profile");
  return out;
}
// A parameter is said to be one of the profile.
std::string OfInput(const std::string& path) {
  auto dot = path.find('.');
  return dot == path.npos ? path : path.substr(0, dot) + ".inputProfile" + path.substr(dot);
}
std::string OfOutput(const std::string& path) {
  auto dot = path.find('.');
  return dot == path.npos ? path : path.substr(0, dot) + ".outputProfile" + path.substr(dot);
}
struct Dialect {
  std::string_view rule;
  std::string (*place)(const std::string& path);
};
constexpr Dialect kDialects[] = {{"bundle.orphan", OneBased},
                                 {"bundle.target", OneBased},
                                 {"bundle.target-elsewhere", OneBased},
                                 {"bundle.ambiguous", OneBased},
                                 {"bundle.first", OneBasedResource},
                                 {"bundle.full-url-relative", FirstEntry},
                                 {"bundle.full-url-canonical", FirstEntry},
                                 {"bundle.full-url-id", FirstEntry},
                                 {"bundle.full-url-no-id", FirstEntry},
                                 {"meta.security-twice", AsProfile},
                                 {"operation.input", OfInput},
                                 {"operation.output", OfOutput},
                                 {"structure.obligation", EachFirst},
                                 {"expression.unreadable", WithoutValue},
                                 {"expression.parameter", WithoutValue},
                                 {"value-set.filter-language", WithoutValue}};

std::string PlaceAsReference(std::string_view rule, const std::string& path) {
  for (const auto& dialect : kDialects)
    if (dialect.rule == rule) return dialect.place(path);
  return path;
}

// For the tests that allow comments in JSON: blanks in their place.
std::string WithoutComments(std::string text) {
  bool quoted = false;
  for (std::size_t i = 0; i + 1 < text.size(); ++i) {
    if (text[i] == '"' && (i == 0 || text[i - 1] != '\\')) quoted = !quoted;
    if (quoted || text[i] != '/') continue;
    std::size_t end = text[i + 1] == '/' ? text.find('\n', i) : text[i + 1] == '*' ? text.find("*/", i) : i;
    if (end == i) continue;
    end = end == text.npos ? text.size() : text[i + 1] == '*' ? end + 2 : end;
    std::fill(text.begin() + static_cast<std::ptrdiff_t>(i), text.begin() + static_cast<std::ptrdiff_t>(end),
              ' ');
  }
  return text;
}

Findings Expected(const Tree& outcome) {
  Findings found;
  for (NodeIndex issue : node::Children(outcome, kRoot)) {
    if (outcome.name(issue) != "issue") continue;
    auto severity = outcome.ChildText(issue, "severity");
    if (severity != "error" && severity != "fatal") continue;
    found.emplace(Normalise(std::string(outcome.ChildText(issue, "expression"))),
                  outcome.ChildText(issue, "code"));
  }
  return found;
}

std::set<std::string> PlacesOf(const Findings& findings) {
  std::set<std::string> places;
  for (const auto& [place, code] : findings) places.insert(place);
  return places;
}

struct Run {
  std::string test, mode;
  Tree outcome;
};

class Suite {
 public:
  Suite(fs::path folder, const spec::Definitions& definitions, std::string only)
      : folder_(std::move(folder)),
        definitions_(definitions),
        only_(std::move(only)),
        manifest_(node::Format::Fhir) {}

  bool Load() {
    auto manifest = json::Parse(ReadAll(folder_ / "manifest.json"), kFileLimits);
    if (!manifest) return false;
    manifest_ = *std::move(manifest);
    for (NodeIndex test : node::Children(manifest_, kRoot))
      if (manifest_.name(test) == "test-cases" && manifest_.ChildText(test, "version").starts_with("4.0"))
        tests_[std::string(manifest_.ChildText(test, "name"))] = test;  // the last of a name counts
    return true;
  }

  void RunAll() {
    for (const auto& [name, test] : tests_) {
      if (!only_.empty() && name.find(only_) == name.npos) continue;
      if (manifest_.ChildText(test, "use-test") == "false" || WantsPackage(test)) continue;
      RunMode(name, test, "base");
      for (std::string_view mode : {"profile", "matchetype", "logical"})
        if (NodeIndex part = manifest_.Child(test, mode); part != kNone && !WantsPackage(part))
          RunMode(name, test, mode);
    }
  }

  int Finish(const char* score_file) const {
    const std::map<std::string, std::size_t> score = {{"M1", m1_}, {"M2", m2_}, {"M3", m3_}};
    std::cout << "runs " << runs_ << ", of which valid " << valid_ << "\n";
    for (const auto& [name, passed] : score) std::cout << name << " " << passed << " of " << runs_ << "\n";
    std::cout << "false alarms on valid runs " << false_alarms_ << "\n";
    if (score_file == nullptr) return 0;
    std::ifstream file(score_file);
    std::string name, line;
    std::size_t wanted = 0;
    int result = 0;
    while (std::getline(file, line)) {
      if (!(std::istringstream(line) >> name >> wanted)) continue;
      if (auto it = score.find(name); it != score.end() && it->second < wanted) {
        std::cout << name << " is worse than the committed score of " << wanted << "\n";
        result = 1;
      }
    }
    return result;
  }

 private:
  // Packages from a registry are not here; a file beside the suite is.
  bool WantsPackage(NodeIndex part) const {
    for (NodeIndex child : node::Children(manifest_, part))
      if (manifest_.name(child) == "packages" && !fs::exists(folder_ / std::string(manifest_[child].text)))
        return true;
    return false;
  }

  std::vector<std::string> Files(NodeIndex test, std::string_view mode) const {
    std::vector<std::string> files;
    auto collect = [&](NodeIndex at) {
      for (NodeIndex child : node::Children(manifest_, at)) {
        auto name = manifest_.name(child);
        if (name == "supporting" || name == "profiles" || name == "packages")
          files.emplace_back(manifest_[child].text);
      }
    };
    collect(test);
    if (NodeIndex map = manifest_.Child(test, "package-map"); map != kNone)
      for (NodeIndex child : node::Children(manifest_, map)) files.emplace_back(manifest_[child].text);
    NodeIndex part = manifest_.Child(test, mode);
    if (part == kNone || mode == "base") return files;
    collect(part);
    if (auto source = manifest_.ChildText(part, "source"); !source.empty()) files.emplace_back(source);
    return files;
  }

  // Definitions of extensions that stand in the suite's folder by their name, as the reference's harness
  // fetches them.
  void AddFetched(const Tree& tree, NodeIndex at, std::vector<std::string>& files) const {
    for (NodeIndex child : node::Children(tree, at)) {
      if (tree.name(child) == "extension") {
        std::string_view url = tree.ChildText(child, "url");
        std::string name = "structuredefinition-";
        for (char c : url.substr(url.rfind('/') + 1))
          name += static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
        for (const char* extension : {".xml", ".json"})
          if (fs::exists(folder_ / (name + extension))) files.push_back(name + extension);
      }
      AddFetched(tree, child, files);
    }
  }

  // The files as one layer of definitions; JSON copies of those in XML stand in a folder of our own.
  std::optional<std::string> Layer(const std::vector<std::string>& files) {
    std::vector<std::string> paths;
    fs::path scratch = fs::temp_directory_path() / "passerelle_validator_suite";
    fs::create_directories(scratch);
    for (const auto& file : files) {
      fs::path path = folder_ / file;
      if (!fs::exists(path)) continue;
      if (path.extension() != ".xml") {
        paths.push_back(path.string());
        continue;
      }
      auto tree = xml::ParseFhir(ReadAll(path), kFileLimits, definitions_);
      if (!tree) continue;
      fs::path copy = scratch / (path.stem().string() + ".json");
      std::ofstream(copy, std::ios::binary) << json::Write(*tree);
      paths.push_back(copy.string());
    }
    if (paths.empty()) return std::nullopt;
    packages::PackReport report;
    spec::Library beneath(definitions_);
    auto bytes = packages::BuildPack(paths, report, {}, &beneath);
    return bytes ? std::optional(*std::move(bytes)) : std::nullopt;
  }

  const Tree* Fetch(std::string_view url) {
    auto known = fetched_.find(url);
    if (known != fetched_.end()) return known->second ? &*known->second : nullptr;
    std::optional<Tree> tree;
    if (url == "Patient/test") {
      auto made = json::Parse(R"({"resourceType":"Patient"})", kFileLimits, &definitions_);
      if (made) tree = *std::move(made);
    }
    std::string name;
    for (char c : url)
      name += c == '/' ? '-' : static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
    auto dash = name.find('-');
    for (const auto& stem : {name, dash == name.npos ? name : name.substr(dash + 1)})
      for (const char* extension : {".json", ".xml"}) {
        fs::path path = folder_ / (stem + extension);
        if (tree || stem.find(':') != stem.npos || !fs::exists(path)) continue;
        auto read = ReadResource(ReadAll(path), definitions_);
        if (read) tree = *std::move(read);
      }
    auto& place = fetched_[std::string(url)];
    place = std::move(tree);
    return place ? &*place : nullptr;
  }

  Findings Validate(NodeIndex test, std::string_view mode, Issues& issues, std::string& refused) {
    Findings found;
    std::string bytes = ReadAll(folder_ / std::string(manifest_.ChildText(test, "file")));
    if (manifest_.ChildText(test, "allow-comments") == "true") bytes = WithoutComments(std::move(bytes));
    auto tree = bytes.find_first_not_of("\xEF\xBB\xBF \t\r\n") == bytes.find('<')
                    ? ReadResource(std::move(bytes), definitions_)
                    : validator::ReadJson(std::move(bytes), kFileLimits, definitions_, issues);
    if (!tree) {
      refused = tree.error().Text();
      found.emplace(tree.error().place.path, tree.error().info->issue_type);
      return found;
    }
    spec::Library library(definitions_);
    auto files = Files(test, mode);
    AddFetched(*tree, kRoot, files);
    auto layer = Layer(files);
    if (layer)
      if (auto opened = spec::Definitions::Open(std::as_bytes(std::span(*layer))))
        library.Add(*std::move(opened));
    terminology::Terminology terminology(library);
    validator::Validator validator(library, terminology);
    validator::ValidateOptions options;
    if (mode == "profile") options.profiles.push_back(ProfileOf(test));
    if (mode == "logical")
      options.profiles.emplace_back(manifest_.ChildText(manifest_.Child(test, mode), "format"));
    auto policy = manifest_.ChildText(test, "validateReference");
    bool assume_rest = mode != "base" && manifest_.ChildText(manifest_.Child(test, mode),
                                                             "assumeValidRestReferences") == "true";
    options.now = "2026-01-01T12:00:00.000+00:00";
    options.references = policy.empty() && !assume_rest ? validator::ReferencePolicy::Ignore
                                                        : validator::ReferencePolicy::CheckType;
    options.aggregation_everywhere = manifest_.ChildText(test, "enforceAggregationOutsideBundles") != "false";
    options.example_urls = manifest_.ChildText(test, "examples") != "false";
    options.for_publication = manifest_.ChildText(test, "for-publication") == "true";
    options.html_in_text = manifest_.ChildText(test, "security-checks") != "true" &&
                           manifest_.ChildText(test, "noHtmlInMarkdown") != "true";
    options.unknown_extensions = false;
    options.wrong_displays = manifest_.ChildText(test, "wrong-displays") != "warning";
    options.fetch = [&](std::string_view url) { return Fetch(url); };
    if (mode == "matchetype") {
      auto example = ReadResource(
          ReadAll(folder_ / std::string(manifest_.ChildText(manifest_.Child(test, mode), "source"))),
          definitions_);
      if (example) validator::CompareWithMatchetype(*tree, *example, issues);
    } else {
      validator.Validate(*tree, options, issues);
    }
    for (const auto& issue : issues.all())
      if (issue.severity >= Severity::Error)
        found.emplace(Normalise(PlaceAsReference(issue.rule->id, issue.place.path)), issue.rule->issue_type);
    return found;
  }

  std::string ProfileOf(NodeIndex test) const {
    auto source = manifest_.ChildText(manifest_.Child(test, "profile"), "source");
    auto tree = ReadResource(ReadAll(folder_ / std::string(source)), definitions_);
    return tree ? std::string(tree->ChildText(kRoot, "url")) : std::string(source);
  }

  void RunMode(const std::string& name, NodeIndex test, std::string_view mode) {
    std::string file = "R4." + name + "-" + std::string(mode) + ".json";
    std::replace(file.begin(), file.end(), '/', '-');
    fs::path path = folder_ / "outcomes/java" / file;
    if (!fs::exists(path)) return;
    auto outcome = json::Parse(ReadAll(path), kFileLimits);
    if (!outcome) return;
    Findings expected = Expected(*outcome);
    Issues issues;
    std::string refused;
    Findings found = Validate(test, mode, issues, refused);
    ++runs_;
    valid_ += expected.empty();
    m1_ += expected.empty() == found.empty();
    m2_ += PlacesOf(expected) == PlacesOf(found);
    m3_ += expected == found;
    false_alarms_ += expected.empty() && !found.empty();
    if (PlacesOf(expected) != PlacesOf(found))
      PrintMiss(name, mode, expected, found, *outcome, issues);
    else
      PrintCodes(name, mode, expected, found, issues);
    if (!only_.empty()) PrintAll(name, mode, *outcome, issues, refused);
  }

  // "name mode [verdict]: - expected and not found; + found and not expected (rule)"
  static void PrintMiss(const std::string& name, std::string_view mode, const Findings& expected,
                        const Findings& found, const Tree& outcome, const Issues& issues) {
    auto wanted = PlacesOf(expected), got = PlacesOf(found);
    std::cout << name << " " << mode
              << (wanted.empty() == got.empty() ? ""
                  : wanted.empty()              ? " FALSE"
                                                : " MISSED")
              << ":";
    for (const auto& place : wanted)
      if (!got.contains(place)) std::cout << " -" << place << " (" << TextAt(outcome, place) << ")";
    for (const auto& place : got)
      if (!wanted.contains(place)) std::cout << " +" << place << " (" << RuleAt(issues, place) << ")";
    std::cout << "\n";
  }

  // The places are right, not so the codes: "name mode code: place, expected code, found code (rule)".
  static void PrintCodes(const std::string& name, std::string_view mode, const Findings& expected,
                         const Findings& found, const Issues& issues) {
    auto codes_at = [](const Findings& findings, const std::string& place) {
      std::string codes;
      for (auto it = findings.lower_bound({place, ""}); it != findings.end() && it->first == place; ++it)
        codes += " " + it->second;
      return codes;
    };
    for (const auto& place : PlacesOf(expected)) {
      std::string wanted = codes_at(expected, place), got = codes_at(found, place);
      if (wanted != got)
        std::cout << name << " " << mode << " code: " << place << ", expected" << wanted << ", found" << got
                  << " (" << RuleAt(issues, place) << ")\n";
    }
  }

  static std::string TextAt(const Tree& outcome, const std::string& place) {
    for (NodeIndex issue : node::Children(outcome, kRoot)) {
      auto severity = outcome.ChildText(issue, "severity");
      if (severity != "error" && severity != "fatal") continue;
      if (Normalise(std::string(outcome.ChildText(issue, "expression"))) != place) continue;
      NodeIndex details = outcome.Child(issue, "details");
      return details == kNone ? std::string()
                              : std::string(outcome.ChildText(details, "text").substr(0, 120));
    }
    return {};
  }
  static std::string RuleAt(const Issues& issues, const std::string& place) {
    for (const auto& issue : issues.all())
      if (issue.severity >= Severity::Error &&
          Normalise(PlaceAsReference(issue.rule->id, issue.place.path)) == place)
        return std::string(issue.rule->id) + " " + issue.Text().substr(0, 150);
    return {};
  }

  static void PrintAll(const std::string& name, std::string_view mode, const Tree& outcome,
                       const Issues& issues, const std::string& refused) {
    std::cout << "== " << name << " " << mode << "\n";
    for (NodeIndex issue : node::Children(outcome, kRoot))
      if (outcome.name(issue) == "issue") {
        NodeIndex details = outcome.Child(issue, "details");
        std::cout << "  wanted " << outcome.ChildText(issue, "severity") << " "
                  << outcome.ChildText(issue, "expression") << ": "
                  << (details == kNone ? "" : outcome.ChildText(details, "text")) << "\n";
      }
    if (!refused.empty()) std::cout << "  refused " << refused << "\n";
    for (const auto& issue : issues.all())
      std::cout << "  found  " << SeverityCode(issue.severity) << " " << issue.place.path << ": "
                << issue.Text() << " [" << issue.rule->id << "] " << issue.source << "\n";
  }

  fs::path folder_;
  const spec::Definitions& definitions_;
  std::string only_;
  Tree manifest_;
  std::map<std::string, NodeIndex> tests_;
  std::map<std::string, std::optional<Tree>, std::less<>> fetched_;
  std::size_t runs_ = 0, valid_ = 0, m1_ = 0, m2_ = 0, m3_ = 0, false_alarms_ = 0;
};

}  // namespace

int main(int argc, char** argv) {
  if (argc < 2) {
    std::cerr << "usage: validator_suite FOLDER [SCORE-FILE] [NAME]\n";
    return 2;
  }
  auto file = spec::MappedFile::Open(PASSERELLE_PACK);
  if (!file) {
    std::cerr << file.error().Text() << "\n";
    return 2;
  }
  auto definitions = spec::Definitions::Open(file->bytes());
  Suite suite(argv[1], *definitions, argc > 3 ? argv[3] : "");
  if (!suite.Load()) {
    std::cout << "skipped: " << argv[1] << " is not there\n";
    return kSkipped;
  }
  suite.RunAll();
  return suite.Finish(argc > 2 && std::strcmp(argv[2], "-") != 0 ? argv[2] : nullptr);
}
