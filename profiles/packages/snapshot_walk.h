#pragma once
// SnapshotWalk: one snapshot being made. Private to this room.

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "fhir_model/base/result.h"
#include "profiles/packages/differential.h"
#include "profiles/packages/snapshot.h"

namespace passerelle::packages {

class SnapshotWalk {
 public:
  // `out` is the definition with an empty snapshot at `snapshot`; `base` what it builds on.
  // `source` has the differential.
  SnapshotWalk(Snapshots& snapshots, const node::Tree& source, node::Tree& out, node::NodeIndex snapshot,
               const node::Tree& base);
  Status Run(const DiffNode& root);

 private:
  // Where elements are going: path and id of the parent.
  struct Parent {
    std::string path, id;
  };
  // One element that came out.
  struct Made {
    node::NodeIndex at = node::kNone;
    Parent self;
  };
  using Matches = std::vector<const DiffNode*>;
  using Children = std::vector<DiffNode>;

  Status Level(const Elements& base, std::size_t begin, std::size_t end, const Children& diffs,
               const Parent& parent);
  Status Group(const Elements& base, const std::vector<std::size_t>& group, const Matches& diffs,
               const Parent& parent);
  Status Unsliced(const Elements& base, std::size_t i, const Matches& diffs, const Parent& parent);
  Status TypeSlices(const Elements& base, const std::vector<std::size_t>& group, const Matches& diffs,
                    const Parent& parent);
  Status NewSlices(const Elements& base, std::size_t i, const Matches& diffs, const Parent& parent);
  Status Resliced(const Elements& base, const std::vector<std::size_t>& group, const Matches& diffs,
                  const Parent& parent);
  Status AddSpecialised(const DiffNode& diff, const Parent& parent);

  // Where a rule lets only one of several elements be there and one must be, the others cannot.
  void CloseGroups();

  // The rules of Element and Extension, which every element of a new type obeys.
  Status AddTypeRules(const Made& made);

  // Copies an element with all below it; `name_rules`: its rules say where they come from.
  Result<Made> CopyAll(const Elements& base, std::size_t i, const Parent& parent, bool name_rules = false);
  Made CopyOne(const Elements& base, std::size_t i, const Parent& parent, std::string_view slice);
  struct Form {
    bool slice = false;    // it becomes a slice of the base element
    bool children = true;  // what the base has below it comes along
    std::string_view slice_name = {};
    std::string_view type = {};  // of a choice: the only one that stays
    bool describe = false;       // as an extension, no matter of what
    bool whole_profile = false;  // how often it occurs comes from its type's profile
  };
  Result<Made> Merge(const Elements& base, std::size_t i, const DiffNode& diff, const Parent& parent,
                     const Form& form);
  Status Below(const Elements& base, std::size_t i, const Children& diffs, const Made& made, bool copy);
  Result<const Elements*> ElementsOf(const std::string& canonical);
  Result<const Elements*> TypeElements(const Made& made, const Children& diffs);
  Status WalkInto(const Elements& base, const Made& made, const Children& diffs);
  // Takes over the root of the profile that the differential names as the element's type.
  void UseTypeProfile(const DiffNode& diff, const Made& made, bool whole);

  bool IsA(std::string_view code, std::string_view ancestor);
  // Refuses what the element, as it came from the base, does not allow.
  Status CheckFits(const Made& made, const DiffNode& diff);
  bool ConstrainsTypes(std::string_view path, const Matches& diffs) const;
  std::string TypeOfChoice(const Elements& base, std::size_t i, const DiffNode& diff) const;
  void SetSlicing(const Made& made, std::string_view type, std::string_view path, std::string_view rules);
  Error Refuse(std::string what, std::string_view path) const;

  Snapshots& snapshots_;
  node::Tree& out_;
  node::NodeIndex snapshot_;
  const node::Tree& source_;
  std::string_view url_;
  Elements base_;
  std::string_view kind_;  // "resource", "complex-type", ...
  bool specialises_ = false;
  std::map<const node::Tree*, Elements> types_;
  std::map<std::string, node::NodeIndex, std::less<>> by_id_;  // what came out
  int depth_ = 0;
  bool in_slice_ = false;  // among what the base itself has below a slice
};

}  // namespace passerelle::packages
