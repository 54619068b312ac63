#pragma once
// ProfileCompiler: a profile's snapshot into ProfileRules. Private to this room.

#include "profiles/validator/profile_rules.h"

namespace passerelle::validator {

class ProfileCompiler {
 public:
  ProfileCompiler(const spec::Library& library, const CheckMaker& maker, const spec::Profile& profile)
      : library_(library), maker_(maker), profile_(profile) {}

  std::unique_ptr<const ProfileNode> Compile();

 private:
  // An element of some profile that a discriminator's path leads to.
  struct Defined {
    const spec::Profile* profile;
    std::uint32_t element;
  };

  std::unique_ptr<const ProfileNode> Node(std::uint32_t element, spec::ShapeId shape);
  void AddGroup(std::uint32_t element, spec::ShapeId shape, ProfileNode& node);
  std::unique_ptr<const SlicingRules> Slicing(std::uint32_t element, spec::ShapeId shape,
                                              const spec::Slicing& slicing);
  Criterion MakeCriterion(const spec::Discriminator& discriminator, std::uint32_t slice) const;
  static std::vector<Step> ParsePath(std::string_view path);
  std::vector<Defined> Follow(Defined from, const Step& step) const;
  void Fill(const Defined& found, Criterion& criterion) const;
  spec::ShapeId ShapeBelow(const spec::Element& element, spec::ShapeId parent) const;

  const spec::Library& library_;
  const CheckMaker& maker_;
  const spec::Profile& profile_;
  std::unordered_map<std::uint32_t, const ProfileNode*> nodes_;  // elements compiled or being compiled
};

}  // namespace passerelle::validator
