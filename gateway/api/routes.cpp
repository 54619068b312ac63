// Every address of the gateway and who may call it: one line a route. Literals stand before names.

#include "gateway/api/handlers.h"

namespace passerelle::api {
namespace {

constexpr Roles kAnyone;
constexpr Roles kSenders = {Role::Feed, Role::Operator, Role::Admin};
constexpr Roles kWatchers = {Role::Operator, Role::Auditor, Role::Admin};
constexpr Roles kOperators = {Role::Operator, Role::Admin};
constexpr Roles kReaders = {Role::Care, Role::Patient, Role::Admin};
constexpr Roles kWriters = {Role::Care, Role::Admin};
constexpr Roles kAdmins = {Role::Admin};
constexpr Roles kConverters = {Role::Operator, Role::Vendor, Role::Auditor, Role::Admin};
constexpr Roles kAuditors = {Role::Auditor, Role::Admin};
constexpr Roles kExaminers = {Role::Vendor, Role::Auditor, Role::Admin};
constexpr Roles kEverybody = {Role::Feed, Role::Operator, Role::Vendor, Role::Auditor,
                              Role::Care, Role::Patient,  Role::Admin};

constexpr Route kRoutes[] = {
    {"GET", "/health/live", kAnyone, true, Live},
    {"GET", "/health/ready", kAnyone, true, Ready},
    {"GET", "/metrics", kWatchers, false, Metrics},
    {"POST", "/inbox", kSenders, false, Inbox},

    {"GET", "/messages", kWatchers, false, ListMessages},
    {"GET", "/messages/{seq}", kWatchers, false, OneMessage},
    {"GET", "/deliveries", kWatchers, false, ListDeliveries},
    {"POST", "/deliveries/replay", kOperators, false, ReplayDeliveries},
    {"POST", "/deliveries/{id}/replay", kOperators, false, ReplayDelivery},

    {"GET", "/api/messages", kWatchers, false, ListMessages},
    {"POST", "/api/messages/_search", kWatchers, false, SearchMessages},
    {"GET", "/api/messages/{seq}", kWatchers, false, OneMessage},
    {"POST", "/api/messages/{seq}/reveal", kOperators, false, RevealMessage},
    {"GET", "/api/messages/{seq}/source", kOperators, false, MessageSource},
    {"GET", "/api/messages/{seq}/written", kOperators, false, MessageWritten},
    {"POST", "/api/messages/{seq}/sandbox", kOperators, false, MessageSandbox},
    {"POST", "/api/messages/{seq}/replay", kOperators, false, ReplayMessage},
    {"GET", "/api/deliveries", kWatchers, false, ListDeliveries},
    {"POST", "/api/deliveries/replay", kOperators, false, ReplayDeliveries},
    {"POST", "/api/deliveries/{id}/replay", kOperators, false, ReplayDelivery},

    {"GET", "/api/now", kWatchers, false, Now},
    {"GET", "/api/events", kWatchers, false, Events},
    {"GET", "/api/parked", kWatchers, false, Parked},
    {"POST", "/api/convert", kConverters, false, Convert},
    {"GET", "/api/audit", kAuditors, false, AuditTrail},
    {"GET", "/api/patients/{id}", kReaders, false, PatientView},
    {"GET", "/api/bench", kExaminers, false, BenchOverview},
    {"POST", "/api/bench/runs", kExaminers, false, OpenBenchRun},
    {"GET", "/api/bench/runs/{id}", kExaminers, false, OneBenchRun},
    {"GET", "/api/bench/runs/{id}/events", kExaminers, false, BenchRunEvents},
    {"POST", "/api/bench/runs/{id}/messages", kExaminers, false, SendToBenchRun},
    {"POST", "/api/bench/runs/{id}/close", kExaminers, false, CloseBenchRun},
    {"GET", "/api/bench/runs/{id}/report", kExaminers, false, BenchRunReport},
    {"GET", "/api/bench/runs/{id}/inputs/{sha256}", kExaminers, false, BenchRunInput},
    {"GET", "/api/bench/runs/{id}/messages/{number}", kExaminers, false, BenchRunExchange},
    {"GET", "/api/evidence", kExaminers, false, EvidenceMatrix},
    {"POST", "/api/evidence/replay", kExaminers, false, ReplayEvidence},
    {"GET", "/api/evidence/archive", kAuditors, false, EvidenceArchive},
    {"POST", "/api/evidence/labels", kAuditors, false, GrantLabel},
    {"POST", "/api/evidence/labels/{id}/revoke", kAuditors, false, RevokeLabel},
    {"GET", "/api/campaign", kAuditors, false, CampaignFigures},
    {"POST", "/api/campaign", kAuditors, false, StartCampaign},
    {"GET", "/api/campaign/events", kAuditors, false, CampaignRuns},
    {"GET", "/api/session", kEverybody, false, WhoAmI},
    {"POST", "/api/session", kAnyone, true, SignIn},
    {"POST", "/api/session/first", kAnyone, true, FirstSignIn},
    {"DELETE", "/api/session", kEverybody, false, SignOut},
    {"GET", "/api/tokens", kAdmins, false, ListTokens},
    {"POST", "/api/tokens", kAdmins, false, IssueToken},
    {"DELETE", "/api/tokens/{name}", kAdmins, false, RevokeToken},
    {"GET", "/api/users", kAdmins, false, ListUsers},
    {"PUT", "/api/users/{name}", kAdmins, false, PutUser},
    {"DELETE", "/api/users/{name}", kAdmins, false, RemoveUser},

    {"GET", "/fhir/metadata", kAnyone, true, fhir::Metadata},
    {"GET", "/fhir/_history", kAdmins, false, fhir::HistoryOfAll},
    {"POST", "/fhir", kWriters, false, fhir::Bundle},
    {"GET", "/fhir/{type}", kReaders, false, fhir::Search},
    {"POST", "/fhir/{type}", kWriters, false, fhir::Create},
    {"PUT", "/fhir/{type}", kWriters, false, fhir::UpdateIf},
    {"PATCH", "/fhir/{type}", kWriters, false, fhir::PatchIf},
    {"DELETE", "/fhir/{type}", kWriters, false, fhir::DeleteIf},
    {"POST", "/fhir/{type}/_search", kReaders, false, fhir::SearchByPost},
    {"GET", "/fhir/{type}/_history", kAdmins, false, fhir::HistoryOfType},
    {"GET", "/fhir/{type}/{id}", kReaders, false, fhir::ReadOne},
    {"PUT", "/fhir/{type}/{id}", kWriters, false, fhir::Update},
    {"PATCH", "/fhir/{type}/{id}", kWriters, false, fhir::Patch},
    {"DELETE", "/fhir/{type}/{id}", kWriters, false, fhir::Delete},
    {"GET", "/fhir/{type}/{id}/_history", kReaders, false, fhir::HistoryOfOne},
    {"GET", "/fhir/{type}/{id}/_history/{version}", kReaders, false, fhir::ReadVersion},

    {"GET", "/", kAnyone, true, ConsolePage},
    {"GET", "/{file}", kAnyone, true, ConsoleFile},
};

}  // namespace

std::span<const Route> Routes() { return kRoutes; }

}  // namespace passerelle::api
