#include "gateway/record/deliveries.h"

#include <algorithm>
#include <unordered_set>

#include "fhir_model/base/digest.h"
#include "fhir_model/base/limits.h"
#include "fhir_model/json/json.h"

namespace passerelle::record {
namespace {

using node::Children;
using node::kNone;
using node::kRoot;
using node::NodeIndex;
using node::Tree;

std::string_view TypeOf(std::string_view reference) { return reference.substr(0, reference.find('/')); }
std::string_view IdOf(std::string_view reference) { return reference.substr(reference.find('/') + 1); }

// "system|value" of the first identifier, for If-None-Exist; empty without one.
std::string FirstIdentifier(const Tree& tree) {
  NodeIndex identifier = tree.Child(kRoot, "identifier");
  if (identifier == kNone) identifier = tree.Child(kRoot, "masterIdentifier");
  if (identifier == kNone) return {};
  return std::string(tree.ChildText(identifier, "system")) + "|" + std::string(tree.ChildText(identifier, "value"));
}

// Data that stand in a message are the last element of their Binary, and go in on the way out.
void WriteData(const pipeline::Content& content, Payload& out) {
  out.text.pop_back();  // its closing brace
  out.text += ",\"data\":\"";
  out.inserts.push_back({out.text.size(), content.base64});
  out.text += content.padding + "\"}";
}

void WriteEntry(std::string_view reference, const Tree& resource, const std::optional<pipeline::Content>& content,
                std::string_view write, Payload& payload) {
  std::string& out = payload.text;
  std::string identifier = write == "post-if-none-exist" ? FirstIdentifier(resource) : std::string();
  bool create = !identifier.empty();
  out += "{\"fullUrl\":";
  json::WriteString("urn:uuid:" + std::string(IdOf(reference)), out);
  out += ",\"resource\":";
  json::Write(resource, kRoot, false, out);
  if (content) WriteData(*content, payload);
  out += ",\"request\":{\"method\":";
  out += create ? "\"POST\",\"url\":" : "\"PUT\",\"url\":";
  json::WriteString(create ? TypeOf(reference) : reference, out);
  if (create) {
    out += ",\"ifNoneExist\":";
    json::WriteString("identifier=" + identifier, out);
  }
  out += "}}";
}

// References to what the Bundle itself carries become its fullUrls, so that any server can place them.
void PointInside(Tree& tree, const std::unordered_set<std::string_view>& carried) {
  for (NodeIndex i = 0; i < tree.size(); ++i) {
    node::Node& n = tree[i];
    if (n.kind == node::Kind::String && carried.contains(n.text))
      n.text = tree.Keep("urn:uuid:" + std::string(IdOf(n.text)));
  }
}

std::string Lane(const Settings& settings, std::string_view patient) {
  auto digest = HmacSha256(settings.lane_key, patient);
  return Hex({reinterpret_cast<const char*>(digest.data()), 8});
}

Result<std::vector<std::string>> Versions(const Owing& owing) {
  std::vector<std::string> versions;
  for (const auto& reference : owing.written) {
    if (auto known = owing.versions.find(reference); known != owing.versions.end()) {
      versions.push_back(reference + "/_history/" + std::to_string(known->second));
      continue;
    }
    TRY(auto version, owing.transaction.Read(TypeOf(reference), IdOf(reference)));
    if (version) versions.push_back(reference + "/_history/" + std::to_string(version->version));
  }
  return versions;
}

bool Names(const std::vector<std::string>& names, std::string_view name) {
  return std::find(names.begin(), names.end(), name) != names.end();
}

// The target's own routing, and the environment's. What is no HL7 v2 cannot go by MLLP.
bool Wants(const TargetSettings& target, const Owing& owing) {
  if (target.production && owing.settings.environment != access::Environment::Production) return false;
  if (target.kind == "mllp" && owing.prepared.format != "hl7v2") return false;
  if (owing.prepared.format == "hl7v2-batch") return false;  // its messages go, each on its own
  std::string_view event = owing.prepared.event;
  if (!target.messages.empty() && !Names(target.messages, event) &&
      !Names(target.messages, event.substr(0, event.find('^'))))
    return false;
  return (target.feeds.empty() || Names(target.feeds, owing.frame.feed)) &&
         (target.units.empty() || Names(target.units, owing.prepared.unit));
}

// Messages about who somebody is, and where, must not be overtaken: while one of them is parked the patient's later
// ones wait.
bool LaneWaits(std::string_view event) { return event.starts_with("ADT"); }

Status Owe(const Owing& owing, const TargetSettings& target, Payload payload) {
  pipeline::Delivery delivery;
  delivery.seq = owing.seq;
  delivery.target = target.name;
  delivery.lane = Lane(owing.settings, owing.patient.empty() ? owing.frame.sender : owing.patient);
  delivery.payload = std::move(payload.text);
  delivery.inserts = std::move(payload.inserts);
  delivery.subject = owing.patient;
  delivery.state = "owed";
  delivery.next_try = owing.frame.received;
  delivery.lane_waits = LaneWaits(owing.prepared.event);
  TRY(auto id, owing.transaction.Owe(delivery));
  (void)id;
  return Ok();
}

constexpr std::size_t kHeadBytes = 64u << 10;  // in which a message says what it is

// The bytes as they came; of a large message the first, and the rest in its file.
Result<Payload> WholeMessage(const pipeline::Frame& frame) {
  if (frame.large == nullptr) return Payload{frame.bytes, {}};
  TRY(auto head, frame.large->Read(0, kHeadBytes));
  pipeline::BodySlice rest{std::string(frame.large->sha256()), head.size(), frame.large->size() - head.size()};
  std::uint64_t at = head.size();
  return Payload{std::move(head), {{at, std::move(rest)}}};
}

Status PassOn(const Owing& owing) {
  for (const auto& target : owing.settings.targets)
    if (!target.IsRecordStore() && Wants(target, owing)) {
      TRY(auto payload, WholeMessage(owing.frame));
      CHECK_OK(Owe(owing, target, std::move(payload)));
    }
  return Ok();
}

}  // namespace

Result<Payload> TransactionBundle(pipeline::Transaction& transaction, const std::vector<std::string>& resources,
                                      std::string_view write) {
  Payload out{"{\"resourceType\":\"Bundle\",\"type\":\"transaction\",\"entry\":[", {}};
  const std::unordered_set<std::string_view> carried(resources.begin(), resources.end());
  bool first = true;
  for (const auto& reference : resources) {
    TRY(auto version, transaction.Read(TypeOf(reference), IdOf(reference)));
    if (!version || version->deleted) continue;
    TRY(auto tree, json::Parse(version->json, kFileLimits));
    if (NodeIndex meta = tree.Child(kRoot, "meta"); meta != kNone) {
      for (std::string_view own : {"versionId", "lastUpdated"})
        if (NodeIndex child = tree.Child(meta, own); child != kNone) tree.Remove(child);
      if (tree[meta].first == kNone) tree.Remove(meta);
    }
    PointInside(tree, carried);
    if (!first) out.text += ',';
    first = false;
    WriteEntry(reference, tree, version->content, write, out);
  }
  out.text += "]}";
  return out;
}

Result<Left> OweDeliveries(const Owing& owing) {
  Left left;
  CHECK_OK(PassOn(owing));
  TRY(left.versions, Versions(owing));
  if (owing.patient.empty() || owing.written.empty()) return left;
  TRY(auto facts, access::ReadGateFacts(access::ReaderOf(owing.transaction), owing.patient));
  facts.to_record = owing.prepared.to_record;
  facts.retracted = owing.retracted;
  auto verdict = access::AskGate(facts, owing.settings.environment);
  if (!verdict.open()) {
    left.state = pipeline::State::Withheld;
    left.cause = verdict.reason;
    return left;
  }
  for (const auto& target : owing.settings.targets) {
    if (!target.IsRecordStore() || !Wants(target, owing)) continue;
    // MLLP carries no Bundle.
    auto payload = target.kind == "mllp" ? WholeMessage(owing.frame)
                                         : TransactionBundle(owing.transaction, owing.written, target.write);
    if (!payload) return payload.error();
    CHECK_OK(Owe(owing, target, *std::move(payload)));
  }
  return left;
}

}  // namespace passerelle::record
