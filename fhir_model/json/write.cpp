#include <algorithm>
#include <array>
#include <unordered_map>
#include <unordered_set>
#include <vector>

#include "fhir_model/json/json.h"

namespace passerelle::json {
namespace {

using node::Kind;
using node::kNone;
using node::NameId;
using node::Node;
using node::NodeIndex;
using node::Tree;

constexpr std::string_view kEmptyArray = "[]";
constexpr std::size_t kFewMembers = 32;  // up to here a search beats a hash

class Writer {
 public:
  Writer(const Tree& tree, bool pretty, std::string& out) : tree_(tree), pretty_(pretty), out_(out) {}

  void Object(NodeIndex i) {
    const Node& n = tree_[i];
    bool first = true;
    out_ += '{';
    ++depth_;
    if (n.resource != 0) {
      StartMember("resourceType", false, first);
      WriteString(tree_.NameText(n.resource), out_);
    }
    IsOrderly(i) ? OrderlyMembers(i, first) : GroupedMembers(i, first);
    --depth_;
    if (!first) NewLine();
    out_ += '}';
  }

 private:
  // Nodes of one name are a member; they are run_[begin, end) while it is written.
  using Range = std::pair<std::size_t, std::size_t>;

  void NewLine() {
    if (!pretty_) return;
    out_ += '\n';
    out_.append(depth_ * 2, ' ');
  }

  void StartMember(std::string_view name, bool sibling, bool& first) {
    if (!first) out_ += ',';
    first = false;
    NewLine();
    std::size_t quote = out_.size();
    WriteString(name, out_);
    if (sibling) out_.insert(quote + 1, 1, '_');
    out_ += pretty_ ? ": " : ":";
  }

  // Whether nodes of a name stand together, as they do but for trees that a program put together piecemeal.
  bool IsOrderly(NodeIndex parent) {
    std::size_t begin = names_.size();
    std::unordered_set<NameId> more;
    bool orderly = true;
    NameId previous = 0;
    for (NodeIndex c = tree_[parent].first; c != kNone && orderly; c = tree_[c].next) {
      NameId name = tree_[c].name;
      if (name == previous) continue;
      previous = name;
      orderly = std::find(names_.begin() + static_cast<std::ptrdiff_t>(begin), names_.end(), name) == names_.end();
      if (names_.size() - begin < kFewMembers) {
        names_.push_back(name);
      } else if (!more.insert(name).second) {
        orderly = false;
      }
    }
    names_.resize(begin);
    return orderly;
  }

  void OrderlyMembers(NodeIndex parent, bool& first) {
    std::size_t begin = run_.size();
    for (NodeIndex c = tree_[parent].first; c != kNone; c = tree_[c].next) {
      run_.push_back(c);
      NodeIndex next = tree_[c].next;
      if (next != kNone && tree_[next].name == tree_[c].name) continue;
      Member({begin, run_.size()}, first);
      run_.resize(begin);
    }
  }

  // Members in the order in which their names first occur.
  void GroupedMembers(NodeIndex parent, bool& first) {
    std::unordered_map<NameId, std::vector<NodeIndex>> groups;
    std::vector<NameId> order;
    for (NodeIndex c = tree_[parent].first; c != kNone; c = tree_[c].next) {
      auto& group = groups[tree_[c].name];
      if (group.empty()) order.push_back(tree_[c].name);
      group.push_back(c);
    }
    std::size_t begin = run_.size();
    for (NameId name : order) {
      run_.insert(run_.end(), groups[name].begin(), groups[name].end());
      Member({begin, run_.size()}, first);
      run_.resize(begin);
    }
  }

  bool HasSibling(const Node& n) const { return n.kind != Kind::Element && n.first != kNone; }
  // A primitive may have only an id or extensions.
  bool HasValue(const Node& n) const {
    if (n.kind == Kind::Element) return true;
    return n.kind != Kind::Null && (n.text.data() != nullptr || n.first == kNone);
  }

  void Member(Range range, bool& first) {
    auto [begin, end] = range;
    bool values = false, siblings = false;
    for (std::size_t k = begin; k < end; ++k) {
      values |= HasValue(tree_[run_[k]]);
      siblings |= HasSibling(tree_[run_[k]]);
    }
    const Node front = tree_[run_[begin]];
    std::string_view name = tree_.NameText(front.name);
    bool list = front.list || end - begin > 1;
    if (values || !siblings) {
      StartMember(name, false, first);
      list ? List(range, false) : Value(run_[begin], false);
    }
    if (siblings) {
      StartMember(name, true, first);
      list ? List(range, true) : Value(run_[begin], true);
    }
  }

  void List(Range range, bool siblings) {
    auto [begin, end] = range;
    if (end - begin == 1 && tree_[run_[begin]].kind == Kind::Null && tree_[run_[begin]].text == kEmptyArray) {
      out_ += kEmptyArray;
      return;
    }
    out_ += '[';
    ++depth_;
    for (std::size_t k = begin; k < end; ++k) {
      if (k > begin) out_ += ',';
      NewLine();
      Value(run_[k], siblings);
    }
    --depth_;
    NewLine();
    out_ += ']';
  }

  void Value(NodeIndex i, bool sibling) {
    const Node& n = tree_[i];
    if (sibling ? HasSibling(n) : n.kind == Kind::Element) return Object(i);
    if (sibling || !HasValue(n)) {
      out_ += "null";
    } else if (n.kind == Kind::Number || n.kind == Kind::Boolean) {
      out_ += n.text;
    } else {
      WriteString(n.text, out_);
    }
  }

  const Tree& tree_;
  bool pretty_;
  std::string& out_;
  std::size_t depth_ = 0;
  std::vector<NodeIndex> run_;  // nodes of the open members, innermost last
  std::vector<NameId> names_;
};

// 0: stands for itself; 'u': as \u00XX; else the letter after the backslash.
constexpr auto kEscapes = [] {
  std::array<char, 256> escapes{};
  for (std::size_t c = 0; c < 0x20; ++c) escapes[c] = 'u';
  escapes['\b'] = 'b', escapes['\f'] = 'f', escapes['\n'] = 'n', escapes['\r'] = 'r', escapes['\t'] = 't';
  escapes['"'] = '"', escapes['\\'] = '\\';
  return escapes;
}();

}  // namespace

void WriteString(std::string_view text, std::string& out) {
  constexpr std::string_view digits = "0123456789abcdef";
  out += '"';
  std::size_t plain = 0;
  for (std::size_t i = 0; i < text.size(); ++i) {
    auto c = static_cast<unsigned char>(text[i]);
    char escape = kEscapes[c];
    if (escape == 0) continue;
    out.append(text, plain, i - plain);
    plain = i + 1;
    out += '\\';
    out += escape;
    if (escape != 'u') continue;
    out += "00";
    out += digits[c >> 4];
    out += digits[c & 15];
  }
  out.append(text, plain, text.size() - plain);
  out += '"';
}

void Write(const node::Tree& tree, node::NodeIndex from, bool pretty, std::string& out) {
  Writer(tree, pretty, out).Object(from);
}

std::string Write(const node::Tree& tree, node::NodeIndex from, bool pretty) {
  std::string out;
  Write(tree, from, pretty, out);
  return out;
}

}  // namespace passerelle::json
