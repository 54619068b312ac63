#include "fhir_model/json/builder.h"

#include <algorithm>
#include <unordered_map>

#include "fhir_model/base/errors.h"
#include "fhir_model/json/errors.h"

namespace passerelle::json {

using node::Kind;
using node::kNone;
using node::kRoot;
using node::NameId;
using node::NodeIndex;

namespace {

constexpr std::uint32_t kSiblingName = 0x4000'0000u;  // tells "_given" from "given" in members_
constexpr std::uint16_t kSiblingMark = 1;             // Node::position of a sibling not folded yet
constexpr std::size_t kFewMembers = 32;               // up to here a search beats a hash
constexpr std::string_view kEmptyArray = "[]";

// Where a resource may start below the root. Elsewhere "resourceType" is an element like any other, as in
// ExampleScenario.instance.
bool HoldsResources(std::string_view name) {
  return name == "resource" || name == "contained" || name == "outcome";
}

}  // namespace

const Builder::Words& Builder::TheWords() {
  static const Words words{node::Intern("resourceType"), node::Intern("div")};
  return words;
}

Builder::Builder(node::Tree& tree, const Limits& limits, char* text, rapidjson::InsituStringStream& stream)
    : tree_(tree),
      limits_(limits),
      text_(text),
      source_(tree.source().substr(static_cast<std::size_t>(text - tree.source().data()))),
      base_(static_cast<std::uint32_t>(text - tree.source().data()) + 1),
      stream_(stream),
      words_(TheWords()),
      next_escape_(source_.find('\\')) {}

bool Builder::Fail(const ErrorInfo& info, std::size_t offset, std::string detail) {
  error_ = Error{info, std::move(detail), PlaceAt(offset)};
  return false;
}

Place Builder::PlaceAt(std::size_t offset) const {
  std::string_view before(text_, offset);
  Place place{frames_.empty() ? std::string() : tree_.Path(frames_.back().node), 0, 0};
  place.line = static_cast<std::uint32_t>(std::count(before.begin(), before.end(), '\n')) + 1;
  auto start = before.rfind('\n');
  place.column = static_cast<std::uint32_t>(offset - (start == before.npos ? 0 : start + 1)) + 1;
  return place;
}

// Reading in place decodes escapes in the source itself. A decoded line break there would move every line
// after it, so such a text is copied to the arena and its line breaks in the source are painted over.
std::string_view Builder::WithoutNewlines(const char* text, std::size_t size) {
  std::string_view view(text, size);
  const std::size_t begin = OffsetOf(text), end = begin + size;
  if (end <= next_escape_) return view;
  next_escape_ = source_.find('\\', end);  // before what comes next is decoded
  auto newline = view.find('\n');
  if (newline == view.npos) return view;
  view = tree_.Keep(view);
  for (; newline != view.npos; newline = view.find('\n', newline)) text_[begin + newline++] = ' ';
  return view;
}

NodeIndex Builder::Add(Kind kind, std::string_view text, std::size_t offset) {
  if (tree_.size() >= limits_.values_max) {
    Fail(errors::InputTooManyValues, offset, std::to_string(limits_.values_max));
    return kNone;
  }
  const Frame& top = frames_.back();
  const bool list = top.array;
  NameId name = list ? top.name : key_;
  bool sibling = list ? top.sibling : key_sibling_;
  bool may_fold = kind == Kind::Element || (kind == Kind::Null && list);
  if (sibling && !may_fold) {
    if (list) return Fail(errors::JsonSiblingMisplaced, offset), kNone;
    name = tree_.NameOf(key_text_);  // "_id": "..." of other vocabularies
    sibling = false;
  }
  NodeIndex i = tree_.Append(top.node, name, kind, text);
  node::Node& n = tree_[i];
  n.line = static_cast<std::uint32_t>(offset) + base_;
  n.list = list;
  if (sibling) {
    n.position = kSiblingMark;
    siblings_.push_back(i);
  }
  return i;
}

bool Builder::Scalar(Kind kind, std::string_view text, std::size_t offset) {
  if (frames_.empty()) return Fail(errors::JsonNotAnObject, offset);
  return Add(kind, text, offset) != kNone;
}

bool Builder::StartObject() {
  std::size_t offset = stream_.Tell();
  NodeIndex i = kRoot;
  if (frames_.empty()) {
    tree_[kRoot].line = static_cast<std::uint32_t>(offset) + base_;
  } else if (i = Add(Kind::Element, {}, offset); i == kNone) {
    return false;
  }
  if (++depth_ > limits_.depth_max)
    return Fail(errors::InputTooDeep, offset, "more than " + std::to_string(limits_.depth_max));
  frames_.push_back(
      {i, 0, static_cast<std::uint32_t>(members_.size()), static_cast<std::uint32_t>(siblings_.size())});
  return true;
}

bool Builder::EndObject(rapidjson::SizeType) {
  const Frame frame = frames_.back();
  if (siblings_.size() > frame.siblings_begin && !FoldSiblings(frame)) return false;
  members_.resize(frame.members_begin);
  frames_.pop_back();
  --depth_;
  return true;
}

bool Builder::StartArray() {
  std::size_t offset = stream_.Tell();
  if (frames_.empty()) return Fail(errors::JsonNotAnObject, offset);
  const Frame top = frames_.back();
  if (top.array) return Fail(errors::JsonNestedArray, offset);
  frames_.push_back({top.node, key_, 0, 0, true, key_sibling_});
  return true;
}

bool Builder::EndArray(rapidjson::SizeType elements) {
  frames_.pop_back();
  if (elements > 0) return true;
  NodeIndex i = Add(Kind::Null, kEmptyArray, stream_.Tell());
  if (i != kNone) tree_[i].list = true;
  return i != kNone;
}

bool Builder::Key(const char* text, rapidjson::SizeType size, bool) {
  key_text_ = WithoutNewlines(text, size);
  key_sibling_ = size > 1 && key_text_[0] == '_';
  key_ = tree_.NameOf(key_sibling_ ? key_text_.substr(1) : key_text_);
  return CountMember(key_sibling_ ? key_ | kSiblingName : key_, OffsetOf(text));
}

bool Builder::CountMember(std::uint32_t id, std::size_t offset) {
  const Frame& object = frames_.back();
  auto seen = std::find(members_.begin() + object.members_begin, members_.end(), id);
  bool repeated = seen != members_.end();
  if (!repeated && members_.size() - object.members_begin < kFewMembers) {
    members_.push_back(id);
  } else if (!repeated) {
    repeated = !crowded_.insert((static_cast<std::uint64_t>(object.node) << 32) | id).second;
  }
  // The name itself is the sender's text: the place says enough.
  return !repeated || Fail(errors::JsonDuplicateMember, offset);
}

bool Builder::String(const char* text, rapidjson::SizeType size, bool) {
  std::size_t offset = OffsetOf(text) - 1;
  std::string_view view = WithoutNewlines(text, size);
  if (frames_.empty()) return Fail(errors::JsonNotAnObject, offset);
  const Frame& top = frames_.back();
  if (key_ == words_.resource_type && !top.array && !key_sibling_ && !view.empty()) {
    node::Node& n = tree_[top.node];
    if (top.node == kRoot || HoldsResources(tree_.name(top.node))) {
      NameId type = tree_.NameOf(view);
      tree_[top.node].resource = type;
      if (top.node == kRoot) n.name = type;
      return true;
    }
  }
  NameId name = top.array ? top.name : key_;
  return Scalar(name == words_.div ? Kind::Xhtml : Kind::String, view, offset);
}

bool Builder::RawNumber(const char* text, rapidjson::SizeType size, bool) {
  return Scalar(Kind::Number, {text, size}, OffsetOf(text));
}

bool Builder::Bool(bool value) {
  std::string_view text = value ? "true" : "false";
  return Scalar(Kind::Boolean, text, stream_.Tell() - text.size());
}

bool Builder::Null() { return Scalar(Kind::Null, {}, stream_.Tell() - 4); }

bool Builder::FoldSiblings(const Frame& frame) {
  std::size_t begin = frame.siblings_begin, end = siblings_.size();
  // First values by name, looked for once when there are many.
  std::unordered_map<NameId, NodeIndex> firsts;
  bool many = end - begin > kFewMembers;
  auto is_value = [&](NodeIndex i) { return tree_[i].position != kSiblingMark; };
  if (many)
    for (NodeIndex c : node::Children(tree_, frame.node))
      if (is_value(c)) firsts.emplace(tree_[c].name, c);
  for (std::size_t run = begin; run < end;) {
    NameId name = tree_[siblings_[run]].name;
    std::size_t next = run;
    while (next < end && tree_[siblings_[next]].name == name) ++next;
    NodeIndex value = kNone;
    if (many) {
      if (auto it = firsts.find(name); it != firsts.end()) value = it->second;
    } else {
      value = tree_[frame.node].first;
      while (value != kNone && !(tree_[value].name == name && is_value(value))) value = tree_[value].next;
    }
    if (!FoldRun(value, run, next)) return false;
    run = next;
  }
  siblings_.resize(begin);
  return true;
}

// Gives the values from `value` on what stands in siblings_[first, last). Siblings without a value stay as
// primitives without one.
bool Builder::FoldRun(NodeIndex value, std::size_t first, std::size_t last) {
  NodeIndex before = kNone;
  for (std::size_t k = first; k < last; ++k) {
    NodeIndex sibling = siblings_[k];
    NodeIndex after = value == kNone ? kNone : tree_[value].next;
    NameId name = tree_[sibling].name;
    if (value == kNone) {
      MakeValueless(sibling);
      if (before != kNone && tree_[before].next != sibling) {
        NodeIndex place = tree_[before].next;
        place == kNone ? tree_.Move(sibling, tree_[before].parent) : tree_.MoveBefore(sibling, place);
      }
      before = sibling;
      continue;
    }
    if (tree_[sibling].kind == Kind::Element) {
      if (tree_[value].kind == Kind::Element)
        return Fail(errors::JsonSiblingMisplaced, tree_[sibling].line - base_);
      while (tree_[sibling].first != kNone) tree_.Move(tree_[sibling].first, value);
    }
    if (after == sibling) after = tree_[sibling].next;
    tree_.Remove(sibling);
    before = value;
    bool more = after != kNone && tree_[after].name == name && tree_[after].position != kSiblingMark;
    value = more ? after : kNone;
  }
  return true;
}

void Builder::MakeValueless(NodeIndex sibling) {
  tree_[sibling].kind = Kind::Null;
  tree_[sibling].position = 0;
}

}  // namespace passerelle::json
