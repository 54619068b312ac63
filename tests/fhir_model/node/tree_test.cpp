// Tree: children in order, names of its own, copies, places.

#include "fhir_model/node/paths.h"

#include <catch2/catch.hpp>

namespace passerelle::node {
namespace {

TEST_CASE("a name nobody interned stays inside its tree", "[node]") {
  Tree tree(Format::Fhir, Intern("Patient"));
  NameId id = tree.NameOf("x-never-heard-of");
  CHECK((id & kLocalName) != 0);
  CHECK(tree.NameText(id) == "x-never-heard-of");
  CHECK(Find("x-never-heard-of") == 0);
  CHECK(tree.NameOf("x-never-heard-of") == id);
}

TEST_CASE("the only component of a field is the field", "[node]") {
  NameId field = Intern("PID-3"), first = Intern("PID-3.1"), second = Intern("PID-3.2");
  Tree tree(Format::Hl7v2, Intern("ADT_A01"));
  NodeIndex pid = tree.Append(kRoot, Intern("PID"), Kind::Element);
  NodeIndex leaf = tree.Append(pid, field, Kind::String, "17");
  CHECK(tree.Child(leaf, first) == leaf);
  CHECK(tree.Child(leaf, second) == kNone);
}

TEST_CASE("a copy equals its original and survives it", "[node]") {
  Tree copy(Format::Fhir, Intern("Bundle"));
  NodeIndex at = kNone;
  {
    Tree original(Format::Fhir, Intern("Patient"));
    NodeIndex name = original.Append(kRoot, Intern("name"), Kind::Element);
    original.Append(name, Intern("given"), Kind::String, original.Keep("Marie"));
    original.Append(name, original.NameOf("x-local"), Kind::String, original.Keep("y"));
    original.Append(kRoot, Intern("active"), Kind::Boolean, "true");
    at = copy.Copy(kRoot, original, kRoot);
    CHECK(Equal(original, kRoot, copy, at));
    original[name].text = "other";
    CHECK_FALSE(Equal(original, kRoot, copy, at));
  }
  CHECK(copy.ChildText(copy.Child(at, "name"), "given") == "Marie");
  CHECK(copy.ChildText(copy.Child(at, "name"), "x-local") == "y");
}

TEST_CASE("a node can be copied beside itself", "[node]") {
  Tree tree(Format::Fhir, Intern("Bundle"));
  NodeIndex entry = tree.Append(kRoot, Intern("entry"), Kind::Element);
  tree.Append(entry, Intern("fullUrl"), Kind::String, "a");
  NodeIndex inside = tree.Copy(entry, tree, entry);
  CHECK(tree.CountChildren(inside) == 1);
  CHECK(tree.CountChildren(entry) == 2);
}

TEST_CASE("places read as people write them", "[node]") {
  Tree tree(Format::Fhir, Intern("Patient"));
  tree.AdoptSource("{\n \"name\": [{\"given\": [\"A\",\n\"B\"]}]}");
  NodeIndex name = tree.Append(kRoot, Intern("name"), Kind::Element);
  tree[name].list = true;
  tree[tree.Append(name, Intern("given"), Kind::String, "A")].list = true;
  NodeIndex second = tree.Append(name, Intern("given"), Kind::String, "B");
  tree[second].list = true;
  tree[second].line = static_cast<std::uint32_t>(tree.source().find("\"B\"")) + 1;
  Place place = tree.PlaceOf(second);
  CHECK(place.path == "Patient.name[0].given[1]");
  CHECK(place.line == 3);
  CHECK(place.column == 1);
}

// A large family is counted once; what is asked in whatever order reads the same.
TEST_CASE("many paths of a tree are each as one alone", "[node]") {
  Tree tree(Format::Fhir, Intern("List"));
  for (int i = 0; i < 200; ++i) {
    NodeIndex entry = tree.Append(kRoot, Intern(i % 3 == 0 ? "note" : "entry"), Kind::Element);
    tree.Append(entry, Intern("flag"), Kind::String, "x");
  }
  tree.Append(kRoot, Intern("status"), Kind::String, "current");
  Paths paths(tree);
  std::string last;
  for (NodeIndex i = 0; i < tree.size(); ++i) last = paths.Of(i);
  CHECK(last == "List.status");
  for (NodeIndex i : {NodeIndex(tree.size() - 2), NodeIndex(1), NodeIndex(301)})
    CHECK(paths.Of(i) == tree.Path(i));
  CHECK(tree.Path(2) == "List.note[0].flag");
  CHECK(tree.Path(399) == "List.entry[132]");
}

TEST_CASE("removed and moved nodes leave the rest in order", "[node]") {
  Tree tree(Format::Fhir, Intern("List"));
  NodeIndex a = tree.Append(kRoot, Intern("a"), Kind::String, "1");
  NodeIndex b = tree.Append(kRoot, Intern("b"), Kind::String, "2");
  NodeIndex c = tree.Append(kRoot, Intern("c"), Kind::String, "3");
  tree.Remove(b);
  tree.MoveBefore(c, a);
  std::string order;
  for (NodeIndex child : Children(tree, kRoot)) order += tree.name(child);
  CHECK(order == "ca");
}

TEST_CASE("an element copied to a list stands beside its namesakes", "[node]") {
  Tree tree(Format::Fhir, Intern("Patient")), other(Format::Fhir, Intern("Patient"));
  tree.Append(kRoot, Intern("identifier"), Kind::String, "1");
  tree.Append(kRoot, Intern("gender"), Kind::String, "female");
  tree.CopyToList(kRoot, other, other.Append(kRoot, Intern("identifier"), Kind::String, "2"));
  tree.CopyToList(kRoot, other, other.Append(kRoot, Intern("birthDate"), Kind::String, "1980"));
  std::string order;
  for (NodeIndex child : Children(tree, kRoot)) order += std::string(tree[child].text) + " ";
  CHECK(order == "1 2 female 1980 ");
}

}  // namespace
}  // namespace passerelle::node
