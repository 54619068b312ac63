#include "profiles/terminology/terminology.h"

#include <algorithm>
#include <mutex>
#include <shared_mutex>
#include <string>
#include <unordered_map>

#include "fhir_model/json/json.h"
#include "profiles/terminology/code_system.h"
#include "profiles/terminology/grammars.h"
#include "profiles/terminology/value_set.h"

namespace passerelle::terminology {
namespace {

struct TextHash {
  using is_transparent = void;
  std::size_t operator()(std::string_view text) const { return HashCode(text); }
};
template <class T>
using Kept = std::unordered_map<std::string, T, TextHash, std::equal_to<>>;

// v3 and v2 code systems are named by canonical, in older content by OID.
std::string Key(std::string_view url, std::string_view version) {
  return version.empty() ? std::string(url) : std::string(url) + "|" + std::string(version);
}

// Documents that R4 binds to as if they were value sets: all codes of the system that they define.
struct Document {
  std::string_view address, system;
};
constexpr Document kDocuments[] = {{"http://www.rfc-editor.org/bcp/bcp13.txt", "urn:ietf:bcp:13"},
                                   {"http://tools.ietf.org/html/bcp47", "urn:ietf:bcp:47"}};

std::optional<node::Tree> SetOfDocument(std::string_view address) {
  for (const auto& row : kDocuments) {
    if (row.address != address) continue;
    auto tree = json::Parse(R"({"resourceType":"ValueSet","compose":{"include":[{"system":")" +
                                std::string(row.system) + R"("}]}})",
                            kFileLimits);
    if (tree) return *std::move(tree);
  }
  return std::nullopt;
}

}  // namespace

struct Terminology::State : CompileContext {
  explicit State(const spec::Library& the_library) : library(the_library) {}

  const CodeSystem* FindCodeSystem(std::string_view system, std::string_view version) override;
  const ValueSet* FindValueSet(std::string_view canonical) override;

  std::optional<node::Tree> Read(std::string_view canonical) const {
    auto hash = canonical.find('#');
    auto found = library.Find(canonical.substr(0, hash), hash == canonical.npos ? "ValueSet" : "");
    if (!found) return SetOfDocument(canonical);
    auto tree = json::Parse(std::string(found->json), kFileLimits);
    if (!tree) return std::nullopt;
    if (hash == canonical.npos) return *std::move(tree);
    for (node::NodeIndex child : node::Children(*tree, node::kRoot))
      if (tree->name(child) == "contained" && tree->ChildText(child, "id") == canonical.substr(hash + 1))
        return tree->Extract(child);
    return std::nullopt;
  }

  // The supplements of a code system: more designations.
  const std::vector<std::unique_ptr<const CodeSystem>>& Supplements(std::string_view system);

  const spec::Library& library;

  std::shared_mutex reading;                        // guards the maps
  std::recursive_mutex compiling;                   // one at a time makes them
  Kept<std::unique_ptr<const CodeSystem>> systems;  // null: not here
  Kept<std::unique_ptr<const ValueSet>> sets;
  Kept<std::vector<std::unique_ptr<const CodeSystem>>> supplements;
  std::vector<std::string_view> open;  // value sets that are being made
};

const CodeSystem* Terminology::State::FindCodeSystem(std::string_view system, std::string_view version) {
  if (version.empty()) {
    std::shared_lock lock(reading);
    if (auto it = systems.find(system); it != systems.end()) return it->second.get();
  }
  std::string key = Key(system, version);
  std::lock_guard one(compiling);
  if (auto it = systems.find(key); it != systems.end()) return it->second.get();
  std::unique_ptr<const CodeSystem> made;
  if (auto found = library.Find(key, "CodeSystem")) {
    auto tree = json::Parse(std::string(found->json), kFileLimits);
    if (tree && tree->ChildText(node::kRoot, "content") != "supplement")
      made = std::make_unique<const CodeSystem>(*std::move(tree), node::kRoot);
  }
  std::unique_lock lock(reading);
  return (systems[key] = std::move(made)).get();
}

const ValueSet* Terminology::State::FindValueSet(std::string_view canonical) {
  {
    std::shared_lock lock(reading);
    if (auto it = sets.find(canonical); it != sets.end()) return it->second.get();
  }
  std::lock_guard one(compiling);
  if (auto it = sets.find(canonical); it != sets.end()) return it->second.get();
  // A value set that includes itself, straight or by others, does not know what the inner one holds.
  if (std::find(open.begin(), open.end(), canonical) != open.end()) return nullptr;
  std::unique_ptr<ValueSet> made;
  if (auto tree = Read(canonical)) {
    made = std::make_unique<ValueSet>();
    made->tree = std::make_shared<node::Tree>(*std::move(tree));
    open.push_back(canonical);
    CompileValueSet(*made->tree, node::kRoot, *this, *made);
    open.pop_back();
  }
  std::unique_lock lock(reading);
  return (sets[std::string(canonical)] = std::move(made)).get();
}

const std::vector<std::unique_ptr<const CodeSystem>>& Terminology::State::Supplements(
    std::string_view system) {
  std::lock_guard one(compiling);
  auto it = supplements.find(system);
  if (it != supplements.end()) return it->second;
  std::vector<std::unique_ptr<const CodeSystem>> found;
  for (const auto& text : library.All("CodeSystem")) {
    if (text.json.find("\"supplements\"") == text.json.npos) continue;
    auto tree = json::Parse(std::string(text.json), kFileLimits);
    if (!tree) continue;
    std::string_view of = tree->ChildText(node::kRoot, "supplements");
    if (of.substr(0, of.find('|')) == system)
      found.push_back(std::make_unique<const CodeSystem>(*std::move(tree), node::kRoot));
  }
  return supplements.emplace(std::string(system), std::move(found)).first->second;
}

Terminology::Terminology(const spec::Library& library) : state_(new State(library)) {}
Terminology::~Terminology() = default;

const ValueSet* Terminology::FindValueSet(std::string_view canonical) const {
  return state_->FindValueSet(canonical);
}

const CodeSystem* Terminology::FindCodeSystem(std::string_view system, std::string_view version) const {
  return state_->FindCodeSystem(system, version);
}

Membership Terminology::MemberOf(const ValueSet& value_set, const Coded& coded) const {
  return value_set.Ask(coded);
}

Membership Terminology::MemberOf(std::string_view value_set, const Coded& coded) const {
  const ValueSet* found = FindValueSet(value_set);
  if (found == nullptr) return {Answer::CannotTell, value_set, {}, {}, false};
  Membership membership = found->Ask(coded);
  if (membership.answer == Answer::CannotTell && membership.missing.empty()) membership.missing = value_set;
  return membership;
}

Membership Terminology::MemberOf(const node::Tree& tree, node::NodeIndex value_set,
                                 const Coded& coded) const {
  ValueSet compiled;
  std::lock_guard one(state_->compiling);
  CompileValueSet(tree, value_set, *state_, compiled);
  return compiled.Ask(coded);
}

CodeLookup Terminology::Lookup(std::string_view system, std::string_view code,
                               std::string_view version) const {
  CodeLookup result;
  const CodeSystem* found = FindCodeSystem(system, version);
  if (found != nullptr) {
    result.case_sensitive = found->case_sensitive();
    std::uint32_t concept_index = found->Find(code);
    if (concept_index != CodeSystem::kNone) {
      result.exists = Answer::In;
      result.display = found->concepts()[concept_index].display;
      result.inactive = found->IsInactive(concept_index);
      return result;
    }
    if (found->content() == Content::Complete) {
      result.exists = Answer::Out;
      return result;
    }
  }
  if (Grammar grammar = FindGrammar(system)) result.exists = grammar(code);
  return result;
}

std::optional<bool> Terminology::DisplayAgrees(const Coded& coded) const {
  const CodeSystem* found = FindCodeSystem(coded.system);
  if (found == nullptr) return std::nullopt;
  std::uint32_t concept_index = found->Find(coded.code);
  if (concept_index == CodeSystem::kNone || found->concepts()[concept_index].display.empty())
    return std::nullopt;
  if (found->HasDesignation(concept_index, coded.display)) return true;
  for (const auto& supplement : state_->Supplements(coded.system)) {
    std::uint32_t there = supplement->Find(coded.code);
    if (there != CodeSystem::kNone && supplement->HasDesignation(there, coded.display)) return true;
  }
  return false;
}

bool Terminology::KnowsSystem(std::string_view system) const {
  return FindGrammar(system) != nullptr || FindCodeSystem(system) != nullptr;
}

bool Terminology::KnowsValueSet(std::string_view value_set) const {
  const ValueSet* found = FindValueSet(value_set);
  return found != nullptr && found->known;
}

}  // namespace passerelle::terminology
