#include "mappers/hl7v2/structure.h"

#include <algorithm>
#include <cassert>
#include <map>
#include <string>
#include <unordered_map>

#include "mappers/hl7v2/grammar.h"

namespace passerelle::hl7v2 {
namespace {

struct PartText {
  std::string_view name, text;
};
struct StructureText {
  std::string_view name, events, text;
};

#define PART(name, text) {#name, text},
#define STRUCTURE(name, events, text)
constexpr PartText kParts[] = {
#include "mappers/hl7v2/structures.def"
};
#undef PART
#undef STRUCTURE
#define PART(name, text)
#define STRUCTURE(name, events, text) {#name, events, text},
constexpr StructureText kStructures[] = {
#include "mappers/hl7v2/structures.def"
};
#undef PART
#undef STRUCTURE

bool IsWordChar(char c) {
  return c != ' ' && c != '(' && c != ')' && c != '?' && c != '*' && c != '+' && c != '!';
}

std::string_view PartNamed(std::string_view name) {
  for (const auto& part : kParts)
    if (part.name == name) return part.text;
  return {};
}

// Reads the text of a structure into its elements. The texts are ours: a mistake in one is caught by the
// tests, which compile them all.
class Compiler {
 public:
  explicit Compiler(const StructureText& text) {
    made_.name = text.name;
    Element message;
    message.name = node::Intern(text.name);
    message.group = true;
    made_.elements.push_back(message);
    ReadSequence(text.text);
    made_.elements[0].end = made_.elements.size();
    NumberSegments();
    for (std::size_t i = made_.elements.size(); i-- > 0;) Sum(i);
  }
  Structure Take() { return std::move(made_); }

 private:
  // Gives what follows the sequence: nothing, or the text after its ")".
  std::string_view ReadSequence(std::string_view text) {
    while (!text.empty()) {
      if (text[0] == ' ') {
        text.remove_prefix(1);
      } else if (text[0] == ')') {
        return text.substr(1);
      } else {
        text = ReadElement(text);
      }
    }
    return text;
  }

  std::string_view ReadElement(std::string_view text) {
    std::size_t size = 0;
    while (size < text.size() && IsWordChar(text[size])) ++size;
    assert(size > 0);
    auto word = text.substr(0, size);
    text.remove_prefix(size);
    if (auto part = PartNamed(word); !part.empty()) {
      ReadSequence(part);
      return text;
    }
    Element element;
    element.name = node::Intern(word);
    if (!text.empty() && (text[0] == '?' || text[0] == '*' || text[0] == '+')) {
      element.optional = text[0] != '+';
      element.repeats = text[0] != '?';
      text.remove_prefix(1);
    }
    if (!text.empty() && text[0] == '!') {
      element.told_by_first = true;
      text.remove_prefix(1);
    }
    element.group = !text.empty() && text[0] == '(';
    std::size_t at = made_.elements.size();
    made_.elements.push_back(element);
    if (element.group) text = ReadSequence(text.substr(1));
    made_.elements[at].end = made_.elements.size();
    return text;
  }

  void NumberSegments() {
    auto& names = made_.segments;
    for (const auto& element : made_.elements)
      if (!element.group) names.push_back(element.name);
    std::sort(names.begin(), names.end());
    names.erase(std::unique(names.begin(), names.end()), names.end());
    assert(names.size() <= kSegmentsOfStructureMax);
  }

  // What element i opens with and contains, from the elements after it.
  void Sum(std::size_t i) {
    Element& element = made_.elements[i];
    if (!element.group) {
      element.opens.set(made_.NumberOf(element.name));
      element.contains = element.opens;
      return;
    }
    bool reachable = true;
    for (std::size_t child = i + 1; child < element.end; child = made_.elements[child].end) {
      const Element& part = made_.elements[child];
      element.contains |= part.contains;
      if (reachable) element.opens |= part.opens;
      reachable = reachable && part.optional;
    }
  }

  Structure made_;
};

struct Catalogue {
  std::map<std::string_view, Structure> structures;
  std::unordered_map<std::string_view, std::string_view> by_event;
  std::vector<std::string_view> events;

  Catalogue() {
    for (const auto& text : kStructures) {
      structures.emplace(text.name, Compiler(text).Take());
      for (auto rest = text.events; !rest.empty();) {
        auto event = rest.substr(0, rest.find(' '));
        rest.remove_prefix(std::min(rest.size(), event.size() + 1));
        events.push_back(event);
        by_event.emplace(event, text.name);
      }
    }
  }
};

const Catalogue& The() {
  static const Catalogue* catalogue = new Catalogue;  // never destroyed: threads may still read at exit
  return *catalogue;
}

}  // namespace

std::size_t Structure::NumberOf(node::NameId segment) const {
  auto found = std::lower_bound(segments.begin(), segments.end(), segment);
  bool here = found != segments.end() && *found == segment;
  return here ? static_cast<std::size_t>(found - segments.begin()) : kNotInStructure;
}

const Structure* FindStructure(std::string_view name) {
  auto found = The().structures.find(name);
  return found == The().structures.end() ? nullptr : &found->second;
}

std::string_view StructureOf(std::string_view event) {
  auto found = The().by_event.find(event);
  return found == The().by_event.end() ? std::string_view() : found->second;
}

std::vector<std::string_view> KnownEvents() { return The().events; }

}  // namespace passerelle::hl7v2
