// Layers: what later files say over earlier ones, group by group.

#include <algorithm>
#include <cctype>
#include <map>
#include <set>

#include "mappers/engine/errors.h"
#include "mappers/engine/table.h"

namespace passerelle::engine {
namespace {

// The same map: kind, first name, target and condition agree.
bool SameMap(const MapText& a, const MapText& b) {
  return a.kind == b.kind && a.names.front() == b.names.front() && a.target == b.target && a.when == b.when;
}

class Layering {
 public:
  Layering(const std::vector<TableFile>& files, std::vector<Error>& errors)
      : files_(files), errors_(errors) {}

  // Lays one layer's rows over `rows`.
  void LayRows(std::vector<RowText>& rows, std::vector<RowText> above, int layer) {
    std::set<std::string> placed, replaced;
    for (auto& row : above) {
      if (row.kind == RowKind::Remove) {
        Take(rows, row);
        continue;
      }
      std::string group = row.Group();
      auto same = [&](const RowText& other) { return other.SameGroup(row); };
      if (placed.insert(group).second) {
        auto first = std::find_if(rows.begin(), rows.end(), same);
        bool own_layer = first != rows.end() && LayerOf(*first) == layer;
        if (own_layer && row.kind == RowKind::Row && first->spot.file != row.spot.file) {
          Fail(errors::TableTwice, row.spot, group + " stands in " + files_[first->spot.file].name + " too");
          continue;
        }
        if (first != rows.end() && !own_layer) {  // the whole group goes, its place stays
          rows.erase(std::remove_if(first + 1, rows.end(), same), rows.end());
          *first = std::move(row);
          replaced.insert(group);
          continue;
        }
      }
      auto last = replaced.contains(group) ? std::find_if(rows.rbegin(), rows.rend(), same) : rows.rbegin();
      rows.insert(last.base(), std::move(row));
    }
  }

  void LayMap(std::vector<MapText>& maps, MapText above) {
    auto it = std::find_if(maps.begin(), maps.end(), [&](const MapText& m) { return SameMap(m, above); });
    if (it == maps.end()) {
      std::vector<RowText> rows = std::move(above.rows);
      above.rows.clear();
      int layer = above.layer;
      maps.push_back(std::move(above));
      LayRows(maps.back().rows, std::move(rows), layer);
      return;
    }
    for (auto& name : above.names)
      if (std::find(it->names.begin(), it->names.end(), name) == it->names.end()) it->names.push_back(name);
    it->events.insert(it->events.end(), above.events.begin(), above.events.end());
    LayRows(it->rows, std::move(above.rows), above.layer);
  }

  // Lines are replaced one by one; within a layer a second one for the same code is a mistake.
  void LayCodes(std::vector<CodesText>& codes, CodesText above) {
    auto it =
        std::find_if(codes.begin(), codes.end(), [&](const CodesText& c) { return c.name == above.name; });
    if (it == codes.end()) {
      codes.push_back({above.name, above.system, {}, above.spot});
      it = codes.end() - 1;
    }
    if (!above.system.empty()) it->system = above.system;
    auto& known = code_lines_[above.name];
    for (auto& line : above.lines) {
      auto [at, added] = known.try_emplace({line.system, line.code}, it->lines.size());
      if (added) {
        it->lines.push_back(std::move(line));
      } else {
        CodeText& old = it->lines[at->second];
        if (Layer(old.spot) == Layer(line.spot))
          Fail(errors::TableTwice, line.spot, "the code " + line.code + " has a line already");
        old = std::move(line);
      }
    }
  }

  void LaySystem(std::vector<SystemText>& systems, SystemText above) {
    auto [at, added] = system_lines_.try_emplace(above.from, systems.size());
    if (added)
      systems.push_back(std::move(above));
    else
      systems[at->second] = std::move(above);
  }

 private:
  int Layer(Spot spot) const { return files_[spot.file].layer; }
  int LayerOf(const RowText& row) const { return Layer(row.spot); }
  void Fail(const ErrorInfo& info, Spot spot, std::string what) {
    errors_.push_back(TableError(info, files_, spot, std::move(what)));
  }

  void Take(std::vector<RowText>& rows, const RowText& removed) {
    auto goes = [&](const RowText& row) {
      return removed.source.empty() ? row.id == removed.id : row.Group() == removed.Group();
    };
    std::vector<RowText> left;
    bool headless = false;  // the row that an else row follows has gone
    for (auto& row : rows) {
      if (goes(row)) {
        headless = headless || !row.is_else;
        continue;
      }
      if (headless) row.is_else = false;
      headless = false;
      left.push_back(std::move(row));
    }
    if (left.size() == rows.size()) Fail(errors::TableName, removed.spot, "there is nothing here to remove");
    rows = std::move(left);
  }

  const std::vector<TableFile>& files_;
  std::vector<Error>& errors_;
  std::map<std::string, std::map<std::pair<std::string, std::string>, std::size_t>> code_lines_;
  std::map<std::string, std::size_t> system_lines_;
};

// Writes named conditions out: "%visit and ..." is "(...) and ...".
class Conditions {
 public:
  void Set(ConditionText condition) { texts_[std::move(condition.name)] = std::move(condition.text); }

  void WriteOut(std::vector<MapText>& maps) const {
    for (auto& map : maps) {
      WriteOut(map.when);
      WriteOut(map.rows);
    }
  }
  void WriteOut(std::vector<RowText>& rows) const {
    for (auto& row : rows) {
      WriteOut(row.when);
      if (row.source.starts_with('{')) WriteOut(row.source);
      WriteOut(row.below);
    }
  }

 private:
  void WriteOut(std::string& when) const {
    auto in_name = [](char c) { return std::isalnum(static_cast<unsigned char>(c)) || c == '_'; };
    for (auto at = when.find('%'); at != when.npos; at = when.find('%', at)) {
      auto end = std::find_if_not(when.begin() + static_cast<std::ptrdiff_t>(++at), when.end(), in_name);
      auto it = texts_.find(std::string(when.begin() + static_cast<std::ptrdiff_t>(at), end));
      if (it == texts_.end()) continue;
      when.replace(when.begin() + static_cast<std::ptrdiff_t>(--at), end, "(" + it->second + ")");
      at += it->second.size();
    }
  }

  std::map<std::string, std::string> texts_;
};

}  // namespace

Tables LayTables(const std::vector<TableFile>& files, std::vector<Tables> tables,
                 std::vector<Error>& errors) {
  std::vector<std::size_t> order(tables.size());
  for (std::size_t i = 0; i < order.size(); ++i) order[i] = i;
  auto by_name = [&](std::size_t a, std::size_t b) {
    return std::tie(files[a].layer, files[a].name) < std::tie(files[b].layer, files[b].name);
  };
  std::sort(order.begin(), order.end(), by_name);
  Layering layering(files, errors);
  Conditions conditions;
  Tables all;
  for (std::size_t i : order) {
    Tables& one = tables[i];
    for (auto& map : one.maps) layering.LayMap(all.maps, std::move(map));
    for (auto& codes : one.codes) layering.LayCodes(all.codes, std::move(codes));
    for (auto& system : one.systems) layering.LaySystem(all.systems, std::move(system));
    layering.LayRows(all.everywhere, std::move(one.everywhere), files[i].layer);
    for (auto& condition : one.conditions) conditions.Set(std::move(condition));
    all.apart.insert(all.apart.end(), one.apart.begin(), one.apart.end());
    if (!one.precedence.empty()) all.precedence = std::move(one.precedence);
  }
  conditions.WriteOut(all.maps);
  conditions.WriteOut(all.everywhere);
  return all;
}

}  // namespace passerelle::engine
