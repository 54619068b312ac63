// From the blocks of the tables to requirements with compiled expressions.

#include <algorithm>
#include <array>
#include <map>
#include <set>

#include "fhir_model/base/digest.h"
#include "profiles/requirements/errors.h"
#include "profiles/requirements/functions.h"
#include "profiles/requirements/names.h"
#include "profiles/requirements/reader.h"
#include "profiles/requirements/requirement.h"

namespace passerelle::requirements {

struct Catalogue::Data {
  std::vector<Requirement> requirements;
  std::map<std::string, std::size_t, std::less<>> by_id;
  std::vector<Suite> suites;
  std::array<std::optional<path::Expression>, kKinds> signs;
  std::string digest;
};

namespace {

constexpr std::array<std::string_view, 3> kWeights = {"blocking", "major", "minor"};
constexpr std::array<std::string_view, 4> kMeans = {"automatic", "state", "harness", "person"};
constexpr std::array<std::string_view, kKinds> kKindNames = {
    "message", "document", "fhir", "draft", "ack", "response", "delivery", "audit", "mail", "archive"};

template <class Value, std::size_t n>
std::optional<Value> Named(const std::array<std::string_view, n>& names, std::string_view name) {
  auto found = std::find(names.begin(), names.end(), name);
  if (found == names.end()) return std::nullopt;
  return static_cast<Value>(found - names.begin());
}

struct CheckField {
  std::string_view word;
  std::optional<path::Expression> Check::* field;
};
constexpr CheckField kCheckFields[] = {{"each", &Check::each},
                                       {"test", &Check::test},
                                       {"place", &Check::place},
                                       {"expected", &Check::expected},
                                       {"found", &Check::found}};

struct SentenceField {
  std::string_view word;
  Text Requirement::* text;
  std::string Text::* language;
};
constexpr SentenceField kSentences[] = {{"en", &Requirement::sentence, &Text::en},
                                        {"fr", &Requirement::sentence, &Text::fr},
                                        {"repair-en", &Requirement::repair, &Text::en},
                                        {"repair-fr", &Requirement::repair, &Text::fr}};

// The texts between quotes in an expression.
// Functions whose answer is a sentence of ours.
constexpr std::string_view kSaying[] = {"schemaMessage()", "resourceMessage()", "encodingFault()",
                                        "base64Form()"};

std::vector<std::string> Literals(std::string_view expression) {
  std::vector<std::string> literals;
  std::string open;
  bool inside = false;
  for (std::size_t i = 0; i < expression.size(); ++i) {
    char c = expression[i];
    if (c == '\\' && i + 1 < expression.size()) {
      open += expression[++i];
    } else if (c == '\'') {
      if (inside) literals.push_back(open);
      inside = !inside;
      open.clear();
    } else {
      open += c;
    }
  }
  return literals;
}

// Reads one file's blocks into the catalogue.
class FileCompiler {
 public:
  FileCompiler(std::string file, Catalogue::Data& data, std::vector<Error>& errors);
  void Run(std::string_view text);

 private:
  void Margin(const Line& line);
  void Inner(const Line& line);
  void Outer(const Line& line);
  void ReadRefused(const Line& line);
  void InSuite(const Line& line);
  void ReadSign(const Line& line);
  void BeginRequirement(const Line& line);
  void BeginCheck(const Line& line);
  void Finish();
  std::optional<path::Expression> Compile(const Line& line, std::string_view text);
  void Wrong(const Line& line, std::string detail) {
    errors_.push_back(SyntaxError(file_, line.number, std::move(detail)));
  }

  std::string file_;
  Catalogue::Data& data_;
  std::vector<Error>& errors_;
  path::CompileOptions options_;
  std::optional<Requirement> open_;
  std::string open_text_;
  Suite* suite_ = nullptr;
};

FileCompiler::FileCompiler(std::string file, Catalogue::Data& data, std::vector<Error>& errors)
    : file_(std::move(file)), data_(data), errors_(errors) {
  options_.table_names = true;
  options_.external = NameSlot;
  options_.host_functions = FunctionNames();
}

void FileCompiler::Run(std::string_view text) {
  for (const auto& line : ReadLines(file_, text, errors_)) {
    if (line.depth == 0) {
      Margin(line);
      continue;
    }
    if (open_) open_text_ += line.word + " " + line.rest + "\n";
    if (suite_)
      InSuite(line);
    else if (!open_)
      Wrong(line, "nothing is open that this line could belong to");
    else if (line.depth == 1)
      Outer(line);
    else
      Inner(line);
  }
  Finish();
}

void FileCompiler::Margin(const Line& line) {
  Finish();
  if (line.word == "requirement") return BeginRequirement(line);
  if (line.word == "french") return ReadSign(line);
  if (line.word != "suite")
    return Wrong(line, "expected requirement, suite, french or define, not " + line.word);
  std::string_view rest = line.rest;
  data_.suites.emplace_back();
  suite_ = &data_.suites.back();
  suite_->id = TakeWord(rest);
  if (TakeWord(rest) == "for") suite_->couloir = TakeWord(rest);
  suite_->digest = line.rest;
}

void FileCompiler::ReadSign(const Line& line) {
  suite_ = nullptr;
  std::string_view rest = line.rest;
  auto kind = KindNamed(TakeWord(rest));
  if (!kind || rest.empty()) return Wrong(line, "french wants a kind of tree, and what shows it");
  data_.signs[static_cast<std::size_t>(*kind)] = Compile(line, rest);
}

void FileCompiler::BeginRequirement(const Line& line) {
  std::string_view rest = line.rest;
  open_.emplace();
  open_->id = TakeWord(rest);
  open_->file = file_;
  open_->line = line.number;
  open_text_ = line.rest + "\n";
  auto weight = Named<Weight>(kWeights, TakeWord(rest));
  if (!weight) Wrong(line, "a requirement is blocking, major or minor");
  open_->weight = open_->weight_in_test = weight.value_or(Weight::Blocking);
  for (auto word = TakeWord(rest); !word.empty(); word = TakeWord(rest)) {
    if (word == "test") {
      auto in_test = Named<Weight>(kWeights, TakeWord(rest));
      if (!in_test) Wrong(line, "test wants blocking, major or minor");
      open_->weight_in_test = in_test.value_or(Weight::Blocking);
    } else if (word == "for") {
      for (word = TakeWord(rest); !word.empty(); word = TakeWord(rest)) open_->couloirs.emplace_back(word);
    } else {
      Wrong(line, "expected test or for, not " + std::string(word));
    }
  }
}

void FileCompiler::ReadRefused(const Line& line) {
  std::string_view rest = line.rest;
  auto kind = KindNamed(TakeWord(rest));
  if (!kind || rest.empty()) return Wrong(line, "refused wants a kind of tree, and names of errors");
  open_->refused.push_back({*kind, {}});
  while (!rest.empty()) open_->refused.back().errors.emplace_back(TakeWord(rest));
}

void FileCompiler::Outer(const Line& line) {
  if (line.word == "check") return BeginCheck(line);
  if (line.word == "source") {
    open_->source = line.rest;
    return;
  }
  if (line.word == "remains") {
    open_->reason = line.rest;
    return;
  }
  if (line.word == "refused") return ReadRefused(line);
  if (line.word == "needs") {
    std::string_view rest = line.rest;
    auto means = Named<Means>(kMeans, TakeWord(rest));
    if (!means || *means == Means::Automatic || rest.empty())
      return Wrong(line, "needs wants state, harness or person, and the reason");
    open_->means = *means;
    open_->reason = rest;
    return;
  }
  for (const auto& sentence : kSentences)
    if (line.word == sentence.word) {
      ((*open_).*sentence.text).*sentence.language = line.rest;
      return;
    }
  Wrong(line, "a requirement has no " + line.word);
}

void FileCompiler::BeginCheck(const Line& line) {
  std::string_view rest = line.rest;
  Check check;
  check.line = line.number;
  auto kind = KindNamed(TakeWord(rest));
  if (!kind) return Wrong(line, "check wants a kind of tree");
  check.kind = *kind;
  auto word = TakeWord(rest);
  for (; word == "series" || word == "minor"; word = TakeWord(rest))
    (word == "series" ? check.series : check.minor) = true;
  if (word == "when")
    check.when = Compile(line, rest);
  else if (!word.empty())
    Wrong(line, "expected series, minor or when, not " + std::string(word));
  open_->checks.push_back(std::move(check));
}

void FileCompiler::Inner(const Line& line) {
  if (open_->checks.empty()) return Wrong(line, "this line belongs below a check");
  auto& check = open_->checks.back();
  for (const auto& field : kCheckFields)
    if (line.word == field.word) {
      check.*field.field = Compile(line, line.rest);
      if (line.word == "expected") check.phrases = Literals(line.rest);
      if (line.word == "found") {
        check.found_phrases = Literals(line.rest);
        check.found_is_said = std::ranges::any_of(
            kSaying, [&](std::string_view function) { return line.rest.find(function) != line.rest.npos; });
      }
      return;
    }
  Wrong(line, "a check has no " + line.word);
}

// "A/B" to A and B.
std::vector<std::string> SplitAt(std::string_view text, char sign) {
  std::vector<std::string> parts;
  for (std::size_t at = 0; at <= text.size();) {
    auto end = std::min(text.find(sign, at), text.size());
    parts.emplace_back(text.substr(at, end - at));
    at = end + 1;
  }
  return parts;
}

void FileCompiler::InSuite(const Line& line) {
  suite_->digest += "\n" + line.word + " " + line.rest;
  std::string_view rest = line.rest;
  if (line.word == "en") {
    suite_->title.en = line.rest;
  } else if (line.word == "fr") {
    suite_->title.fr = line.rest;
  } else if (line.word == "covers") {
    for (auto word = TakeWord(rest); !word.empty(); word = TakeWord(rest))
      suite_->requirements.emplace_back(word);
  } else if (line.word == "case") {
    for (auto word = TakeWord(rest); !word.empty(); word = TakeWord(rest)) suite_->cases.emplace_back(word);
  } else if (line.word == "shows") {
    for (auto word = TakeWord(rest); !word.empty(); word = TakeWord(rest))
      suite_->shown.push_back(SplitAt(word, '/'));
  } else {
    Wrong(line, "a suite has no " + line.word);
  }
}

std::optional<path::Expression> FileCompiler::Compile(const Line& line, std::string_view text) {
  auto compiled = path::Expression::Compile(text, options_);
  if (compiled) return *std::move(compiled);
  errors_.push_back(Error{errors::RequirementExpression,
                          compiled.error().detail,
                          {file_, static_cast<std::uint32_t>(line.number), 0}});
  return std::nullopt;
}

void FileCompiler::Finish() {
  suite_ = nullptr;
  if (!open_) return;
  Requirement done = *std::move(open_);
  open_.reset();
  Line at{done.line, 0, {}, {}};
  if (done.sentence.en.empty() || done.sentence.fr.empty())
    Wrong(at, done.id + " has no sentence in both languages");
  if (done.source.empty()) Wrong(at, done.id + " has no source");
  if (done.means == Means::Automatic && done.checks.empty())
    Wrong(at, done.id + " is automatic and has no check");
  if (done.means != Means::Automatic && !done.checks.empty())
    Wrong(at, done.id + " has checks and yet is not automatic");
  for (const auto& check : done.checks)
    if (!check.test) Wrong({check.line, 0, {}, {}}, "a check without test");
  done.digest = Sha256Hex(open_text_);
  if (!data_.by_id.emplace(done.id, data_.requirements.size()).second)
    errors_.push_back(
        Error{errors::RequirementTwice, done.id, {file_, static_cast<std::uint32_t>(at.number), 0}});
  data_.requirements.push_back(std::move(done));
}

// Families and "all" become ids; an id that nobody knows stays: it will be indeterminate, not forgotten.
void Expand(Suite& suite, const Catalogue::Data& data) {
  std::vector<std::string> all;
  for (const auto& word : suite.requirements) {
    bool family = false;
    for (const auto& requirement : data.requirements) {
      if (word != "all" && word != requirement.family()) continue;
      family = true;
      if (requirement.Binds(suite.couloir)) all.push_back(requirement.id);
    }
    if (!family) all.push_back(word);
  }
  for (const auto& id : all)
    if (auto found = data.by_id.find(id); found != data.by_id.end())
      suite.digest += data.requirements[found->second].digest;
  suite.digest = Sha256Hex(suite.digest);
  std::set<std::string> seen;
  std::erase_if(all, [&](const std::string& id) { return !seen.insert(id).second; });
  suite.requirements = std::move(all);
}

}  // namespace

std::string_view WeightName(Weight weight) { return kWeights[static_cast<std::size_t>(weight)]; }
std::string_view MeansName(Means means) { return kMeans[static_cast<std::size_t>(means)]; }
std::string_view KindName(Kind kind) { return kKindNames[static_cast<std::size_t>(kind)]; }
std::optional<Kind> KindNamed(std::string_view name) { return Named<Kind>(kKindNames, name); }

bool Requirement::Binds(std::string_view couloir) const {
  return couloir.empty() || couloirs.empty() ||
         std::find(couloirs.begin(), couloirs.end(), couloir) != couloirs.end();
}

Result<Catalogue> Catalogue::Compile(std::span<const SourceFile> files, std::vector<Error>* errors) {
  auto data = std::make_shared<Data>();
  std::vector<Error> found;
  std::string texts;
  for (const auto& file : files) {
    FileCompiler(file.name, *data, found).Run(file.text);
    texts += Sha256Hex(file.text);
  }
  data->digest = Sha256Hex(texts);
  for (auto& suite : data->suites) Expand(suite, *data);
  if (errors) *errors = found;
  if (!found.empty()) return found.front();
  Catalogue catalogue;
  catalogue.data_ = std::move(data);
  return catalogue;
}

Result<Catalogue> Catalogue::Shipped() { return Compile(ShippedTables()); }

std::span<const Requirement> Catalogue::requirements() const { return data_->requirements; }
std::span<const Suite> Catalogue::suites() const { return data_->suites; }
const path::Expression* Catalogue::FrenchSign(Kind kind) const {
  const auto& sign = data_->signs[static_cast<std::size_t>(kind)];
  return sign ? &*sign : nullptr;
}
std::string_view Catalogue::digest() const { return data_->digest; }

const Requirement* Catalogue::Find(std::string_view id) const {
  auto found = data_->by_id.find(id);
  return found == data_->by_id.end() ? nullptr : &data_->requirements[found->second];
}

Result<const Suite*> Catalogue::FindSuite(std::string_view id) const {
  for (const auto& suite : data_->suites)
    if (suite.id == id || std::find(suite.cases.begin(), suite.cases.end(), id) != suite.cases.end())
      return &suite;
  return Error{errors::SuiteUnknown, std::string(id)};
}

}  // namespace passerelle::requirements
