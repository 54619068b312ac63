// MeasureReports against their Measure: groups, populations and stratifiers by their codes.

#include <algorithm>

#include "fhir_model/json/json.h"
#include "profiles/validator/families.h"

namespace passerelle::validator {

using node::kNone;
using node::NodeIndex;
using node::Tree;

namespace {

bool SameConcept(const Tree& a, NodeIndex i, const Tree& b, NodeIndex j) {
  if (i == kNone || j == kNone) return false;
  bool codings = false;
  for (NodeIndex x : node::Children(a, i)) {
    if (a.name(x) != "coding") continue;
    codings = true;
    for (NodeIndex y : node::Children(b, j))
      if (b.name(y) == "coding" && a.ChildText(x, "code") == b.ChildText(y, "code") &&
          a.ChildText(x, "system") == b.ChildText(y, "system"))
        return true;
  }
  return !codings && !a.ChildText(i, "text").empty() && a.ChildText(i, "text") == b.ChildText(j, "text");
}

std::vector<NodeIndex> Named(const Tree& tree, NodeIndex parent, std::string_view name) {
  std::vector<NodeIndex> found;
  for (NodeIndex child : node::Children(tree, parent))
    if (tree.name(child) == name) found.push_back(child);
  return found;
}

class ReportCheck {
 public:
  ReportCheck(Run& run, const Tree& measure) : run_(run), measure_(measure) {
    NodeIndex scoring = measure.Child(node::kRoot, "scoring");
    for (NodeIndex coding : scoring == kNone ? std::vector<NodeIndex>() : Named(measure, scoring, "coding"))
      scoring_ = measure.ChildText(coding, "code");
    type_ = run.Text(run.resource, run.words.type);
  }

  void Check(NodeIndex report) {
    auto defined = Named(measure_, node::kRoot, "group");
    auto pairs = Match(report, "group", defined, node::kRoot);
    for (auto [given, wanted] : pairs) {
      NodeIndex score = run_.tree.Child(given, "measureScore");
      if (score != kNone && scoring_ == "cohort") run_.Report(rules::MeasureScore, score, {scoring_});
      for (auto [population, one] : Match(given, "population", Named(measure_, wanted, "population"), wanted))
        CheckSubjects(population, one);
      Match(given, "stratifier", Named(measure_, wanted, "stratifier"), wanted);
    }
  }

 private:
  // The elements called `name` below `at` with those of the measure that have their code.
  std::vector<std::pair<NodeIndex, NodeIndex>> Match(NodeIndex at, std::string_view name,
                                                     const std::vector<NodeIndex>& defined, NodeIndex) {
    std::vector<std::pair<NodeIndex, NodeIndex>> pairs;
    auto given = Named(run_.tree, at, name);
    if (defined.empty()) return pairs;
    std::vector<bool> used(defined.size());
    // A single one needs no code to be known.
    if (given.size() == 1 && defined.size() == 1 && run_.tree.Child(given[0], run_.words.code) == kNone)
      return {{given[0], defined[0]}};
    for (NodeIndex one : given) {
      std::size_t i = 0;
      while (i < defined.size() &&
             !SameConcept(run_.tree, CodeOf(run_.tree, one), measure_, CodeOf(measure_, defined[i])))
        ++i;
      if (i == defined.size()) {
        run_.Report(rules::MeasureGroupCode, one, {name});
        continue;
      }
      used[i] = true;
      pairs.emplace_back(one, defined[i]);
    }
    for (std::size_t i = 0; i < defined.size(); ++i)
      if (!used[i] && name != "population")
        run_.Report(rules::MeasureGroupMissing, at, {name, measure_.ChildText(defined[i], "id")});
    return pairs;
  }

  static NodeIndex CodeOf(const Tree& tree, NodeIndex at) { return tree.Child(at, "code"); }

  void CheckSubjects(NodeIndex population, NodeIndex) {
    bool listed = run_.tree.Child(population, "subjectResults") != kNone;
    if (listed && type_ != "subject-list") run_.Report(rules::MeasureSubjects, population);
  }

  Run& run_;
  const Tree& measure_;
  std::string_view scoring_, type_;
};

}  // namespace

void CheckMeasureReport(Run& run, NodeIndex resource) {
  std::string_view canonical = run.Text(resource, run.words.measure);
  if (canonical.empty()) return;
  auto found = run.engine.library.Find(canonical, "Measure");
  if (!found) return;
  auto measure = json::Parse(std::string(found->json), kFileLimits, &run.engine.definitions());
  if (measure) ReportCheck(run, *measure).Check(resource);
}

}  // namespace passerelle::validator
