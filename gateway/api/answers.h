#pragma once
// Answers: HTTP responses as the routes give them.

#include <string>
#include <string_view>

#include "gateway/api/request.h"

namespace passerelle::api {

net::HttpResponse JsonAnswer(int status, std::string json);
net::HttpResponse TextAnswer(int status, std::string_view content_type, std::string text);

// An OperationOutcome in the caller's format and language. Nothing of what the sender wrote is in it but
// places.
net::HttpResponse ErrorAnswer(const Request& request, const Error& error);
net::HttpResponse OutcomeAnswer(const Request& request, int status, std::string outcome_json);

// A resource that stands as JSON, in the format the caller wants.
Response ResourceAnswer(const Request& request, int status, std::string_view resource_json);
// The same for one version: with ETag, Last-Modified and, if it is new, Location.
Response VersionAnswer(const Request& request, int status, const pipeline::ResourceVersion& version);
void SetVersionHeaders(const Request& request, const pipeline::ResourceVersion& version,
                       net::HttpResponse& response);

// A version as it stands in a Bundle: a Binary whose data are too large for that is without them, and tagged SUBSETTED.
Result<std::string> InBundle(const pipeline::ResourceVersion& version);

std::string EtagOf(std::int64_t version);  // W/"3"
// "2026-03-01T12:00:00.000Z" -> "Sun, 01 Mar 2026 12:00:00 GMT" (RFC 9110, 5.6.7)
std::string HttpDate(std::string_view iso_utc);
// The clock's time, or so far ahead of it, as the store writes it.
std::string IsoNow(const Services& services, std::chrono::milliseconds ahead = {});

}  // namespace passerelle::api
