#pragma once
// The moving parts of the campaign: products, their weeks, and the random numbers. Private to this room.

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "gateway/labelling/campaign.h"
#include "gateway/labelling/campaign_facts.h"
#include "gateway/labelling/dossier.h"

namespace passerelle::labelling {

// SplitMix64: the same numbers on every machine and library.
class Random {
 public:
  explicit Random(std::uint64_t seed) : state_(seed) {}
  std::uint64_t Next();
  double Unit();                     // [0, 1)
  std::size_t Below(std::size_t n);  // [0, n)
  int Small(double mean);            // Poisson

 private:
  std::uint64_t state_;
};

std::string DateOf(int week);      // the counter opened on 2021-08-31
double SeasonOf(int week);         // 1, less in August and at the turn of the year
double ItalianWeek(double share);  // when Italy had that share
struct TimeWarp {
  double at, per_week;  // French week = at + per_week * Italian week
};
// Least squares over all checkpoints; a kind that has some of its own is moved to where they are on average.
TimeWarp FitFrance(std::string_view couloir = {});
// The solutions of a kind that apply: those labelled in the end, and their part of those refused.
int CandidatesOf(const facts::Couloir& couloir);

struct BenchRun {
  std::string id;
  std::vector<std::string> failed, undecided;
  std::size_t covered = 0;
};

struct Product {
  std::string id;
  const facts::Couloir* couloir = nullptr;
  double skill = 0;
  int start = 0, version = 1, since = 0, admitted = 0, granted = -1;
  bool silent = false, harmful = false;
  std::vector<std::size_t> defects;  // operators
  std::vector<std::string> made;     // the files of this version
  std::vector<bool> field;           // refused or not, the last weeks
  BenchRun last;
  Dossier dossier;
};

struct Tally {
  std::size_t first_pass = 0, declared = 0, equivalent = 0, regressions_caught = 0, regressions_missed = 0,
              decisions = 0, wrong_patient = 0, discordant = 0, decided = 0, undecided = 0;
  std::vector<int> weeks_to_label;
  std::map<std::string, std::size_t> refusals;
};

class Simulation {
 public:
  Simulation(const CampaignOptions& options, const CampaignBench& bench);
  CampaignResult Run();

  const std::vector<Product>& products() const { return products_; }
  const Tally& tally() const { return tally_; }

 private:
  struct Field {
    const requirements::Suite* suite = nullptr;
    std::vector<std::string> files, required;
    std::vector<std::size_t> operators;
  };

  void Prepare(const facts::Couloir& couloir);
  void AddDefect(Product& product);
  const std::vector<std::string>& Make(Product& product);
  BenchRun RunBench(Product& product);
  Facts FactsOf(const Product& product, const BenchRun& run, std::string_view actor) const;
  bool Step(Product& product, Event event, const Facts& facts, const BenchRun* run);
  void Repair(Product& product, const BenchRun& run);
  void Deposit(Product& product, Event event);
  void Review(Product& product);
  void Release(Product& product);
  std::string WithSiteDefect(const Product& product, const std::string& bytes);
  void SendField(Product& product);
  void Adopt(Product& product, bool refused);
  void Answer(Product& product);
  void Tick(Product& product);
  void CountStates();

  const CampaignOptions& options_;
  const CampaignBench& bench_;
  Random random_;
  std::map<std::string_view, Field> fields_;
  std::vector<Product> products_;
  std::map<std::string, std::size_t> failing_;
  Tally tally_;
  WeekRow row_;
  int week_ = 0, examined_ = 0;
  std::string log_;
};

}  // namespace passerelle::labelling
