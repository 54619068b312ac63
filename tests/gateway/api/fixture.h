#pragma once
// The routes over a store of their own, called without a socket.

#include <map>
#include <string>

#include "fhir_model/base/digest.h"
#include "fhir_model/base/errors.h"
#include "fhir_model/json/json.h"
#include "gateway/api/api.h"
#include "tests/gateway/store/fixture.h"
#include "tests/support/pack.h"

namespace passerelle::api {

// Takes every message, maps nothing.
class PlainInput : public pipeline::Input {
 public:
  bool Recognises(const pipeline::Frame&) const override { return true; }
  pipeline::Prepared Prepare(const pipeline::Frame& frame) const override {
    pipeline::Prepared prepared;
    prepared.format = "fhir";
    prepared.control_id = frame.bytes.substr(0, 8);
    prepared.event = "Bundle";
    if (frame.bytes.starts_with("refuse")) prepared.refusal = Error{errors::Base64Malformed};
    return prepared;
  }
  pipeline::Answer Respond(const pipeline::Frame&, const pipeline::Prepared&,
                           const Error* refusal) const override {
    int status = refusal == nullptr ? 200 : refusal->info->http_status;
    return {std::to_string(status), R"({"resourceType":"OperationOutcome"})", status};
  }
  std::optional<pipeline::Answer> RespondToReceipt(const pipeline::Frame&) const override { return std::nullopt; }
};
class PlainPolicy : public pipeline::Policy {
 public:
  Status Admit(const pipeline::Frame&, pipeline::Prepared&) const override { return Ok(); }
};
class PlainRecord : public pipeline::Record {
 public:
  Result<Applied> Apply(pipeline::Transaction& transaction, pipeline::Seq seq, const pipeline::Frame&,
                        const pipeline::Prepared&, Issues&) const override {
    pipeline::Delivery delivery;
    delivery.seq = seq;
    delivery.target = "dpi";
    delivery.lane = "lane";
    delivery.payload = "{}";
    delivery.subject = "Patient/p1";
    delivery.state = "owed";
    TRY(auto id, transaction.Owe(delivery));
    (void)id;
    return Applied{};
  }
};

using Fields = std::map<std::string, std::string>;

struct Api : store::Fixture {
  std::vector<std::unique_ptr<pipeline::Input>> inputs;
  PlainPolicy policy;
  PlainRecord record;
  std::unique_ptr<pipeline::Pipeline> pipeline;
  Tokens tokens;
  std::optional<Services> services;
  net::HttpHandler handler;
  unsigned random = 0;

  explicit Api(std::unique_ptr<store::Indexer> indexer = nullptr) {
    if (indexer) {
      store.reset();
      auto options = Options();
      options.indexer = std::move(indexer);
      store = *store::SqliteStore::Open(std::move(options));
    }
    inputs.push_back(std::make_unique<PlainInput>());
    pipeline = std::make_unique<pipeline::Pipeline>(pipeline::Pipeline::Parts{*store,
                                                                              inputs,
                                                                              policy,
                                                                              record,
                                                                              context.get_executor(),
                                                                              context.get_executor(),
                                                                              [] { return std::string(); }});
    Wait(Resume());
    tokens.SetStanding("standing");
    services.emplace(Services{*store, *pipeline, tests::Pack(), tokens, context.get_executor(),
                              context.get_executor(), [this] { return now; },
                              [this](std::size_t size) { return Random(size); }, "0.1.0", "test"});
    handler = MakeHandler(*services);
  }
  Awaitable<bool> Resume() {
    co_await pipeline->Resume();
    co_return true;
  }
  std::string Random(std::size_t size) {
    auto digest = Sha256(std::to_string(random++));
    return std::string(reinterpret_cast<const char*>(digest.data()), digest.size()).substr(0, size);
  }

  net::HttpResponse Call(std::string method, std::string target, std::string body = {},
                         const Fields& fields = {}, std::string token = "standing") {
    net::HttpRequest request;
    request.method = std::move(method);
    request.target = std::move(target);
    request.headers.Add("Host", "127.0.0.1:8080");
    if (!token.empty()) request.headers.Add("Authorization", "Bearer " + token);
    for (const auto& [name, value] : fields) request.headers.Add(name, value);
    request.body = std::move(body);
    request.peer = {"127.0.0.1", 4711, true, false, {}};
    return Wait(handler(std::move(request)));
  }
  net::HttpResponse Put(std::string reference, std::string json) {
    return Call("PUT", "/fhir/" + reference, std::move(json), {{"Content-Type", "application/fhir+json"}});
  }
  net::HttpResponse Post(std::string target, std::string json) {
    return Call("POST", std::move(target), std::move(json), {{"Content-Type", "application/fhir+json"}});
  }
  // A token of that role.
  void Give(std::string token, Role role, std::string patient = {}, bool may_delete = false) {
    auto all = tokens.All();
    all.push_back({Sha256Hex(token),
                   Caller{std::string(RoleName(role)) + " user", role, std::move(patient), false, may_delete},
                   {}});
    tokens.Take(std::move(all));
  }
  std::vector<pipeline::AuditEntry> Audit() { return *store->Read()->AuditTrail(0, 10'000); }
};

inline node::Tree Parse(const std::string& json) {
  auto tree = json::Parse(json, kFileLimits);
  if (!tree) throw std::runtime_error(tree.error().Text() + ": " + json.substr(0, 200));
  return *std::move(tree);
}
// The text at a path of member names: Text(tree, {"entry", "resource", "id"}).
inline std::string TextAt(const node::Tree& tree, std::initializer_list<std::string_view> names) {
  node::NodeIndex at = node::kRoot;
  for (auto name : names) {
    at = tree.Child(at, name);
    if (at == node::kNone) return {};
  }
  return std::string(tree[at].text);
}
inline std::string IdOf(const net::HttpResponse& response) { return TextAt(Parse(response.body), {"id"}); }
// The code of the error in an OperationOutcome.
inline std::string ErrorOf(const net::HttpResponse& response) {
  return TextAt(Parse(response.body), {"issue", "details", "coding", "code"});
}

}  // namespace passerelle::api
