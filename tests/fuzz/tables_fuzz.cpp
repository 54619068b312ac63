// The table reader takes any text as two layers of a table: rows and errors, each with a line that the text
// has.

#include <algorithm>
#include <cstdint>
#include <cstdlib>
#include <string>
#include <vector>

#include "mappers/engine/condition.h"
#include "mappers/engine/source.h"
#include "mappers/engine/table.h"

using namespace passerelle;

namespace {

// What the compiler does with each row before it asks the definitions.
void Visit(const std::vector<engine::RowText>& rows, std::uint32_t lines) {
  for (const auto& row : rows) {
    if (row.spot.line == 0 || row.spot.line > lines) std::abort();
    if (row.kind == engine::RowKind::Row && (row.source.empty() || row.target.empty())) std::abort();
    (void)row.Group();
    if (auto source = engine::ReadSource(row.source); source && source->positions.size() > row.source.size())
      std::abort();
    auto operations = engine::ReadQuickly(row.when, [](engine::Source) { return 0u; });
    if (operations && operations->size() > row.when.size()) std::abort();
    Visit(row.below, lines);
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  std::string text(reinterpret_cast<const char*>(data), std::min<std::size_t>(size, 4096));
  auto half = text.size() / 2;
  std::vector<engine::TableFile> files{{"a.map", text, 0}, {"b.map", text.substr(half), 2}};
  auto lines = static_cast<std::uint32_t>(std::count(text.begin(), text.end(), '\n') + 1);
  std::vector<Error> errors;
  std::vector<engine::Tables> tables;
  for (std::uint32_t i = 0; i < files.size(); ++i) tables.push_back(engine::ReadTable(files, i, errors));
  auto all = engine::LayTables(files, std::move(tables), errors);
  for (const auto& map : all.maps) Visit(map.rows, lines);
  Visit(all.everywhere, lines);
  for (const auto& error : errors)
    if (error.place.line == 0 || error.place.line > lines || error.detail.empty()) std::abort();
  return 0;
}
