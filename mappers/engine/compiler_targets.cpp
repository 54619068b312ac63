// Targets of rows, step by step through the definitions.

#include <algorithm>

#include "mappers/engine/compiler.h"
#include "mappers/engine/errors.h"
#include "mappers/engine/words.h"

namespace passerelle::engine {
namespace {

bool IsCapital(char c) { return c >= 'A' && c <= 'Z'; }

// "name[usual]" is name and usual; "extension(URL)[]" is extension, URL and an empty bracket.
struct StepText {
  std::string_view name, parenthesis, bracket;
  bool has_parenthesis = false, has_bracket = false;
};

std::optional<StepText> CutStep(std::string_view text) {
  StepText step;
  auto end = text.find_first_of("[(");
  step.name = text.substr(0, end);
  if (end == text.npos) return step.name.empty() ? std::nullopt : std::optional(step);
  text.remove_prefix(end);
  if (text.front() == '(') {
    auto close = text.find(')');
    if (close == text.npos) return std::nullopt;
    step.has_parenthesis = true;
    step.parenthesis = text.substr(1, close - 1);
    text.remove_prefix(close + 1);
  }
  if (text.starts_with('[')) {
    if (!text.ends_with(']')) return std::nullopt;
    step.has_bracket = true;
    step.bracket = text.substr(1, text.size() - 2);
    text = {};
  }
  bool good = text.empty() && !step.name.empty() && (!step.has_parenthesis || !step.parenthesis.empty());
  return good ? std::optional(step) : std::nullopt;
}

}  // namespace

// "value" with "[Quantity]" is the choice valueQuantity.
const spec::ChildInfo* Compiler::FindChild(spec::ShapeId shape, std::string_view name,
                                           std::string_view bracket, bool& bracket_used) const {
  bracket_used = false;
  if (const auto* child = out_.definitions.FindChild(shape, node::Intern(name))) return child;
  if (bracket.empty()) return nullptr;
  std::string choice(name);
  choice += bracket;
  if (char& first = choice[name.size()]; first >= 'a' && first <= 'z')
    first = static_cast<char>(first - 'a' + 'A');
  bracket_used = true;
  return out_.definitions.FindChild(shape, node::Intern(choice));
}

bool Compiler::AddStep(std::string_view text, const RowText& row, Target& target) {
  auto fail = [&](std::string what) {
    Fail(errors::TableTarget, row.spot, std::move(what));
    return false;
  };
  auto cut = CutStep(text);
  if (!cut) return fail("the step " + std::string(text) + " cannot be read");
  bool bracket_used = false;
  TargetStep step;
  step.child = FindChild(target.shape, cut->name, cut->bracket, bracket_used);
  if (step.child == nullptr)
    return fail(std::string(out_.definitions.ShapeName(target.shape)) + " has no " + std::string(cut->name));
  bool each = cut->has_bracket && cut->bracket.empty();
  bool many = step.child->max > 1;
  if (cut->has_bracket && !bracket_used && !many) return fail(std::string(cut->name) + " is no list");
  bool extension = step.child->type == "Extension";
  if (extension != cut->has_parenthesis)
    return fail(extension ? "an extension has its URL in parentheses" : "only extensions have parentheses");
  if (extension) step.url = std::string(cut->parenthesis);
  step.mode = extension ? (each ? TargetStep::EachExtension : TargetStep::Extension)
                        : (each ? TargetStep::Each : TargetStep::Shared);
  if (cut->bracket == "+" && !extension)
    step.mode = TargetStep::First;
  else if (cut->has_bracket && !each && !bracket_used)
    step.key = KeyOf(cut->bracket);
  if (out_.definitions.IsAnyResource(step.child->shape))
    return fail("resources are made by rows of their own");
  target.shape = step.child->shape;
  target.type = step.child->type;
  target.path.push_back(std::move(step));
  return true;
}

bool Compiler::AddSteps(std::string_view path, const RowText& text, Target& target) {
  for (auto step : CutAt(path, '.'))
    if (!AddStep(step, text, target)) return false;
  return true;
}

// "kept(URL).valueCoding": a path from the extension on.
bool Compiler::SetKept(std::string_view rest, const RowText& text, const Context& context, Target& target) {
  auto dot = rest.find(").");
  if (context.map != nullptr || dot == rest.npos) {
    Fail(errors::TableTarget, text.spot, "kept(URL).value... stands in everywhere alone");
    return false;
  }
  target.kind = TargetKind::Kept;
  target.url = rest.substr(5, dot - 5);
  target.shape = out_.definitions.FindShape("Extension");
  return AddSteps(rest.substr(dot + 2), text, target);
}

std::optional<Compiler::Target> Compiler::TargetOf(const RowText& text, const Context& context) {
  Target target;
  std::string_view rest = text.target;
  if (rest == "*" || rest == "drop") {
    target.kind = rest == "*" ? TargetKind::Best : TargetKind::Drop;
    return target;
  }
  if (rest.starts_with("kept("))
    return SetKept(rest, text, context, target) ? std::optional(std::move(target)) : std::nullopt;
  bool nearest = rest.starts_with('+');
  if (nearest) rest.remove_prefix(1);
  if (rest.empty() || (nearest && !IsCapital(rest[0]))) {
    Fail(errors::TableTarget, text.spot, "after + stands a resource type");
    return std::nullopt;
  }
  if (!IsCapital(rest[0])) {
    if (context.shape == 0) {
      Fail(errors::TableTarget, text.spot,
           "there is no element in hand here: name a resource, Type or +Type");
      return std::nullopt;
    }
    target.shape = context.shape;
    target.type = out_.definitions.ShapeName(context.shape);
    if (rest == ".") return target;
    return AddSteps(rest, text, target) ? std::optional(std::move(target)) : std::nullopt;
  }
  auto dot = rest.find('.');
  target.kind = nearest ? TargetKind::Nearest : TargetKind::Resource;
  target.slot = SlotOf(rest.substr(0, dot), text.spot);
  if (target.slot == kNoNumber) return std::nullopt;
  made_.insert(target.slot);
  target.shape = out_.slots[target.slot].shape;
  target.type = out_.definitions.ShapeName(target.shape);
  if (dot != rest.npos && !AddSteps(rest.substr(dot + 1), text, target)) return std::nullopt;
  return target;
}

}  // namespace passerelle::engine
