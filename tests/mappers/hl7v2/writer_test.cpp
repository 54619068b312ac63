// Writing ER7: as it came where nothing was changed, canonical where something was.

#include "mappers/hl7v2/writer.h"

#include <algorithm>
#include <catch2/catch.hpp>
#include <filesystem>
#include <fstream>
#include <sstream>

#include "mappers/hl7v2/reader.h"
#include "mappers/hl7v2/text.h"

namespace passerelle::hl7v2 {
namespace {

using node::kRoot;
using node::NodeIndex;
using node::Tree;

Tree Read(const std::string& bytes) {
  Issues issues;
  auto tree = Parse(bytes, {}, issues);
  if (!tree) FAIL(tree.error().Text());
  return std::move(*tree);
}

const std::string kMessage =
    "MSH|^~\\&|A|B|C|D|2024||ADT^A01^ADT_A01|1|P|2.5\r"
    "PID|1||17^^^X&1.2&ISO^PI~18||L\\T\\O^^^||  |\r"
    "ZZZ|||\r"
    "NTE|1||a\\.br\\b & c\r";

TEST_CASE("what nobody changed is written as it came", "[writer]") { CHECK(Write(Read(kMessage)) == kMessage); }

TEST_CASE("a changed segment is written in canonical form, the others as they came", "[writer]") {
  Tree tree = Read(kMessage);
  NodeIndex pid = tree.Child(kRoot, "PID");
  tree[tree.Child(pid, "PID-1")].text = "2|3";
  CHECK(Write(tree) ==
        "MSH|^~\\&|A|B|C|D|2024||ADT^A01^ADT_A01|1|P|2.5\r"
        "PID|2\\F\\3||17^^^X&1.2&ISO^PI~18||L\\T\\O\r"
        "ZZZ|||\r"
        "NTE|1||a\\.br\\b & c\r");
}

TEST_CASE("new segments and a tree without source", "[writer]") {
  Tree tree = Read(kMessage);
  NodeIndex zbe = tree.Append(kRoot, tree.NameOf("ZBE"), node::Kind::Element);
  NodeIndex field = tree.Append(zbe, tree.NameOf("ZBE-4"), node::Kind::String, "INSERT");
  tree[field].position = 4;
  std::string written = Write(tree.Extract(kRoot));
  CHECK(written.ends_with("ZZZ|\rNTE|1||a\\X0A\\b \\T\\ c\rZBE||||INSERT\r"));
  CHECK(Equal(Read(written), kRoot, tree, kRoot));
}

std::string Slurp(const std::filesystem::path& path) {
  std::ifstream file(path, std::ios::binary);
  std::stringstream text;
  text << file.rdbuf();
  return text.str();
}

// One CR at the end of each line, no blank lines.
std::string OneLineEnd(std::string_view text) {
  std::string out;
  for (char c : text) {
    if (c == '\n') c = '\r';
    if (c != '\r' || (!out.empty() && out.back() != '\r')) out.push_back(c);
  }
  if (!out.ends_with('\r')) out.push_back('\r');
  return out;
}

TEST_CASE("every message of the corpora comes out as it went in, and its canonical form means the same",
          "[writer][corpus]") {
  std::filesystem::path corpus("../shared/corpora/hl7v2");
  if (!std::filesystem::exists(corpus)) {
    WARN("skipped: ../shared/corpora/hl7v2 is not here");
    return;
  }
  int messages = 0;
  for (const auto& entry : std::filesystem::recursive_directory_iterator(corpus)) {
    if (!entry.is_regular_file()) continue;
    std::string bytes = Slurp(entry.path());
    auto start = FindMessageStart(bytes);
    if (!std::string_view(bytes).substr(start).starts_with("MSH")) continue;
    INFO(entry.path());
    Issues issues;
    auto tree = Parse(bytes, {}, issues);
    if (!tree) {
      INFO(tree.error().Text());
      CHECK(false);
      continue;
    }
    ++messages;
    Issues ignored;
    auto decoded = DecodeMessage(bytes, std::nullopt, ignored);
    REQUIRE(decoded);
    bool as_it_came = OneLineEnd(Write(*tree)) == OneLineEnd(decoded->utf8);
    CHECK(as_it_came);
    Tree again = Read(Write(tree->Extract(kRoot)));
    bool same = Equal(*tree, kRoot, again, kRoot);
    CHECK(same);
  }
  CHECK(messages > 200);
}

}  // namespace
}  // namespace passerelle::hl7v2
