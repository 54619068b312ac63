#include "profiles/requirements/value_sets.h"

#include <algorithm>
#include <charconv>
#include <filesystem>
#include <fstream>
#include <sstream>

#include "fhir_model/base/digest.h"
#include "fhir_model/base/limits.h"
#include "fhir_model/json/json.h"
#include "fhir_model/xml/xml.h"
#include "profiles/requirements/errors.h"

namespace passerelle::requirements {
namespace {

namespace fs = std::filesystem;

constexpr xml::Vocabulary::Prefix kBare[] = {{"urn:ihe:iti:svs:2008", ""}};
constexpr xml::Vocabulary kSvs{"urn:ihe:iti:svs:2008", "ValueSet", kBare, 1};

// FHIR packages name a file ValueSet-JDV-J66-TypeCode-DMP, the national server JDV_J66_TypeCode_DMP.
std::string AsPublished(std::string stem) {
  for (std::string_view prefix : {"ValueSet-", "ConceptMap-"}) {
    if (!stem.starts_with(prefix)) continue;
    stem.erase(0, prefix.size());
    std::ranges::replace(stem, '-', '_');
  }
  return stem;
}

std::string ShortName(std::string_view stem) {
  auto first = stem.find('_');
  return std::string(stem.substr(0, first == stem.npos ? first : stem.find('_', first + 1)));
}

std::string Text(const node::Tree& tree, node::NodeIndex i, std::string_view name) {
  return std::string(tree.ChildText(i, name));
}

void Add(Concept concept_read, ValueSet& set) {
  auto code = concept_read.code;
  if (!code.empty()) set.concepts.emplace(std::move(code), std::move(concept_read));
}

void ReadSvs(const node::Tree& tree, ValueSet& set) {
  set.version = Text(tree, node::kRoot, "@dateMaj");
  for (auto list : node::Children(tree, node::kRoot))
    for (auto item : node::Children(tree, list))
      if (tree.name(item) == "Concept")
        Add({Text(tree, item, "@code"), Text(tree, item, "@codeSystem"), Text(tree, item, "@displayName")},
            set);
}

// The plain JSON form.
void ReadPlain(const node::Tree& tree, ValueSet& set) {
  for (auto item : node::Children(tree, node::kRoot)) {
    if (Text(tree, item, "code").empty()) continue;
    if (tree.name(item) == "concepts")
      Add({Text(tree, item, "code"), Text(tree, item, "system"), Text(tree, item, "display")}, set);
    else if (tree.name(item) == "map")
      set.associations.emplace(Text(tree, item, "code"), Text(tree, item, "target"));
  }
}

// Children of a name.
std::vector<node::NodeIndex> Named(const node::Tree& tree, node::NodeIndex i, std::string_view name) {
  std::vector<node::NodeIndex> named;
  for (auto child : node::Children(tree, i))
    if (tree.name(child) == name) named.push_back(child);
  return named;
}

// Those below `parent`, with those below them; how many concepts there are, abstract ones counted: they stand
// in the expansion, but nobody may choose them.
std::size_t ReadContains(const node::Tree& tree, node::NodeIndex parent, ValueSet& set) {
  std::size_t count = 0;
  for (auto item : Named(tree, parent, "contains")) {
    Concept member{Text(tree, item, "code"), Text(tree, item, "system"), Text(tree, item, "display")};
    count += member.code.empty() ? 0 : 1;  // without a code it is a heading
    if (Text(tree, item, "abstract") != "true") Add(std::move(member), set);
    count += ReadContains(tree, item, set);
  }
  return count;
}

std::size_t Number(std::string_view text) {
  std::size_t number = 0;
  std::from_chars(text.data(), text.data() + text.size(), number);
  return number;
}

// What an expansion says about itself when it holds less than the whole set.
constexpr std::string_view kPartial[] = {"http://hl7.org/fhir/StructureDefinition/valueset-unclosed",
                                         "http://hl7.org/fhir/StructureDefinition/valueset-toocostly"};

bool IsWhole(const node::Tree& tree, node::NodeIndex expansion, std::size_t count) {
  if (Number(Text(tree, expansion, "offset")) > 0) return false;
  auto total = Text(tree, expansion, "total");
  if (Number(total) > count) return false;
  for (auto extension : Named(tree, expansion, "extension"))
    if (std::ranges::find(kPartial, Text(tree, extension, "url")) != std::end(kPartial) &&
        Text(tree, extension, "valueBoolean") != "false")
      return false;
  for (auto parameter : Named(tree, expansion, "parameter")) {
    auto name = Text(tree, parameter, "name");
    if (name == "offset" && Number(Text(tree, parameter, "valueInteger")) > 0) return false;
    if (name == "limitedExpansion" && Text(tree, parameter, "valueBoolean") == "true") return false;
    // A full page of nobody knows how many.
    if (name == "count" && total.empty() && Number(Text(tree, parameter, "valueInteger")) <= count)
      return false;
  }
  return true;
}

// A FHIR ValueSet that lists its codes; false: its expansion is a page of more, and it takes some by a
// filter, or a whole system, or other sets, and so only a terminology server knows what is in it.
bool ReadFhirValueSet(const node::Tree& tree, ValueSet& set) {
  for (auto expansion : Named(tree, node::kRoot, "expansion")) {
    auto count = ReadContains(tree, expansion, set);
    if (!IsWhole(tree, expansion, count)) set.concepts.clear();
  }
  if (!set.concepts.empty()) return true;
  for (auto compose : Named(tree, node::kRoot, "compose")) {
    if (!Named(tree, compose, "exclude").empty()) return false;
    for (auto include : Named(tree, compose, "include")) {
      auto concepts = Named(tree, include, "concept");
      if (concepts.empty() || !Named(tree, include, "valueSet").empty()) return false;
      for (auto item : concepts)
        Add({Text(tree, item, "code"), Text(tree, include, "system"), Text(tree, item, "display")}, set);
    }
  }
  return true;
}

void ReadFhirConceptMap(const node::Tree& tree, ValueSet& set) {
  for (auto group : Named(tree, node::kRoot, "group"))
    for (auto element : Named(tree, group, "element"))
      for (auto target : Named(tree, element, "target"))
        set.associations.emplace(Text(tree, element, "code"), Text(tree, target, "code"));
}

bool ReadJson(const node::Tree& tree, ValueSet& set) {
  set.version = Text(tree, node::kRoot, "version");
  auto type = tree.name(node::kRoot);  // of a resource
  if (type == "ValueSet") return ReadFhirValueSet(tree, set);
  if (type == "ConceptMap") return ReadFhirConceptMap(tree, set), true;
  return ReadPlain(tree, set), true;
}

Result<ValueSet> ReadValueSet(const std::string& path, std::string bytes) {
  ValueSet set;
  set.name = fs::path(path).stem().string();
  bool json = path.ends_with(".json");
  auto tree = json ? json::Parse(std::move(bytes), kFileLimits)
                   : xml::ParseForeign(std::move(bytes), kFileLimits, kSvs);
  if (!tree) return tree.error();
  if (!json)
    ReadSvs(*tree, set);
  else if (!ReadJson(*tree, set))
    return Error{errors::ValueSetUnreadable, set.name + " does not list its codes"};
  if (set.concepts.empty() && set.associations.empty())
    return Error{errors::ValueSetUnreadable, set.name + " is empty"};
  return set;
}

}  // namespace

ValueSets::ValueSets(std::vector<std::string> folders) {
  for (const auto& folder : folders) {
    std::error_code none;
    for (const auto& entry : fs::directory_iterator(folder, none)) {
      auto extension = entry.path().extension();
      if (extension != ".xml" && extension != ".json") continue;
      auto stem = AsPublished(entry.path().stem().string());
      paths_.emplace(stem, entry.path().string());
      if (stem.starts_with("JDV_J") || stem.starts_with("ASS_"))
        paths_.emplace(ShortName(stem), entry.path().string());
    }
  }
}

const ValueSet* ValueSets::Find(std::string_view name) const {
  std::lock_guard lock(mutex_);
  auto known = read_.find(name);
  if (known != read_.end()) return known->second.get();
  auto& slot = read_[std::string(name)];
  auto path = paths_.find(name);
  if (path == paths_.end()) return nullptr;
  std::ifstream in(path->second, std::ios::binary);
  std::ostringstream bytes;
  bytes << in.rdbuf();
  auto digest = Sha256Hex(bytes.view());
  auto set = ReadValueSet(path->second, std::move(bytes).str());
  if (!set) return nullptr;
  digests_[std::string(name)] = std::string(name) + "@" + set->version + " " + digest;
  slot = std::make_unique<ValueSet>(*std::move(set));
  return slot.get();
}

std::vector<std::string> ValueSets::Used() const {
  std::lock_guard lock(mutex_);
  std::vector<std::string> used;
  for (const auto& [name, digest] : digests_) used.push_back(digest);
  return used;
}

}  // namespace passerelle::requirements
