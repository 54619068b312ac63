#pragma once
// The parts of a running gateway, and in which order they hang together. Private to gateway.cpp (its life),
// wiring.cpp (how it is put together) and services.cpp (what the HTTP routes work with).

#include <algorithm>
#include <atomic>
#include <boost/asio/io_context.hpp>
#include <boost/asio/signal_set.hpp>
#include <boost/asio/thread_pool.hpp>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include "gateway/access/admission.h"
#include "gateway/api/api.h"
#include "gateway/app/bench_desk.h"
#include "gateway/app/definitions.h"
#include "gateway/app/gateway.h"
#include "gateway/app/observed.h"
#include "gateway/app/process.h"
#include "gateway/app/replies.h"
#include "gateway/inputs/folder/folder_watcher.h"
#include "gateway/inputs/mllp/mllp_receiver.h"
#include "gateway/inputs/reader.h"
#include "gateway/net/stream.h"
#include "gateway/record/record.h"
#include "gateway/store/sqlite_store.h"
#include "gateway/targets/courier.h"
#include "profiles/validator/validator.h"

namespace passerelle::app {

std::string NowIso();  // ISO 8601 UTC with milliseconds
std::string EnvironmentName(const Settings& settings);

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
  boost::asio::io_context network;
  boost::asio::thread_pool workers{std::max(2u, std::thread::hardware_concurrency())};
  std::unique_ptr<store::SqliteStore> store;
  AccessToken access;
  std::optional<std::string> definitions_file;  // as it was given
  std::shared_ptr<const MappedDefinitions> definitions;
  std::unique_ptr<inputs::Reader> reader;
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
  api::Users users;
  api::Pace pace, target_pace;
  std::unique_ptr<BenchDesk> bench;
  std::unique_ptr<api::Services> services;
  Observed observed;
  boost::asio::signal_set signals{network, SIGTERM, SIGINT}, reload{network, SIGHUP};
  std::atomic<bool> stopping = false;

  explicit Parts(Settings given);

  Status OpenStore();
  Status MakeCourier();
  Status UseTables();
  Awaitable<void> ReloadTables();
  Status MakePipeline();
  Status ListenMllp(const FeedSettings& feed);
  Status WatchFolder(const FolderSettings& folder);
  Status ListenHttp();
  Status MakeServices();
  Status OpenBenchDesk();
  api::Conversion Convert(std::string bytes) const;
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

}  // namespace passerelle::app
