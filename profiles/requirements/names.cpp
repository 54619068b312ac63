#include "profiles/requirements/names.h"

#include <algorithm>
#include <array>
#include <mutex>
#include <shared_mutex>
#include <string>

namespace passerelle::requirements {
namespace {

using node::kNone;
using node::kRoot;
using node::NodeIndex;
using node::Tree;

// "PID-3.5" is the steps PID, PID-3, PID-3.5; "@root" one step.
struct Token {
  std::string text;
  std::array<node::NameId, 4> steps{};
  std::size_t count = 0;
};

std::shared_mutex mutex;
std::vector<Token>& Tokens() {
  static std::vector<Token> tokens = [] {
    std::vector<Token> all;
    all.reserve(2048);  // never grows beyond: references stay valid
    return all;
  }();
  return tokens;
}

bool IsDigits(std::string_view text) {
  return !text.empty() && text.find_first_not_of("0123456789") == text.npos;
}

std::optional<Token> Read(std::string_view text) {
  Token token{std::string(text), {}, 0};
  if (text.starts_with('@')) {
    token.steps[token.count++] = node::Intern(text);
    return token;
  }
  if (text.size() < 5 || text[3] != '-') return std::nullopt;
  token.steps[token.count++] = node::Intern(text.substr(0, 3));
  for (std::size_t end = text.find('.', 4);; end = text.find('.', end + 1)) {
    std::size_t begin = text.find_last_of(".-", (end == text.npos ? text.size() : end) - 1) + 1;
    if (token.count == token.steps.size() ||
        !IsDigits(text.substr(begin, (end == text.npos ? text.size() : end) - begin)))
      return std::nullopt;
    token.steps[token.count++] = node::Intern(text.substr(0, end));
    if (end == text.npos) return token;
  }
}

// Every child of `from` by the steps from `step` on.
void Walk(const Tree& tree, NodeIndex from, const Token& token, std::size_t step,
          std::vector<path::Item>& out) {
  if (step == token.count) {
    out.push_back(path::Item::Of(tree, from));
    return;
  }
  NodeIndex first = tree.Child(from, token.steps[step]);
  if (first == from) return Walk(tree, from, token, step + 1, out);  // PID-3.1 of a field with one component
  for (NodeIndex child = first; child != kNone; child = tree.NextOfName(child))
    Walk(tree, child, token, step + 1, out);
}

// The segment of that name nearest to `segment`: the last before it, else the first after it.
NodeIndex Nearest(const Tree& tree, NodeIndex segment, node::NameId name) {
  for (NodeIndex s = tree[segment].previous; s != kNone; s = tree[s].previous)
    if (tree[s].name == name) return s;
  for (NodeIndex s = tree[segment].next; s != kNone; s = tree[s].next)
    if (tree[s].name == name) return s;
  return kNone;
}

}  // namespace

std::optional<std::uint32_t> NameSlot(std::string_view text) {
  {
    std::shared_lock lock(mutex);
    auto& tokens = Tokens();
    auto found = std::find_if(tokens.begin(), tokens.end(), [&](const Token& t) { return t.text == text; });
    if (found != tokens.end()) return static_cast<std::uint32_t>(found - tokens.begin());
  }
  auto token = Read(text);
  if (!token) return std::nullopt;
  std::unique_lock lock(mutex);
  auto& tokens = Tokens();
  if (tokens.size() == tokens.capacity()) return std::nullopt;
  tokens.push_back(*std::move(token));
  return static_cast<std::uint32_t>(tokens.size() - 1);
}

void ResolveName(std::uint32_t slot, const path::Item& focus, std::vector<path::Item>& out) {
  if (focus.kind != path::ItemKind::Node) return;
  const Token* found;
  {
    std::shared_lock lock(mutex);
    found = &Tokens()[slot];
  }
  const Token& token = *found;
  const Tree& tree = *focus.tree;
  if (token.count == 1) return Walk(tree, focus.node, token, 0, out);
  if (focus.node == kRoot) return Walk(tree, kRoot, token, 0, out);
  NodeIndex segment = focus.node;
  for (NodeIndex n = focus.node; n != kRoot && n != kNone; segment = n, n = tree[n].parent)
    for (std::size_t step = token.count - 1; step-- > 0;)
      if (tree[n].name == token.steps[step]) return Walk(tree, n, token, step + 1, out);
  segment = Nearest(tree, segment, token.steps[0]);
  if (segment != kNone) Walk(tree, segment, token, 1, out);
}

}  // namespace passerelle::requirements
