// How the parts of a gateway are put together.

#include <unistd.h>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <cstdio>
#include <random>
#include <set>

#include "gateway/app/gateway_parts.h"
#include "gateway/app/tables.h"
#include "gateway/inputs/http/http_input.h"
#include "gateway/inputs/mllp/mllp_input.h"
#include "gateway/net/http_server.h"
#include "gateway/store/definitions_indexer.h"

namespace passerelle::app {

namespace asio = boost::asio;

namespace {

constexpr std::size_t kSecretBytes = 32;
constexpr std::size_t kMibWithinTimeout = 16;  // a feed of larger frames gives them more time in proportion

inputs::Feeds FeedsOf(const Settings& settings) {
  inputs::Feeds feeds;
  for (const auto& feed : settings.feeds)
    feeds[feed.name] = {true,
                        feed.acknowledge_on_commit,
                        hl7v2::CharsetNamed(feed.charset),
                        feed.profile,
                        feed.refuses_mssante ? normalise::MssanteRule::Refuse : normalise::MssanteRule::Warn,
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

void AlertUndecidable(pipeline::Seq seq, const Error& cause) {
  std::fprintf(stderr, "passerelle: ALERT message %lld was kept and cannot be decided, it is parked: %s\n",
               static_cast<long long>(seq), cause.Text().c_str());
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

std::string NowIso() { return store::IsoUtc(std::chrono::system_clock::now()); }

std::string EnvironmentName(const Settings& settings) {
  return settings.environment == access::Environment::Production ? "production" : "test";
}

Gateway::Parts::Parts(Settings given)
    : settings(std::move(given)), feeds(FeedsOf(settings)), replies(settings) {}

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

// Compiles the tables and has every message from now on read by them. Runs on any thread.
Status Gateway::Parts::UseTables() {
  TRY(auto program, CompileTables(settings.overlays, definitions->definitions));
  std::string digest(program.digest());
  auto normaliser =
      std::make_shared<const normalise::Normaliser>(std::move(program), definitions->definitions);
  reader->Use(
      [normaliser](std::string bytes, const normalise::Options& options) {
        return normaliser->Run(std::move(bytes), options);
      },
      std::move(digest));
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
    options.rewrites = target.rewrites;
    options.open = [this](const pipeline::Delivery& delivery) {
      return pipeline::OpenPayload(*store->Read(), delivery);
    };
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
                              [this](const std::string& target, auto took) { target_pace.Note(target, took); },
                              {}},
      std::move(places));
  return Ok();
}

Status Gateway::Parts::MakePipeline() {
  TRY(auto lane_key, RunNow(network, Secret(*store, "lane-key")));
  TRY(auto id_key, RunNow(network, Secret(*store, "id-key")));
  reader = std::make_unique<inputs::Reader>(std::move(id_key));
  CHECK_OK(UseTables());
  inputs.push_back(std::make_unique<inputs::MllpInput>(*reader, feeds));
  inputs.push_back(std::make_unique<inputs::HttpInput>(*reader, feeds));
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
                                   [this] { return settings.digest + reader->digest(); },
                                   [this](pipeline::Seq) { courier->Wake(); },
                                   decided_late,
                                   AlertUndecidable};
  pipeline = std::make_unique<pipeline::Pipeline>(std::move(wiring));
  return Ok();
}

Status Gateway::Parts::ListenMllp(const FeedSettings& feed) {
  net::MllpOptions options;
  options.listen.host = feed.listen.host;
  options.listen.port = feed.listen.port;
  options.listen.peers = feed.peers;
  options.listen.accepting = [this, on_receipt = feed.acknowledge_on_commit] {
    return on_receipt ? !stopping && pipeline->AcceptingOnReceipt() : Accepting();
  };
  // Behind a proxy on this machine all senders have one address.
  if (feed.listen.IsLoopback()) options.listen.connections_per_peer_max = options.listen.connections_max;
  options.frame_bytes_max = feed.frame_mib_max << 20;
  options.frame_timeout *= std::max<std::size_t>(1, feed.frame_mib_max / kMibWithinTimeout);
  const auto& tls = feed.tls;
  if (!tls.certificate_file.empty()) {
    TRY(options.listen.tls, net::MakeServerTls({tls.certificate_file, tls.key_file, tls.client_authority_file,
                                                tls.client_names}));
  }
  receivers.push_back(std::make_unique<inputs::MllpReceiver>(inputs::MllpReceiver::Parts{
      *pipeline, feed.name, NowIso, [this, name = feed.name](auto time) { pace.Note(name, time); }}));
  net::MllpConversations begin = [receiver = receivers.back().get()](const net::Peer& peer) {
    return receiver->Begin(peer);
  };
  TRY(auto listener, net::ListenMllp(network.get_executor(), options, begin));
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

}  // namespace passerelle::app
