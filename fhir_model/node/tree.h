#pragma once
// Tree: the one shape in which every input stands in memory, be it HL7 v2, CDA or FHIR.
//
// Nodes live in one array and are named by index; index 0 is the root and always exists. Text is a slice of the
// source where nothing had to be decoded, else of the tree's arena: both live as long as the Tree. Decimals stay
// text. Children keep their order; a list is siblings of the same name.
//
//   FHIR     a resource, at the root or within another, says its type in Node::resource; there is no child
//            "resourceType". The root's name is its type too. A primitive is a node with text; its id and extensions
//            are its children. Xhtml nodes hold the <div> as bytes.
//   CDA      elements by their standard's name; attributes are children named "@root" with kAttribute. An element
//            with only character data holds it as text; in mixed content the runs of text are unnamed children
//            of kind Text. Elements of other namespaces carry the usual prefix ("sdtc:id", "pharm:ingredient"),
//            of unknown ones "{uri}name".
//   HL7 v2   segments "PID", fields "PID-3" (a node per repetition), components "PID-3.4", sub-components
//            "PID-3.4.2"; position() is the last number. What is empty has no node. A field with one component has
//            text and no children; Child(node, "PID-3.1") then is the field itself. Groups are named as in the
//            event's grammar.
//
// A Tree may be read from many threads; changing it is for one. Moving a Tree keeps indices and text valid.

#include <cstddef>
#include <cstdint>
#include <memory>
#include <memory_resource>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "fhir_model/base/error.h"
#include "fhir_model/node/names.h"

namespace passerelle::node {

enum class Format : std::uint8_t { Fhir, Cda, Hl7v2 };

// Element has no value of its own. The others have, in text. Null is a primitive without a value: one that has only
// an id or extensions, or a JSON null. (A Null of text "[]" is an empty JSON array, which FHIR forbids.)
enum class Kind : std::uint8_t { Element, String, Number, Boolean, Null, Xhtml, Text };

using NodeIndex = std::uint32_t;
inline constexpr NodeIndex kRoot = 0;
inline constexpr NodeIndex kNone = 0xFFFF'FFFFu;

struct Node {
  NameId name = 0;
  NodeIndex parent = kNone, first = kNone, last = kNone, previous = kNone, next = kNone;
  std::string_view text;
  std::uint32_t line = 0;    // XML: line, from 1. JSON and ER7: byte offset in the source plus one. 0: made by us
  std::uint32_t column = 0;  // XML only
  std::uint32_t shape = 0;   // spec::ShapeId once typed, else 0
  NameId resource = 0;       // FHIR: the type of the resource that starts here ("Patient"), else 0
  std::uint16_t position = 0;  // HL7 v2: number of the field, component or sub-component
  Kind kind = Kind::Element;
  bool list = false;       // FHIR: an element of a JSON array, also when alone in it
  bool attribute = false;  // XML attribute
};

class Tree {
 public:
  explicit Tree(Format format, NameId root_name = 0);
  Tree(Tree&&) noexcept = default;
  Tree& operator=(Tree&&) noexcept = default;

  Format format() const { return format_; }
  std::size_t size() const { return nodes_.size(); }  // removed nodes still count
  void Reserve(std::size_t nodes) { nodes_.reserve(nodes); }
  const Node& operator[](NodeIndex i) const { return nodes_[i]; }
  Node& operator[](NodeIndex i) { return nodes_[i]; }
  const Node& root() const { return nodes_[kRoot]; }

  // Takes over the bytes that nodes' text will point into.
  std::string_view AdoptSource(std::string bytes);
  std::string_view source() const { return source_ ? std::string_view(*source_) : std::string_view(); }
  std::string_view Keep(std::string_view text);           // copies into the arena
  char* Allocate(std::size_t bytes);                      // room in the arena, to be filled by the caller
  std::size_t arena_bytes() const { return arena_bytes_; }

  // The global id, or a local one made for this tree. For parsers.
  NameId NameOf(std::string_view name);
  // The id under which nodes of this tree would carry `name`; 0 if none does.
  NameId FindName(std::string_view name) const;
  std::string_view NameText(NameId id) const;
  std::string_view name(NodeIndex i) const { return NameText(nodes_[i].name); }

  // `text` must be a slice of the source, of the arena, or a literal.
  NodeIndex Append(NodeIndex parent, NameId name, Kind kind, std::string_view text = {});
  NodeIndex InsertBefore(NodeIndex sibling, NameId name, Kind kind, std::string_view text = {});
  void Remove(NodeIndex i);                            // unlinks i with all below it; not the root
  void Move(NodeIndex i, NodeIndex new_parent);        // unlinks i and appends it to new_parent
  void MoveBefore(NodeIndex i, NodeIndex sibling);
  // Copies `from` with all below it (text too) as the last child of `parent`; gives the copy's index.
  NodeIndex Copy(NodeIndex parent, const Tree& source_tree, NodeIndex from);
  // Copy, then beside the last child of the same name: a list stays together.
  NodeIndex CopyToList(NodeIndex parent, const Tree& source_tree, NodeIndex from);
  // Makes a tree of its own out of `from` and all below it; a resource's root is named by its type.
  Tree Extract(NodeIndex from) const;
  // The same nodes again, to be changed while this tree stays as it is. Their text stays here: this one lives longer.
  Tree Shadow() const;

  // First child of that name, or kNone. A global name by id, any by text.
  NodeIndex Child(NodeIndex parent, NameId name) const;
  NodeIndex Child(NodeIndex parent, std::string_view name) const;
  // The text of the first child of that name; empty if there is none.
  std::string_view ChildText(NodeIndex parent, NameId name) const;
  std::string_view ChildText(NodeIndex parent, std::string_view name) const;
  std::size_t CountChildren(NodeIndex parent) const;
  NodeIndex NextOfName(NodeIndex i) const;  // next sibling with the same name, or kNone

  // "Patient.name[0].given[1]", "PID-3[1].4" as people write it, "/ClinicalDocument/author[2]/time/@value";
  // indices count from 0 in FHIR and from 1 elsewhere.
  std::string Path(NodeIndex i) const;  // of many nodes: Paths
  // Path with line and column, also where only the byte offset was kept.
  Place PlaceOf(NodeIndex i) const;

 private:
  NodeIndex New(NameId name, Kind kind, std::string_view text);
  void Link(NodeIndex i, NodeIndex parent, NodeIndex before);
  void Unlink(NodeIndex i);

  Format format_;
  std::vector<Node> nodes_;
  std::unique_ptr<std::string> source_;
  std::unique_ptr<std::pmr::monotonic_buffer_resource> arena_;
  std::size_t arena_bytes_ = 0;
  std::vector<std::string_view> local_names_;
  std::unordered_map<std::string_view, NameId> local_ids_;
};

// for (NodeIndex child : Children(tree, parent)) ...   The child may not be removed while it is the current one.
class Children {
 public:
  Children(const Tree& tree, NodeIndex parent) : tree_(&tree), first_(tree[parent].first) {}
  struct Iterator {
    const Tree* tree;
    NodeIndex at;
    NodeIndex operator*() const { return at; }
    Iterator& operator++() { at = (*tree)[at].next; return *this; }
    bool operator!=(const Iterator& other) const { return at != other.at; }
  };
  Iterator begin() const { return {tree_, first_}; }
  Iterator end() const { return {tree_, kNone}; }

 private:
  const Tree* tree_;
  NodeIndex first_;
};

// True when both hold the same: names, kinds, text, list marks and order. Positions and shapes do not count.
bool Equal(const Tree& a, NodeIndex i, const Tree& b, NodeIndex j);

}  // namespace passerelle::node
