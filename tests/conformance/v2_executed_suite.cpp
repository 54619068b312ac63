// The conditions and constants of the official v2-to-FHIR sheets, executed one by one. FOLDER is the folder
// of the sheets.
//
// For the row of ours that does what a row of a sheet says, messages are made that satisfy its condition and
// messages that do not, and converted: of the first at least one must show the row at work, of the second
// none may. Every row of the tables leaves a mark in what it filled, an extension with file and line, so that
// it is seen which rows came to something. The constant of a sheet must stand where the mark is.
//
// `--shown` as third argument lists every condition and constant with what came of it; `--messages` also the
// message that shows it.

#include <set>

#include "mappers/engine/engine.h"
#include "mappers/hl7v2/reader.h"
#include "tests/conformance/options.h"
#include "tests/conformance/v2_comparison.h"
#include "tests/conformance/v2_sample.h"
#include "tests/conformance/v2_ways.h"
#include "tests/support/pack.h"

namespace passerelle::tests {
namespace {

using node::Children;
using node::NodeIndex;
using node::Tree;

constexpr std::string_view kMark = "urn:passerelle:test:mark";

// Below each row one that marks what it filled: "PID-7 -> birthDate" gets an extension
// "v2/segments/PID.map:7".
std::vector<engine::TableFile> Marked(const OurMaps& maps) {
  std::set<std::pair<std::uint32_t, std::uint32_t>> rows;
  auto collect = [&](const auto& self, const std::vector<engine::RowText>& texts) -> void {
    for (const auto& text : texts) {
      if (text.kind == engine::RowKind::Row && text.target != "drop")
        rows.insert({text.spot.file, text.spot.line});
      self(self, text.below);
    }
  };
  for (const auto& map : maps.tables().maps) collect(collect, map.rows);
  std::vector<engine::TableFile> files = maps.files();
  for (std::uint32_t file = 0; file < files.size(); ++file) {
    std::istringstream in(files[file].text);
    std::string marked;
    std::uint32_t number = 0;
    for (std::string line; std::getline(in, line);) {
      marked += line + "\n";
      if (!rows.contains({file, ++number})) continue;
      std::string indent(line.find_first_not_of(' ') + 2, ' ');
      marked += indent + "\"" + files[file].name + ":" + std::to_string(number) + "\" -> extension(" +
                std::string(kMark) + ")[].valueString\n";
    }
    files[file].text = marked;
  }
  return files;
}

// What a conversion showed: the elements that each row filled.
class Shown {
 public:
  explicit Shown(Tree bundle) : bundle_(std::move(bundle)) { Look(node::kRoot); }

  bool Has(const std::string& row) const { return filled_.contains(row); }
  // Whether the constant of a sheet stands in what the row filled, around it for the URL of an extension.
  bool HasConstant(const std::string& row, const std::string& constant) const {
    auto [begin, end] = filled_.equal_range(row);
    return std::any_of(begin, end, [&](const auto& filled) { return Says(filled.second, constant); });
  }

 private:
  bool IsMark(NodeIndex i) const { return bundle_.ChildText(i, "url") == kMark; }

  void Look(NodeIndex parent) {
    bool filled = !bundle_[parent].text.empty();
    for (NodeIndex i : Children(bundle_, parent))
      filled = filled || (!IsMark(i) && bundle_.name(i) != "resourceType" && bundle_.name(i) != "id");
    for (NodeIndex i : Children(bundle_, parent)) {
      if (filled && IsMark(i)) filled_.emplace(bundle_.ChildText(i, "valueString"), parent);
      if (!IsMark(i)) Look(i);
    }
  }
  bool Says(NodeIndex at, const std::string& constant) const {
    for (NodeIndex up = at; up != node::kNone; up = bundle_[up].parent)
      if (SameUrl(bundle_.ChildText(up, "url"), constant)) return true;
    return SaysBelow(at, constant);
  }
  bool SaysBelow(NodeIndex at, const std::string& constant) const {
    if (Matches(bundle_[at].text, constant)) return true;
    for (NodeIndex i : Children(bundle_, at))
      if (!IsMark(i) && SaysBelow(i, constant)) return true;
    return false;
  }
  // The sheets write URLs of pages for those of extensions: the last part counts.
  static bool SameUrl(std::string_view ours, const std::string& theirs) {
    auto plain = [](std::string url) {
      for (char& c : url) c = static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
      return SheetPaths::Last(url);
    };
    return !ours.empty() && plain(std::string(ours)) == plain(theirs);
  }
  // Of an expression ("urn:oid:+HD.2") the parts that are no names.
  static bool Matches(std::string_view text, const std::string& constant) {
    if (text.empty() || constant.find('+') == constant.npos) return text == constant;
    std::istringstream parts(constant);
    for (std::string part; std::getline(parts, part, '+');)
      if (!IsName(part) && text.find(part) == text.npos) return false;
    return true;
  }
  // "HD.2", "OBX-5.1", "Procedure.performedPeriod.start"
  static bool IsName(std::string_view part) {
    auto mark = part.find_first_of(".-");
    return mark != part.npos && mark + 1 < part.size() &&
           std::isalnum(static_cast<unsigned char>(part[mark + 1])) != 0 &&
           std::isupper(static_cast<unsigned char>(part[part.find_first_not_of(' ')])) != 0;
  }

  Tree bundle_;
  std::multimap<std::string, NodeIndex> filled_;
};

// What came of a condition or constant.
struct Result {
  bool fired = false;
  bool held_back = false;  // by messages that do not satisfy the condition
  bool always = false;     // our row has no condition: the sheet's is no matter, for a reason
  bool fired_wrongly = false;
  bool has_constant = false;
  std::string message;  // that shows it

  std::string_view Condition() const {
    if (fired_wrongly) return "wrong";
    if (!fired) return "not shown";
    return held_back ? "both ways" : always ? "always" : "one way";
  }
};

// "/convert to minutes/", "RP.3/RP.4": says what is to be done, which the row's filling an element shows.
bool IsDirective(const std::string& constant) {
  return constant.starts_with('/') || constant.find(" + ") != constant.npos ||
         (constant.find(" - ") != constant.npos && constant.find('+') == constant.npos) ||
         (constant.find('/') != constant.npos && std::isupper(static_cast<unsigned char>(constant[0])) != 0);
}

class Execution {
 public:
  Execution(const OurMaps& maps, engine::Program program, const std::filesystem::path& folder)
      : maps_(maps),
        program_(std::move(program)),
        ways_(maps, Pack()),
        types_(folder),
        composites_(ReadComposites(folder / "segments")) {}

  Result Run(const Judged& judged) {
    Result result;
    for (const Way& way : ways_.To(judged.finding.row->spot)) {
      std::string_view event = EventOf(way, judged.message);
      auto stage = StageOf(way, judged);
      if (event.empty() || stage == way.stages.size()) continue;
      Try({way, event, stage, judged.constant}, result);
      bool shown = result.fired && (judged.constant.empty() || result.has_constant) &&
                   (result.held_back || result.always || judged.condition.empty());
      if (result.fired_wrongly || shown) break;
    }
    return result;
  }

 private:
  static constexpr std::size_t kTrials = 20'000, kOfEach = 10;

  // What a condition asks for is there by its first part, with all parts, by its second.
  enum class Fill { Plain, Rich, Late };

  // A way of a row, with the stage from which on the sheet speaks.
  struct Attempt {
    const Way& way;
    std::string_view event;
    std::size_t stage;
    const std::string& constant;
  };

  static std::string_view EventOf(const Way& way, const std::string& message) {
    const auto& events = way.message->events;
    std::string event = message;
    std::replace(event.begin(), event.end(), '_', '^');
    auto it = std::find(events.begin(), events.end(), event);
    if (it != events.end()) return *it;
    if (!message.empty() && way.message->names[0] != message) return {};
    return events.empty() ? std::string_view() : std::string_view(events[0]);
  }

  // The stage that is the sheet's map, if from there on the way asks what the row that was judged asks.
  std::size_t StageOf(const Way& way, const Judged& judged) const {
    std::size_t stage = 0;
    if (judged.message.empty()) {
      std::string sheet = judged.key.substr(judged.key.find('/') + 1);
      sheet.resize(sheet.find('['));
      while (stage < way.stages.size() && (stage == 0 || way.stages[stage].map != sheet)) ++stage;
    }
    if (stage == way.stages.size() || !way.known || !judged.finding.row->condition_known) return stage;
    Term judged_condition = judged.finding.row->condition, ours = Condition(way, stage, way.stages.size());
    NameFields(judged_condition, way.stages[stage].alias);
    if (!way.sources.empty())
      NameFields(judged_condition, [&](const std::string& name) { return PartOf(way.sources.back(), name); });
    NameAlike(judged_condition, composites_, false);
    return SameCondition(judged_condition, ours, "", composites_) ? stage : way.stages.size();
  }
  Term Condition(const Way& way, std::size_t begin, std::size_t end) const {
    Term term = way.Condition(begin, end);
    NameAlike(term, composites_, false);
    return term;
  }

  void Try(const Attempt& attempt, Result& result) {
    const Way& way = attempt.way;
    const Term above = Condition(way, 0, attempt.stage),
               own = Condition(way, attempt.stage, way.stages.size());
    std::vector<Trial> satisfying, others;
    ForEachTrial({&above, &own}, "", kTrials, [&](const Trial& trial) {
      if (IsOf(attempt.event, trial) && Evaluate(above, trial) == Truth::True)
        (Evaluate(own, trial) == Truth::True ? satisfying : others).push_back(trial);
      return true;
    });
    std::vector<std::size_t> places = Sample(attempt.event, types_).PlacesOf(way.place);
    if (places.empty()) places = {0};
    bool fired = false;
    for (std::size_t place : places)
      for (const Trial& trial : Some(satisfying))
        for (Fill fill : {Fill::Plain, Fill::Rich, Fill::Late}) {
          if (fired && (attempt.constant.empty() || result.has_constant)) break;
          std::string message = Make(attempt, place, trial, fill);
          auto shown = Convert(message);
          if (!result.fired && fill == Fill::Rich) result.message = message;
          if (!shown || !Fired(attempt, *shown)) continue;
          if (!fired) result.message = message;
          fired = result.fired = true;
          result.has_constant = result.has_constant || IsDirective(attempt.constant) ||
                                shown->HasConstant(maps_.PlaceOf(way.stages.back().row), attempt.constant);
        }
    if (!fired || !way.known) return;
    result.always = result.always || others.empty();
    for (const Trial& trial : Some(others))
      for (Fill fill : {Fill::Plain, Fill::Rich, Fill::Late}) {
        std::string message = Make(attempt, places[0], trial, fill);
        auto shown = Convert(message);
        if (!shown) continue;
        result.held_back = true;
        if (!Fired(attempt, *shown)) continue;
        result.fired_wrongly = true;
        result.message = message;
        return;
      }
  }

  // Whether what the trial says of MSH-9 is so: the event is given.
  static bool IsOf(std::string_view event, const Trial& trial) {
    auto it = trial.fields.find("MSH-9.2");
    return it == trial.fields.end() || it->second.text == event.substr(event.find('^') + 1);
  }

  // Whether every row on the way, from the sheet's map on, came to something.
  bool Fired(const Attempt& attempt, const Shown& shown) const {
    const auto& stages = attempt.way.stages;
    return std::all_of(stages.begin() + static_cast<std::ptrdiff_t>(attempt.stage), stages.end(),
                       [&](const Stage& stage) { return shown.Has(maps_.PlaceOf(stage.row)); });
  }

  static std::vector<Trial> Some(const std::vector<Trial>& trials) {
    std::vector<Trial> some;
    std::size_t step = std::max<std::size_t>(1, trials.size() / kOfEach);
    for (std::size_t i = 0; i < trials.size(); i += step) some.push_back(trials[i]);
    return some;
  }

  std::string Make(const Attempt& attempt, std::size_t place, const Trial& trial, Fill fill) const {
    const Way& way = attempt.way;
    Sample sample(attempt.event, types_);
    sample.About(SegmentOf(way), place);
    sample.BeLate(fill == Fill::Late);
    std::map<std::string, std::vector<Trial::Value>> seen;
    Collect(Condition(way, 0, way.stages.size()), seen);
    for (const auto& [field, values] : seen)
      if (!trial.fields.contains(field)) sample.Clear(field);
    for (const auto& [field, value] : trial.fields) {
      std::set<std::string> but;
      bool by_length = false;
      for (const auto& other : seen[field]) {
        if (value.text == "other") but.insert(other.text);
        by_length = by_length || (other.text == "other" && other.length > 1);
      }
      sample.Set(field, value.text, value.count, by_length ? value.length : 0, but);
    }
    sample.BeLate(false);
    for (const auto& source : way.sources) {
      if (!seen.contains(source) && !sample.Has(source)) sample.Set(source, CodeFor(way, source));
      if (fill == Fill::Rich) sample.Enrich(source);
    }
    if (fill == Fill::Rich && (way.sources.empty() || !way.sources[0].starts_with(SegmentOf(way))))
      AddUsual(way, seen, sample);
    return sample.Text();
  }
  static std::string SegmentOf(const Way& way) { return way.place.substr(way.place.find_last_of("./") + 1); }
  // A constant fills nothing alone: the first fields of its segment beside it.
  static void AddUsual(const Way& way, const std::map<std::string, std::vector<Trial::Value>>& seen,
                       Sample& sample) {
    for (int field = 2; field < 6; ++field)
      if (std::string name = SegmentOf(way) + "-" + std::to_string(field);
          !seen.contains(name) && !sample.Has(name))
        sample.Set(name, "other");
  }
  // A code that the row's code map knows, for its last source.
  std::string CodeFor(const Way& way, const std::string& source) const {
    const auto* codes = source == way.sources.back() ? maps_.FindCodes(way.codes) : nullptr;
    for (const auto& line : codes == nullptr ? std::vector<engine::CodeText>() : codes->lines)
      if (line.code != "*" && !line.target.empty()) return line.code;
    return "other";
  }

  std::optional<Shown> Convert(const std::string& message) const {
    Issues issues;
    auto tree = hl7v2::Parse(message, {kFileLimits, std::nullopt}, issues);
    if (!tree) return std::nullopt;
    hl7v2::Group(*tree, issues);
    auto draft = program_.Run(*tree, PublicMapOptions(), issues);
    if (!draft) return std::nullopt;
    return Shown(std::move(draft->bundle));
  }

  const OurMaps& maps_;
  engine::Program program_;
  const Ways ways_;
  const Datatypes types_;
  const Composites composites_;
};

int Main(const std::filesystem::path& folder, const char* score_file, std::string_view tell) {
  if (!std::filesystem::exists(folder / "segments")) return Skip(folder.string());
  std::filesystem::path scores =
      score_file == nullptr ? "tests/conformance/scores/v2_executed.txt" : score_file;
  OurMaps maps;
  std::vector<Error> errors;
  auto program = engine::Program::Compile(Marked(maps), Pack(), &errors);
  for (const auto& error : errors) std::cout << error.Text() << "\n";
  if (!program) return 1;
  Reasons reasons(scores.parent_path() / "v2_sheets-reasons.txt");
  Score rows{"v2 sheets"};
  Comparison comparison(maps, reasons, ReadComposites(folder / "segments"), rows, false);
  CompareAll(folder, maps, comparison);
  Execution execution(maps, *std::move(program), folder);
  Figures figures{{"conditions wrong", 0}};
  Score score{"v2 executed"};
  for (const Judged& judged : comparison.judged) {
    if (judged.condition.empty() && judged.constant.empty()) continue;
    const bool ours = judged.finding.verdict <= Verdict::Corrected;
    const Result result = ours ? execution.Run(judged) : Result{};
    auto count = [&](const std::string& what, std::string_view how) {
      ++figures[what + " " + std::string(how)];
      bool good = how == "both ways" || how == "always" || how == "seen" || how == "not ours";
      score.Count(good, what + " " + std::string(how) + ": " + judged.key);
      if (tell.empty()) return;
      std::cout << what << " " << how << "\t" << judged.key << "\t"
                << (judged.finding.row == nullptr ? "" : maps.PlaceOf(judged.finding.row->spot)) << "\n";
      std::string message = "\t" + result.message;
      ReplaceAll(message, "\r", "\n\t");
      if (tell == "--messages") std::cout << message << "\n";
    };
    if (!judged.condition.empty()) count("conditions", ours ? result.Condition() : "not ours");
    if (!judged.constant.empty())
      count("constants", !ours                 ? "not ours"
                         : result.has_constant ? "seen"
                         : result.fired        ? "missing"
                                               : "not shown");
  }
  return Finish(score, score_file, figures);
}

}  // namespace
}  // namespace passerelle::tests

int main(int argc, char** argv) {
  if (argc < 2) return 2;
  return passerelle::tests::Main(argv[1], argc > 2 ? argv[2] : nullptr, argc > 3 ? argv[3] : "");
}
