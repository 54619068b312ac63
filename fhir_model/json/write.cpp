#include <algorithm>
#include <array>
#include <cstring>
#include <unordered_map>
#include <unordered_set>
#include <utility>
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

// 0: stands for itself; 'u': as \u00XX; else the letter after the backslash.
constexpr auto kEscapes = [] {
  std::array<char, 256> escapes{};
  for (std::size_t c = 0; c < 0x20; ++c) escapes[c] = 'u';
  escapes['\b'] = 'b', escapes['\f'] = 'f', escapes['\n'] = 'n', escapes['\r'] = 'r', escapes['\t'] = 't';
  escapes['"'] = '"', escapes['\\'] = '\\';
  return escapes;
}();

template <class Word>
Word Load(const char* from) {
  Word word;
  std::memcpy(&word, from, sizeof(word));
  return word;
}

// Characters side by side, compared at once.
using Four = unsigned char __attribute__((vector_size(4)));
using Eight = unsigned char __attribute__((vector_size(8)));
using Sixteen = unsigned char __attribute__((vector_size(16)));

// Whether one of them cannot stand for itself.
template <class Block>
bool NeedsEscape(Block block) {
  auto escaped = (block < 0x20) | (block == '"') | (block == '\\');
  std::array<std::uint32_t, sizeof(Block) / 4> words;
  std::memcpy(words.data(), &escaped, sizeof(Block));
  std::uint32_t any = 0;
  for (std::uint32_t word : words) any |= word;
  return any != 0;
}

// Where the first character is that cannot stand for itself; the size if none is.
std::size_t FindEscape(std::string_view text) {
  std::size_t i = 0;
  while (i + 8 <= text.size() && !NeedsEscape(Load<Eight>(text.data() + i))) i += 8;
  while (i < text.size() && kEscapes[static_cast<unsigned char>(text[i])] == 0) ++i;
  return i;
}

// Copies at least a block of what stands for itself; the last block is copied once more.
template <class Block>
bool CopyBlocks(const char* from, std::size_t size, char* to) {
  auto copy = [&](std::size_t at) {
    auto block = Load<Block>(from + at);
    std::memcpy(to + at, &block, sizeof(block));
    return !NeedsEscape(block);
  };
  for (std::size_t at = 0; at + sizeof(Block) < size; at += sizeof(Block))
    if (!copy(at)) return false;
  return copy(size - sizeof(Block));
}

// Copies what stands for itself, as nearly all does. False when something does not.
bool CopyPlain(std::string_view text, char* to) {
  if (text.size() >= sizeof(Sixteen)) return CopyBlocks<Sixteen>(text.data(), text.size(), to);
  if (text.size() >= sizeof(Eight)) return CopyBlocks<Eight>(text.data(), text.size(), to);
  if (text.size() >= sizeof(Four)) return CopyBlocks<Four>(text.data(), text.size(), to);
  std::size_t i = 0;
  for (; i < text.size() && kEscapes[static_cast<unsigned char>(text[i])] == 0; ++i) to[i] = text[i];
  return i == text.size();
}

// What a text that cannot stand as it is looks like between its quotes.
std::string Escaped(std::string_view text) {
  constexpr std::string_view digits = "0123456789abcdef";
  std::string out;
  while (true) {
    std::size_t plain = FindEscape(text);
    out += text.substr(0, plain);
    if (plain == text.size()) return out;
    auto c = static_cast<unsigned char>(text[plain]);
    text.remove_prefix(plain + 1);
    out += '\\';
    out += kEscapes[c];
    if (kEscapes[c] == 'u') out.append("00").append(1, digits[c >> 4]).append(1, digits[c & 15]);
  }
}

// A string that grows by many small pieces: they are copied in place, its length is set at the end.
class Pieces {
 public:
  Pieces(std::string& out, std::size_t expected) : out_(out) { SetRoom(out.size(), out.size() + expected); }
  ~Pieces() { out_.resize(static_cast<std::size_t>(at_ - out_.data())); }
  Pieces(const Pieces&) = delete;
  Pieces& operator=(const Pieces&) = delete;

  void operator+=(char c) { *Room(1) = c; }
  void operator+=(std::string_view text) { std::copy(text.begin(), text.end(), Room(text.size())); }
  void Quote(std::string_view text) {
    char* room = Room(text.size() + 2);
    room[0] = room[text.size() + 1] = '"';
    if (CopyPlain(text, room + 1)) return;
    at_ = room + 1;  // over what was copied
    *this += Escaped(text);
    *this += '"';
  }

 private:
  char* Room(std::size_t size) {
    if (static_cast<std::size_t>(end_ - at_) < size) Grow(size);
    return std::exchange(at_, at_ + size);
  }
  void Grow(std::size_t size) {
    auto used = static_cast<std::size_t>(at_ - out_.data());
    SetRoom(used, std::max(used * 2, used + size));
  }
  void SetRoom(std::size_t used, std::size_t size) {
    out_.resize(size);
    at_ = out_.data() + used;
    end_ = out_.data() + out_.size();
  }
  std::string& out_;
  char *at_ = nullptr, *end_ = nullptr;
};

class Writer {
 public:
  Writer(const Tree& tree, bool pretty, std::string& out, std::size_t expected)
      : tree_(tree), pretty_(pretty), out_(out, expected) {}

  void Object(const Node& n) {
    bool first = true;
    out_ += '{';
    ++depth_;
    if (n.resource != 0) {
      StartMember("resourceType", false, first);
      out_.Quote(tree_.NameText(n.resource));
    }
    IsOrderly(n) ? OrderlyMembers(n, first) : GroupedMembers(n, first);
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
    for (std::size_t i = 0; i < depth_; ++i) out_ += std::string_view("  ");
  }

  void StartMember(std::string_view name, bool sibling, bool& first) {
    if (!first) out_ += ',';
    first = false;
    NewLine();
    if (sibling) {
      scratch_.assign(1, '_').append(name);
      name = scratch_;
    }
    out_.Quote(name);
    out_ += ':';
    if (pretty_) out_ += ' ';
  }

  // Whether nodes of a name stand together, as they do but for trees that a program put together piecemeal.
  // Most names are new at a glance: as bits modulo 64.
  bool IsOrderly(const Node& parent) const {
    std::uint64_t seen = 0;
    for (const Node* c = At(parent.first); c != nullptr; c = NextName(*c)) {
      const std::uint64_t bit = std::uint64_t{1} << c->name % 64;
      if ((seen & bit) != 0) return AreOrderly(parent);
      seen |= bit;
    }
    return true;
  }
  bool AreOrderly(const Node& parent) const {
    std::array<NameId, kFewMembers> names;
    std::size_t count = 0;
    for (const Node* c = At(parent.first); c != nullptr; c = NextName(*c)) {
      auto end = names.begin() + static_cast<std::ptrdiff_t>(count);
      if (std::find(names.begin(), end, c->name) != end) return false;
      if (count == names.size()) return AreManyOrderly(parent);
      names[count++] = c->name;
    }
    return true;
  }
  bool AreManyOrderly(const Node& parent) const {
    std::unordered_set<NameId> names;
    for (const Node* c = At(parent.first); c != nullptr; c = NextName(*c))
      if (!names.insert(c->name).second) return false;
    return true;
  }

  const Node* At(NodeIndex i) const { return i == kNone ? nullptr : &tree_[i]; }
  // The next sibling that has another name.
  const Node* NextName(const Node& n) const {
    const Node* next = At(n.next);
    while (next != nullptr && next->name == n.name) next = At(next->next);
    return next;
  }

  void OrderlyMembers(const Node& parent, bool& first) {
    const std::size_t begin = run_.size();
    for (const Node* c = At(parent.first); c != nullptr;) {
      const Node* next = At(c->next);
      if (IsPlain(*c) && (next == nullptr || next->name != c->name)) {
        StartMember(tree_.NameText(c->name), false, first);
        Value(*c, false);
        c = next;
        continue;
      }
      const NameId name = c->name;
      for (; c != nullptr && c->name == name; c = At(c->next)) run_.push_back(c);
      Member({begin, run_.size()}, first);
      run_.resize(begin);
    }
  }

  // Members in the order in which their names first occur.
  void GroupedMembers(const Node& parent, bool& first) {
    std::unordered_map<NameId, std::vector<const Node*>> groups;
    std::vector<NameId> order;
    for (const Node* c = At(parent.first); c != nullptr; c = At(c->next)) {
      auto& group = groups[c->name];
      if (group.empty()) order.push_back(c->name);
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

  // Alone in its member, which is no list, and all there is of it.
  bool IsPlain(const Node& n) const { return !n.list && HasValue(n) && !HasSibling(n); }

  void Member(Range range, bool& first) {
    auto [begin, end] = range;
    bool values = false, siblings = false;
    for (std::size_t k = begin; k < end; ++k) {
      values |= HasValue(*run_[k]);
      siblings |= HasSibling(*run_[k]);
    }
    const Node& front = *run_[begin];
    std::string_view name = tree_.NameText(front.name);
    bool list = front.list || end - begin > 1;
    if (values || !siblings) {
      StartMember(name, false, first);
      list ? List(range, false) : Value(front, false);
    }
    if (siblings) {
      StartMember(name, true, first);
      list ? List(range, true) : Value(front, true);
    }
  }

  void List(Range range, bool siblings) {
    auto [begin, end] = range;
    if (end - begin == 1 && run_[begin]->kind == Kind::Null && run_[begin]->text == kEmptyArray) {
      out_ += kEmptyArray;
      return;
    }
    out_ += '[';
    ++depth_;
    for (std::size_t k = begin; k < end; ++k) {
      if (k > begin) out_ += ',';
      NewLine();
      Value(*run_[k], siblings);
    }
    --depth_;
    NewLine();
    out_ += ']';
  }

  void Value(const Node& n, bool sibling) {
    if (sibling ? HasSibling(n) : n.kind == Kind::Element) return Object(n);
    if (sibling || !HasValue(n)) {
      out_ += std::string_view("null");
    } else if (n.kind == Kind::Number || n.kind == Kind::Boolean) {
      out_ += n.text;
    } else {
      out_.Quote(n.text);
    }
  }

  const Tree& tree_;
  bool pretty_;
  Pieces out_;
  std::string scratch_;
  std::size_t depth_ = 0;
  std::vector<const Node*> run_;  // nodes of the open members, innermost last
};

}  // namespace

void WriteString(std::string_view text, std::string& out) {
  out += '"';
  if (FindEscape(text) == text.size())
    out += text;
  else
    out += Escaped(text);
  out += '"';
}

void Write(const node::Tree& tree, node::NodeIndex from, bool pretty, std::string& out) {
  // Bytes that a whole tree will have, nearly: names and what stands around them, and the texts.
  constexpr std::size_t kBytesPerNode = 20, kFirstRoom = 4096;
  const std::size_t whole = std::max(tree.size() * kBytesPerNode + tree.arena_bytes(), tree.source().size());
  Writer(tree, pretty, out, from == node::kRoot ? whole + kFirstRoom : kFirstRoom).Object(tree[from]);
}

std::string Write(const node::Tree& tree, node::NodeIndex from, bool pretty) {
  std::string out;
  Write(tree, from, pretty, out);
  return out;
}

}  // namespace passerelle::json
