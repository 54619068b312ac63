// The house rules that a compiler does not check: who may include whom, which library stops where, how long a
// line and a file may be, and what is banned. Run by ctest over the whole tree.

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <iostream>
#include <map>
#include <string>
#include <string_view>
#include <vector>

namespace fs = std::filesystem;

namespace {

constexpr std::size_t kColumnsMax = 120;
constexpr int kFileLinesMax = 600;

// A file under `folder` may include house headers only from `may_use` and from its own folder.
// The first row that matches rules.
struct Door {
  std::string_view folder;
  std::vector<std::string_view> may_use;
};
const std::vector<Door> kDoors = {
    {"fhir_model/base/", {}},
    {"fhir_model/", {"fhir_model/"}},
    {"mappers/", {"fhir_model/", "mappers/"}},
    {"profiles/", {"fhir_model/", "profiles/"}},
    {"gateway/net/", {"fhir_model/base/"}},
    {"gateway/pipeline/", {"fhir_model/", "gateway/net/", "mappers/normalise/facts.h"}},
    {"gateway/store/", {"fhir_model/", "gateway/net/", "gateway/pipeline/"}},
    {"gateway/access/", {"fhir_model/", "gateway/net/", "gateway/pipeline/"}},
    {"gateway/record/", {"fhir_model/", "gateway/net/", "gateway/pipeline/", "gateway/access/"}},
    {"gateway/targets/", {"fhir_model/", "mappers/hl7v2/", "gateway/net/", "gateway/pipeline/"}},
    {"gateway/inputs/", {"fhir_model/", "mappers/", "profiles/", "gateway/net/", "gateway/pipeline/"}},
    {"gateway/api/", {"fhir_model/", "profiles/", "gateway/net/", "gateway/pipeline/", "gateway/access/"}},
    {"gateway/console/", {"gateway/api/"}},
    {"gateway/labelling/", {"fhir_model/", "mappers/", "profiles/"}},
    {"gateway/app/", {"fhir_model/", "mappers/", "profiles/", "gateway/"}},
    {"tests/", {"fhir_model/", "mappers/", "profiles/", "gateway/", "tests/"}},
};

// An angled include with this start belongs in these folders only.
struct Library {
  std::string_view include;
  std::vector<std::string_view> folders;
};
const std::vector<Library> kLibraries = {
    {"boost/beast", {"gateway/net/", "tests/gateway/net/"}},
    {"boost/asio/ssl", {"gateway/net/", "tests/gateway/net/"}},
    {"boost/", {"gateway/", "tests/gateway/", "tests/bench/", "tests/fuzz/"}},
    {"sqlite3", {"gateway/store/", "tests/gateway/store/"}},
    {"libxml", {"fhir_model/xml/"}},
    {"rapidjson", {"fhir_model/json/"}},
    {"zlib", {"gateway/labelling/"}},
    {"archive", {"profiles/packages/", "tests/profiles/packages/"}},
    {"toml++", {"gateway/app/"}},
    {"argon2", {"gateway/api/"}},
    {"re2", {"fhir_model/path/", "profiles/validator/", "profiles/terminology/"}},
    {"openssl",
     {"fhir_model/base/", "gateway/net/", "gateway/app/", "tests/gateway/net/", "tests/gateway/targets/"}},
};

constexpr std::string_view kBanned[] = {"std::regex", "rapidjson/document.h", "XML_PARSE_NOENT",
                                        "using namespace std;"};
constexpr std::string_view kRooms[] = {"fhir_model/", "mappers/", "profiles/", "gateway/", "tests/"};

int problems = 0;

void Report(const std::string& file, int line, const std::string& text) {
  std::cerr << file << ":" << line << ": " << text << "\n";
  ++problems;
}

bool StartsWithAny(std::string_view s, const auto& prefixes) {
  return std::any_of(std::begin(prefixes), std::end(prefixes),
                     [&](std::string_view p) { return s.starts_with(p); });
}

void CheckHouse(const std::string& file, int line, std::string_view target) {
  for (const auto& door : kDoors) {
    if (!file.starts_with(door.folder)) continue;
    if (!target.starts_with(door.folder) && !StartsWithAny(target, door.may_use))
      Report(file, line, "may not include " + std::string(target));
    return;
  }
}

void CheckLibrary(const std::string& file, int line, std::string_view target) {
  for (const auto& library : kLibraries) {
    if (!target.starts_with(library.include)) continue;
    if (!StartsWithAny(file, library.folders))
      Report(file, line, std::string(target) + " does not belong here");
    return;
  }
}

// Quoted and angled includes are held to the same doors.
void CheckInclude(const std::string& file, int line, std::string_view text) {
  if (!text.starts_with("#include")) return;
  auto open = text.find_first_of("\"<"), close = text.find_last_of("\">");
  if (open == text.npos || close <= open) return;
  auto target = text.substr(open + 1, close - open - 1);
  if (StartsWithAny(target, kRooms))
    CheckHouse(file, line, target);
  else
    CheckLibrary(file, line, target);
}

void CheckFile(const fs::path& root, const fs::path& path) {
  std::string file = path.lexically_relative(root).generic_string(), text;
  std::ifstream in(path);
  int line = 0;
  while (std::getline(in, text)) {
    ++line;
    if (text.size() > kColumnsMax) Report(file, line, "line is too long");
    if (text.ends_with(' ')) Report(file, line, "trailing space");
    if (!file.starts_with("tests/tidy/"))
      for (auto word : kBanned)
        if (text.find(word) != text.npos && text.find("//") > text.find(word))
          Report(file, line, std::string(word) + " is banned");
    CheckInclude(file, line, text);
  }
  if (line > kFileLinesMax) Report(file, line, "file is too long: split it");
}

// All rooms' rules are in one namespace, and so are their errors: two of one name would be one to the linker, and
// say what either says.
void CheckNames(const fs::path& root, const fs::path& path) {
  static std::map<std::string, std::string> rows;  // where each name was given
  std::string file = path.lexically_relative(root).generic_string(), text;
  std::ifstream in(path);
  for (int line = 1; std::getline(in, text); ++line) {
    const bool rule = text.starts_with("RULE("), error = text.starts_with("ERROR(");
    if (!rule && !error) continue;
    // RULE(Name, ... and ERROR(1001, Name, ...
    auto begin = rule ? text.find('(') + 1 : text.find_first_not_of(' ', text.find(',') + 1);
    std::string name = (rule ? "rule " : "error ") + text.substr(begin, text.find(',', begin) - begin);
    auto [first, added] = rows.emplace(name, file);
    if (!added) Report(file, line, name + " is one of " + first->second + " too");
  }
}

}  // namespace

int main(int argc, char** argv) {
  fs::path root = argc > 1 ? argv[1] : ".";
  for (auto room : kRooms) {
    if (!fs::exists(root / room)) continue;
    for (auto it = fs::recursive_directory_iterator(root / room); it != fs::recursive_directory_iterator();
         ++it) {
      if (it->path().filename() == "node_modules") it.disable_recursion_pending();
      auto ext = it->path().extension();
      if (ext == ".h" || ext == ".cpp") CheckFile(root, it->path());
      if (ext == ".def") CheckNames(root, it->path());
    }
  }
  std::cout << (problems == 0 ? "tidy" : "untidy") << "\n";
  return problems == 0 ? 0 : 1;
}
