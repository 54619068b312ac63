#include "gateway/labelling/dossier.h"

#include <array>

#include "gateway/labelling/errors.h"

namespace passerelle::labelling {
namespace {

constexpr std::array<std::string_view, 17> kStates = {"START",
                                                      "DRAFT",
                                                      "ADMIN_SUBMITTED",
                                                      "PROOFS_OPEN",
                                                      "PROOFS_SUBMITTED",
                                                      "UNDER_REVIEW",
                                                      "COMPLEMENT_REQUESTED",
                                                      "GRANTED",
                                                      "VERSION_DECLARED",
                                                      "EQUIVALENT",
                                                      "MUST_REPROVE",
                                                      "SURVEILLANCE",
                                                      "SUSPENDED",
                                                      "REFUSED",
                                                      "ABANDONED",
                                                      "WITHDRAWN",
                                                      "EXPIRED"};
constexpr std::array<std::string_view, 21> kEvents = {"open candidature",
                                                      "submit admin",
                                                      "admissible",
                                                      "not admissible",
                                                      "deposit",
                                                      "idle",
                                                      "assign reviewer",
                                                      "ask complement",
                                                      "redeposit",
                                                      "grant",
                                                      "refuse",
                                                      "declare version",
                                                      "regression same",
                                                      "regression differs",
                                                      "field signal",
                                                      "explained",
                                                      "confirm harm",
                                                      "corrected passes",
                                                      "uncorrected",
                                                      "end of validity",
                                                      "reopen"};

constexpr int kIdleDays = 180, kExplainDays = 15, kCorrectDays = 90;

// What must hold beside actor, time and evidence; empty: it holds.
using Guard = std::string_view (*)(const Facts& facts, const std::string& frozen_suite);

std::string_view Free(const Facts&, const std::string&) { return {}; }
std::string_view Covered(const Facts& facts, const std::string& suite) {
  if (facts.suite_digest != suite) return "the suite changed after the proofs were opened";
  return facts.required == 0 || facts.covered < facts.required ? "not every requirement is covered"
                                                               : std::string_view();
}
std::string_view Open(const Facts& facts, const std::string&) {
  return facts.suite_digest.empty() ? "proofs are opened for a suite" : std::string_view();
}
std::string_view Idle(const Facts& facts, const std::string&) {
  return facts.days <= kIdleDays ? "not idle for 180 days" : std::string_view();
}
std::string_view Unclear(const Facts& facts, const std::string&) {
  return facts.blocking_failures + facts.undecided == 0 ? "nothing failed and all is decided"
                                                        : std::string_view();
}
std::string_view Grantable(const Facts& facts, const std::string& suite) {
  if (auto why = Covered(facts, suite); !why.empty()) return why;
  if (facts.blocking_failures > 0) return "a blocking requirement failed";
  if (facts.undecided > 0) return "a requirement is not decided";
  return facts.unsigned_waivers > 0 ? "a waiver is not signed" : std::string_view();
}
std::string_view Failed(const Facts& facts, const std::string&) {
  return facts.blocking_failures == 0 ? "nothing blocking failed" : std::string_view();
}
std::string_view Same(const Facts& facts, const std::string& suite) {
  if (facts.suite_digest != suite) return "another suite";
  if (facts.undecided > 0) return "a label is never extended by what was not decided";
  return facts.differences > 0 || facts.blocking_failures > 0 ? "the versions differ" : std::string_view();
}
std::string_view Differs(const Facts& facts, const std::string& suite) {
  bool differs = facts.differences > 0 || facts.undecided > 0 || facts.suite_digest != suite;
  return differs ? std::string_view() : "the versions do not differ";
}
std::string_view InTime(const Facts& facts, const std::string&) {
  return facts.days > kExplainDays ? "later than 15 days" : std::string_view();
}
std::string_view TooLate(const Facts& facts, const std::string&) {
  return facts.days <= kCorrectDays ? "90 days are not over" : std::string_view();
}

struct Edge {
  State from;
  Event event;
  State to;
  Guard guard = Free;
};

constexpr Edge kEdges[] = {
    {State::Start, Event::OpenCandidature, State::Draft},
    {State::Draft, Event::SubmitAdmin, State::AdminSubmitted},
    {State::AdminSubmitted, Event::Admissible, State::ProofsOpen, Open},
    {State::AdminSubmitted, Event::NotAdmissible, State::Refused},
    {State::Refused, Event::Reopen, State::Draft},
    {State::ProofsOpen, Event::Deposit, State::ProofsSubmitted, Covered},
    {State::ProofsOpen, Event::Idle, State::Abandoned, Idle},
    {State::ProofsSubmitted, Event::AssignReviewer, State::UnderReview},
    {State::UnderReview, Event::AskComplement, State::ComplementRequested, Unclear},
    {State::ComplementRequested, Event::Redeposit, State::UnderReview, Covered},
    {State::ComplementRequested, Event::Idle, State::Abandoned, Idle},
    {State::UnderReview, Event::Grant, State::Granted, Grantable},
    {State::UnderReview, Event::Refuse, State::Refused, Failed},
    {State::Granted, Event::DeclareVersion, State::VersionDeclared},
    {State::Equivalent, Event::DeclareVersion, State::VersionDeclared},
    {State::VersionDeclared, Event::RegressionSame, State::Equivalent, Same},
    {State::VersionDeclared, Event::RegressionDiffers, State::MustReprove, Differs},
    {State::MustReprove, Event::Admissible, State::ProofsOpen, Open},
    {State::Granted, Event::FieldSignal, State::Surveillance},
    {State::Equivalent, Event::FieldSignal, State::Surveillance},
    {State::Surveillance, Event::Explained, State::Granted, InTime},
    {State::Surveillance, Event::ConfirmHarm, State::Suspended},
    {State::Suspended, Event::CorrectedPasses, State::Granted, Grantable},
    {State::Suspended, Event::Uncorrected, State::Withdrawn, TooLate},
    {State::Granted, Event::EndOfValidity, State::Expired},
    {State::Equivalent, Event::EndOfValidity, State::Expired},
};

Error Refused(State state, Event event, std::string_view why) {
  return Error{errors::TransitionRefused, std::string(EventName(event)) + " in " +
                                              std::string(StateName(state)) + ": " + std::string(why)};
}

}  // namespace

std::string_view StateName(State state) { return kStates[static_cast<std::size_t>(state)]; }
std::string_view EventName(Event event) { return kEvents[static_cast<std::size_t>(event)]; }

Status Dossier::Apply(Event event, const Facts& facts) {
  if (facts.actor.empty() || facts.time.empty() || facts.evidence.empty())
    return Refused(state_, event, "a step has an actor, a time and evidence");
  if (facts.time < last_time_) return Refused(state_, event, "the clock was set back");
  for (const auto& edge : kEdges) {
    if (edge.from != state_ || edge.event != event) continue;
    if (auto why = edge.guard(facts, suite_digest_); !why.empty()) return Refused(state_, event, why);
    log_.push_back({state_, edge.to, event, facts});
    state_ = edge.to;
    last_time_ = facts.time;
    if (edge.to == State::ProofsOpen) suite_digest_ = facts.suite_digest, round_ = 0;
    if (event == Event::Redeposit) ++round_;
    return Ok();
  }
  return Refused(state_, event, "there is no such step");
}

std::vector<Event> Dossier::Possible() const {
  std::vector<Event> events;
  for (const auto& edge : kEdges)
    if (edge.from == state_) events.push_back(edge.event);
  return events;
}

Result<Dossier> Dossier::Replay(std::span<const Transition> log) {
  Dossier dossier;
  for (const auto& transition : log) CHECK_OK(dossier.Apply(transition.event, transition.facts));
  return dossier;
}

}  // namespace passerelle::labelling
