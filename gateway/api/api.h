#pragma once
// Api: everything the gateway answers over HTTP, as one net::HttpHandler: health and metrics, /inbox, the
// journal and the outbox, the record under /fhir, the console's API under /api, and the console's files.
//
// routes.cpp is the table: for each method and pattern who may call it and what answers. Answers are made on
// the workers; only what the pipeline does runs on the network's executor. Every error is an
// OperationOutcome.

#include <boost/asio/any_io_executor.hpp>
#include <chrono>
#include <functional>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "fhir_model/base/catalogue.h"
#include "fhir_model/base/issue.h"
#include "fhir_model/base/result.h"
#include "fhir_model/node/tree.h"
#include "fhir_model/spec/spec.h"
#include "gateway/api/bench_desk.h"
#include "gateway/api/pace.h"
#include "gateway/api/roles.h"
#include "gateway/api/tokens.h"
#include "gateway/api/users.h"
#include "gateway/net/http.h"
#include "gateway/pipeline/pipeline.h"
#include "gateway/pipeline/store.h"

namespace passerelle::api {

// A number that the app measures, beside those of the store: one line of /metrics.
struct Sample {
  std::string name;    // "passerelle_mllp_connections"; the first of a name brings its help
  std::string labels;  // `feed="mllp"`, never anything about a patient
  double value = 0;
  std::string_view help;
  bool counter = false;  // else a gauge
};

// A way in or out, as the console's first screen shows it.
struct FeedStatus {
  std::string name, kind, address;  // "mllp", "http" or "folder"; where it listens or looks
  std::string state;                // of a feed "up" or "closed", of a target "up", "retrying" or "down"
  std::string cause = {};           // why the last delivery did not go through
  bool tls = false, authenticated = false, production = false, dmp = false;
  std::size_t connections = 0;
  std::optional<int> certificate_days = {};  // until the first certificate ends
};

// A message that was converted and not kept.
struct Conversion {
  std::string format, event;
  std::optional<Error> refusal;
  Issues issues;
  std::string bundle_json, ledger_json;  // empty where nothing came out
};

// A file of the console.
struct Asset {
  std::string_view path, content_type, bytes, brotli;  // brotli: the same compressed, or empty
  std::string_view etag;                               // with its quotes
  bool immutable = false;                              // its name has its hash
};

// What a write through /fhir did, told within its transaction: deliveries may be owed for it.
struct RecordWritten {
  std::string patient;                 // "Patient/…", or empty
  std::vector<std::string> resources;  // "Observation/…"
};

// All that the routes work with. Must outlive the handler. Functions may be called from any thread; an empty
// one means the installation does not offer it.
struct Services {
  pipeline::Store& store;
  pipeline::Pipeline& pipeline;
  const spec::Definitions& definitions;
  Tokens& tokens;
  boost::asio::any_io_executor network, workers;
  std::function<std::chrono::system_clock::time_point()> clock;
  std::function<std::string(std::size_t)> random_bytes;  // unguessable
  std::string version;
  std::string environment;  // "test" or "production"
  bool open = false;        // access = "open": from loopback no token is asked, the caller is admin

  // Structure of a resource that somebody writes through /fhir: errors refuse it (422).
  std::function<void(const node::Tree& resource, Issues& issues)> validate = {};
  // Which identities may enter this environment (safety rule 10).
  const pipeline::Policy* policy = nullptr;
  std::function<Status(pipeline::Transaction& transaction, const RecordWritten& written)> record_written = {};
  // A document that another one replaces: superseded, with what was derived from it alone (safety rule 4).
  // Gives the references of what was written.
  std::function<Result<std::vector<std::string>>(pipeline::Transaction& transaction,
                                                 const pipeline::ResourceVersion& document)>
      supersede = {};
  std::function<Conversion(std::string bytes)> convert = {};
  std::function<void()> wake_courier = {};      // deliveries are owed (again)
  std::function<Status()> ready = {};           // or why /health/ready says no
  std::function<std::vector<Sample>()> samples = {};
  std::function<std::vector<FeedStatus>()> feeds = {}, targets = {};
  std::span<const Asset> console = {};
  Users* users = nullptr;  // who may sign in; nullptr: tokens alone
  BenchDesk* bench = nullptr;
  Pace *pace = nullptr, *target_pace = nullptr;  // of the ways in, and of the targets' answers
  Catalogue catalogue = {};  // what findings and causes are said from
};

// Labels that came beside a document over HTTP: "Passerelle-Labels: MASQUE_PS, INVISIBLE_PATIENT" (safety
// rule 3).
inline constexpr std::string_view kLabelsHeader = "Passerelle-Labels";

net::HttpHandler MakeHandler(const Services& services);

// The answer of a server that refuses a request before any route sees it: for net::HttpOptions::refuse.
net::HttpResponse RefusalOf(const Error& error);

}  // namespace passerelle::api
