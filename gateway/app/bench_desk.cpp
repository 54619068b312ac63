#include "gateway/app/bench_desk.h"

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <filesystem>
#include <fstream>

#include "fhir_model/base/errors.h"
#include "fhir_model/base/limits.h"
#include "fhir_model/json/json.h"
#include "gateway/api/errors.h"
#include "gateway/app/command.h"
#include "gateway/app/errors.h"
#include "gateway/app/evidence_folder.h"
#include "gateway/app/process.h"
#include "gateway/labelling/errors.h"

namespace passerelle::app {

namespace asio = boost::asio;
namespace fs = std::filesystem;

namespace {

constexpr std::size_t kRunIdBytes = 8;

struct FormRow {
  std::string_view format, extension, content_type;
};
constexpr FormRow kForms[] = {
    {"junit", "xml", "application/xml"},
    {"sarif", "sarif", "application/sarif+json"},
    {"trl", "trl.xml", "application/xml"},
    {"convergence", "xlsx", "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"},
    {"html", "html", "text/html; charset=utf-8"},
    {"json", "ndjson", "application/x-ndjson"},
    {"text", "txt", "text/plain; charset=utf-8"},
};

const FormRow* FindForm(std::string_view format) {
  for (const auto& row : kForms)
    if (row.format == format) return &row;
  return nullptr;
}

std::string_view Suffix(Language language) { return language == Language::French ? "fr" : "en"; }

Status Save(const std::string& path, std::string_view text) {
  std::ofstream out(path, std::ios::binary);
  out << text << std::flush;
  if (!out) return Error{errors::FileUnwritable, path};
  return Ok();
}

// What the run was closed with.
std::optional<RunSummary> ReadSummary(const std::string& folder) {
  auto text = ReadFile(folder + "/summary.json");
  if (!text) return std::nullopt;
  auto tree = json::Parse(*std::move(text), kFileLimits);
  if (!tree) return std::nullopt;
  auto member = [&](std::string_view name) { return std::string(tree->ChildText(node::kRoot, name)); };
  RunSummary summary{member("id"),
                     member("product"),
                     member("version"),
                     member("suite"),
                     member("owner"),
                     member("began"),
                     member("ended"),
                     0,
                     {}};
  auto number = [](std::string_view digits) {
    return static_cast<std::size_t>(std::strtoull(std::string(digits).c_str(), nullptr, 10));
  };
  summary.messages = number(member("message_count"));
  for (auto child : node::Children(*tree, tree->Child(node::kRoot, "counts")))
    summary.counts.emplace_back(tree->name(child), number((*tree)[child].text));
  return summary;
}

bool MaySee(const api::BenchGuest& guest, std::string_view owner) {
  return guest.sees_all || guest.name == owner;
}

Awaitable<void> Keep(Awaitable<Status> work, std::optional<Status>& outcome) {
  outcome.emplace(co_await std::move(work));
}

// Does the work on that executor, and goes on where it came from.
Awaitable<Status> DoneOn(asio::any_io_executor executor, Awaitable<Status> work) {
  std::optional<Status> outcome;
  auto keeping = Keep(std::move(work), outcome);
  co_await asio::co_spawn(executor, std::move(keeping), asio::use_awaitable);
  co_return *std::move(outcome);
}

bool IsHex(std::string_view text) {
  return !text.empty() && text.find_first_not_of("0123456789abcdef") == text.npos;
}

}  // namespace

Result<std::unique_ptr<BenchDesk>> BenchDesk::Open(Setup setup) {
  std::error_code none;
  const auto& data = setup.settings.data;
  if (fs::exists(data + "/access-token", none))
    return Error{errors::ProductionRefused, "the folder is a gateway's: give the bench its own"};
  fs::create_directories(data + "/runs", none);
  std::unique_ptr<BenchDesk> desk(new BenchDesk(std::move(setup)));
  desk->ReadClosedRuns();
  return desk;
}

BenchDesk::~BenchDesk() {
  for (auto& slot : slots_) {
    if (slot.run) asio::post(slot.thread, [this, run = slot.run] { (void)Conclude(*run); });
    slot.thread.join();
  }
}

void BenchDesk::ReadClosedRuns() {
  std::error_code none;
  for (const auto& entry : fs::directory_iterator(setup_.settings.data + "/runs", none))
    if (auto summary = ReadSummary(entry.path().string())) closed_[summary->id] = *std::move(summary);
}

Result<std::unique_ptr<Bench>> BenchDesk::MakeBench() const {
  BenchOptions options{requirements::Mode::Test, setup_.settings.value_sets, setup_.settings.schema,
                       setup_.definitions};
  AddFromEnvironment(options);
  return OpenBench(std::move(options));
}

Result<const Bench*> BenchDesk::TheBench() {
  std::lock_guard guard(bench_mutex_);
  if (!bench_) { TRY(bench_, MakeBench()); }
  return bench_.get();
}

std::shared_ptr<LiveRun> BenchDesk::FindOpen(const api::BenchGuest& guest, const std::string& run) {
  std::lock_guard guard(mutex_);
  for (const auto& slot : slots_)
    if (slot.run && slot.run->id() == run && MaySee(guest, slot.run->owner())) return slot.run;
  return nullptr;
}

bool BenchDesk::MaySeeClosed(const api::BenchGuest& guest, const std::string& run) {
  std::lock_guard guard(mutex_);
  auto it = closed_.find(run);
  return it != closed_.end() && MaySee(guest, it->second.owner);
}

Result<std::string> BenchDesk::Overview(const api::BenchGuest& guest) {
  TRY(auto bench, TheBench());
  api::JsonWriter out;
  out.BeginObject().Key("suites").BeginArray();
  for (const auto& suite : bench->catalogue.suites()) {
    out.BeginObject().Member("id", suite.id).Member("title", suite.title.In(guest.language));
    out.Member("requirements", static_cast<std::int64_t>(suite.requirements.size())).EndObject();
  }
  TRY(auto scenarios, labelling::ReadScenarios(labelling::ShippedScenarios(), bench->catalogue));
  out.EndArray().Key("scenarios").BeginArray();
  for (const auto& scenario : scenarios) WriteScenario(scenario, guest.language, out);
  out.EndArray().Key("formats").BeginArray();
  for (const auto& form : kForms) out.Value(form.format);
  out.EndArray().Member("open_max", static_cast<std::int64_t>(kOpenMax)).Key("runs").BeginArray();
  std::vector<RunSummary> runs;
  {
    std::lock_guard guard(mutex_);
    for (const auto& slot : slots_)
      if (slot.run && MaySee(guest, slot.run->owner())) runs.push_back(slot.run->Summary());
    for (const auto& [id, summary] : closed_)
      if (MaySee(guest, summary.owner)) runs.push_back(summary);
  }
  std::stable_sort(runs.begin(), runs.end(), [](const auto& a, const auto& b) { return a.began > b.began; });
  for (const auto& run : runs) {
    out.BeginObject();
    WriteSummary(run, out);
    out.EndObject();
  }
  return out.EndArray().EndObject().Take();
}

// A free slot, with the run in it that is not open yet.
Result<std::shared_ptr<LiveRun>> BenchDesk::Occupy(const api::BenchGuest& guest,
                                                   const api::BenchOrder& order) {
  TRY(auto bench, TheBench());
  Subject subject{order.product, order.version, order.suite, RandomHex(kRunIdBytes), {}};
  if (!order.scenario.empty()) {
    TRY(subject.scenario, labelling::FindScenario(order.scenario, bench->catalogue));
    subject.suite = subject.scenario->suite;
  }
  TRY(auto examination, Examination::Begin(*bench, subject));
  std::lock_guard guard(mutex_);
  auto slot = std::find_if(slots_.begin(), slots_.end(), [](const Slot& one) { return !one.run; });
  if (slot == slots_.end()) return Error{errors::BenchBusy};
  LiveRun::Setup setup{
      guest.name,     FolderOf(subject.run),      bench,    setup_.settings, setup_.definitions_file,
      setup_.network, slot->thread.get_executor(), &judging_};
  slot->run = std::make_shared<LiveRun>(std::move(setup), std::move(examination), subject);
  return slot->run;
}

void BenchDesk::Release(const std::shared_ptr<LiveRun>& run) {
  std::lock_guard guard(mutex_);
  for (auto& slot : slots_)
    if (slot.run == run) slot.run = nullptr;
}

Awaitable<Result<std::string>> BenchDesk::Open(api::BenchGuest guest, api::BenchOrder order) {
  CO_TRY(auto run, Occupy(guest, order));
  auto start = [](std::shared_ptr<LiveRun> one) -> Awaitable<Status> { co_return one->StartGateway(); };
  auto starting = start(run);
  auto begun = co_await DoneOn(run->hands(), std::move(starting));
  if (begun) {
    auto listening = run->Listen();
    begun = co_await DoneOn(setup_.network, std::move(listening));
  }
  if (!begun) {
    Release(run);
    co_return begun.error();
  }
  co_return run->Json(guest.language);
}

Result<std::string> BenchDesk::Run(const api::BenchGuest& guest, const std::string& run) {
  if (auto open = FindOpen(guest, run)) return open->Json(guest.language);
  if (!MaySeeClosed(guest, run)) return Error{errors::RouteUnknown};
  return ReadFile(FolderOf(run) + "/run." + std::string(Suffix(guest.language)) + ".json");
}

Result<std::int64_t> BenchDesk::Changes(const api::BenchGuest& guest, const std::string& run) {
  if (auto open = FindOpen(guest, run)) return open->changes();
  if (!MaySeeClosed(guest, run)) return Error{errors::RouteUnknown};
  return std::int64_t{INT32_MAX};  // closing was the last of them
}

Awaitable<Result<std::string>> BenchDesk::Send(api::BenchGuest guest, std::string run, std::string bytes) {
  auto open = FindOpen(guest, run);
  if (!open) co_return Error{errors::RouteUnknown};
  auto take = [](std::shared_ptr<LiveRun> one, std::string message) -> Awaitable<Status> {
    if (IsMessage(message)) EndSegmentsWithCr(message);
    co_return one->Take(std::move(message), [](const std::string&) {});
  };
  auto taking = take(open, std::move(bytes));
  auto taken = co_await DoneOn(open->hands(), std::move(taking));
  if (!taken) co_return taken.error();
  co_return open->Json(guest.language);
}

// The evidence first: a run that is shown as closed is in the ledger.
Status BenchDesk::Conclude(LiveRun& run) {
  auto lines = run.Finish();
  {
    std::lock_guard guard(evidence_mutex_);
    TRY(auto evidence, EvidenceFolder::Open(setup_.settings.data));
    CHECK_OK(evidence.Append(lines));
  }
  for (auto language : {Language::English, Language::French}) {
    std::string suffix = std::string(".") + std::string(Suffix(language));
    CHECK_OK(Save(run.folder() + "/run" + suffix + ".json", run.Json(language)));
    auto verdicts = run.Verdicts(language);
    for (const auto& form : kForms)
      CHECK_OK(Save(run.folder() + "/report" + suffix + "." + std::string(form.extension),
                    labelling::FindReportForm(form.format)->write(verdicts)));
  }
  auto summary = run.Summary();
  api::JsonWriter out;
  out.BeginObject();
  WriteSummary(summary, out);
  CHECK_OK(Save(run.folder() + "/summary.json", out.EndObject().Take()));
  std::lock_guard guard(mutex_);
  closed_[summary.id] = summary;
  return Ok();
}

Awaitable<Result<std::string>> BenchDesk::Close(api::BenchGuest guest, std::string run) {
  auto open = FindOpen(guest, run);
  if (!open) co_return Error{errors::RouteUnknown};
  auto conclude = [](BenchDesk* desk, std::shared_ptr<LiveRun> one) -> Awaitable<Status> {
    co_return desk->Conclude(*one);
  };
  auto concluding = conclude(this, open);
  auto done = co_await DoneOn(open->hands(), std::move(concluding));
  Release(open);
  if (!done) co_return done.error();
  co_return open->Json(guest.language);
}

Result<api::BenchReport> BenchDesk::Report(const api::BenchGuest& guest, const std::string& run,
                                           std::string_view format) {
  const auto* form = FindForm(format);
  if (form == nullptr) return Error{errors::ParameterInvalid, "format"};
  api::BenchReport report{form->content_type, "passerelle-" + run + "." + std::string(form->extension), {}};
  if (auto open = FindOpen(guest, run)) {
    report.bytes = labelling::FindReportForm(format)->write(open->Verdicts(guest.language));
    return report;
  }
  if (!MaySeeClosed(guest, run)) return Error{errors::RouteUnknown};
  TRY(report.bytes, ReadFile(FolderOf(run) + "/report." + std::string(Suffix(guest.language)) + "." +
                             std::string(form->extension)));
  return report;
}

Result<std::string> BenchDesk::Input(const api::BenchGuest& guest, const std::string& run,
                                     std::string_view sha256) {
  if (!IsHex(sha256) || (!FindOpen(guest, run) && !MaySeeClosed(guest, run)))
    return Error{errors::RouteUnknown};
  auto bytes = ReadFile(FolderOf(run) + "/inputs/" + std::string(sha256));
  if (!bytes) return Error{errors::RouteUnknown};
  return bytes;
}

Result<std::string> BenchDesk::Exchange(const api::BenchGuest& guest, const std::string& run,
                                        std::size_t message) {
  if (!FindOpen(guest, run) && !MaySeeClosed(guest, run)) return Error{errors::RouteUnknown};
  auto json = ReadFile(FolderOf(run) + "/messages/" + std::to_string(message) + ".json");
  if (!json) return Error{errors::RouteUnknown};
  return json;
}

}  // namespace passerelle::app
