#include "gateway/api/sayings.h"

#include "fhir_model/base/limits.h"
#include "fhir_model/json/json.h"
#include "gateway/api/query.h"

namespace passerelle::api {
namespace {

using node::Children;
using node::kNone;
using node::NodeIndex;

constexpr std::string_view kMask = "…";

// The English sentence says which arguments are quotes; the French one has them in other places and marks.
void MaskQuoted(std::string_view form, std::vector<std::string>& arguments) {
  auto is_quote = [&](std::size_t at) { return at < form.size() && (form[at] == '\'' || form[at] == '"'); };
  for (std::size_t i = 0; i < arguments.size(); ++i) {
    std::string hole = "{" + std::to_string(i) + "}";
    for (auto at = form.find(hole); at != form.npos; at = form.find(hole, at + 1))
      if ((at > 0 && is_quote(at - 1)) || is_quote(at + hole.size())) arguments[i] = kMask;
  }
}

std::optional<std::vector<std::string>> StoredArguments(const node::Tree& tree, NodeIndex finding,
                                                        const RuleInfo& rule) {
  if (NodeIndex text = tree.Child(finding, "text"); text != kNone)
    return ArgumentsOf(rule.en, tree[text].text);
  std::vector<std::string> arguments;
  for (NodeIndex child : Children(tree, finding))
    if (tree.name(child) == "arguments") arguments.emplace_back(tree[child].text);
  return arguments;
}

}  // namespace

std::string Sayings::Finding(const node::Tree& tree, NodeIndex finding, Quotes quotes) const {
  const RuleInfo* rule = catalogue_.Rule(tree.ChildText(finding, "rule"));
  auto arguments = rule != nullptr ? StoredArguments(tree, finding, *rule) : std::nullopt;
  // A sentence of another time: what of it is a quote, nobody can say.
  if (!arguments) return std::string(quotes == Quotes::Shown ? tree.ChildText(finding, "text") : kMask);
  if (quotes == Quotes::Masked) MaskQuoted(rule->en, *arguments);
  return Fill(Form(*rule), *arguments);
}

std::string Sayings::Findings(std::string_view stored, Quotes quotes) const {
  if (stored.size() <= 2) return "[]";
  auto tree = json::Parse("{\"f\":" + std::string(stored) + "}", kFileLimits);
  if (!tree) return "[]";
  JsonWriter out;
  out.BeginArray();
  for (NodeIndex finding : Children(*tree, node::kRoot)) {
    out.BeginObject();
    for (NodeIndex member : Children(*tree, finding)) {
      std::string_view name = tree->name(member), text = (*tree)[member].text;
      if (name == "line" || name == "column")
        out.RawMember(name, text);
      else if (name != "text" && name != "arguments")
        out.Member(name, text);
    }
    out.Member("text", Finding(*tree, finding, quotes)).EndObject();
  }
  return out.EndArray().Take();
}

// Error::Text() with the row's sentence in the reader's language. What exactly it was may be a rule of its
// own.
std::string Sayings::ErrorSentence(const ErrorInfo& row, std::string_view english) const {
  std::string text(Sentence(row));
  auto said = english.find(row.en);
  std::string_view more = said == english.npos ? std::string_view() : english.substr(said + row.en.size());
  if (more.starts_with(" ("))
    if (const auto* rule = catalogue_.Rule(more.substr(2, more.find(')') - 2)))
      return text + " " + std::string(Form(*rule));
  return text + std::string(more);
}

// Where the text begins with an error's code and name: "1001 FrameTooLarge: ".
const ErrorInfo* Sayings::ErrorAt(std::string_view text) const {
  constexpr std::size_t kDigits = 4;
  auto code = WholeNumber(text.substr(0, kDigits), 1000, 9999);
  const ErrorInfo* row = code ? catalogue_.Error(static_cast<std::uint32_t>(*code)) : nullptr;
  bool named = row != nullptr && text.substr(kDigits).starts_with(" " + std::string(row->name) + ":");
  return named ? row : nullptr;
}

std::string Sayings::Cause(std::string_view stored) const {
  auto space = stored.find(' ');
  if (const auto* rule = catalogue_.Rule(stored.substr(0, space)))
    return Fill(Form(*rule),
                {std::string(space == stored.npos ? std::string_view() : stored.substr(space + 1))});
  if (const auto* row = ErrorAt(stored)) return ErrorSentence(*row, stored);
  auto colon = stored.find(": ");  // which target it was may come first
  if (colon == stored.npos) return std::string(stored);
  auto rest = stored.substr(colon + 2);
  const auto* row = ErrorAt(rest);
  return row == nullptr ? std::string(stored)
                        : std::string(stored.substr(0, colon + 2)) + ErrorSentence(*row, rest);
}

void WriteCause(std::string_view stored, const Sayings& sayings, JsonWriter& out) {
  out.NullIfEmpty("cause", stored).NullIfEmpty("cause_text", sayings.Cause(stored));
}

}  // namespace passerelle::api
