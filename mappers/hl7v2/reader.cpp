#include "mappers/hl7v2/reader.h"

#include <algorithm>
#include <array>

#include "fhir_model/base/errors.h"
#include "mappers/hl7v2/delimiters.h"
#include "mappers/hl7v2/errors.h"
#include "mappers/hl7v2/escape.h"
#include "mappers/hl7v2/names.h"
#include "mappers/hl7v2/rules.h"
#include "mappers/hl7v2/text.h"

namespace passerelle::hl7v2 {
namespace {

using node::Kind;
using node::kNone;
using node::kRoot;
using node::NodeIndex;
using node::Tree;

// What a byte may mean; what a span of bytes holds is the union of its bytes' meanings.
using Meaning = std::uint8_t;
constexpr Meaning kOrdinary = 0, kRepetition = 1, kComponent = 2, kSubcomponent = 4, kEscape = 8, kField = 16,
                  kLineEnd = 32;
constexpr Meaning kEnd = kField | kLineEnd;


bool IsBlank(char c) { return c == ' ' || c == '\t' || c == '\r' || c == '\n'; }
bool IsLineEnd(char c) { return c == '\r' || c == '\n'; }

// Fields that hold text for people: only repetitions and escape sequences mean something in them, since many senders
// do not escape the rest.
bool IsTextType(std::string_view type) { return type == "TX" || type == "FT" || type == "ST"; }

class Reader {
 public:
  Reader(Tree& tree, const Delimiters& delimiters, Charset charset, std::size_t values_max, Issues& issues)
      : tree_(tree), d_(delimiters), charset_(charset), values_max_(values_max), issues_(issues) {
    auto set = [&](char c, Meaning meaning) { if (c != 0) meaning_[static_cast<unsigned char>(c)] = meaning; };
    set(d_.repetition, kRepetition);
    if (d_.repetition_is_u02dc) set(kSmallTilde[0], kRepetition);
    set(d_.component, kComponent);
    set(d_.subcomponent, kSubcomponent);
    set(d_.escape, kEscape);
    set(d_.field, kField);
    set('\r', kLineEnd);
    set('\n', kLineEnd);
  }

  Status Read(std::string_view source) {
    start_ = source.data();
    at_ = start_;
    end_ = start_ + source.size();
    while (at_ != end_) {
      ReadSegment();
      if (tree_.size() > values_max_)
        return Error(errors::InputTooManyValues, std::to_string(tree_.size()) + " values");
    }
    return Ok();
  }

 private:
  struct Span {
    const char* begin;
    const char* end;
    Meaning holds;  // may say more than is there, never less
    std::string_view text() const { return {begin, static_cast<std::size_t>(end - begin)}; }
  };

  enum class Line { Segment, LowerCase, Continuation };

  // A segment begins with its name and the field separator; a known name may stand alone.
  Line LineAt(const char* p) const {
    if (end_ - p < 3) return Line::Continuation;
    bool alone = end_ - p == 3 || IsLineEnd(p[3]);
    if (!alone && p[3] != d_.field) return Line::Continuation;
    bool capitals = true;
    for (int i = 0; i < 3; ++i) {
      bool digit = p[i] >= '0' && p[i] <= '9', lower = p[i] >= 'a' && p[i] <= 'z';
      if (digit && i == 0) return Line::Continuation;
      if (!digit && !lower && !(p[i] >= 'A' && p[i] <= 'Z')) return Line::Continuation;
      capitals = capitals && !lower;
    }
    if (capitals && !alone) return Line::Segment;
    auto name = Capitals(p);
    if (!IsKnownSegment({name.data(), name.size()})) return Line::Continuation;
    return capitals ? Line::Segment : Line::LowerCase;
  }

  static std::array<char, 3> Capitals(const char* p) {
    std::array<char, 3> name{p[0], p[1], p[2]};
    for (char& c : name)
      if (c >= 'a' && c <= 'z') c = static_cast<char>(c - 'a' + 'A');
    return name;
  }

  // at_ stands at a segment's name.
  void ReadSegment() {
    bool lower_case = LineAt(at_) == Line::LowerCase;
    Position position{Capitals(at_)};
    NodeIndex segment = tree_.Append(kRoot, NameOf(tree_, position), Kind::Element);
    tree_[segment].line = Offset(at_);
    if (lower_case) Warn(rules::SegmentNameCase, segment);
    std::string_view name(position.segment.data(), position.segment.size());
    bool header = name == "MSH" || name == "FHS" || name == "BHS";
    if (header && at_ != start_) Warn(rules::HeaderAgain, segment);
    observation_ = name == "OBX", note_ = name == "NTE", text_value_ = false;
    at_ += 3;
    if (header) ReadHeaderFields(segment, position);
    while (at_ != end_ && *at_ == d_.field) {
      ++at_;
      ++position.field;
      if (at_ != end_ && *at_ == d_.field) continue;  // most fields are empty
      Span field = TakeField(segment);
      if (tree_.size() <= values_max_) AddField(segment, position, field);
    }
    SkipLineEnds();
    while (at_ != end_ && LineAt(at_) == Line::Continuation) {  // of a segment that has no field to take it
      Warn(rules::ContinuationLine, segment);
      while (at_ != end_ && !IsLineEnd(*at_)) ++at_;
      SkipLineEnds();
    }
  }

  void SkipLineEnds() {
    while (at_ != end_ && IsLineEnd(*at_)) ++at_;
  }

  // MSH-1 is the separator itself, MSH-2 is not to be taken apart.
  void ReadHeaderFields(NodeIndex segment, Position& position) {
    if (at_ == end_ || *at_ != d_.field) return;
    position.field = 1;
    AddLeaf(segment, position, {at_, at_ + 1, kOrdinary});
    ++at_;
    position.field = 2;
    Span characters = TakeField(segment);
    characters.holds = kOrdinary;
    if (characters.begin != characters.end) AddLeaf(segment, position, characters);
  }

  // The bytes up to the next field separator or the end of the segment, where at_ then stands.
  Span TakeField(NodeIndex segment) {
    const char* begin = at_;
    Meaning holds = kOrdinary;
    while (at_ != end_) {
      Meaning meaning = meaning_[static_cast<unsigned char>(*at_)];
      holds |= meaning;
      if (!(meaning & kEnd)) {
        ++at_;
        continue;
      }
      if (meaning == kField) break;
      const char* next = at_;
      while (next != end_ && IsLineEnd(*next)) ++next;
      if (next == end_ || LineAt(next) != Line::Continuation) break;
      Warn(rules::ContinuationLine, segment);
      at_ = next;
    }
    return {begin, at_, holds};
  }

  void AddField(NodeIndex segment, Position& position, Span field) {
    if (observation_ && position.field == 2) text_value_ = IsTextType(field.text());
    bool text = (observation_ && position.field == 5 && text_value_) || (note_ && position.field == 3);
    if (!(field.holds & kRepetition)) return AddRepetition(segment, position, field, text);
    while (true) {
      const char* split = FindRepetitionEnd(field);
      AddRepetition(segment, position, {field.begin, split, field.holds}, text);
      if (split == field.end || tree_.size() > values_max_) return;
      field.begin = split + (*split == d_.repetition ? 1 : static_cast<std::ptrdiff_t>(kSmallTilde.size()));
    }
  }

  const char* FindRepetitionEnd(const Span& span) const {
    if (!d_.repetition_is_u02dc) return std::find(span.begin, span.end, d_.repetition);
    for (const char* p = span.begin; p != span.end; ++p) {
      if (*p == d_.repetition) return p;
      if (*p == kSmallTilde[0] && p + 1 != span.end && p[1] == kSmallTilde[1]) return p;
    }
    return span.end;
  }

  void AddRepetition(NodeIndex segment, const Position& position, Span span, bool text) {
    if (text) {
      if (span.holds & (kComponent | kSubcomponent)) WarnOfTextDelimiters(segment, span);
      while (span.end != span.begin && IsBlank(span.end[-1])) --span.end;
      if (span.begin != span.end && !IsAllBlank(span)) AddLeaf(segment, position, span);
    } else {
      AddComponents(segment, position, span);
    }
  }

  void WarnOfTextDelimiters(NodeIndex segment, const Span& span) {
    auto is_delimiter = [&](char c) { return c == d_.component || c == d_.subcomponent; };
    if (std::any_of(span.begin, span.end, is_delimiter)) Warn(rules::TextDelimiters, segment);
  }

  static bool IsAllBlank(const Span& span) { return std::all_of(span.begin, span.end, IsBlank); }

  // Takes off blanks and separators without a value behind them: "A^^" is "A".
  void Strip(Span& span, Meaning separators) const {
    auto carries_nothing = [&](char c) { return IsBlank(c) || (Mean(c) & separators); };
    while (span.end != span.begin && carries_nothing(span.end[-1])) --span.end;
    while (span.begin != span.end && IsBlank(*span.begin)) ++span.begin;
  }

  void AddComponents(NodeIndex segment, const Position& position, Span span) {
    Strip(span, kComponent | kSubcomponent);
    if (span.begin == span.end) return;
    const char* split = FindIn(span, kComponent, d_.component);
    // A field with a single component is that component, unless the component has parts.
    if (split == span.end && FindIn(span, kSubcomponent, d_.subcomponent) == span.end)
      return AddLeaf(segment, position, span);
    NodeIndex field = AddNode(segment, position, Kind::Element, span.begin);
    Position inner = position;
    while (true) {
      ++inner.component;
      AddSubcomponents(field, inner, {span.begin, split, span.holds});
      if (split == span.end || tree_.size() > values_max_) return;
      span.begin = split + 1;
      split = std::find(span.begin, span.end, d_.component);
    }
  }

  void AddSubcomponents(NodeIndex field, const Position& position, Span span) {
    Strip(span, kSubcomponent);
    if (span.begin == span.end) return;
    const char* split = FindIn(span, kSubcomponent, d_.subcomponent);
    if (split == span.end) return AddLeaf(field, position, span);
    NodeIndex component = AddNode(field, position, Kind::Element, span.begin);
    Position inner = position;
    while (true) {
      ++inner.subcomponent;
      Span part{span.begin, split, span.holds};
      Strip(part, kOrdinary);
      if (part.begin != part.end) AddLeaf(component, inner, part);
      if (split == span.end || tree_.size() > values_max_) return;
      span.begin = split + 1;
      split = std::find(span.begin, span.end, d_.subcomponent);
    }
  }

  // The first `separator` in the span, which need not be searched when it holds none.
  static const char* FindIn(const Span& span, Meaning meaning, char separator) {
    return span.holds & meaning ? std::find(span.begin, span.end, separator) : span.end;
  }

  NodeIndex AddNode(NodeIndex parent, const Position& position, Kind kind, const char* begin) {
    NodeIndex added = tree_.Append(parent, NameOf(tree_, position), kind);
    std::uint32_t number = position.subcomponent != 0 ? position.subcomponent
                           : position.component != 0  ? position.component
                                                      : position.field;
    tree_[added].position = static_cast<std::uint16_t>(std::min(number, 0xFFFFu));
    tree_[added].line = Offset(begin);
    return added;
  }

  void AddLeaf(NodeIndex parent, const Position& position, const Span& span) {
    NodeIndex leaf = AddNode(parent, position, Kind::String, span.begin);
    if (FindIn(span, kEscape, d_.escape) == span.end) {
      tree_[leaf].text = span.text();
      return;
    }
    EscapeNotes notes;
    decoded_.clear();
    Unescape(span.text(), d_, charset_, decoded_, notes);
    tree_[leaf].text = tree_.Keep(decoded_);
    if (notes.unknown) Warn(rules::EscapeUnknown, leaf);
    if (notes.charset) Warn(rules::EscapeCharset, leaf);
    if (notes.unmatched) Warn(rules::EscapeUnmatched, leaf);
  }

  Meaning Mean(char c) const { return meaning_[static_cast<unsigned char>(c)]; }
  std::uint32_t Offset(const char* p) const { return static_cast<std::uint32_t>(p - start_) + 1; }

  void Warn(const RuleInfo& rule, NodeIndex where) {
    if (issues_.Wants(rule)) issues_.Add(rule, tree_.PlaceOf(where));
  }

  Tree& tree_;
  const Delimiters& d_;
  Charset charset_;
  std::size_t values_max_;
  Issues& issues_;
  std::array<Meaning, 256> meaning_{};
  const char* start_ = nullptr;
  const char* at_ = nullptr;
  const char* end_ = nullptr;
  bool observation_ = false, note_ = false, text_value_ = false;  // of the segment being read
  std::string decoded_;
};

// MSH-9.3, or what the type and trigger say.
std::string StructureName(const Tree& tree) {
  NodeIndex header = tree[kRoot].first;
  NodeIndex type = tree.Child(header, "MSH-9");
  if (type == kNone) return "HL7";
  if (auto named = tree.ChildText(type, "MSH-9.3"); !named.empty()) return std::string(named);
  std::string name(tree.ChildText(type, "MSH-9.1"));
  if (auto trigger = tree.ChildText(type, "MSH-9.2"); !trigger.empty()) name.append("_").append(trigger);
  return name;
}

}  // namespace

Result<Tree> Parse(std::string bytes, const ReadOptions& options, Issues& issues) {
  if (bytes.size() > options.limits.input_bytes_max)
    return Error(errors::InputTooLarge, std::to_string(bytes.size()) + " bytes");
  TRY(MessageText text, DecodeMessage(std::move(bytes), options.charset, issues));
  std::string_view head(text.utf8);
  if (head.starts_with("FHS") || head.starts_with("BHS")) return Error(errors::BatchNotMessage);
  bool lower_case = head.starts_with("msh");
  if (!head.starts_with("MSH") && !lower_case) return Error(errors::HeaderMissing, {}, {"", 1, 1});
  TRY(Delimiters delimiters, ReadDelimiters(head));

  Tree tree(node::Format::Hl7v2);
  tree.Reserve(16 + std::min<std::size_t>(text.utf8.size() / 6, 512));
  auto source = tree.AdoptSource(std::move(text.utf8));
  if (delimiters.repetition_is_u02dc) issues.Add(rules::TildeLookalike, {"MSH-2", 1, 5});
  if (delimiters.named < 4)
    issues.Add(rules::DelimitersShort, {"MSH-2", 1, 5}, {std::to_string(delimiters.named)});
  Reader reader(tree, delimiters, text.charset, options.limits.values_max, issues);
  CHECK_OK(reader.Read(source));
  auto structure = StructureName(tree);
  tree[kRoot].name = tree.NameOf(structure);
  return tree;
}

}  // namespace passerelle::hl7v2
