#include "gateway/app/gateway.h"

#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/signal_set.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/thread_pool.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <cstdio>
#include <random>
#include <set>
#include <thread>

#include "fhir_model/base/digest.h"
#include "gateway/access/admission.h"
#include "gateway/api/api.h"
#include "gateway/app/command.h"
#include "gateway/app/definitions.h"
#include "gateway/app/errors.h"
#include "gateway/app/observed.h"
#include "gateway/app/process.h"
#include "gateway/app/replies.h"
#include "gateway/console/assets.h"
#include "gateway/inputs/folder/folder_watcher.h"
#include "gateway/inputs/http/http_input.h"
#include "gateway/inputs/mllp/mllp_input.h"
#include "gateway/inputs/mllp/mllp_receiver.h"
#include "gateway/net/http_server.h"
#include "gateway/record/deliveries.h"
#include "gateway/record/record.h"
#include "gateway/store/definitions_indexer.h"
#include "gateway/store/sqlite_store.h"
#include "gateway/targets/courier.h"
#include "profiles/validator/validator.h"

namespace passerelle::app {

namespace asio = boost::asio;
using std::chrono::seconds;

namespace {

constexpr seconds kDrainTime{10};
constexpr std::chrono::milliseconds kDrainStep{20};
constexpr std::size_t kSecretBytes = 32;
constexpr seconds kObserveInterval{1};

std::string NowIso() { return store::IsoUtc(std::chrono::system_clock::now()); }

std::string EnvironmentName(const Settings& settings) {
  return settings.environment == access::Environment::Production ? "production" : "test";
}

inputs::Feeds FeedsOf(const Settings& settings) {
  inputs::Feeds feeds;
  for (const auto& feed : settings.feeds)
    feeds[feed.name] = {true,
                        feed.acknowledge_on_commit,
                        hl7v2::CharsetNamed(feed.charset),
                        feed.profile,
                        feed.timezone,
                        feed.authorities};
  feeds["http"].timezone = settings.http.timezone;
  for (const auto& folder : settings.folders) feeds[folder.name].timezone = settings.http.timezone;
  return feeds;
}

std::set<std::string> FictitiousFeeds(const Settings& settings) {
  std::set<std::string> names;
  for (const auto& feed : settings.feeds)
    if (feed.fictitious) names.insert(feed.name);
  if (settings.http.fictitious) names.insert("http");
  return names;
}

record::Settings RecordSettings(const Settings& settings, std::string lane_key) {
  record::Settings out;
  out.environment = settings.environment;
  out.lane_key = std::move(lane_key);
  for (const auto& target : settings.targets)
    out.targets.push_back({target.name, target.kind, target.write, target.production, target.dmp,
                           target.messages, target.feeds, target.units});
  return out;
}

void EndNow(const Error& error) {
  std::fprintf(stderr, "passerelle: %s\n", error.Text().c_str());
  ::_exit(kFailStopCode);
}

// A message that its sender believes accepted was not (safety rule 14).
void Alert(pipeline::Seq seq, const pipeline::Frame& frame, const Error& refusal) {
  std::fprintf(stderr,
               "passerelle: ALERT message %lld of feed %s was acknowledged on receipt and then refused: %u\n",
               static_cast<long long>(seq), frame.feed.c_str(), unsigned{refusal.info->code});
}

// Runs one piece of work to its end before the network runs.
template <class T>
Result<T> RunNow(asio::io_context& context, Awaitable<Result<T>> work) {
  std::optional<Result<T>> result;
  auto wait = [](Awaitable<Result<T>> inner, std::optional<Result<T>>& out) -> Awaitable<void> {
    out.emplace(co_await std::move(inner));
  };
  asio::co_spawn(context, wait(std::move(work), result), asio::detached);
  context.restart();
  context.run();
  context.restart();
  return *std::move(result);
}

// A secret of the installation, made at the first start and kept in the data folder for ever.
Awaitable<Result<std::string>> Secret(pipeline::Store& store, std::string name) {
  std::string secret;
  auto work = [&](pipeline::Transaction& transaction) -> Status {
    TRY(auto known, transaction.Setting(name));
    secret = known ? *known : RandomHex(kSecretBytes);
    return known ? Ok() : transaction.SetSetting(name, secret);
  };
  CO_CHECK_OK(co_await store.Write(work));
  co_return secret;
}

}  // namespace

// One way in, with what a person wants to know of it.
struct Door {
  std::string name, kind, address;  // "mllp" or "http"; "mllp://127.0.0.1"
  bool tls = false, authenticated = false;
  std::string certificate_file;
  std::unique_ptr<net::Listener> listener;
};

struct Gateway::Parts {
  Settings settings;
  inputs::Feeds feeds;
  Replies replies;
  asio::io_context network;
  asio::thread_pool workers{std::max(2u, std::thread::hardware_concurrency())};
  std::unique_ptr<store::SqliteStore> store;
  AccessToken access;
  std::shared_ptr<const MappedDefinitions> definitions;
  inputs::Reader reader;
  std::vector<std::unique_ptr<pipeline::Input>> inputs;
  std::unique_ptr<access::Admission> admission;
  std::unique_ptr<record::RecordKeeper> record;
  std::unique_ptr<pipeline::Pipeline> pipeline;
  std::vector<std::unique_ptr<inputs::MllpReceiver>> receivers;
  std::vector<std::unique_ptr<inputs::FolderWatcher>> folders;
  std::vector<Door> doors;
  std::unique_ptr<targets::Courier> courier;
  std::unique_ptr<spec::Library> library;
  std::unique_ptr<terminology::Terminology> terminology;
  std::unique_ptr<validator::Validator> validator;
  api::Tokens tokens;
  std::unique_ptr<api::Services> services;
  Observed observed;
  asio::signal_set signals{network, SIGTERM, SIGINT};
  std::atomic<bool> stopping = false;

  explicit Parts(Settings given) : settings(std::move(given)), feeds(FeedsOf(settings)), replies(settings) {}

  Status OpenStore();
  Status MakeCourier();
  Status MakePipeline();
  Status ListenMllp(const FeedSettings& feed);
  Status WatchFolder(const FolderSettings& folder);
  Status ListenHttp();
  Status MakeServices();
  Status OweForWrite(pipeline::Transaction& transaction, const api::RecordWritten& written) const;
  Observed::State Look() const;
  Awaitable<void> Observe();
  Awaitable<void> WaitForSignal();
  Awaitable<void> Drain();
  bool Idle() const {
    return pipeline->Idle() && courier->Idle() &&
           std::all_of(folders.begin(), folders.end(), [](const auto& folder) { return folder->Idle(); });
  }
  bool Accepting() const { return !stopping && pipeline->Accepting(); }
};

Status Gateway::Parts::OpenStore() {
  store::StoreOptions options;
  options.folder = settings.data;
  options.environment = EnvironmentName(settings);
  options.clock = [] { return std::chrono::system_clock::now(); };
  options.fail_stop = EndNow;
  options.free_mib_min = settings.free_mib_min;
  options.indexer = store::MakeDefinitionsIndexer(definitions->definitions);
  TRY(store, store::SqliteStore::Open(std::move(options)));
  TRY(access, EnsureAccessToken(settings.data));
  return Ok();
}

Status Gateway::Parts::MakeCourier() {
  std::vector<targets::CourierTarget> places;
  for (const auto& target : settings.targets) {
    targets::TargetOptions options{target.name,
                                   target.kind,
                                   target.url,
                                   target.token_file,
                                   {target.certificate_file, target.key_file, target.authority_file, {}}};
    TRY(auto made, targets::MakeTarget(options));
    places.push_back({target.name, target.kind == "fhir" || target.dmp, std::move(made)});
  }
  for (const auto& feed : settings.feeds) {
    if (feed.reply_to.empty()) continue;
    std::string name = std::string(targets::kReplyPrefix) + feed.name;
    net::TlsFiles tls{{}, {}, feed.tls.client_authority_file, {}};
    TRY(auto made, targets::MakeTarget({name, "mllp", feed.reply_to, {}, tls}));
    places.push_back({name, false, std::move(made)});
  }
  auto time = [](std::chrono::milliseconds ahead) {
    return store::IsoUtc(std::chrono::system_clock::now() + ahead);
  };
  auto chance = [generator = std::minstd_rand(std::random_device{}())]() mutable {
    return std::uniform_real_distribution<double>()(generator);
  };
  auto gate = [environment = settings.environment](
                  pipeline::View& view, const pipeline::Delivery& delivery) -> Result<std::string> {
    TRY(auto verdict, access::AskAgain(view, delivery, environment));
    return std::string(verdict.reason);
  };
  courier = std::make_unique<targets::Courier>(
      targets::Courier::Parts{*store,
                              network.get_executor(),
                              time,
                              chance,
                              gate,
                              [this](pipeline::Transaction& transaction, const pipeline::Delivery& after) {
                                return replies.Settled(transaction, after);
                              },
                              {}},
      std::move(places));
  return Ok();
}

Status Gateway::Parts::MakePipeline() {
  TRY(auto lane_key, RunNow(network, Secret(*store, "lane-key")));
  inputs.push_back(std::make_unique<inputs::MllpInput>(reader, feeds));
  inputs.push_back(std::make_unique<inputs::HttpInput>(reader, feeds));
  admission = std::make_unique<access::Admission>(settings.environment, FictitiousFeeds(settings));
  record = std::make_unique<record::RecordKeeper>(RecordSettings(settings, lane_key));
  auto decided_late = [this](pipeline::Transaction& transaction, pipeline::Seq seq,
                             const pipeline::Frame& frame, const pipeline::Prepared&, const Error* refusal) {
    if (refusal != nullptr) Alert(seq, frame, *refusal);
    return replies.DecidedLate(transaction, seq, frame, refusal);
  };
  pipeline::Pipeline::Parts wiring{*store,
                                   inputs,
                                   *admission,
                                   *record,
                                   network.get_executor(),
                                   workers.get_executor(),
                                   [this] { return settings.digest; },
                                   [this](pipeline::Seq) { courier->Wake(); },
                                   decided_late};
  pipeline = std::make_unique<pipeline::Pipeline>(std::move(wiring));
  return Ok();
}

Status Gateway::Parts::ListenMllp(const FeedSettings& feed) {
  net::MllpOptions options;
  options.listen.host = feed.listen.host;
  options.listen.port = feed.listen.port;
  options.listen.peers = feed.peers;
  options.listen.accepting = [this] { return Accepting(); };
  // Behind a proxy on this machine all senders have one address.
  if (feed.listen.IsLoopback()) options.listen.connections_per_peer_max = options.listen.connections_max;
  options.frame_bytes_max = feed.frame_mib_max << 20;
  const auto& tls = feed.tls;
  if (!tls.certificate_file.empty()) {
    TRY(options.listen.tls, net::MakeServerTls({tls.certificate_file, tls.key_file, tls.client_authority_file,
                                                tls.client_names}));
  }
  receivers.push_back(std::make_unique<inputs::MllpReceiver>(*pipeline, feed.name, NowIso));
  auto* receiver = receivers.back().get();
  TRY(auto listener, net::ListenMllp(network.get_executor(), options,
                                     [receiver](net::MllpFrame frame, const net::Peer& peer) {
                                       return receiver->Receive(std::move(frame), peer);
                                     }));
  bool secure = options.listen.tls != nullptr;
  doors.push_back({feed.name, "mllp", (secure ? "mllps://" : "mllp://") + feed.listen.host, secure,
                   !tls.client_authority_file.empty(), tls.certificate_file, std::move(listener)});
  return Ok();
}

Status Gateway::Parts::WatchFolder(const FolderSettings& folder) {
  folders.push_back(std::make_unique<inputs::FolderWatcher>(inputs::FolderWatcher::Parts{
      *pipeline, network.get_executor(), workers.get_executor(), NowIso, folder.name, folder.path}));
  return folders.back()->Open();
}

Status Gateway::Parts::ListenHttp() {
  net::HttpOptions options;
  options.listen.host = settings.http.listen.host;
  options.listen.port = settings.http.listen.port;
  if (!settings.http.certificate_file.empty()) {
    TRY(options.listen.tls,
        net::MakeServerTls({settings.http.certificate_file, settings.http.key_file, {}, {}}));
  }
  options.refuse = api::RefusalOf;
  TRY(auto listener, net::ListenHttp(network.get_executor(), options, api::MakeHandler(*services)));
  bool tls = options.listen.tls != nullptr;
  doors.push_back({"http", "http", std::string(tls ? "https://" : "http://") + settings.http.listen.host, tls,
                   !settings.http.open, settings.http.certificate_file, std::move(listener)});
  return Ok();
}

// A resource that somebody wrote through /fhir is owed to the record stores as a message's would be.
Status Gateway::Parts::OweForWrite(pipeline::Transaction& transaction,
                                   const api::RecordWritten& written) const {
  pipeline::Frame frame;
  frame.feed = frame.sender = "http";
  frame.received = NowIso();
  pipeline::Prepared prepared;
  prepared.format = "fhir";
  record::Owing owing{transaction,     record->settings(), 0, frame, prepared,
                      written.patient, written.resources};
  TRY(auto left, record::OweDeliveries(owing));
  (void)left;  // what the gate withholds stays in the record, and nobody waits for word of it
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
  services->not_ready = [this]() -> std::string {
    if (stopping) return "stopping";
    return Accepting()
               ? ""
               : "not accepting: the disk is full, the backlog is long, or what was kept is being decided";
  };
  services->samples = [this] { return observed.Read().samples; };
  services->feeds = [this] { return observed.Read().feeds; };
  services->targets = [this] { return observed.Read().targets; };
  services->console = console::Assets();
  return Ok();
}

Observed::State Gateway::Parts::Look() const {
  Observed::State state;
  for (const auto& door : doors) {
    api::FeedStatus feed{door.name, door.kind, door.address + ":" + std::to_string(door.listener->port())};
    feed.tls = door.tls;
    feed.authenticated = door.authenticated;
    feed.connections = door.listener->connections();
    feed.certificate_days = net::CertificateDaysLeft(door.certificate_file);
    state.samples.push_back({"passerelle_connections", "feed=\"" + door.name + "\"", double(feed.connections),
                             "Open connections.", false});
    state.feeds.push_back(std::move(feed));
  }
  for (const auto& folder : settings.folders) state.feeds.push_back({folder.name, "folder", folder.path});
  for (const auto& target : courier->States())
    state.samples.push_back({"passerelle_target_failures", "target=\"" + target.name + "\"",
                             double(target.failures), "Failed deliveries to the target in a row.", false});
  for (const auto& target : settings.targets) {
    api::FeedStatus out{target.name, target.kind, target.url};
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

Awaitable<void> Gateway::Parts::WaitForSignal() {
  boost::system::error_code ignored;
  co_await signals.async_wait(asio::redirect_error(asio::use_awaitable, ignored));
  std::fputs("passerelle: stopping\n", stderr);
  stopping = true;
  for (auto& door : doors) door.listener->Stop();
  for (auto& folder : folders) folder->Stop();
  courier->Stop();
  co_await Drain();
  network.stop();
}

// Lets go on what was begun.
Awaitable<void> Gateway::Parts::Drain() {
  asio::steady_timer timer(network);
  auto end = std::chrono::steady_clock::now() + kDrainTime;
  do {  // at least once, for answers that are being written
    timer.expires_after(kDrainStep);
    co_await timer.async_wait(asio::use_awaitable);
  } while (!Idle() && std::chrono::steady_clock::now() < end);
}

Gateway::Gateway(std::unique_ptr<Parts> parts) : parts_(std::move(parts)) {}

// Workers and writer end first; coroutines that still wait are destroyed with the network.
Gateway::~Gateway() {
  parts_->network.stop();
  parts_->workers.stop();
  parts_->workers.join();
  parts_->store.reset();
}

Result<std::unique_ptr<Gateway>> Gateway::Start(Settings settings,
                                                const std::optional<std::string>& definitions) {
  auto parts = std::make_unique<Parts>(std::move(settings));
  std::unique_ptr<Gateway> gateway(new Gateway(std::move(parts)));
  Parts& p = *gateway->parts_;
  TRY(p.definitions, OpenDefinitions(definitions, p.settings.definitions));
  CHECK_OK(p.OpenStore());
  CHECK_OK(p.MakeCourier());
  CHECK_OK(p.MakePipeline());
  for (const auto& feed : p.settings.feeds) CHECK_OK(p.ListenMllp(feed));
  for (const auto& folder : p.settings.folders) CHECK_OK(p.WatchFolder(folder));
  CHECK_OK(p.MakeServices());
  CHECK_OK(p.ListenHttp());
  p.observed.Note(p.Look());
  return gateway;
}

std::vector<std::string> Gateway::Banner() const {
  const Parts& p = *parts_;
  std::vector<std::string> lines;
  lines.push_back("environment " + EnvironmentName(p.settings) + ", data in " + p.settings.data);
  for (const auto& folder : p.settings.folders) lines.push_back("folder " + folder.name + ": " + folder.path);
  for (const auto& door : p.doors)
    lines.push_back((door.kind == "mllp" ? "feed " + door.name + ": " : "") + door.address + ":" +
                    std::to_string(door.listener->port()));
  lines.push_back("access token: " + p.access.file);
  return lines;
}

void Gateway::Run() {
  asio::co_spawn(parts_->network, parts_->pipeline->Resume(), asio::detached);
  asio::co_spawn(parts_->network, parts_->WaitForSignal(), asio::detached);
  asio::co_spawn(parts_->network, parts_->Observe(), asio::detached);
  parts_->courier->Start();
  for (auto& folder : parts_->folders) folder->Start();
  parts_->network.run();
}

}  // namespace passerelle::app
