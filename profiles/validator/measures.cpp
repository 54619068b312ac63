// MeasureReports against their Measure: groups, populations and stratifiers by their codes, scores by how the
// measure scores.

#include <algorithm>
#include <optional>

#include "fhir_model/json/json.h"
#include "profiles/validator/families.h"
#include "profiles/validator/references.h"
#include "profiles/validator/values.h"

namespace passerelle::validator {

using node::kNone;
using node::NodeIndex;
using node::Tree;

namespace {

std::vector<NodeIndex> Named(const Tree& tree, NodeIndex parent, std::string_view name) {
  std::vector<NodeIndex> found;
  for (NodeIndex child : node::Children(tree, parent))
    if (tree.name(child) == name) found.push_back(child);
  return found;
}

bool SameConcept(const Tree& a, NodeIndex i, const Tree& b, NodeIndex j) {
  if (i == kNone || j == kNone) return false;
  auto codings = Named(a, i, "coding");
  for (NodeIndex x : codings)
    for (NodeIndex y : Named(b, j, "coding"))
      if (a.ChildText(x, "code") == b.ChildText(y, "code") &&
          a.ChildText(x, "system") == b.ChildText(y, "system"))
        return true;
  return codings.empty() && !a.ChildText(i, "text").empty() &&
         a.ChildText(i, "text") == b.ChildText(j, "text");
}

bool HasCoding(const Tree& tree, NodeIndex concept_at, std::string_view code) {
  if (concept_at == kNone) return false;
  auto codings = Named(tree, concept_at, "coding");
  return std::any_of(codings.begin(), codings.end(),
                     [&](NodeIndex coding) { return tree.ChildText(coding, "code") == code; });
}

class ReportCheck {
 public:
  ReportCheck(Run& run, const Tree& measure, NodeIndex defined)
      : run_(run), measure_(measure), defined_(defined) {
    NodeIndex scoring = measure.Child(defined, "scoring");
    for (NodeIndex coding : scoring == kNone ? std::vector<NodeIndex>() : Named(measure, scoring, "coding"))
      scoring_ = measure.ChildText(coding, "code");
    type_ = run.Text(run.resource, run.words.type);
  }

  void Check(NodeIndex report) {
    auto given = Named(run_.tree, report, "group"), defined = Named(measure_, defined_, "group");
    Pairs groups;
    if (given.size() == 1 && defined.size() == 1) {  // a single one may be anonymous
      groups = {{given[0], defined[0]}};
      NodeIndex said = Code(run_.tree, given[0]), wanted = Code(measure_, defined[0]);
      if (said != kNone && wanted != kNone && !SameConcept(run_.tree, said, measure_, wanted))
        run_.Report(rules::MeasureGroupCode, given[0], {"group"});
    } else {
      groups = Match(report, "group", defined, type_ != "data-collection");
    }
    for (auto [group, of_measure] : groups) {
      for (auto [population, one] :
           Match(group, "population", Named(measure_, of_measure, "population"), true))
        CheckSubjects(population);
      Match(group, "stratifier", Named(measure_, of_measure, "stratifier"), true);
      CheckScore(group);
    }
  }

 private:
  using Pairs = std::vector<std::pair<NodeIndex, NodeIndex>>;

  static NodeIndex Code(const Tree& tree, NodeIndex at) { return tree.Child(at, "code"); }

  // The elements called `name` below `at` with those of the measure that have their code, each once.
  Pairs Match(NodeIndex at, std::string_view name, const std::vector<NodeIndex>& defined, bool all) {
    Pairs pairs;
    std::vector<bool> used(defined.size());
    for (NodeIndex one : Named(run_.tree, at, name)) {
      NodeIndex code = Code(run_.tree, one);
      std::size_t i = 0;
      while (i < defined.size() && !SameConcept(run_.tree, code, measure_, Code(measure_, defined[i]))) ++i;
      if (i == defined.size()) {
        run_.Report(rules::MeasureGroupCode, one, {name});
      } else if (used[i]) {
        run_.Report(rules::MeasureGroupTwice, one, {name});
      } else {
        used[i] = true;
        pairs.emplace_back(one, defined[i]);
      }
    }
    for (std::size_t i = 0; i < defined.size() && all; ++i)
      if (!used[i] && !HasCoding(measure_, Code(measure_, defined[i]), "measure-observation"))
        run_.Report(rules::MeasureGroupMissing, at, {name, measure_.ChildText(defined[i], "id")});
    return pairs;
  }

  // A population of subjects counts as many as stand in the List that its subjectResults names.
  void CheckSubjects(NodeIndex population) {
    NodeIndex results = run_.tree.Child(population, "subjectResults");
    if (results == kNone) return;
    if (type_ != "subject-list") return run_.Report(rules::MeasureSubjects, population);
    std::string_view count = run_.tree.ChildText(population, "count");
    auto listed = Listed(results);
    if (!count.empty() && listed && CountsSubjects() && CompareDecimals(count, std::to_string(*listed)) != 0)
      run_.Report(rules::MeasureCount, population, {count, std::to_string(*listed)});
  }

  // The subjects in the List that stands in the input, nothing when it does not; what is no List is one subject.
  std::optional<std::size_t> Listed(NodeIndex results) {
    std::string_view reference = run_.tree.ChildText(results, "reference");
    if (std::string_view type = ReferencedType(reference); !type.empty() && type != "List") return 1;
    Target list = Resolve(run_, results, reference);
    if (list.where != Where::Contained && (list.where != Where::Bundled || list.matches != 1))
      return std::nullopt;
    const Tree& tree = *list.resource.tree;
    if (tree.NameText(tree[list.resource.node].resource) != "List") return std::nullopt;
    auto entries = Named(tree, list.resource.node, "entry");
    return std::count_if(entries.begin(), entries.end(),
                         [&](NodeIndex entry) { return tree.ChildText(entry, "deleted") != "true"; });
  }

  // Other measures count encounters, procedures ..., of which a subject may have many.
  bool CountsSubjects() const {
    constexpr std::string_view kBasis = "populationBasis";
    for (NodeIndex holder : WithGroups())
      for (NodeIndex extension : Named(measure_, holder, "extension"))
        if (measure_.ChildText(extension, "url").ends_with(kBasis) &&
            measure_.ChildText(extension, "valueCode") != "boolean")
          return false;
    return true;
  }
  std::vector<NodeIndex> WithGroups() const {
    auto holders = Named(measure_, defined_, "group");
    holders.push_back(defined_);
    return holders;
  }

  void CheckScore(NodeIndex group) {
    NodeIndex score = run_.tree.Child(group, "measureScore");
    if (type_ == "data-collection" || scoring_ == "cohort") {
      if (score != kNone)
        run_.Report(rules::MeasureScore, score,
                    {scoring_ == "cohort" ? scoring_ : std::string_view("data-collection")});
      return;
    }
    if (scoring_ != "proportion" && scoring_ != "ratio" && scoring_ != "continuous-variable") return;
    if (score == kNone) return run_.Report(rules::MeasureScoreMissing, group, {scoring_});
    NodeIndex value = run_.tree.Child(score, run_.words.value);
    if (value == kNone && run_.tree.Child(score, run_.words.extension) == kNone)
      run_.Report(rules::MeasureScoreValue, score, {scoring_});
    if (scoring_ != "proportion") return;
    for (std::string_view part : {"unit", "system", "code"})  // a share of the whole has no unit
      if (NodeIndex at = run_.tree.Child(score, part); at != kNone)
        run_.Report(rules::MeasureScoreUnit, at, {scoring_});
    if (value == kNone) return;
    std::string_view share = run_.tree[value].text;
    if (CompareDecimals(share, "0").value_or(0) < 0 || CompareDecimals(share, "1").value_or(0) > 0)
      run_.Report(rules::MeasureScoreRange, value, {share});
  }

  Run& run_;
  const Tree& measure_;
  NodeIndex defined_;
  std::string_view scoring_, type_;
};

}  // namespace

void CheckMeasureReport(Run& run, NodeIndex resource) {
  std::string_view canonical = run.Text(resource, run.words.measure);
  if (canonical.empty()) return;
  if (canonical.front() == '#') {
    NodeIndex contained = run.FindContained(resource, canonical.substr(1));
    if (contained != kNone) ReportCheck(run, run.tree, contained).Check(resource);
    return;
  }
  auto found = run.engine.library.Find(canonical, "Measure");
  if (!found) return;
  auto measure = json::Parse(std::string(found->json), kFileLimits, &run.engine.definitions());
  if (measure) ReportCheck(run, *measure, node::kRoot).Check(resource);
}

}  // namespace passerelle::validator
