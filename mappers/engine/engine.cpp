#include "mappers/engine/engine.h"

#include <optional>

#include "fhir_model/base/digest.h"
#include "mappers/engine/compiler.h"
#include "mappers/engine/errors.h"
#include "mappers/engine/run.h"

namespace passerelle::engine {

std::string_view SystemTable::Find(std::string_view key) const {
  auto it = systems_.find(key);
  return it == systems_.end() ? std::string_view() : std::string_view(it->second);
}

std::string Program::Compiled::RowName(std::uint32_t number) const {
  const Spot& spot = spots[number];
  return files[spot.file] + ":" + std::to_string(spot.line);
}

Result<Program> Program::Compile(std::span<const TableFile> files, const spec::Definitions& definitions,
                                 std::vector<Error>* errors) {
  std::vector<TableFile> all(files.begin(), files.end());
  std::vector<Error> found;
  auto compiled = std::make_shared<Compiled>(definitions);
  std::vector<Tables> tables;
  Sha256Stream digest;
  for (std::uint32_t i = 0; i < all.size(); ++i) {
    compiled->files.push_back(all[i].name);
    digest.Add(all[i].name + '\n' + std::to_string(all[i].layer) + '\n' + all[i].text);
    tables.push_back(ReadTable(all, i, found));
  }
  auto sum = digest.Finish();
  compiled->digest = Hex({reinterpret_cast<const char*>(sum.data()), sum.size()});
  Compiler compiler(all, *compiled, found);
  compiler.Compile(LayTables(all, std::move(tables), found));
  if (errors != nullptr) *errors = found;
  if (!found.empty()) return std::move(found.front());
  Program program;
  program.compiled_ = std::move(compiled);
  return program;
}

bool Program::Claims(const node::Tree& source) const {
  if (source.format() == node::Format::Hl7v2) return FindEvent(*compiled_, source) != kNoNumber;
  return compiled_->elements.contains(source.root().name);
}

Result<Draft> Program::Run(const node::Tree& source, const MapOptions& options, Issues& issues) const {
  if (!Claims(source)) return Error{errors::EventNotMapped};
  return engine::Run(compiled_, source, options, issues).Go();
}

void Program::Complete(Draft& draft) const { compiled_->required.Complete(draft.bundle); }

std::string_view Program::digest() const { return compiled_->digest; }

std::string ResourceId(std::string_view id_key, std::string_view type, std::string_view authority,
                       std::string_view identifier) {
  // A thread works under one key, or under few.
  struct Known {
    std::string text;
    HmacKey key;
  };
  static thread_local std::optional<Known> known;
  if (!known || known->text != id_key) known.emplace(std::string(id_key), HmacKey(id_key));
  std::string text;
  text.reserve(type.size() + authority.size() + identifier.size() + 16);
  // The length goes before each part, so that no two triples read alike.
  for (auto part : {type, authority, identifier})
    text.append(std::to_string(part.size())).append(":").append(part);
  return UuidFromDigest(known->key.Of(text));
}

}  // namespace passerelle::engine
