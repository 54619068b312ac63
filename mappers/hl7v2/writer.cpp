#include "mappers/hl7v2/writer.h"

#include <algorithm>
#include <optional>
#include <vector>

#include "mappers/hl7v2/delimiters.h"
#include "mappers/hl7v2/escape.h"
#include "mappers/hl7v2/reader.h"

namespace passerelle::hl7v2 {
namespace {

using node::Children;
using node::kNone;
using node::kRoot;
using node::NodeIndex;
using node::Tree;

bool IsSegment(const Tree& tree, NodeIndex i) { return tree.name(i).size() == 3; }

bool IsHeader(std::string_view name) { return name == "MSH" || name == "FHS" || name == "BHS"; }

// Segments below `from`, through all groups, in order.
std::vector<NodeIndex> Segments(const Tree& tree) {
  std::vector<NodeIndex> segments;
  NodeIndex at = tree[kRoot].first;
  while (at != kNone) {
    if (IsSegment(tree, at)) segments.push_back(at);
    else if (tree[at].first != kNone) {
      at = tree[at].first;
      continue;
    }
    while (at != kRoot && tree[at].next == kNone) at = tree[at].parent;
    at = at == kRoot ? kNone : tree[at].next;
  }
  return segments;
}

Delimiters DelimitersOf(const Tree& tree, const std::vector<NodeIndex>& segments) {
  if (segments.empty()) return {};
  std::string header = "MSH";
  header.append(tree.ChildText(segments[0], "MSH-1")).append(tree.ChildText(segments[0], "MSH-2"));
  auto read = ReadDelimiters(header);
  return read ? *read : Delimiters{};
}

class SegmentWriter {
 public:
  SegmentWriter(const Tree& tree, const Delimiters& delimiters, std::string& out)
      : tree_(tree), d_(delimiters), out_(out) {}

  void Write(NodeIndex segment) {
    auto name = tree_.name(segment);
    out_.append(name);
    if (tree_[segment].first == kNone) out_.push_back(d_.field);  // a name alone might be a line of text
    std::uint32_t written = 0;                                    // the last field begun
    bool header = IsHeader(name);
    for (NodeIndex field : InOrder(segment)) {
      std::uint32_t position = tree_[field].position;
      if (header && position <= 2) {  // MSH-1 is the separator before MSH-2
        out_.append(tree_[field].text);
        written = 2;
        continue;
      }
      if (position == written) out_.push_back(d_.repetition);
      for (; written < position; ++written) out_.push_back(d_.field);
      WriteParts(field, d_.component);
    }
  }

 private:
  // The children by their position, which is how they should stand already.
  std::vector<NodeIndex> InOrder(NodeIndex parent) const {
    std::vector<NodeIndex> order;
    for (NodeIndex child : Children(tree_, parent)) order.push_back(child);
    std::stable_sort(order.begin(), order.end(),
                     [&](NodeIndex a, NodeIndex b) { return tree_[a].position < tree_[b].position; });
    return order;
  }

  void WriteParts(NodeIndex i, char separator) {
    if (tree_[i].first == kNone) return AppendEscaped(tree_[i].text, d_, out_);
    std::uint32_t written = 1;
    for (NodeIndex part : InOrder(i)) {
      for (; written < tree_[part].position; ++written) out_.push_back(separator);
      WriteParts(part, d_.subcomponent);
    }
  }

  const Tree& tree_;
  const Delimiters& d_;
  std::string& out_;
};

// The source of a tree read again, to see which segments still stand as they came.
class Original {
 public:
  explicit Original(const Tree& tree) : source_(tree.source()) {
    if (source_.empty()) return;
    Issues ignored;
    ReadOptions options{kFileLimits, Charset::Utf8};
    auto read = Parse(std::string(source_), options, ignored);
    if (!read) return;
    tree_ = std::move(*read);
    segments_ = Segments(*tree_);
  }

  // The segment's own bytes, if it was not changed.
  std::optional<std::string_view> Unchanged(const Tree& tree, NodeIndex segment) const {
    auto line = tree[segment].line;
    if (!tree_ || line == 0) return std::nullopt;
    auto found = std::lower_bound(segments_.begin(), segments_.end(), line,
                                  [&](NodeIndex s, std::uint32_t at) { return (*tree_)[s].line < at; });
    if (found == segments_.end() || (*tree_)[*found].line != line) return std::nullopt;
    if (!Equal(tree, segment, *tree_, *found)) return std::nullopt;
    auto end = found + 1 == segments_.end() ? source_.size() : (*tree_)[found[1]].line - 1;
    auto bytes = source_.substr(line - 1, end - (line - 1));
    while (!bytes.empty() && (bytes.back() == '\r' || bytes.back() == '\n')) bytes.remove_suffix(1);
    return bytes;
  }

  bool SameDelimiters(const Delimiters& d) const { return tree_ && DelimitersOf(*tree_, segments_) == d; }

 private:
  std::string_view source_;
  std::optional<Tree> tree_;
  std::vector<NodeIndex> segments_;
};

}  // namespace

std::string Write(const Tree& tree) {
  auto segments = Segments(tree);
  Delimiters delimiters = DelimitersOf(tree, segments);
  Original original(tree);
  bool verbatim = original.SameDelimiters(delimiters);
  std::string out;
  out.reserve(tree.source().size() + 16);
  for (NodeIndex segment : segments) {
    if (auto bytes = verbatim ? original.Unchanged(tree, segment) : std::nullopt) out.append(*bytes);
    else SegmentWriter(tree, delimiters, out).Write(segment);
    out.push_back('\r');
  }
  return out;
}

std::string WriteSegment(const Tree& tree, NodeIndex segment) {
  std::string out;
  Delimiters delimiters = DelimitersOf(tree, Segments(tree));
  SegmentWriter(tree, delimiters, out).Write(segment);
  return out;
}

}  // namespace passerelle::hl7v2
