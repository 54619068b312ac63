// The shipped tables over other people's messages and documents: every leaf accounted for, the same bytes
// twice.

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <iterator>

#include "mappers/engine/account.h"
#include "tests/mappers/engine/support.h"

using namespace passerelle;
using namespace passerelle::tests;
namespace fs = std::filesystem;

namespace {

constexpr std::uintmax_t kFileBytesMax = 400'000;

const engine::Program& Shipped() {
  static const engine::Program program = Compiled(engine::ShippedTables());
  return program;
}

// The files below `folder` that `read` makes a tree of.
template <class Read>
std::size_t ForEachSource(const std::string& folder, const Read& read) {
  std::size_t count = 0;
  if (!fs::exists(folder)) {
    WARN("skipped: no " << folder);
    return 0;
  }
  for (const auto& file : fs::recursive_directory_iterator(folder)) {
    if (!file.is_regular_file() || file.file_size() > kFileBytesMax) continue;
    std::ifstream in(file.path(), std::ios::binary);
    std::string text{std::istreambuf_iterator<char>(in), {}};
    INFO(file.path().string());
    count += read(std::move(text));
  }
  return count;
}

// Holds whatever the tables say.
void CheckAccount(const node::Tree& source) {
  Issues issues;
  auto one = Shipped().Run(source, Options(), issues), two = Shipped().Run(source, Options(), issues);
  REQUIRE(one.has_value());
  REQUIRE(two.has_value());
  CHECK(json::Write(one->bundle) == json::Write(two->bundle));
  one->Settle(source);
  const auto& ledger = one->ledger;
  CHECK(ledger.lines.size() == engine::LeavesOf(source).size());
  CHECK(ledger.lines.size() == ledger.Count(engine::Fate::Mapped) + ledger.Count(engine::Fate::Dropped) +
                                   ledger.Count(engine::Fate::Unmapped));
  std::size_t mapped_without_target = 0, dropped_without_reason = 0;
  for (const auto& line : ledger.lines) {
    mapped_without_target += line.fate == engine::Fate::Mapped && (line.targets.empty() || line.row.empty());
    dropped_without_reason += line.fate == engine::Fate::Dropped && line.reason.empty();
  }
  CHECK(mapped_without_target == 0);
  CHECK(dropped_without_reason == 0);
}

// No element without a value, no reference to an entry that is not there.
void CheckBundle(const node::Tree& bundle) {
  std::size_t empty = 0, dangling = 0;
  std::vector<std::string_view> urls;
  for (node::NodeIndex entry : node::Children(bundle, node::kRoot))
    urls.push_back(bundle.ChildText(entry, "fullUrl"));
  std::vector<node::NodeIndex> open{node::kRoot};
  while (!open.empty()) {
    node::NodeIndex i = open.back();
    open.pop_back();
    empty += bundle[i].first == node::kNone && bundle[i].text.empty();
    if (bundle.name(i) == "reference" && bundle[i].text.starts_with("urn:uuid:"))
      dangling += std::find(urls.begin(), urls.end(), bundle[i].text) == urls.end();
    for (node::NodeIndex child : node::Children(bundle, i)) open.push_back(child);
  }
  CHECK(empty == 0);
  CHECK(dangling == 0);
}

}  // namespace

TEST_CASE("every leaf of the corpora's messages is accounted for") {
  auto count = ForEachSource("../shared/corpora/hl7v2", [](std::string text) -> std::size_t {
    if (text.find("MSH|") == text.npos) return 0;
    Issues issues;
    auto source = hl7v2::Parse(std::move(text), {}, issues);
    if (!source) return 0;
    hl7v2::Group(*source, issues);
    if (!Shipped().Claims(*source)) return 0;
    CheckAccount(*source);
    CheckBundle(Shipped().Run(*source, Options(), issues)->bundle);
    return 1;
  });
  if (fs::exists("../shared/corpora/hl7v2")) CHECK(count > 100);
}

TEST_CASE("every leaf of the corpora's documents is accounted for") {
  std::size_t seen = 0;
  auto count = ForEachSource("../shared/corpora/cda/ans", [&](std::string text) -> std::size_t {
    if (seen++ % 4 != 0) return 0;  // a sample: the CDA suite reads them all
    Issues issues;
    auto source = cda::Parse(std::move(text), kWireLimits, issues);
    if (!source || !Shipped().Claims(*source)) return 0;
    CheckAccount(*source);
    CheckBundle(Shipped().Run(*source, Options(), issues)->bundle);
    return 1;
  });
  if (fs::exists("../shared/corpora/cda/ans")) CHECK(count > 5);
}
