#pragma once
// CodeSystem: the concepts of one code system, by code in one probe, their hierarchy as preorder intervals.

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "fhir_model/node/tree.h"

namespace passerelle::terminology {

enum class Content : std::uint8_t { NotPresent, Example, Fragment, Complete, Supplement };

class CodeSystem {
 public:
  static constexpr std::uint32_t kNone = 0xFFFF'FFFFu;

  struct Property {
    std::string_view code, value;
  };
  struct Concept {
    std::string_view code, display;
    std::uint32_t end;  // after the last concept below it, in preorder
    std::uint32_t parent;
    node::NodeIndex node;
  };

  // Keeps the tree; text points into it.
  CodeSystem(node::Tree tree, node::NodeIndex at);

  std::string_view url() const { return url_; }
  std::string_view version() const { return version_; }
  std::string_view name() const { return name_; }
  std::string_view hierarchy_meaning() const { return hierarchy_meaning_; }
  std::string_view count() const { return count_; }  // as stated
  Content content() const { return content_; }
  bool case_sensitive() const { return case_sensitive_; }
  bool supplements() const { return supplements_; }
  const std::vector<Concept>& concepts() const { return concepts_; }

  // Index into concepts, or kNone. Without regard to case where the system says so.
  std::uint32_t Find(std::string_view code) const;

  bool HasDesignation(std::uint32_t concept_index, std::string_view display) const;
  bool IsInactive(std::uint32_t concept_index) const;
  std::vector<Property> Properties(std::uint32_t concept_index) const;
  // The type that a property is declared with; empty when it is not.
  std::string_view PropertyType(std::string_view code) const;

  // The concept and all below it, also by "parent" and "child" properties, as bits over concepts().
  std::vector<bool> Below(std::uint32_t concept_index) const;
  std::vector<bool> ChildrenOf(std::uint32_t concept_index) const;

 private:
  using Edges = std::vector<std::pair<std::uint32_t, std::uint32_t>>;
  std::pair<Edges::const_iterator, Edges::const_iterator> EdgesFrom(std::uint32_t parent) const;
  void Collect(node::NodeIndex parent, std::uint32_t above);
  void Index();
  void CollectEdges();

  node::Tree tree_;
  node::NodeIndex root_;
  std::string_view url_, version_, name_, hierarchy_meaning_, count_;
  Content content_ = Content::NotPresent;
  bool case_sensitive_ = true;
  bool supplements_ = false;
  bool has_templates_ = false;  // codes such as NNxxx, where xxx is a country
  std::vector<Concept> concepts_;
  std::vector<std::uint32_t> slots_;
  Edges edges_;  // parent, child beyond the nesting, sorted
};

std::uint64_t HashCode(std::string_view code);
// Case and runs of white space folded (ASCII letters).
std::string Fold(std::string_view text);

}  // namespace passerelle::terminology
