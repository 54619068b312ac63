#include "gateway/labelling/campaign.h"

#include <algorithm>
#include <array>
#include <chrono>
#include <cmath>
#include <cstdio>
#include <memory>
#include <set>

#include "fhir_model/base/digest.h"
#include "gateway/labelling/campaign_facts.h"
#include "gateway/labelling/campaign_indicators.h"
#include "gateway/labelling/campaign_parts.h"

namespace passerelle::labelling {
namespace {

using requirements::Verdict;

constexpr int kReviewWeeks = 2;        // admission, and a dossier on an examiner's desk
constexpr int kExaminersPerWeek = 14;  // dossiers decided in a week
constexpr int kRoundsMax = 8;
constexpr int kVersionWeeks = 30;  // between two releases, on average
constexpr int kTypicalWeeks = 12;  // from candidature to label: where the start is put for the fit
constexpr int kLastOpening = 24;   // weeks before the counter closes after which nobody applies any more
constexpr double kDepositHazard = 0.45, kSilentAfterFiling = 0.0015, kRegression = 0.35, kSilentShare = 0.4;
constexpr double kSiteDefect = 0.05;  // of a week's sample: a site that set its software up wrongly
constexpr int kRushWeeks = 13;        // before the counter closes vendors hurry
constexpr double kRushHazard = 0.9;
constexpr double kSkillOfRefused = 0.02;  // of those who were refused in the end: they mend next to nothing
constexpr int kFieldWindow = 4, kFieldSignals = 2;

}  // namespace

Simulation::Simulation(const CampaignOptions& options, const CampaignBench& bench)
    : options_(options), bench_(bench), random_(options.seed) {
  for (const auto& couloir : facts::kCouloirs) Prepare(couloir);
  int number = 0;
  for (const auto& couloir : facts::kCouloirs) {
    auto warp = FitFrance(couloir.id);
    int candidates = CandidatesOf(couloir);
    for (int i = 0; i < candidates; ++i) {
      Product product;
      char id[16];
      std::snprintf(id, sizeof id, "P%03d", ++number);
      product.id = id, product.couloir = &couloir;
      bool gives_nothing = random_.Unit() * (facts::kLabelledInTheEnd + facts::kRefused) < facts::kRefused;
      product.skill = gives_nothing ? kSkillOfRefused : 0.35 + 0.5 * random_.Unit();
      double goal = warp.at + warp.per_week * ItalianWeek((i + random_.Unit()) / candidates);
      product.start =
          std::clamp(static_cast<int>(goal) - kTypicalWeeks, 0, facts::kCounterCloses - kLastOpening);
      product.version = 1;
      for (int defects = random_.Small(3.2); defects > 0; --defects) AddDefect(product);
      products_.push_back(std::move(product));
    }
  }
}

// What a good version of this kind passes is what a label of it takes: requirements that files alone cannot
// decide are out.
void Simulation::Prepare(const facts::Couloir& couloir) {
  Field field;
  auto suite = bench_.catalogue->FindSuite(couloir.suite);
  field.suite = suite ? *suite : nullptr;
  std::set<std::string> decided, undecided;
  for (auto name : couloir.examples) {
    auto bytes = bench_.examples.find(std::string(name));
    if (bytes == bench_.examples.end()) continue;
    field.files.push_back(bytes->second);
    auto input = ReadInput(bytes->second, bench_.reader);
    auto report =
        requirements::Evaluate(*bench_.catalogue, field.suite->requirements, input->run, *bench_.world);
    for (const auto& id : field.suite->requirements) {
      auto verdict = report.Of(id);
      (verdict == Verdict::Pass || verdict == Verdict::NotApplicable ? decided : undecided).insert(id);
    }
    for (std::size_t op = 0; op < bench_.operators.size(); ++op)
      if (!bench_.operators[op].NeedsCompany() &&
          !Mutate(bench_.operators[op], *input, bench_.reader, *bench_.world, 1).empty())
        field.operators.push_back(op);
  }
  std::set_difference(decided.begin(), decided.end(), undecided.begin(), undecided.end(),
                      std::back_inserter(field.required));
  std::sort(field.operators.begin(), field.operators.end());
  field.operators.erase(std::unique(field.operators.begin(), field.operators.end()), field.operators.end());
  fields_.emplace(couloir.id, std::move(field));
}

void Simulation::AddDefect(Product& product) {
  const auto& operators = fields_.at(product.couloir->id).operators;
  if (operators.empty()) return;
  auto op = operators[random_.Below(operators.size())];
  if (std::find(product.defects.begin(), product.defects.end(), op) == product.defects.end())
    product.defects.push_back(op);
  product.made.clear();
}

// The bytes that this version makes: good files with its defects in them.
const std::vector<std::string>& Simulation::Make(Product& product) {
  if (!product.made.empty()) return product.made;
  product.made = fields_.at(product.couloir->id).files;
  for (auto op : product.defects)
    for (auto& bytes : product.made) {
      auto input = ReadInput(bytes, bench_.reader);
      auto mutants = Mutate(bench_.operators[op], *input, bench_.reader, *bench_.world, 3);
      if (!mutants.empty()) bytes = mutants[random_.Below(mutants.size())].bytes;
    }
  return product.made;
}

BenchRun Simulation::RunBench(Product& product) {
  const auto& field = fields_.at(product.couloir->id);
  BenchRun run;
  std::string inputs;
  std::map<std::string, Verdict> worst;
  for (const auto& bytes : Make(product)) {
    auto input = ReadInput(bytes, bench_.reader);
    inputs += input->digest;
    auto report = requirements::Evaluate(*bench_.catalogue, field.required, input->run, *bench_.world);
    for (const auto& finding : report.findings) {
      auto& slot = worst[finding.id];
      slot = std::max(slot, finding.verdict);
    }
  }
  for (const auto& [id, verdict] : worst) {
    if (verdict == Verdict::Fail) run.failed.push_back(id);
    if (verdict == Verdict::Indeterminate) run.undecided.push_back(id);
  }
  run.covered = worst.size();
  run.id = Sha256Hex(product.id + "|" + std::to_string(product.version) + "|" + std::to_string(week_) + "|" +
                     inputs + field.suite->digest)
               .substr(0, 16);
  ++row_.bench_runs;
  row_.failed_runs += !run.failed.empty();
  for (const auto& id : run.failed) ++failing_[id];
  tally_.undecided += run.undecided.size(), tally_.decided += run.covered - run.undecided.size();
  return run;
}

Facts Simulation::FactsOf(const Product& product, const BenchRun& run, std::string_view actor) const {
  const auto& field = fields_.at(product.couloir->id);
  Facts facts;
  facts.actor = actor, facts.time = DateOf(week_), facts.evidence = run.id,
  facts.suite_digest = field.suite->digest;
  facts.required = field.required.size(), facts.covered = run.covered;
  facts.blocking_failures = run.failed.size(), facts.undecided = run.undecided.size();
  facts.days = (week_ - product.since) * 7;
  return facts;
}

// One step of the dossier, logged with the run it rests on. False: the state machine refused.
bool Simulation::Step(Product& product, Event event, const Facts& facts, const BenchRun* run) {
  auto from = product.dossier.state();
  if (!product.dossier.Apply(event, facts)) return false;
  product.since = week_;
  log_ += "{\"week\":" + std::to_string(week_) + ",\"date\":\"" + facts.time + "\",\"product\":\"" +
          product.id + "\",\"couloir\":\"" + std::string(product.couloir->id) +
          "\",\"version\":" + std::to_string(product.version) + ",\"event\":\"" +
          std::string(EventName(event)) + "\",\"from\":\"" + std::string(StateName(from)) + "\",\"to\":\"" +
          std::string(StateName(product.dossier.state())) + "\",\"run\":\"" + facts.evidence + "\"";
  if (run && !run->failed.empty()) {
    log_ += ",\"failed\":[";
    for (std::size_t i = 0; i < run->failed.size(); ++i) log_ += (i ? ",\"" : "\"") + run->failed[i] + "\"";
    log_ += "]";
  }
  log_ += "}\n";
  return true;
}

// The vendor mends what was told, as well as he can; what nobody told him stays. Where a defect shows as
// another than it is, he looks at all that he has.
void Simulation::Repair(Product& product, const BenchRun& run) {
  auto told = [&](std::size_t op) {
    return std::ranges::find(run.failed, bench_.operators[op].breaks) != run.failed.end();
  };
  bool shows = std::ranges::any_of(product.defects, told);
  std::erase_if(product.defects,
                [&](std::size_t op) { return (told(op) || !shows) && random_.Unit() < product.skill; });
  product.made.clear();
}

void Simulation::Deposit(Product& product, Event event) {
  bool rush = week_ > facts::kCounterCloses - kRushWeeks && week_ <= facts::kCounterCloses;
  if (random_.Unit() > (rush ? kRushHazard : kDepositHazard)) {
    if (product.silent || random_.Unit() < kSilentAfterFiling) product.silent = true;
    if (product.silent)
      Step(product, Event::Idle, FactsOf(product, {"none", {}, {}, 0}, "registry"), nullptr);
    return;
  }
  if (product.silent) return;
  product.last = RunBench(product);
  if (!Step(product, event, FactsOf(product, product.last, "vendor"), &product.last)) return;
  if (event == Event::Deposit)
    Step(product, Event::AssignReviewer, FactsOf(product, product.last, "registry"), nullptr);
}

void Simulation::Review(Product& product) {
  if (week_ - product.since < kReviewWeeks || examined_ >= kExaminersPerWeek) {
    ++row_.queue;
    return;
  }
  ++examined_;
  ++tally_.decisions;
  auto facts = FactsOf(product, product.last, "examiner");
  if (Step(product, Event::Grant, facts, &product.last)) {
    bool again = product.granted >= 0;
    if (!again) {
      product.granted = week_;
      tally_.first_pass += product.dossier.round() == 0;
      tally_.weeks_to_label.push_back(week_ - product.admitted);
    }
    return;
  }
  if (product.dossier.round() >= kRoundsMax) {
    Step(product, Event::Refuse, facts, &product.last);
    return;
  }
  if (Step(product, Event::AskComplement, facts, &product.last)) Repair(product, product.last);
}

// A new release of a labelled product: mostly harmless. The bench compares it with the labelled one.
void Simulation::Release(Product& product) {
  if (random_.Unit() * kVersionWeeks > 1) return;
  auto before = product.last;
  ++product.version;
  bool regression = random_.Unit() < kRegression;
  if (regression) AddDefect(product);
  auto run = RunBench(product);
  if (!Step(product, Event::DeclareVersion, FactsOf(product, run, "vendor"), nullptr)) return;
  auto facts = FactsOf(product, run, "bench");
  std::set<std::string> old_failed(before.failed.begin(), before.failed.end());
  for (const auto& id : run.failed) facts.differences += !old_failed.contains(id);
  ++tally_.declared;
  product.last = run;
  if (Step(product, Event::RegressionSame, facts, &run)) {
    ++tally_.equivalent;
    tally_.regressions_missed += regression && !product.defects.empty();
    return;
  }
  if (!Step(product, Event::RegressionDiffers, facts, &run)) return;
  ++tally_.regressions_caught;
  Step(product, Event::Admissible, facts, nullptr);
  Repair(product, run);
}

std::string Simulation::WithSiteDefect(const Product& product, const std::string& bytes) {
  const auto& operators = fields_.at(product.couloir->id).operators;
  if (operators.empty()) return bytes;
  auto input = ReadInput(bytes, bench_.reader);
  auto mutants = Mutate(bench_.operators[operators[random_.Below(operators.size())]], *input, bench_.reader,
                        *bench_.world, 3);
  return mutants.empty() ? bytes : mutants[random_.Below(mutants.size())].bytes;
}

// One message of each labelled product's field, read by the pipeline; it stands for all its documents of the
// week.
void Simulation::SendField(Product& product) {
  const auto& made = Make(product);
  auto bytes = made[random_.Below(made.size())];
  if (random_.Unit() < kSiteDefect) bytes = WithSiteDefect(product, bytes);
  auto answer = bench_.pipeline(bytes);
  ++row_.field_messages;
  bool refused = answer != "AA";
  if (refused) {
    ++row_.field_refused;
    ++tally_.refusals[answer];
    tally_.discordant += product.last.failed.empty();
    tally_.wrong_patient += answer.find("PatientDiffers") != answer.npos;
    log_ += "{\"week\":" + std::to_string(week_) + ",\"product\":\"" + product.id +
            "\",\"event\":\"refused in the field\",\"answer\":\"" + answer + "\",\"run\":\"" +
            Sha256Hex(bytes).substr(0, 16) + "\"}\n";
  }
  product.field.push_back(refused);
  if (product.field.size() > kFieldWindow) product.field.erase(product.field.begin());
  Adopt(product, refused);
  auto signals = std::count(product.field.begin(), product.field.end(), true);
  if (signals < kFieldSignals) return;
  BenchRun run{Sha256Hex(bytes).substr(0, 16), {}, {}, 0};
  if (!Step(product, Event::FieldSignal, FactsOf(product, run, "field"), nullptr)) return;
  product.harmful = answer.find("PatientDiffers") != answer.npos;
  product.field.clear();
}

// Sites take a labelled version up over half a year; a share of them stays silent.
void Simulation::Adopt(Product& product, bool refused) {
  auto age = week_ - product.granted;
  double share = 1 - std::exp(-age / 26.0);
  double sites = share * product.couloir->sites / product.couloir->products;
  row_.sites_silent += sites * kSilentShare;
  double season = SeasonOf(week_);
  if (refused) return;
  row_.sites_fed += sites * (1 - kSilentShare);
  row_.documents_millions += share * (1 - kSilentShare) * season *
                             product.couloir->documents_per_year_millions / 52 / product.couloir->products /
                             facts::kShareFed;
}

void Simulation::Answer(Product& product) {
  BenchRun run = RunBench(product);
  auto facts = FactsOf(product, run, "registry");
  if (product.dossier.state() == State::Surveillance) {
    if (product.harmful || facts.days > 14)
      Step(product, Event::ConfirmHarm, facts, &run);
    else if (random_.Unit() < product.skill)
      Step(product, Event::Explained, facts, &run);
  } else if (random_.Unit() < product.skill) {
    product.defects.clear();  // a version that was made anew
    product.made.clear();
    ++product.version;
    product.last = RunBench(product);
    Step(product, Event::CorrectedPasses, FactsOf(product, product.last, "bench"), &product.last);
  } else {
    Step(product, Event::Uncorrected, facts, &run);
  }
}

void Simulation::Tick(Product& product) {
  BenchRun none{"-", {}, {}, 0};
  auto admin = [&](Event event, std::string_view actor) {
    return Step(product, event, FactsOf(product, none, actor), nullptr);
  };
  switch (product.dossier.state()) {
    case State::Start:
      if (week_ >= product.start && admin(Event::OpenCandidature, "vendor"))
        admin(Event::SubmitAdmin, "vendor");
      break;
    case State::AdminSubmitted:
      if (week_ - product.since >= kReviewWeeks && admin(Event::Admissible, "registry"))
        product.admitted = week_;
      break;
    case State::ProofsOpen: Deposit(product, Event::Deposit); break;
    case State::ComplementRequested: Deposit(product, Event::Redeposit); break;
    case State::UnderReview: Review(product); break;
    case State::Surveillance:
    case State::Suspended: Answer(product); break;
    default: break;
  }
  auto state = product.dossier.state();
  if (state != State::Granted && state != State::Equivalent) return;
  SendField(product);
  if (product.dossier.state() == state) Release(product);
}

void Simulation::CountStates() {
  for (const auto& product : products_) {
    auto state = product.dossier.state();
    row_.labelled += product.granted >= 0 && state != State::Withdrawn;
    row_.refused += state == State::Refused;
    row_.abandoned += state == State::Abandoned;
    row_.surveillance += state == State::Surveillance;
    row_.suspended += state == State::Suspended;
    row_.open += state != State::Start && product.granted < 0;
  }
}

CampaignResult Simulation::Run() {
  CampaignResult result;
  for (week_ = 0; week_ <= options_.weeks; ++week_) {
    if (options_.go_on && week_ > 0 && !options_.go_on(week_)) break;
    row_ = {};
    row_.week = week_, row_.date = DateOf(week_);
    examined_ = 0;
    for (auto& product : products_) Tick(product);
    CountStates();
    result.bench_runs += row_.bench_runs, result.field_messages += row_.field_messages;
    result.weeks.push_back(row_);
  }
  result.products = products_.size();
  result.log = log_;
  result.log_digest = Sha256Hex(log_);
  for (const auto& [id, count] : failing_) result.top_failing.emplace_back(id, count);
  std::stable_sort(result.top_failing.begin(), result.top_failing.end(),
                   [](const auto& a, const auto& b) { return a.second > b.second; });
  result.inputs = InputsOf(options_);
  result.indicators = IndicatorsOf(*this, result);
  result.residuals = ResidualsOf(*this, result);
  return result;
}

CampaignResult Simulate(const CampaignOptions& options, const CampaignBench& bench) {
  return Simulation(options, bench).Run();
}

}  // namespace passerelle::labelling
