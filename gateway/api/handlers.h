#pragma once
// Handlers: the functions that routes.cpp names, by the part of the gateway they show.

#include "gateway/api/router.h"

namespace passerelle::api {

// service.cpp
// Whether it takes messages in, or why not.
Status Readiness(const Services& services);
Awaitable<Response> Live(Request& request);
Awaitable<Response> Ready(Request& request);
Awaitable<Response> Metrics(Request& request);

// inbox.cpp
Awaitable<Response> Inbox(Request& request);

// messages.cpp
Awaitable<Response> ListMessages(Request& request);
Awaitable<Response> SearchMessages(Request& request);
// message.cpp
Awaitable<Response> OneMessage(Request& request);
Awaitable<Response> RevealMessage(Request& request);
Awaitable<Response> MessageSource(Request& request);
Awaitable<Response> MessageWritten(Request& request);
Awaitable<Response> MessageSandbox(Request& request);
Awaitable<Response> ReplayMessage(Request& request);

// deliveries.cpp
Awaitable<Response> ListDeliveries(Request& request);
Awaitable<Response> ReplayDelivery(Request& request);
Awaitable<Response> ReplayDeliveries(Request& request);

// console_api.cpp
Awaitable<Response> Now(Request& request);
Awaitable<Response> Convert(Request& request);
Awaitable<Response> AuditTrail(Request& request);
Awaitable<Response> Parked(Request& request);
// events.cpp
Awaitable<Response> Events(Request& request);
// patient.cpp
Awaitable<Response> PatientView(Request& request);
// bench.cpp
Awaitable<Response> BenchOverview(Request& request);
Awaitable<Response> OpenBenchRun(Request& request);
Awaitable<Response> OneBenchRun(Request& request);
Awaitable<Response> BenchRunEvents(Request& request);
Awaitable<Response> SendToBenchRun(Request& request);
Awaitable<Response> CloseBenchRun(Request& request);
Awaitable<Response> BenchRunReport(Request& request);
Awaitable<Response> BenchRunInput(Request& request);
Awaitable<Response> BenchRunExchange(Request& request);
Awaitable<Response> EvidenceMatrix(Request& request);
Awaitable<Response> ReplayEvidence(Request& request);
Awaitable<Response> EvidenceArchive(Request& request);
Awaitable<Response> GrantLabel(Request& request);
Awaitable<Response> RevokeLabel(Request& request);
Awaitable<Response> StartCampaign(Request& request);
Awaitable<Response> CampaignFigures(Request& request);
Awaitable<Response> CampaignRuns(Request& request);
// accounts.cpp
Awaitable<Response> SignIn(Request& request);
Awaitable<Response> FirstSignIn(Request& request);
Awaitable<Response> SignOut(Request& request);
Awaitable<Response> WhoAmI(Request& request);
Awaitable<Response> ListTokens(Request& request);
Awaitable<Response> IssueToken(Request& request);
Awaitable<Response> RevokeToken(Request& request);
Awaitable<Response> ListUsers(Request& request);
Awaitable<Response> PutUser(Request& request);
Awaitable<Response> RemoveUser(Request& request);
// console.cpp
Awaitable<Response> ConsolePage(Request& request);
Awaitable<Response> ConsoleFile(Request& request);

namespace fhir {

// capability.cpp
Awaitable<Response> Metadata(Request& request);
// read.cpp
Awaitable<Response> ReadOne(Request& request);
Awaitable<Response> ReadVersion(Request& request);
// history.cpp
Awaitable<Response> HistoryOfOne(Request& request);
Awaitable<Response> HistoryOfType(Request& request);
Awaitable<Response> HistoryOfAll(Request& request);
// search.cpp
Awaitable<Response> Search(Request& request);
Awaitable<Response> SearchByPost(Request& request);
// write.cpp
Awaitable<Response> Create(Request& request);
Awaitable<Response> Update(Request& request);
Awaitable<Response> UpdateIf(Request& request);
Awaitable<Response> Delete(Request& request);
Awaitable<Response> DeleteIf(Request& request);
Awaitable<Response> Patch(Request& request);
Awaitable<Response> PatchIf(Request& request);
// bundle.cpp
Awaitable<Response> Bundle(Request& request);

}  // namespace fhir
}  // namespace passerelle::api
