// passerelle label: runs of the bench, their evidence, labels, and the bench's own test.

#include <algorithm>
#include <array>
#include <cstdio>
#include <filesystem>

#include "fhir_model/base/digest.h"
#include "fhir_model/base/errors.h"
#include "gateway/app/bench.h"
#include "gateway/app/bench_replay.h"
#include "gateway/app/bench_run.h"
#include "gateway/app/bench_suite.h"
#include "gateway/app/command.h"
#include "gateway/app/errors.h"
#include "gateway/app/evidence_folder.h"
#include "gateway/labelling/errors.h"
#include "gateway/labelling/label.h"
#include "gateway/labelling/mutation.h"
#include "gateway/labelling/verdicts.h"

namespace passerelle::app {
namespace {

constexpr std::size_t kSitesMax = 20;

void PrintRow(const std::string& name, const labelling::MutationScore::Row& row) {
  std::printf("%-10s %5zu made %5zu killed %5zu placed%s\n", name.c_str(), row.made, row.killed, row.placed,
              row.alone ? ", alone" : "");
}

double Share(std::size_t part, std::size_t whole) {
  return whole == 0 ? 0 : 100.0 * static_cast<double>(part) / static_cast<double>(whole);
}

// Defects made in good examples, and who finds them.
int Mutate(const Arguments& arguments) {
  std::vector<std::pair<std::string, std::string>> examples;
  for (std::size_t i = 1; i < arguments.files().size(); ++i) {
    auto bytes = ReadFile(arguments.files()[i]);
    if (!bytes) return Fail(bytes.error(), kUnreadable);
    examples.emplace_back(arguments.files()[i], *std::move(bytes));
  }
  if (examples.empty()) return Fail({errors::UsageWrong, "label mutate wants good examples"}, kUsage);
  auto bench = OpenBench(arguments);
  if (!bench) return Fail(bench.error(), kUnreadable);
  (*bench)->reader.draft = nullptr;  // operators break what a sender makes
  auto operators = labelling::ReadOperators(labelling::ShippedMutants());
  if (!operators) return Fail(operators.error(), kUnreadable);
  auto score = labelling::RunMutants((*bench)->catalogue, *operators, examples, (*bench)->reader,
                                     (*bench)->world, kSitesMax);
  for (const auto& [id, row] : score.by_requirement) PrintRow(id, row);
  for (const auto& survivor : score.survivors) std::printf("survived: %s\n", survivor.c_str());
  for (const auto& misplaced : score.misplaced) std::printf("misplaced: %s\n", misplaced.c_str());
  for (const auto& op : *operators)
    if (!score.by_operator.contains(op.name)) std::printf("not applied: %s\n", op.name.c_str());
  PrintRow("all", score.total);
  std::printf("operators %zu of %zu, killed %.2f %%, right place %.2f %% of the killed\n",
              score.by_operator.size(), operators->size(), Share(score.total.killed, score.total.made),
              Share(score.total.placed, score.total.killed));
  return score.survivors.empty() ? kClean : kFindings;
}

Result<labelling::Label> ReadLabel(const std::string& path, std::string_view public_key) {
  TRY(auto jws, ReadFile(path));
  return labelling::OpenLabel(public_key, jws);
}

// A label from the evidence of the last run of a version: DATA/labels/ID.jws.
int Grant(const Arguments& arguments) {
  auto data = arguments.Get("--data"), product = arguments.Get("--product"),
       version = arguments.Get("--version");
  if (!data || !product || !version)
    return Fail({errors::UsageWrong, "label grant wants --data, --product, --version"}, kUsage);
  auto evidence = EvidenceFolder::Open(*data);
  if (!evidence) return Fail(evidence.error(), kFindings);
  LabelOrder order{*product,
                   *version,
                   arguments.Get("--suite").value_or("all"),
                   arguments.Get("--expires").value_or(""),
                   arguments.Get("--url").value_or(""),
                   {}};
  for (const auto& waived : arguments.All("--waive")) {  // ID=REASON
    auto sign = std::min(waived.find('='), waived.size());
    order.waivers.push_back({waived.substr(0, sign), sign < waived.size() ? waived.substr(sign + 1) : ""});
  }
  auto file = evidence->Grant(order, UtcNow().substr(0, 10));
  if (!file)
    return Fail(file.error(), file.error().info == &errors::FileUnwritable ? kUnreadable : kFindings);
  std::printf("%s\n", file->c_str());
  return kClean;
}

// Withdraws labels: DATA/revoked.jws, a signed list of their ids, to be published beside them.
int Revoke(const Arguments& arguments) {
  auto data = arguments.Get("--data");
  if (!data || arguments.files().size() < 2)
    return Fail({errors::UsageWrong, "label revoke wants --data and labels"}, kUsage);
  auto evidence = EvidenceFolder::Open(*data);
  if (!evidence) return Fail(evidence.error(), kFindings);
  std::vector<std::string> ids;
  for (std::size_t i = 1; i < arguments.files().size(); ++i) {
    auto label = ReadLabel(arguments.files()[i], evidence->key().public_key());
    if (!label) return Fail(label.error(), kFindings);
    ids.push_back(label->id);
  }
  if (auto kept = evidence->Revoke(ids, UtcNow()); !kept) return Fail(kept.error(), kUnreadable);
  for (const auto& id : ids) std::printf("revoked %s\n", id.c_str());
  return kClean;
}

// The evidence of a folder, and each label named.
int Verify(const Arguments& arguments) {
  auto data = arguments.Get("--data");
  if (!data) return Fail({errors::UsageWrong, "label verify wants --data"}, kUsage);
  auto ledger = ReadFile(*data + "/ledger.ndjson"), head = ReadFile(*data + "/ledger.head");
  auto key = ReadFile(arguments.Get("--key").value_or(*data + "/bench-key.pub"));
  for (const auto* read : {&ledger, &head, &key})
    if (!*read) return Fail(read->error(), kUnreadable);
  auto public_key = DecodeBase64Url(*key).value_or("");
  auto state = labelling::VerifyLedger(*ledger);
  if (!state) return Fail(state.error(), kFindings);
  if (auto holds = labelling::VerifyHead(public_key, *head, *state); !holds)
    return Fail(holds.error(), kFindings);
  std::printf("ledger: %zu entries hold, head %s%s\n", state->entries, state->head.c_str(),
              state->clock_set_back ? ", the clock was set back in between" : "");
  auto list = arguments.Get("--revoked");
  if (std::error_code none; !list && std::filesystem::exists(*data + "/revoked.jws", none))
    list = *data + "/revoked.jws";
  auto revocations = list ? ReadFile(*list) : Result<std::string>(std::string());
  if (!revocations) return Fail(revocations.error(), kUnreadable);
  int worst = kClean;
  for (std::size_t i = 1; i < arguments.files().size(); ++i) {
    auto jws = ReadFile(arguments.files()[i]);
    if (!jws) return Fail(jws.error(), kUnreadable);
    auto label = labelling::VerifyLabel({*jws, public_key, *revocations, *ledger, UtcNow().substr(0, 10)});
    if (!label) {
      worst = Fail(label.error(), kFindings);
      continue;
    }
    std::printf("label %s: %s %s, suite %s, granted %s, holds\n", label->id.c_str(), label->product.c_str(),
                label->version.c_str(), label->suite.c_str(), label->granted.c_str());
    for (const auto& waiver : label->waivers)
      std::printf("  waived %s: %s\n", waiver.requirement.c_str(), waiver.reason.c_str());
    std::string open;
    for (const auto& id : label->open) open += " " + id;
    if (!open.empty()) std::printf("  left to others, no machine decides:%s\n", open.c_str());
  }
  return worst;
}

struct Verb {
  std::string_view name;
  int (*run)(const Arguments& arguments);
};
constexpr Verb kVerbs[] = {{"mutate", Mutate}, {"run", RunLabelling}, {"grant", Grant},
                           {"revoke", Revoke}, {"verify", Verify},    {"replay", ReplayVerdicts}};

int Run(const Arguments& arguments) {
  std::string_view verb = arguments.files().empty() ? std::string_view() : arguments.files().front();
  for (const auto& row : kVerbs)
    if (row.name == verb) return row.run(arguments);
  return Fail({errors::UsageWrong, "label wants run, grant, revoke, verify, replay or mutate"}, kUsage);
}

constexpr std::array<std::string_view, 20> kOptions = {
    "--mode",  "--value-sets", "--schema",   "--definitions", "--package", "--product", "--version",
    "--suite", "--data",       "--listen",   "--seconds",     "--format",  "--expires", "--url",
    "--key",   "--revoked",    "--scenario", "--examples",    "--waive",   "--language"};

}  // namespace

extern const Command kLabel;
const Command kLabel{
    "label",
    "the labelling bench: runs with a gateway of its own, evidence, labels, and its own test",
    R"(usage: passerelle label run --product P --version V --data DIR [--suite ID] [--listen H:P] [--seconds N]
                        [--scenario ID|FILE.scn [--examples DIR]] [--format FORM] [--language en|fr] [FILE...]
       passerelle label grant --product P --version V --data DIR [--suite ID] [--expires DATE] [--url URL]
                         [--waive ID=REASON]...
       passerelle label revoke --data DIR LABEL...
       passerelle label verify --data DIR [--key FILE] [--revoked FILE] [LABEL...]
       passerelle label replay --data DIR [FILE...]
       passerelle label mutate EXAMPLE...

run starts a gateway of its own below DIR, sends it the messages, or listens for those that a product sends and
passes them on; it judges each message with the answer it got and what arrived at the target, and adds the verdicts
to DIR/ledger.ndjson. A scenario says what is sent and what is expected; its messages are searched in --examples.
grant signs a label for what the ledger proves, revoke a list of those withdrawn (DIR/revoked.jws); verify holds
ledger and labels against their hashes and signatures, without a server; replay asks the verdicts that the ledger
holds again, of the files named or of those the runs kept; mutate makes known defects in good examples and prints
who finds them.
--value-sets, --schema, --definitions and --mode as in check.
)",
    kOptions,
    {},
    Run};

}  // namespace passerelle::app
