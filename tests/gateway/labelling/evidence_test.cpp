// Evidence and labels: any byte that is changed is found, a label holds offline, and the dossier keeps its
// invariants.

#include <catch2/catch.hpp>
#include <random>

#include "gateway/labelling/dossier.h"
#include "gateway/labelling/label.h"
#include "gateway/labelling/ledger.h"
#include "tests/gateway/labelling/fixture.h"

using namespace passerelle;
using namespace passerelle::labelling;

namespace {

const tests::LabellingBench& Bench() {
  static const tests::LabellingBench bench;
  return bench;
}

SigningKey Key(char c = 'k') { return *SigningKey::FromSeed(std::string(32, c)); }

Evidence Checked(const std::string& suite, const std::string& file,
                 const std::string& time = "2026-01-05T10:00:00Z") {
  auto found = Bench().catalogue.FindSuite(suite);
  REQUIRE(found);
  auto bytes = tests::ReadBytes("examples/labelling/" + file);
  auto input = ReadInput(bytes, Bench().reader);
  auto report = requirements::Evaluate(Bench().catalogue, (*found)->requirements, input->run, Bench().world);
  return {"run-1",
          "Essai",
          "1.0",
          suite,
          (*found)->digest,
          "test",
          std::string(Bench().catalogue.digest()),
          {},
          "test",
          input->digest,
          {},
          time,
          VerdictsOf(report)};
}

std::string Ledger(std::initializer_list<Evidence> all) {
  LedgerState state;
  std::string ledger;
  for (const auto& evidence : all) ledger += LedgerLine(evidence, state) + "\n";
  return ledger;
}

Label Granted(const std::string& ledger) {
  auto label = LabelFrom(ledger, "Essai", "1.0", "mail", Bench().catalogue);
  if (!label) FAIL(label.error().Text());
  label->granted = "2026-01-06", label->expires = "2028-01-06";
  return *label;
}

}  // namespace

TEST_CASE("a ledger that nobody touched holds, and says how it ends") {
  auto ledger = Ledger({Checked("mail", "mail.eml"), Checked("mail", "mail.eml", "2026-01-05T10:00:01Z")});
  auto state = VerifyLedger(ledger);
  REQUIRE(state);
  CHECK(state->entries == 2);
  CHECK(!state->clock_set_back);
  CHECK(VerifyHead(Key().public_key(), SignHead(Key(), *state), *state));
  CHECK(VerifyLedger("")->entries == 0);
}

TEST_CASE("every byte of a ledger counts") {
  auto ledger = Ledger({Checked("device", "pulse.json"), Checked("device", "blood-pressure.json")});
  auto head = SignHead(Key(), *VerifyLedger(ledger));
  auto holds = [&](const std::string& text) {
    auto state = VerifyLedger(text);
    return state && VerifyHead(Key().public_key(), head, *state);
  };
  REQUIRE(holds(ledger));
  for (std::size_t i = 0; i < ledger.size(); ++i) {
    auto touched = ledger;
    touched[i] = static_cast<char>(touched[i] ^ 1);
    if (holds(touched)) FAIL("byte " << i << " may be changed");
  }
  auto first_end = ledger.find('\n') + 1;
  CHECK(!holds(ledger.substr(0, first_end)));          // the last line taken away
  CHECK(!holds(ledger.substr(first_end)));             // the first
  CHECK(!holds(ledger + ledger.substr(first_end)));    // one twice
  CHECK(!holds(ledger.substr(0, ledger.size() - 1)));  // the last line end
  CHECK(!holds(ledger + "\n"));
}

TEST_CASE("a clock that is set back is told, not hidden") {
  auto state = VerifyLedger(
      Ledger({Checked("mail", "mail.eml"), Checked("mail", "mail.eml", "2025-12-31T23:59:59Z")}));
  REQUIRE(state);
  CHECK(state->clock_set_back);
}

TEST_CASE("no patient's data stands in a ledger") {
  auto ledger = Ledger({Checked("biology", "1-laboratory.hl7"), Checked("all", "publication.json")});
  for (auto trait : {"185057800604830", "ESSAI-UN", "ELODIE", "Élodie", "19850514", "1985-05-14"})
    CHECK(ledger.find(trait) == ledger.npos);
}

TEST_CASE("a label follows from the evidence, and is verified offline") {
  auto ledger = Ledger({Checked("mail", "mail.eml"), Checked("mail", "IHE_XDM.zip")});
  if (!tests::HasShared()) {
    WARN("skipped: no ../shared, so codes are not decided and no label follows");
    return;
  }
  auto label = Granted(ledger);
  auto key = Key();
  auto jws = SignLabel(key, label);
  LabelProof proof{jws, key.public_key(), {}, ledger, "2026-06-01"};
  auto verified = VerifyLabel(proof);
  REQUIRE(verified);
  CHECK(verified->product == "Essai");
  CHECK(verified->id == label.id);

  SECTION("not with another key, nor after a byte was changed") {
    auto other = Key('o');
    proof.public_key = other.public_key();
    CHECK(!VerifyLabel(proof));
    auto touched = jws;
    touched[jws.find('.') + 5] ^= 1;
    CHECK(!VerifyLabel({touched, key.public_key(), {}, ledger, "2026-06-01"}));
  }
  SECTION("not before it was granted, nor after it expired") {
    CHECK(!VerifyLabel({jws, key.public_key(), {}, ledger, "2026-01-05"}));
    CHECK(!VerifyLabel({jws, key.public_key(), {}, ledger, "2028-01-07"}));
  }
  SECTION("not once it is revoked; a list that nobody signed revokes nothing and hides nothing") {
    auto list = SignRevocations(key, {label.id}, "2026-05-01T00:00:00Z");
    auto answer = VerifyLabel({jws, key.public_key(), list, ledger, "2026-06-01"});
    REQUIRE(!answer);
    CHECK(answer.error().detail == "it was revoked");
    CHECK(!VerifyLabel({jws, key.public_key(), SignRevocations(Key('o'), {}, ""), ledger, "2026-06-01"}));
    CHECK(VerifyLabel({jws, key.public_key(), SignRevocations(key, {"other"}, ""), ledger, "2026-06-01"}));
  }
  SECTION("evidence that comes later does not touch it, other evidence does not carry it") {
    LedgerState state = *VerifyLedger(ledger);
    auto longer = ledger + LedgerLine(Checked("mail", "mail.eml", "2026-07-01T00:00:00Z"), state) + "\n";
    CHECK(VerifyLabel({jws, key.public_key(), {}, longer, "2026-08-01"}));
    auto other = Ledger({Checked("mail", "mail.eml")});
    CHECK(!VerifyLabel({jws, key.public_key(), {}, other, "2026-06-01"}));
  }
  SECTION("one verdict can be shown without the others") {
    auto entries = *ReadLedger(ledger);
    auto line = entries[0].input + " " + entries[0].verdicts[3].first + " " + entries[0].verdicts[3].second;
    auto path = VerdictPath(entries, line);
    REQUIRE(path);
    CHECK(VerdictPathHolds(label.verdicts_root, line, *path));
    CHECK(!VerdictPathHolds(label.verdicts_root, line + "x", *path));
    CHECK(!VerdictPath(entries, "nothing"));
  }
}

namespace {

// As if value sets and answers were there: without them a machine leaves things undecided, and no label
// follows.
Evidence Decided(Evidence evidence) {
  for (auto& [requirement, verdict] : evidence.verdicts) {
    const auto* known = Bench().catalogue.Find(requirement.substr(0, requirement.find(' ')));
    if (verdict == "INDETERMINATE" && known->means == requirements::Means::Automatic) verdict = "PASS";
  }
  return evidence;
}

}  // namespace

TEST_CASE("a label wants to have seen what its suite is about, and says what it leaves to others") {
  auto granted = [](const std::string& suite, const std::string& file) {
    return LabelFrom(Ledger({Decided(Checked(suite, file))}), "Essai", "1.0", suite, Bench().catalogue);
  };
  auto radiology = granted("radiology", "1-laboratory.hl7");
  REQUIRE(!radiology);
  CHECK(radiology.error().detail == "nothing was shown that BOD-07 speaks of: the suite radiology wants it");
  auto biology = granted("biology", "1-laboratory.hl7");
  REQUIRE(biology);
  CHECK(std::ranges::find(biology->open, "REP-09") != biology->open.end());
  CHECK(std::ranges::find(biology->open, "BIO-01") == biology->open.end());
  auto read = OpenLabel(Key().public_key(), SignLabel(Key(), *biology));
  REQUIRE(read);
  CHECK(read->open == biology->open);
  CHECK(read->waivers.empty());
}

TEST_CASE("what is not blocking may be waived, with a reason that the label shows") {
  auto evidence = Decided(Checked("mail", "mail.eml"));
  auto set = [&](std::string_view id, std::string_view verdict) {
    for (auto& [requirement, value] : evidence.verdicts)
      if (requirement.starts_with(id)) value = verdict;
  };
  set("XDM-05", "INDETERMINATE");
  auto with = [&](std::vector<Waiver> waivers) {
    return LabelFrom(Ledger({evidence}), "Essai", "1.0", "mail", Bench().catalogue, std::move(waivers));
  };
  CHECK(with({}).error().detail == "XDM-05 was not decided");
  CHECK(with({{"XDM-05", " "}}).error().detail == "the waiver of XDM-05 gives no reason");
  CHECK(with({{"XDM-05", "why"}, {"XDM-07", "why"}}).error().detail == "XDM-07 needs no waiver");
  auto label = with({{"XDM-05", "the codes are not published yet"}});
  REQUIRE(label);
  auto read = OpenLabel(Key().public_key(), SignLabel(Key(), *label));
  REQUIRE(read);
  REQUIRE(read->waivers.size() == 1);
  CHECK(read->waivers[0].requirement == "XDM-05");
  CHECK(read->waivers[0].reason == "the codes are not published yet");
  set("XDM-06", "FAIL");
  CHECK(with({{"XDM-05", "why"}, {"XDM-06", "why"}}).error().detail ==
        "XDM-06 is blocking or unknown: nobody can waive it");
}

TEST_CASE("what the suite wants shown is seen also where it did not pass and is waived") {
  auto evidence = Decided(Checked("mail", "mail.eml"));
  auto set = [&](std::string_view id, std::string_view verdict) {
    for (auto& [requirement, value] : evidence.verdicts)
      if (requirement.starts_with(id)) value = verdict;
  };
  auto with = [&](std::vector<Waiver> waivers) {
    auto label = LabelFrom(Ledger({evidence}), "Essai", "1.0", "mail", Bench().catalogue, std::move(waivers));
    return label ? std::string("granted") : label.error().detail;
  };
  for (auto verdict : {"FAIL", "INDETERMINATE"}) {
    INFO(verdict);
    set("XDM-03", verdict);
    CHECK(with({}).starts_with("XDM-03 "));
    CHECK(with({{"XDM-03", "mended in the next version"}}) == "granted");
  }
  set("XDM-03", "N-A");
  CHECK(with({}) == "nothing was shown that XDM-03 speaks of: the suite mail wants it");
  CHECK(with({{"XDM-03", "why"}}) == "XDM-03 needs no waiver");
}

TEST_CASE("no label without evidence, with a failure, with something undecided, or under other rules") {
  auto reason = [](const std::string& ledger) {
    auto label = LabelFrom(ledger, "Essai", "1.0", "mail", Bench().catalogue);
    return label ? std::string("granted") : label.error().detail;
  };
  CHECK(reason("") == "nothing was checked of this version with this suite");
  auto good = Decided(Checked("mail", "mail.eml"));
  auto with = [&](std::string_view verdict) {
    auto evidence = good;
    for (auto& [requirement, value] : evidence.verdicts)
      if (requirement.starts_with("XDM-06")) value = verdict;
    return Ledger({evidence});
  };
  CHECK(reason(with("PASS")) == "granted");
  CHECK(reason(with("FAIL")) == "XDM-06 failed");
  CHECK(reason(with("INDETERMINATE")) == "XDM-06 was not decided");
  auto changed = good;
  changed.suite_digest = "other";
  CHECK(reason(Ledger({changed})) == "suite or tables changed after the run: run again");
  auto older = good;
  older.run = "run-0";
  for (auto& verdict : older.verdicts) verdict.second = "FAIL";
  CHECK(reason(Ledger({older, good})) == "granted");  // the verdict of record is that of the last run
  CHECK(reason(Ledger({good, older})) != "granted");
}

namespace {

Facts Good() {
  Facts facts;
  facts.actor = "a", facts.time = "2026-01-01", facts.evidence = "e", facts.suite_digest = "s";
  facts.required = facts.covered = 10;
  return facts;
}

}  // namespace

TEST_CASE("the short way to a label") {
  Dossier dossier;
  for (auto event : {Event::OpenCandidature, Event::SubmitAdmin, Event::Admissible, Event::Deposit,
                     Event::AssignReviewer, Event::Grant})
    REQUIRE(dossier.Apply(event, Good()));
  CHECK(dossier.state() == State::Granted);
  auto undecided = Good();
  undecided.undecided = 1;
  REQUIRE(dossier.Apply(Event::DeclareVersion, Good()));
  CHECK(!dossier.Apply(Event::RegressionSame, undecided));
  CHECK(dossier.Apply(Event::RegressionDiffers, undecided));
  CHECK(dossier.state() == State::MustReprove);
}

TEST_CASE("a step without actor, time or evidence, or in the past, is refused and changes nothing") {
  Dossier dossier;
  REQUIRE(dossier.Apply(Event::OpenCandidature, Good()));
  for (auto field : {&Facts::actor, &Facts::time, &Facts::evidence}) {
    auto facts = Good();
    facts.*field = "";
    CHECK(!dossier.Apply(Event::SubmitAdmin, facts));
  }
  auto earlier = Good();
  earlier.time = "2025-12-31";
  CHECK(!dossier.Apply(Event::SubmitAdmin, earlier));
  CHECK(dossier.state() == State::Draft);
  CHECK(dossier.log().size() == 1);
}

TEST_CASE("invariants over 20,000 random steps") {
  std::mt19937 random(7);
  auto pick = [&](int n) { return std::uniform_int_distribution<int>(0, n - 1)(random); };
  int granted = 0, withdrawn = 0;
  for (int walk = 0; walk < 400; ++walk) {
    Dossier dossier;
    for (int step = 0; step < 50; ++step) {
      auto facts = Good();
      facts.time = "2026-01-" + std::to_string(10 + step);
      facts.covered = static_cast<std::size_t>(10 - (pick(4) == 0));
      facts.blocking_failures = static_cast<std::size_t>(pick(4) == 0);
      facts.undecided = static_cast<std::size_t>(pick(6) == 0);
      facts.differences = static_cast<std::size_t>(pick(3) == 0);
      facts.days = pick(300);
      if (pick(10) == 0) facts.suite_digest = "t";
      auto possible = dossier.Possible();
      // Mostly a step that the table has, sometimes any.
      auto event = !possible.empty() && pick(5) != 0
                       ? possible[static_cast<std::size_t>(pick(static_cast<int>(possible.size())))]
                       : static_cast<Event>(pick(21));
      auto before = dossier.state();
      auto logged = dossier.log().size();
      auto frozen = dossier.suite_digest();
      bool applied = dossier.Apply(event, facts).has_value();
      CHECK(dossier.log().size() == logged + applied);
      if (!applied) CHECK(dossier.state() == before);
      if (before == State::Withdrawn) CHECK(!applied);
      if (applied && dossier.state() == State::Granted && before != State::Surveillance) {
        CHECK((facts.covered == facts.required && facts.blocking_failures == 0 && facts.undecided == 0));
        CHECK(facts.suite_digest == frozen);
        ++granted;
      }
      if (applied && dossier.state() == State::Equivalent)
        CHECK((facts.differences == 0 && facts.undecided == 0 && facts.suite_digest == frozen));
      withdrawn += dossier.state() == State::Withdrawn && before != State::Withdrawn;
    }
    auto again = Dossier::Replay(dossier.log());
    REQUIRE(again);
    CHECK(again->state() == dossier.state());
    CHECK(again->round() == dossier.round());
  }
  CHECK(granted > 20);
  CHECK(withdrawn > 0);
}
