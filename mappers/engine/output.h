#pragma once
// Output: the Bundle while it grows. Elements are made where a target says, once for each key; what came to
// nothing is taken away again. Private to this room.

#include <cstdint>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "fhir_model/node/tree.h"
#include "fhir_model/spec/spec.h"
#include "mappers/engine/program.h"

namespace passerelle::engine {

class Output {
 public:
  Output(node::Tree& bundle, const spec::Definitions& definitions);

  // To go back to where nothing of an attempt had been made yet.
  struct Mark {
    std::size_t keys;
  };
  Mark mark() const { return {keys_.size()}; }

  // The element that `step` means below `parent`, made if need be. `made` becomes the first one that was.
  node::NodeIndex Ensure(node::NodeIndex parent, const TargetStep& step, node::NodeIndex& made);
  // Gives a primitive its value; false when it has one already.
  bool SetValue(node::NodeIndex element, std::string_view text);
  // Whether the single element or choice that `step` means has something already; on the way to another step
  // only another form of the choice is in the way.
  bool IsTaken(node::NodeIndex parent, const TargetStep& step, bool last) const;

  // Below `parent` the child of that name (its list gets one more); kNone if the definitions have none.
  node::NodeIndex Add(node::NodeIndex parent, node::NameId name);
  node::NodeIndex Add(node::NodeIndex parent, const spec::ChildInfo& child);
  node::NodeIndex FirstOf(node::NodeIndex parent, node::NameId name) const;

  // An entry of the Bundle with an empty resource whose id is still to be set.
  node::NodeIndex AddEntry(node::NameId type, spec::ShapeId shape);
  node::NodeIndex AddContained(node::NodeIndex container, node::NameId type, spec::ShapeId shape);

  // Whether `parent` has another form of the choice that `element` is.
  bool HasOtherChoice(node::NodeIndex parent, node::NodeIndex element) const;
  void MoveTo(node::NodeIndex element, node::NodeIndex parent);
  void Remove(node::NodeIndex element, Mark mark);
  // Takes away `element` and, as far as they hold nothing else, those above it up to their resource.
  void RemoveUpwards(node::NodeIndex element);

  // A new run of a map: its keys are its own. Ends where the scope does.
  class Scope {
   public:
    explicit Scope(Output& output) : output_(output), base_(output.base_) {
      output.base_ = output.keys_.size();
    }
    ~Scope() {
      output_.keys_.resize(output_.base_);
      output_.base_ = base_;
    }
    Scope(const Scope&) = delete;
    Scope& operator=(const Scope&) = delete;

   private:
    Output& output_;
    std::size_t base_;
  };

  // Puts children into the order of the definitions.
  void Sort();
  const spec::ChildInfo* InfoOf(node::NodeIndex i) const { return facts_[i].child; }
  // Which row filled this element; rows of one element only.
  std::uint32_t& FilledBy(node::NodeIndex i) { return facts_[i].filled_by; }

 private:
  // Beyond so many children the first of each name is looked up in a table.
  static constexpr std::uint32_t kManyChildren = 48;

  struct Facts {
    const spec::ChildInfo* child = nullptr;
    std::uint32_t children = 0;
    std::uint32_t filled_by = kNoNumber;
    std::uint32_t order = 0;  // of the child
    bool unsorted = false;
  };
  struct Key {
    node::NodeIndex parent;
    node::NameId name;
    std::uint32_t key;
    node::NodeIndex element;
  };

  node::NodeIndex New(node::NodeIndex parent, node::NameId name, node::Kind kind, std::string_view text,
                      const spec::ChildInfo* child);
  node::NodeIndex FindExtension(node::NodeIndex parent, node::NameId name, std::string_view url) const;
  node::NodeIndex PlaceBefore(node::NodeIndex last, std::uint32_t order);
  void Count(node::NodeIndex parent, node::NodeIndex child) {
    if (++facts_[parent].children >= kManyChildren) CountMany(parent, child);
  }
  void CountMany(node::NodeIndex parent, node::NodeIndex child);
  void SortChildren(node::NodeIndex parent);

  node::Tree& bundle_;
  const spec::Definitions& definitions_;
  std::vector<Facts> facts_;  // by node
  std::vector<Key> keys_;
  std::size_t base_ = 0;
  std::vector<node::NodeIndex> unsorted_;
  std::unordered_map<std::uint64_t, node::NodeIndex> wide_;  // first children of parents with many
  std::vector<node::NodeIndex> scratch_;
  const spec::ChildInfo *entry_, *full_url_, *resource_;  // of the Bundle and its entries
};

}  // namespace passerelle::engine
