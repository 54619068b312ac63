#pragma once
// A dossier: the way of one product version through the labelling, as a log of transitions. The state is what
// the log says: replaying it gives the same state, and nothing else can change it.
//
// The edges are one table (labelling.md 5.2 is a design of ours: no public text fixes audit, suspension and
// withdrawal).

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "fhir_model/base/result.h"

namespace passerelle::labelling {

enum class State : std::uint8_t {
  Start,
  Draft,
  AdminSubmitted,
  ProofsOpen,
  ProofsSubmitted,
  UnderReview,
  ComplementRequested,
  Granted,
  VersionDeclared,
  Equivalent,
  MustReprove,
  Surveillance,
  Suspended,
  Refused,
  Abandoned,
  Withdrawn,
  Expired
};
std::string_view StateName(State state);

enum class Event : std::uint8_t {
  OpenCandidature,
  SubmitAdmin,
  Admissible,
  NotAdmissible,
  Deposit,
  Idle,
  AssignReviewer,
  AskComplement,
  Redeposit,
  Grant,
  Refuse,
  DeclareVersion,
  RegressionSame,
  RegressionDiffers,
  FieldSignal,
  Explained,
  ConfirmHarm,
  CorrectedPasses,
  Uncorrected,
  EndOfValidity,
  Reopen
};
std::string_view EventName(Event event);

// What a transition is judged by. Evidence is counted in the run that it names.
struct Facts {
  std::string actor, time;  // who, when; both are required
  std::string evidence;     // hash: of the ledger's head, of a file, of a decision
  std::string suite_digest;
  std::size_t required = 0, covered = 0;  // requirements with and of the suite; those with a decided verdict
  std::size_t blocking_failures = 0, undecided = 0, unsigned_waivers = 0;
  std::size_t differences = 0;  // between two versions, on the same suite
  int days = 0;                 // since the state was reached
};

struct Transition {
  State from, to;
  Event event;
  Facts facts;
};

class Dossier {
 public:
  State state() const { return state_; }
  int round() const { return round_; }
  const std::string& suite_digest() const { return suite_digest_; }  // frozen when proofs are opened
  std::span<const Transition> log() const { return log_; }

  // TransitionRefused, with the reason, where the table has no such edge or its guard does not hold; nothing
  // changes then.
  Status Apply(Event event, const Facts& facts);
  // The events that have an edge here, whatever their guards say.
  std::vector<Event> Possible() const;

  // The same log applied again.
  static Result<Dossier> Replay(std::span<const Transition> log);

 private:
  State state_ = State::Start;
  int round_ = 0;
  std::string suite_digest_, last_time_;
  std::vector<Transition> log_;
};

}  // namespace passerelle::labelling
