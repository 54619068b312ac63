// Rows at work: what a source found goes where the target says.

#include "mappers/engine/run.h"

#include <algorithm>

#include "mappers/convert/rules.h"
#include "mappers/engine/errors.h"
#include "mappers/engine/rules.h"

namespace passerelle::engine {

using convert::Name;
using node::kNone;
using node::kRoot;
using node::NodeIndex;

namespace {

constexpr std::size_t kMapDepthMax = 48;
// What tables may ask of an input: so many rows for each node, and some for small ones.
constexpr std::uint64_t kStepsPerNode = 400, kStepsMin = 200'000;

bool IsTextConverter(Name name) {
  switch (name) {
    case Name::Reference:
    case Name::Apply:
    case Name::Contain:
    case Name::Code:
    case Name::Coding:
    case Name::Quantity:
    case Name::Range:
    case Name::Ratio:
    case Name::Period:
    case Name::Timing:
    case Name::DosageRange:
    case Name::Attachment:
    case Name::None: return false;
    default: return true;
  }
}

// What makes one value of all that a row finds.
bool TakesAll(Name name) {
  return name == Name::Join || name == Name::Encoded || name == Name::Later || name == Name::Earlier;
}

}  // namespace

Run::Run(std::shared_ptr<const Program::Compiled> program, const node::Tree& source,
         const MapOptions& options, Issues& issues)
    : program_(std::move(program)),
      p_(*program_),
      source_(source),
      options_(options),
      issues_(issues),
      zone_(convert::Zone::Find(options.timezone)),
      account_(std::make_shared<Account>()),
      output_(draft_.bundle, p_.definitions),
      finder_(source, p_.apart, &memory_),
      steps_left_(kStepsMin + kStepsPerNode * source.size()) {
  account_->program = program_;
  account_->uses.reserve(source.size() / 2 + 16);
  draft_.bundle.Reserve(source.size() * 4 + 128);
  for (auto* stack : {&operands_, &touched_}) stack->reserve(64);
  found_.reserve(64);
  made_.reserve(32);
  pending_.reserve(32);
  open_.reserve(kMapDepthMax);
}

Result<Draft> Run::Go() {
  if (source_.format() == node::Format::Hl7v2) {
    auto event = FindEvent(p_, source_);
    if (event == kNoNumber) return Error{errors::EventNotMapped, {}, {"MSH-9", 0, 0}};
    open_.emplace_back(event, kRoot);
    RunRows(p_.maps[event].rows, {kRoot, kNone});
  } else {
    RunDocument();
  }
  if (!p_.everywhere_drops_only) RunEverywhere();
  if (spent_) return Error{errors::MappingTooCostly};
  Finish();
  draft_.ledger.account = account_;
  return std::move(draft_);
}

// Every map of the root element, each target once; a map that a row has called meanwhile is done.
void Run::RunDocument() {
  auto it = p_.elements.find(source_.root().name);
  if (it == p_.elements.end()) return;
  std::vector<spec::ShapeId> shapes;
  for (auto map : it->second) {
    auto shape = p_.maps[map].shape;
    if (!p_.maps[map].makes_resource || std::find(shapes.begin(), shapes.end(), shape) != shapes.end())
      continue;
    shapes.push_back(shape);
    auto best = Best(kRoot, shape);
    if (best != kNoNumber) RunResourceMap(best, kRoot);
  }
}

bool Run::Spend() {
  if (steps_left_ > 0) {
    --steps_left_;
    return true;
  }
  spent_ = true;
  return false;
}

Run::Attempt Run::Begin() const {
  return {output_.mark(), account_->uses.size(), account_->drops.size(), pending_.size(), content_};
}

void Run::Undo(const Attempt& attempt, NodeIndex made) {
  if (made != kNone) output_.Remove(made, attempt.output);
  account_->uses.resize(attempt.uses);
  account_->drops.resize(attempt.drops);
  pending_.resize(attempt.pending);
  content_ = attempt.content;
}

void Run::Note(NodeIndex source, NodeIndex element, const Row& row) {
  account_->uses.push_back({source, element, row.number});
}

// Whether anything came of them.
bool Run::RunRows(const Rows& rows, const Hand& hand) {
  std::vector<NodeIndex> taken;  // by the rows of the chain so far
  bool chain_took = false, came = false;
  Finder::Below below;
  finder_.Look(hand.node, below);
  const auto* below_before = std::exchange(below_, &below);
  const auto& probes = rows.probes();
  for (std::size_t i = 0; i < probes.size(); ++i) {
    if (probes[i].starts_chain) {
      taken.clear();
      chain_took = false;
    }
    if (!below.MayFind(probes[i])) continue;
    if (!Spend()) break;
    const Row& row = rows[i];
    bool took = RunRow(row, hand, taken, chain_took);
    chain_took = chain_took || took;
    came = came || (took && row.target != TargetKind::Drop);
  }
  below_ = below_before;
  return came;
}

bool Run::RunBlock(const Row& row, const Hand& hand, bool chain_took) {
  if ((row.is_else && chain_took) ||
      (row.condition != kNoNumber && !Holds(row.condition, hand.node, hand.node)))
    return false;
  ++conditional_;
  RunRows(row.below, hand);
  --conditional_;
  return true;
}

// Whether the row took a node: something came of it.
bool Run::RunRow(const Row& row, const Hand& hand, std::vector<NodeIndex>& taken, bool chain_took) {
  if (row.target == TargetKind::Block) return RunBlock(row, hand, chain_took);
  if (row.is_else && chain_took && !row.else_by_node) return false;
  if (TakesAll(row.converter)) return RunJoined(row, hand, taken);
  bool took = false;
  ForEachFound(row, hand, taken, [&](const Found& found) {
    if (!Spend() || !RunOn(row, found, hand)) return;
    took = true;
    if (row.chained) taken.push_back(found.node);
  });
  return took;
}

// Calls work(Found) for each that the row's source finds and that is the row's by its condition.
template <class Work>
void Run::ForEachFound(const Row& row, const Hand& hand, const std::vector<NodeIndex>& taken,
                       const Work& work) {
  auto work_if_own = [&](const Found& found) {
    bool is_taken =
        row.is_else && row.else_by_node && std::find(taken.begin(), taken.end(), found.node) != taken.end();
    if (!is_taken && (row.condition == kNoNumber || Holds(row.condition, found.node, hand.node))) work(found);
  };
  if (row.source.kind == SourceKind::Constant) {
    work_if_own({hand.node, row.source.text, true});
  } else if (row.source.kind == SourceKind::Expression) {
    const std::size_t begin = found_.size();
    EvaluateSource(row, hand);
    const std::vector<NodeIndex> touched = touched_;
    for (std::size_t i = begin, end = found_.size(); i < end; ++i) {
      touched_ = touched;  // what the work evaluates is not what this row asked for
      work_if_own(Found(found_[i]));
    }
    found_.resize(begin);
  } else {
    const std::size_t begin = operands_.size();
    finder_.Find(row.source, hand.node, operands_, below_);
    for (std::size_t i = begin, end = operands_.size(); i < end; ++i) work_if_own({operands_[i], {}, false});
    operands_.resize(begin);
  }
}

bool Run::RunOn(const Row& row, const Found& found, const Hand& hand) {
  switch (row.target) {
    case TargetKind::Drop: account_->drops.push_back({found.node, row.number}); return true;
    case TargetKind::Best: {
      auto map = Best(found.node, 0);
      return map != kNoNumber && RunResourceMap(map, found.node) != kNoNumber;
    }
    case TargetKind::Element: return Fill(row, hand.element, found);
    case TargetKind::Resource: return MakeAndFill(row, found);
    case TargetKind::Nearest: return FillNearest(row, found);
    case TargetKind::Kept:
    case TargetKind::Block: break;
  }
  return false;
}

bool Run::MakeAndFill(const Row& row, const Found& found) {
  if (row.path.empty() && row.below.empty()) {
    auto map = row.best_map ? Best(found.node, row.map_target, row.slot) : Choose(row.maps, found.node);
    return map != kNoNumber && RunResourceMap(map, found.node, row.slot) != kNoNumber;
  }
  auto attempt = Begin();
  auto made = Make(row.slot, found.node);
  if (!row.identities.empty()) made_[made].identities = &row.identities;
  NodeIndex resource = made_[made].resource;
  if (Fill(row, resource, found) && content_ != attempt.content) return true;
  Undo(attempt, kNone);
  Unmake(made);
  return false;
}

bool Run::FillNearest(const Row& row, const Found& found) {
  auto known = NearestMade(row.slot, found.node, kNone);
  if (known != kNoNumber) return Fill(row, made_[known].resource, found);
  auto attempt = Begin();
  auto made = Make(row.slot, found.node);
  if (!row.identities.empty()) made_[made].identities = &row.identities;
  bool came = Fill(row, made_[made].resource, found);
  if (came && (content_ != attempt.content || pending_.size() > attempt.pending)) return true;
  Undo(attempt, kNone);
  Unmake(made);
  return false;
}

bool Run::Fill(const Row& row, NodeIndex base, const Found& found) {
  if (row.converter == Name::Apply) return Apply(row, base, found.node);
  bool narrative =
      row.converter == Name::Narrative && !row.path.empty() && row.path.back().child->type == "Narrative";
  return IsTextConverter(row.converter) && !narrative ? FillValue(row, base, found)
                                                      : FillElement(row, base, found);
}

// A primitive: first the text, so that nothing is made for nothing.
bool Run::FillValue(const Row& row, NodeIndex base, const Found& found) {
  Text value = found.is_value ? Text{found.value, kNone} : ValueAt(found.node);
  scratch_.clear();
  if (!Convert(row, found, value, scratch_)) return false;
  return PutText(row, base, found, value, scratch_);
}

bool Run::PutText(const Row& row, NodeIndex base, const Found& found, const Text& value,
                  std::string_view text) {
  if (!convert::Fits(row.form, text)) {
    Report(rules::ValueUnfit, value.leaf, {row.path.empty() ? "" : row.path.back().child->type});
    return false;
  }
  NodeIndex made = kNone, element = base;
  auto attempt = Begin();
  for (std::size_t i = 0; i < row.path.size(); ++i) {
    if (output_.IsTaken(element, row.path[i], i + 1 == row.path.size())) {
      if (i + 1 == row.path.size() && SaysAgain(element, row.path[i], value, text, row)) return true;
      Undo(attempt, made);
      return false;
    }
    element = output_.Ensure(element, row.path[i], made);
  }
  if (RunsBackwards(element, text, value.leaf) || !output_.SetValue(element, draft_.bundle.Keep(text))) {
    Undo(attempt, made);
    return false;
  }
  if (row.source.kind == SourceKind::Constant) {
    content_ += row.condition != kNoNumber || conditional_ > 0;
  } else {
    ++content_;
    if (value.leaf != kNone) Note(value.leaf, element, row);
    if (found.is_value)
      for (NodeIndex leaf : touched_) Note(leaf, element, row);
  }
  last_put_ = element;
  if (!row.below.empty()) RunRows(row.below, {found.node, element});
  return true;
}

// What a second row says of a single element may be what stands there.
bool Run::SaysAgain(NodeIndex parent, const TargetStep& step, const Text& value, std::string_view text,
                    const Row& row) {
  NodeIndex known = output_.FirstOf(parent, step.child->name);
  if (known == kNone || draft_.bundle[known].text != text || value.leaf == kNone) return false;
  Note(value.leaf, known, row);
  return true;
}

// All that was found, in one text.
bool Run::RunJoined(const Row& row, const Hand& hand, std::vector<NodeIndex>& taken) {
  std::vector<Text> texts;
  std::vector<NodeIndex> nodes;
  Found first{};
  ForEachFound(row, hand, taken, [&](const Found& found) {
    if (nodes.empty()) first = found;
    nodes.push_back(found.node);
    Text value = found.is_value ? Text{found.value, kNone} : ValueAt(found.node);
    if (!value.text.empty()) texts.push_back(value);
  });
  std::string text;
  if (texts.empty() || !Join(row, texts, text)) return false;
  NodeIndex base = hand.element;
  if (row.target == TargetKind::Nearest) {
    auto known = NearestMade(row.slot, hand.node, kNone);
    base = made_[known != kNoNumber ? known : Make(row.slot, hand.node)].resource;
  }
  if (base == kNone || !PutText(row, base, first, {text, kNone}, text)) return false;
  for (const Text& one : texts)
    if (one.leaf != kNone) Note(one.leaf, last_put_, row);
  if (row.chained) taken.insert(taken.end(), nodes.begin(), nodes.end());
  return true;
}

bool Run::FillElement(const Row& row, NodeIndex base, const Found& found) {
  auto attempt = Begin();
  NodeIndex made = kNone, element = base;
  for (std::size_t i = 0; i < row.path.size(); ++i) {
    if (output_.IsTaken(element, row.path[i], i + 1 == row.path.size())) {
      Undo(attempt, made);
      return false;
    }
    element = output_.Ensure(element, row.path[i], made);
  }
  bool converts = row.converter != Name::None || row.calls_map || row.best_map;
  if (converts && made == kNone && !row.path.empty() && IsFilled(row, element)) return false;
  bool came = false;
  if (row.calls_map || row.best_map) {
    came = FillByMap(row, element, found.node);
  } else if (row.converter == Name::Reference) {
    Refer(element, {kNone, found.node, row.reference, kNoNumber});
    came = true;
  } else if (row.converter == Name::Contain) {
    came = Contain(row, Choose(row.maps, found.node), element, found.node);
  } else if (row.converter == Name::Code || row.converter == Name::Coding) {
    came = PutCoded(row, element, found);
  } else if (row.converter != Name::None) {
    came = PutStructure(row, element, found.node);
  }
  // Constants alone fill nothing.
  if (!row.below.empty() && RunRows(row.below, {found.node, element}))
    came = came || content_ != attempt.content || pending_.size() > attempt.pending;
  if (came && converts) output_.FilledBy(element) = row.number;
  if (!came && made != kNone) Undo(attempt, made);
  return came;
}

// A second node does not mix with the first in an element that cannot be repeated, nor a second reference.
bool Run::IsFilled(const Row& row, NodeIndex element) {
  auto by = output_.FilledBy(element);
  const auto* child = output_.InfoOf(element);
  if (row.converter == Name::Timing) return false;  // bounds, period and events come one by one
  return by == row.number || (by != kNoNumber && child != nullptr && child->type == "Reference");
}

// A map on the element; on a Reference the resource it makes.
bool Run::FillByMap(const Row& row, NodeIndex element, NodeIndex node) {
  auto map = row.best_map ? Best(node, row.map_target, row.slot) : Choose(row.maps, node);
  if (map == kNoNumber) return false;
  if (p_.maps[map].makes_resource && draft_.bundle[element].resource == 0) {
    if (containing_) return Contain(row, map, element, node);
    auto made = RunResourceMap(map, node);
    if (made == kNoNumber) return false;
    if (made_[made].resource == ResourceOf(element)) {  // nothing refers to itself
      issues_.Add(rules::MapCalledAgain, source_.PlaceOf(node), {p_.maps[map].name});
      return false;
    }
    Refer(element, {kNone, node, kNoNumber, made});
    ++content_;
    return true;
  }
  if (p_.maps[map].makes_resource)
    for (auto it = made_.rbegin(); it != made_.rend(); ++it)
      if (it->resource == element) {
        if (it->identities == nullptr) it->identities = &p_.maps[map].identities;
        break;
      }
  const CodeLine* mapped = row.codes == kNoNumber ? nullptr : PutMappedFirst(row, element, node);
  bool came = RunMap(map, node, element);
  if (mapped != nullptr && came) SettleSent(row, *mapped, element);
  return came || mapped != nullptr;
}

// True when something of the source came into the element.
bool Run::RunMap(std::uint32_t map, NodeIndex node, NodeIndex element) {
  auto again = std::find(open_.begin(), open_.end(), std::pair(map, node));
  if (again != open_.end() || open_.size() >= kMapDepthMax) {
    issues_.Add(rules::MapCalledAgain, source_.PlaceOf(node), {p_.maps[map].name});
    return false;
  }
  open_.emplace_back(map, node);
  auto conditional = std::exchange(conditional_, 0);
  std::uint64_t before = content_;
  {
    Output::Scope scope(output_);
    RunRows(p_.maps[map].rows, {node, element});
  }
  conditional_ = conditional;
  open_.pop_back();
  return content_ != before;
}

// The resource that the map makes of the node: once, however often it is asked for.
std::uint32_t Run::RunResourceMap(std::uint32_t map, NodeIndex node, std::uint32_t slot) {
  std::uint64_t key = std::uint64_t{map} << 32 | node;
  if (auto it = made_by_.find(key); it != made_by_.end())
    return made_[it->second].gone ? kNoNumber : it->second;
  auto attempt = Begin();
  auto made = Make(slot == kNoNumber ? p_.maps[map].slot : slot, node);
  made_[made].identities = &p_.maps[map].identities;
  made_by_.emplace(key, made);
  if (RunMap(map, node, made_[made].resource)) return made;
  Undo(attempt, kNone);
  Unmake(made);
  made_by_.erase(key);
  return kNoNumber;
}

// With a type only nodes whose best map makes a resource of that type; the others are left to other rows.
bool Run::Apply(const Row& row, NodeIndex base, NodeIndex node) {
  std::vector<NodeIndex> nodes{node};
  if (Best(node, 0) == kNoNumber) {
    nodes.clear();
    for (NodeIndex child : node::Children(source_, node))
      if (!source_[child].attribute) nodes.push_back(child);
  }
  bool came = false;
  for (NodeIndex one : nodes) {
    auto map = Best(one, 0);
    bool other = map != kNoNumber && row.map_target != 0 && p_.maps[map].shape != row.map_target;
    auto made = map == kNoNumber || other ? kNoNumber : RunResourceMap(map, one);
    if (made == kNoNumber) continue;
    NodeIndex first = kNone, element = base;
    for (const auto& step : row.path) element = output_.Ensure(element, step, first);
    if (draft_.bundle[element].first != kNone || output_.FilledBy(element) != kNoNumber) continue;
    output_.FilledBy(element) = row.number;
    Refer(element, {kNone, one, kNoNumber, made});
    ++content_;
    came = true;
  }
  return came;
}

// A contained resource, and within it all that its maps make: it has to stand for itself (safety rule 22).
bool Run::Contain(const Row& row, std::uint32_t map, NodeIndex element, NodeIndex node) {
  if (map == kNoNumber) return false;
  auto attempt = Begin();
  NodeIndex container = ResourceOf(element);
  const Slot& slot = p_.slots[p_.maps[map].slot];
  NodeIndex resource = output_.AddContained(container, slot.type, slot.shape);
  if (resource == kNone) return false;
  bool within = std::exchange(containing_, true);
  bool came = RunMap(map, node, resource);
  containing_ = within;
  if (!came) {
    Undo(attempt, resource);
    return false;
  }
  std::string id = "c" + std::to_string(++contained_);
  draft_.bundle[draft_.bundle[resource].first].text = draft_.bundle.Keep(id);
  static const node::NameId reference = node::Intern("reference");
  PutChild(element, reference, "#" + id, kNone, row);
  return true;
}

std::uint32_t Run::Make(std::uint32_t slot, NodeIndex source) {
  auto number = static_cast<std::uint32_t>(made_.size());
  const Slot& s = p_.slots[slot];
  static const node::NameId bundle = node::Intern("Bundle");
  Made& made = made_.emplace_back();
  made.resource = s.type == bundle ? kRoot : output_.AddEntry(s.type, s.shape);
  made.source = source;
  made.slot = slot;
  Finder::Candidate candidate{finder_.OrderOf(source), finder_.Anchor(source), number};
  auto& all = candidates_[s.shape];
  auto after = [](std::uint32_t order, const Finder::Candidate& c) { return order < c.order; };
  all.insert(std::upper_bound(all.begin(), all.end(), candidate.order, after), candidate);
  return number;
}

void Run::Unmake(std::uint32_t made) {
  made_[made].gone = true;
  NodeIndex resource = made_[made].resource;
  if (resource != kRoot) output_.Remove(draft_.bundle[resource].parent, output_.mark());
}

std::uint32_t Run::NearestMade(std::uint32_t slot, NodeIndex from, NodeIndex except) {
  const Slot& s = p_.slots[slot];
  auto it = candidates_.find(s.shape);
  if (it == candidates_.end()) return kNoNumber;
  return finder_.NearestOf(it->second, from, [&](std::uint32_t number) {
    const Made& m = made_[number];
    return !m.gone && m.resource != except && (s.label.empty() || p_.slots[m.slot].label == s.label);
  });
}

NodeIndex Run::ResourceOf(NodeIndex element) const {
  NodeIndex at = element, found = element;
  for (; at != kNone && at != kRoot; at = draft_.bundle[at].parent)
    if (draft_.bundle[at].resource != 0) found = at;  // the outermost: contained resources do not nest
  return found;
}

void Run::Refer(NodeIndex element, const Pending& pending) {
  pending_.push_back(pending);
  pending_.back().reference = element;
}

}  // namespace passerelle::engine
