// The end of a run: ids from identities, one resource for each identity, references, order.

#include <algorithm>

#include "mappers/engine/run.h"

namespace passerelle::engine {

using node::Children;
using node::kNone;
using node::kRoot;
using node::NodeIndex;
using node::Tree;

namespace {

// Between the parts of an identity: a character that no value has.
constexpr char kPartEnd = '\x1f';
constexpr std::string_view kUrn = "urn:uuid:";

struct Words {
  node::NameId system = node::Intern("system"), value = node::Intern("value"),
               reference = node::Intern("reference"), patient = node::Intern("Patient"),
               full_url = node::Intern("fullUrl"), section = node::Intern("section"),
               text = node::Intern("text");
};
const Words& W() {
  static const Words words;
  return words;
}

}  // namespace

// Adds an Identifier with system and value, or a primitive. Alone an Identifier is the authority and the key.
bool Run::AddElementPart(NodeIndex element, bool alone, std::string& authority, std::string& key) {
  const Tree& bundle = draft_.bundle;
  if (bundle[element].kind != node::Kind::Element) {
    if (bundle[element].text.empty()) return false;
    key.append(bundle[element].text) += kPartEnd;
    return true;
  }
  NodeIndex system = bundle.Child(element, W().system), value = bundle.Child(element, W().value);
  if (system == kNone || value == kNone || bundle[value].text.empty() || bundle[system].text.empty())
    return false;
  if (alone) {
    authority = bundle[system].text;
    key = bundle[value].text;
  } else {
    key.append(bundle[system].text).append("|").append(bundle[value].text) += kPartEnd;
  }
  return true;
}

// The resource of a type that this one refers to, else the nearest.
std::uint32_t Run::ReferredOrNearest(std::uint32_t made, std::uint32_t slot) {
  const Slot& s = p_.slots[slot];
  auto fits = [&](std::uint32_t number) {
    return number != kNoNumber && number != made && !made_[number].gone &&
           p_.slots[made_[number].slot].shape == s.shape &&
           (s.label.empty() || p_.slots[made_[number].slot].label == s.label);
  };
  auto before = [](const auto& reference, NodeIndex resource) { return reference.first < resource; };
  const NodeIndex resource = made_[made].resource;
  for (auto it = std::lower_bound(references_.begin(), references_.end(), resource, before);
       it != references_.end() && it->first == resource; ++it)
    if (fits(it->second)) return it->second;
  // In a document the wider context is not part of what a thing is.
  auto nearest = NearestMade(slot, made_[made].source, resource);
  if (source_.format() != node::Format::Cda || nearest == kNoNumber) return nearest;
  for (NodeIndex up = made_[made].source; up != kNone; up = source_[up].parent)
    if (up == made_[nearest].source) return nearest;
  return kNoNumber;
}

bool Run::AddPart(std::uint32_t made, const IdentityPart& part, bool alone, std::string& authority,
                  std::string& key) {
  NodeIndex resource = made_[made].resource;
  switch (part.kind) {
    case IdentityPart::Constant: key.append(part.text) += kPartEnd; return true;
    case IdentityPart::Element:
      for (NodeIndex i = output_.FirstOf(resource, part.element); i != kNone; i = draft_.bundle.NextOfName(i))
        if (AddElementPart(i, alone, authority, key)) return true;
      return false;
    case IdentityPart::Resource: {
      auto other = ReferredOrNearest(made, part.slot);
      if (other == kNoNumber || made_[other].id_state == 1) return false;
      MakeId(other);
      key.append(made_[other].id) += kPartEnd;
      return true;
    }
    case IdentityPart::Path: break;
  }
  path::Environment environment;
  environment.services = this;
  static thread_local path::Machine machine;
  auto found =
      machine.Evaluate(p_.expressions[part.expression], path::Item::Of(draft_.bundle, resource), environment);
  if (!found) return false;
  for (const path::Item& item : *found) {
    if (item.kind == path::ItemKind::Node) {
      if (AddElementPart(item.node, alone, authority, key)) return true;
    } else if (auto text = path::TextOf(item); !text.empty()) {
      key.append(text) += kPartEnd;
      return true;
    }
  }
  return false;
}

bool Run::Identify(std::uint32_t made, const Identity& identity, std::string& authority, std::string& key) {
  authority.clear();
  key.clear();
  if (identity.condition != kNoNumber && !Holds(identity.condition, made_[made].source, made_[made].source))
    return false;
  bool alone = identity.parts.size() == 1;
  return std::all_of(identity.parts.begin(), identity.parts.end(),
                     [&](const IdentityPart& part) { return AddPart(made, part, alone, authority, key); });
}

void Run::MakeId(std::uint32_t number) {
  if (made_[number].id_state != 0) return;
  made_[number].id_state = 1;
  std::string authority, key;
  bool named = false;
  if (made_[number].identities != nullptr)
    for (auto identity : *made_[number].identities)
      if ((named = Identify(number, p_.identities[identity], authority, key))) break;
  const Slot& slot = p_.slots[made_[number].slot];
  auto type = node::NameText(slot.type);
  if (!named) {
    authority = options_.scope;
    key = std::to_string(++unnamed_[slot.type]);
  }
  made_[number].id = ResourceId(options_.id_key, type, authority, key);
  made_[number].id_state = 2;
  if (!named) return;
  auto [it, added] = by_id_.try_emplace(made_[number].id, number);
  if (!added) made_[number].same_as = it->second;
}

// Which resource each reference means, before it is written.
void Run::ResolveReferences() {
  for (Pending& pending : pending_) {
    NodeIndex resource = ResourceOf(pending.reference);
    if (pending.made == kNoNumber) pending.made = NearestMade(pending.slot, pending.source, resource);
    if (pending.made != kNoNumber && made_[pending.made].gone) pending.made = kNoNumber;
    if (pending.made != kNoNumber) references_.emplace_back(resource, pending.made);
  }
  std::stable_sort(references_.begin(), references_.end(),
                   [](const auto& a, const auto& b) { return a.first < b.first; });
}

// Whether a list of references has that one already, close by: two rows may have come to the same resource.
bool Run::IsReferredTwice(NodeIndex element, std::string_view urn, std::string_view id) const {
  const Tree& bundle = draft_.bundle;
  if (!bundle[element].list || bundle[element].first != kNone) return false;
  NodeIndex i = bundle[element].previous;
  for (int steps = 0; steps < 4 && i != kNone && bundle[i].name == bundle[element].name;
       ++steps, i = bundle[i].previous) {
    NodeIndex reference = bundle.Child(i, W().reference);
    auto text = reference == kNone ? std::string_view() : bundle[reference].text;
    if (text.starts_with(urn) && text.substr(urn.size()) == id && bundle[reference].next == kNone)
      return true;
  }
  return false;
}

void Run::WriteReferences() {
  for (const Pending& pending : pending_) {
    if (pending.made == kNoNumber) {
      if (draft_.bundle[pending.reference].first == kNone) output_.RemoveUpwards(pending.reference);
      continue;
    }
    const Made& made = made_[Standing(pending.made)];
    if (IsReferredTwice(pending.reference, kUrn, made.id)) {
      output_.RemoveUpwards(pending.reference);
      continue;
    }
    NodeIndex child = output_.Add(pending.reference, W().reference);
    if (child == kNone) continue;
    output_.SetValue(child, draft_.bundle.Keep(std::string(kUrn) + made.id));
  }
}

// The one that stands for a resource after merging.
std::uint32_t Run::Standing(std::uint32_t number) const {
  return made_[number].same_as == kNoNumber ? number : made_[number].same_as;
}

void Run::NoteMerged(NodeIndex from, NodeIndex into) {
  account_->merged.emplace_back(from, into);
  NodeIndex a = draft_.bundle[from].first, b = draft_.bundle[into].first;
  while (a != kNone && b != kNone) {
    NoteMerged(a, b);
    a = draft_.bundle[a].next, b = draft_.bundle[b].next;
  }
}

// Brings to `into` what only `from` has: elements it lacks, list elements equal to none of its own.
void Run::MergeElement(NodeIndex from, NodeIndex into) {
  Tree& bundle = draft_.bundle;
  std::vector<NodeIndex> children;
  for (NodeIndex child : Children(bundle, from)) children.push_back(child);
  for (NodeIndex child : children) {
    NodeIndex first = output_.FirstOf(into, bundle[child].name), same = kNone;
    for (NodeIndex own = first; own != kNone && same == kNone; own = bundle.NextOfName(own))
      if (node::Equal(bundle, child, bundle, own)) same = own;
    if (same != kNone) {
      NoteMerged(child, same);
    } else if (first == kNone || bundle[child].list) {
      if (output_.HasOtherChoice(into, child)) continue;
      output_.MoveTo(child, into);
    }
  }
}

void Run::Merge(std::uint32_t number, std::uint32_t into) {
  // The ids are the first children of both, and not to be merged.
  MergeElement(made_[number].resource, made_[into].resource);
  made_[number].gone = true;
  output_.Remove(draft_.bundle[made_[number].resource].parent, output_.mark());
}

// Where a narrative's link to an ID leads: to the place in the narrative that has it, to the resource that
// was made of the entry around it ("Media/ID": what shows a narrative follows no URN); nowhere if there is
// none.
std::string Run::LinkTo(std::string_view id,
                        const std::pmr::unordered_map<NodeIndex, std::uint32_t>& made_of) {
  for (NodeIndex at = Referenced(id); at != kNone && source_[at].name != W().section;
       at = source_[at].parent) {
    if (source_[at].name == W().text) return "#" + std::string(id);
    auto it = made_of.find(at);
    if (it == made_of.end()) continue;
    const Made& made = made_[Standing(it->second)];
    return std::string(node::NameText(p_.slots[made.slot].type)) + "/" + made.id;
  }
  return {};
}

void Run::LinkNarratives() {
  if (linked_.empty()) return;
  std::pmr::unordered_map<NodeIndex, std::uint32_t> made_of(&memory_);
  for (std::uint32_t i = 0; i < made_.size(); ++i)
    if (!made_[i].gone && made_[i].resource != kRoot) made_of.try_emplace(made_[i].source, i);
  for (NodeIndex narrative : linked_) {
    std::string_view rest = draft_.bundle[narrative].text;
    std::string text;
    for (auto at = rest.find(kInnerLink); at != rest.npos; at = rest.find(kInnerLink)) {
      std::size_t begin = at + kInnerLink.size(), end = rest.find('"', begin);
      std::string to = LinkTo(rest.substr(begin, end - begin), made_of);
      text.append(rest.substr(0, at));
      if (!to.empty()) text.append(" href=\"").append(to).append("\"");
      rest.remove_prefix(end + 1);
    }
    draft_.bundle[narrative].text = draft_.bundle.Keep(text.append(rest));
  }
}

void Run::PutPatientsFirst() {
  NodeIndex first = kNone;
  for (NodeIndex entry : Children(draft_.bundle, kRoot))
    if (draft_.bundle[entry].first != kNone && first == kNone) first = entry;
  for (const Made& made : made_) {
    if (made.gone || p_.slots[made.slot].type != W().patient || first == kNone) continue;
    NodeIndex entry = draft_.bundle[made.resource].parent;
    if (entry == first)
      first = draft_.bundle[entry].next;
    else
      draft_.bundle.MoveBefore(entry, first);
  }
}

void Run::Finish() {
  ResolveReferences();
  for (std::uint32_t i = 0; i < made_.size(); ++i)
    if (!made_[i].gone && made_[i].resource != kRoot) MakeId(i);
  for (const Made& made : made_) {
    if (made.gone || made.resource == kRoot) continue;
    Tree& bundle = draft_.bundle;
    const std::string& id = made.same_as == kNoNumber ? made.id : made_[made.same_as].id;
    output_.SetValue(bundle[made.resource].first, bundle.Keep(id));
    output_.SetValue(bundle[bundle[made.resource].parent].first, bundle.Keep(std::string(kUrn) + id));
  }
  WriteReferences();
  LinkNarratives();
  output_.Sort();
  for (std::uint32_t i = 0; i < made_.size(); ++i)
    if (!made_[i].gone && made_[i].same_as != kNoNumber) Merge(i, made_[i].same_as);
  if (p_.everywhere_keeps && source_.format() == node::Format::Cda) KeepRest();
  output_.Sort();
  PutPatientsFirst();
}

}  // namespace passerelle::engine
