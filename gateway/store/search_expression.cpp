#include "gateway/store/search_expression.h"

#include <algorithm>

#include "gateway/store/errors.h"

namespace passerelle::store {

using node::kNone;
using node::kRoot;
using node::NodeIndex;
using node::Tree;

namespace {

using Step = SearchExpression::Step;
using Alternative = SearchExpression::Alternative;

bool IsWord(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_';
}
bool IsUpper(char c) { return c >= 'A' && c <= 'Z'; }

std::string_view Trim(std::string_view text) {
  while (!text.empty() && text.front() == ' ') text.remove_prefix(1);
  while (!text.empty() && text.back() == ' ') text.remove_suffix(1);
  return text;
}

// At the top level: not within parentheses or quotes.
std::vector<std::string_view> SplitUnion(std::string_view text) {
  std::vector<std::string_view> parts;
  int depth = 0;
  bool quoted = false;
  std::size_t begin = 0;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] == '\'') quoted = !quoted;
    if (quoted) continue;
    depth += text[i] == '(' ? 1 : text[i] == ')' ? -1 : 0;
    if (text[i] == '|' && depth == 0) {
      parts.push_back(Trim(text.substr(begin, i - begin)));
      begin = i + 1;
    }
  }
  parts.push_back(Trim(text.substr(begin)));
  return parts;
}

enum class Reading { Steps, OtherType, Unknown };

// Reads one alternative, step by step, along the shapes of the definitions.
class Reader {
 public:
  Reader(const spec::Definitions& definitions, std::string_view type, std::string_view text)
      : definitions_(definitions), type_(type), rest_(text), shapes_{definitions.FindShape(type)} {}

  Reading Read(Alternative& out) {
    Reading read = ReadPath();
    if (read == Reading::Steps && !rest_.empty()) read = Reading::Unknown;
    out = std::move(steps_);
    return read;
  }

 private:
  Reading ReadPath() {
    Reading head = ReadHead();
    if (head != Reading::Steps) return head;
    while (!rest_.empty() && rest_.front() == '.') {
      rest_.remove_prefix(1);
      std::string_view word = TakeWord();
      bool understood = rest_.starts_with('(') ? Call(word, TakeArgument()) : Go(word);
      if (!understood) return Reading::Unknown;
    }
    if (Take(" as ") && !Cast(TakeWord())) return Reading::Unknown;
    if (!steps_.empty() && steps_.back().names.front().type == "Extension") return ValueOfExtension();
    return Reading::Steps;
  }

  Reading ReadHead() {
    if (Take("(")) {
      Reading inner = ReadPath();
      return inner == Reading::Steps && !Take(")") ? Reading::Unknown : inner;
    }
    std::string_view word = TakeWord();
    if (word.empty()) return Reading::Unknown;
    if (!IsUpper(word.front())) {
      bool understood = rest_.starts_with('(') ? Call(word, TakeArgument()) : Go(word);
      return understood ? Reading::Steps : Reading::Unknown;
    }
    return definitions_.IsA(type_, word) ? Reading::Steps : Reading::OtherType;
  }

  bool Take(std::string_view word) {
    if (!rest_.starts_with(word)) return false;
    rest_.remove_prefix(word.size());
    return true;
  }
  std::string_view TakeWord() {
    std::size_t end = 0;
    while (end < rest_.size() && IsWord(rest_[end])) ++end;
    auto word = rest_.substr(0, end);
    rest_.remove_prefix(end);
    return word;
  }
  // Between the parenthesis and its closing one.
  std::string_view TakeArgument() {
    int depth = 0;
    for (std::size_t i = 0; i < rest_.size(); ++i) {
      depth += rest_[i] == '(' ? 1 : rest_[i] == ')' ? -1 : 0;
      if (depth > 0) continue;
      auto argument = rest_.substr(1, i - 1);
      rest_.remove_prefix(i + 1);
      return argument;
    }
    return {};
  }

  bool Go(std::string_view element) {
    Step step;
    for (spec::ShapeId shape : shapes_)
      for (const auto& child : definitions_.Children(shape))
        if (node::NameText(child.element_name) == element)
          step.names.push_back({child.name, child.type, child.shape});
    if (step.names.empty()) return false;
    shapes_.clear();
    for (const auto& name : step.names) shapes_.push_back(name.shape);
    steps_.push_back(std::move(step));
    return true;
  }

  // Some parameters name an extension and mean its value.
  Reading ValueOfExtension() { return Go("value") ? Reading::Steps : Reading::Unknown; }

  bool Cast(std::string_view type) {
    if (steps_.empty()) return false;
    auto& names = steps_.back().names;
    std::erase_if(names, [&](const auto& name) { return name.type != type; });
    shapes_.clear();
    for (const auto& name : names) shapes_.push_back(name.shape);
    return !names.empty();
  }

  bool Call(std::string_view function, std::string_view argument) {
    if (function == "as" || function == "ofType") return Cast(argument);
    if (function == "extension" && argument.size() > 2) {
      if (!Go("extension")) return false;
      steps_.back().child = "url";
      steps_.back().text = argument.substr(1, argument.size() - 2);
      return true;
    }
    if (function != "where" || steps_.empty()) return false;
    constexpr std::string_view kResolves = "resolve() is ";
    if (argument.starts_with(kResolves)) {
      steps_.back().target = argument.substr(kResolves.size());
      return true;
    }
    constexpr std::string_view kHas = "hasExtension('";
    if (argument.starts_with(kHas) && argument.ends_with("')")) {
      steps_.back().extension = argument.substr(kHas.size(), argument.size() - kHas.size() - 2);
      return true;
    }
    auto equals = argument.find('=');
    if (equals == argument.npos || !argument.ends_with('\'')) return false;
    std::string_view child = Trim(argument.substr(0, equals)), text = Trim(argument.substr(equals + 1));
    if (!std::all_of(child.begin(), child.end(), IsWord) || text.size() < 2 || text.front() != '\'')
      return false;
    steps_.back().child = child;
    steps_.back().text = text.substr(1, text.size() - 2);
    return true;
  }

  const spec::Definitions& definitions_;
  std::string_view type_, rest_;
  std::vector<spec::ShapeId> shapes_;
  Alternative steps_;
};

// "Patient/1", "http://a/fhir/Patient/1", "Patient/1/_history/2": the segment before the id.
bool LeadsTo(const Tree& tree, NodeIndex reference, std::string_view type) {
  std::string_view text = tree.ChildText(reference, "reference");
  if (text.empty()) return tree.ChildText(reference, "type") == type;
  text = text.substr(0, text.find("/_history/"));
  auto id = text.rfind('/');
  if (id == text.npos) return tree.ChildText(reference, "type") == type;
  text = text.substr(0, id);
  return text.substr(text.rfind('/') + 1) == type;
}

bool HasExtension(const Tree& tree, NodeIndex parent, std::string_view url) {
  for (NodeIndex child : node::Children(tree, parent))
    if (tree.name(child) == "extension" && tree.ChildText(child, "url") == url) return true;
  return false;
}

}  // namespace

Result<SearchExpression> SearchExpression::Compile(const spec::Definitions& definitions,
                                                   std::string_view resource_type, std::string_view text) {
  SearchExpression expression;
  std::string others;
  for (auto part : SplitUnion(text)) {
    Alternative alternative;
    Reading read = Reader(definitions, resource_type, part).Read(alternative);
    if (read == Reading::Steps) expression.alternatives_.push_back(std::move(alternative));
    if (read == Reading::Unknown) others += (others.empty() ? "" : " | ") + std::string(part);
  }
  if (others.empty()) return expression;
  path::CompileOptions options;
  options.definitions = &definitions;
  options.type = resource_type;
  TRY(expression.machine_, path::Expression::Compile(others, options));
  return expression;
}

void SearchExpression::Walk(const Tree& tree, NodeIndex parent, const Alternative& alternative,
                            std::size_t at, std::vector<FoundValue>& out) const {
  const Step& step = alternative[at];
  for (NodeIndex child = tree[parent].first; child != kNone; child = tree[child].next) {
    for (const auto& name : step.names) {
      if (tree[child].name != name.name) continue;
      bool wanted = (step.child.empty() || tree.ChildText(child, step.child) == step.text) &&
                    (step.extension.empty() || HasExtension(tree, child, step.extension)) &&
                    (step.target.empty() || LeadsTo(tree, child, step.target));
      if (wanted && at + 1 == alternative.size()) out.push_back({child, name.type, false});
      if (wanted && at + 1 < alternative.size()) Walk(tree, child, alternative, at + 1, out);
      break;
    }
  }
}

void SearchExpression::Run(const Tree& resource, std::vector<FoundValue>& out) const {
  for (const auto& alternative : alternatives_)
    if (!alternative.empty()) Walk(resource, kRoot, alternative, 0, out);
  if (!machine_) return;
  thread_local path::Machine machine;
  auto items = machine.Evaluate(*machine_, path::Item::Of(resource, kRoot));
  if (!items) return;  // a resource that the expression does not fit is not found by it
  for (const auto& item : *items)
    if (item.kind == path::ItemKind::Boolean) out.push_back({kNone, "boolean", item.boolean});
}

}  // namespace passerelle::store
