// What the HTTP routes work with, and what they are told of the ways in and out.

#include <boost/asio/post.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>

#include "fhir_model/json/json.h"
#include "gateway/app/catalogue.h"
#include "gateway/app/errors.h"
#include "gateway/app/gateway_parts.h"
#include "gateway/console/assets.h"
#include "gateway/record/deliveries.h"
#include "gateway/record/documents.h"

namespace passerelle::app {

namespace asio = boost::asio;

namespace {

constexpr std::chrono::seconds kObserveInterval{1};

}  // namespace

// A resource that somebody wrote through /fhir is owed to the record stores as a message's would be.
Status Gateway::Parts::OweForWrite(pipeline::Transaction& transaction,
                                   const api::RecordWritten& written) const {
  pipeline::Frame frame;
  frame.feed = frame.sender = "http";
  frame.received = NowIso();
  pipeline::Prepared prepared;
  prepared.format = "fhir";
  const std::map<std::string, std::int64_t, std::less<>> versions;  // read where they are wanted
  record::Owing owing{transaction, record->settings(), 0, frame, prepared, written.patient, written.resources,
                      versions};
  TRY(auto left, record::OweDeliveries(owing));
  (void)left;  // what the gate withholds stays in the record, and nobody waits for word of it
  return Ok();
}

// As a message from the HTTP feed would be read; nothing of it is kept.
api::Conversion Gateway::Parts::Convert(std::string bytes) const {
  auto done = reader->Normalise(std::move(bytes), feeds.find("http")->second);
  api::Conversion conversion{
      std::string(FormatName(done.format)), done.event, done.refusal, done.issues, {}, {}};
  if (!done.draft) return conversion;
  if (done.source) done.draft->Settle(*done.source);
  conversion.ledger_json = done.draft->ledger.Json();
  if (auto bundle = normalise::BundleAs(*std::move(done.draft), normalise::BundleForm::Transaction))
    conversion.bundle_json = json::Write(*bundle);
  return conversion;
}

Status Gateway::Parts::OpenBenchDesk() {
  if (settings.bench.data.empty()) return Ok();
  TRY(bench, BenchDesk::Open({settings.bench, definitions, definitions_file, network.get_executor(),
                              workers.get_executor()}));
  return Ok();
}

Status Gateway::Parts::MakeServices() {
  library = std::make_unique<spec::Library>(definitions->definitions);
  terminology = std::make_unique<terminology::Terminology>(*library);
  validator = std::make_unique<validator::Validator>(*library, *terminology);
  tokens.SetStanding(access.token);
  CHECK_OK(tokens.Load(*store->Read()));
  services = std::make_unique<api::Services>(
      api::Services{*store, *pipeline, definitions->definitions, tokens, network.get_executor(),
                    workers.get_executor(), [] { return std::chrono::system_clock::now(); }, RandomBytes,
                    PASSERELLE_VERSION, EnvironmentName(settings)});
  services->open = settings.http.open;
  services->validate = [this](const node::Tree& resource, Issues& issues) {
    validator::ValidateOptions structure;
    structure.structure_only = true;
    validator->Validate(resource, structure, issues);
  };
  services->policy = admission.get();
  services->record_written = [this](pipeline::Transaction& transaction, const api::RecordWritten& written) {
    return OweForWrite(transaction, written);
  };
  services->wake_courier = [this] { asio::post(network, [this] { courier->Wake(); }); };
  services->ready = [this]() -> Status {
    if (stopping) return Error{errors::GatewayStopping};
    return Accepting() ? Ok() : Status(Error{errors::GatewayFull});
  };
  services->samples = [this] { return observed.Read().samples; };
  services->feeds = [this] { return observed.Read().feeds; };
  services->targets = [this] { return observed.Read().targets; };
  services->convert = [this](std::string bytes) { return Convert(std::move(bytes)); };
  services->supersede = [](pipeline::Transaction& transaction, const pipeline::ResourceVersion& document) {
    return record::Withdraw(transaction, document, "superseded", {});
  };
  CHECK_OK(users.Load(*store->Read()));
  services->users = &users;
  services->bench = bench.get();
  services->pace = &pace;
  services->target_pace = &target_pace;
  services->catalogue = AllSentences();
  services->console = console::Assets();
  return Ok();
}

Observed::State Gateway::Parts::Look() const {
  Observed::State state;
  for (const auto& door : doors) {
    api::FeedStatus feed{door.name, door.kind, door.address + ":" + std::to_string(door.listener->port()), {}};
    feed.tls = door.tls;
    feed.authenticated = door.authenticated;
    feed.connections = door.listener->connections();
    feed.state = Accepting() ? "up" : "closed";
    feed.certificate_days = net::CertificateDaysLeft(door.certificate_file);
    state.samples.push_back({"passerelle_connections", "feed=\"" + door.name + "\"", double(feed.connections),
                             "Open connections.", false});
    state.feeds.push_back(std::move(feed));
  }
  for (const auto& folder : settings.folders)
    state.feeds.push_back({folder.name, "folder", folder.path, Accepting() ? "up" : "closed"});
  std::map<std::string_view, const targets::TargetState*> doing;
  auto target_states = courier->States();
  for (const auto& target : target_states) {
    doing[target.name] = &target;
    state.samples.push_back({"passerelle_target_failures", "target=\"" + target.name + "\"",
                             double(target.failures), "Failed deliveries to the target in a row.", false});
  }
  for (const auto& target : settings.targets) {
    api::FeedStatus out{target.name, target.kind, target.url, "up"};
    if (auto found = doing.find(target.name); found != doing.end() && found->second->failures > 0) {
      out.state = found->second->broken ? "down" : "retrying";
      out.cause = found->second->cause;
    }
    out.tls = target.url.starts_with("https:") || target.url.starts_with("mllps:");
    out.authenticated = !target.token_file.empty() || !target.certificate_file.empty();
    out.production = target.production;
    out.dmp = target.dmp;
    out.certificate_days = net::CertificateDaysLeft(target.certificate_file);
    state.targets.push_back(std::move(out));
  }
  return state;
}

Awaitable<void> Gateway::Parts::Observe() {
  asio::steady_timer timer(network);
  while (!stopping) {
    observed.Note(Look());
    timer.expires_after(kObserveInterval);
    co_await timer.async_wait(asio::use_awaitable);
  }
}

}  // namespace passerelle::app
