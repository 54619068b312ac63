#include "mappers/hl7v2/rewrite.h"

#include <algorithm>

#include "mappers/hl7v2/reader.h"
#include "mappers/hl7v2/writer.h"

namespace passerelle::hl7v2 {
namespace {

using node::Children;
using node::Kind;
using node::kNone;
using node::kRoot;
using node::NodeIndex;
using node::Tree;

constexpr std::uint16_t kCharset = 18;

void Say(Tree& tree, NodeIndex header, std::string_view name, std::string_view text) {
  if (NodeIndex field = tree.Child(header, name); field != kNone) tree[field].text = text;
}

// MSH-18 with its repetitions says one thing: UTF-8. Where nothing stands and every byte is ASCII, nothing
// need.
void SayCharset(Tree& tree, NodeIndex header) {
  auto source = tree.source();
  bool ascii =
      std::all_of(source.begin(), source.end(), [](char c) { return static_cast<unsigned char>(c) < 0x80; });
  NodeIndex field = tree.Child(header, "MSH-18");
  if (field == kNone && ascii) return;
  for (; field != kNone; field = tree.Child(header, "MSH-18")) tree.Remove(field);
  NodeIndex after = kNone;
  for (NodeIndex child : Children(tree, header))
    if (after == kNone && tree[child].position > kCharset) after = child;
  node::NameId name = tree.NameOf("MSH-18");
  NodeIndex made = after == kNone ? tree.Append(header, name, Kind::String, "UNICODE UTF-8")
                                  : tree.InsertBefore(after, name, Kind::String, "UNICODE UTF-8");
  tree[made].position = kCharset;
}

}  // namespace

Result<std::string> Rewrite(std::string message) {
  Issues issues;
  ReadOptions options;
  options.limits = kFileLimits;
  TRY(auto tree, Parse(std::move(message), options, issues));
  NodeIndex header = tree.Child(kRoot, "MSH");
  Say(tree, header, "MSH-1", "|");
  Say(tree, header, "MSH-2", "^~\\&");
  SayCharset(tree, header);
  return Write(tree);
}

}  // namespace passerelle::hl7v2
