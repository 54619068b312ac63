#pragma once
// Request: one HTTP request on its way through a route: who calls, what the route's pattern caught, what the
// query says. Lives as long as its handler runs; one coroutine at a time.

#include <string>
#include <string_view>
#include <vector>

#include "gateway/api/api.h"
#include "gateway/api/query.h"
#include "gateway/api/sayings.h"

namespace passerelle::api {

struct State;  // what requests share: state.h

struct Request {
  const Services& services;
  State& state;
  net::HttpRequest http;
  Caller caller;
  std::vector<std::string> caught;  // the {…} of the pattern, in order, decoded
  Parameters query;
  std::string session;  // the word of the session the caller came with, or empty

  Language language() const;  // French when Accept-Language puts it first
  Sayings sayings() const { return {services.catalogue, language()}; }
  // "http://127.0.0.1:8080/fhir", as this client addresses us.
  std::string FhirBase() const;
  // Why the caller looks: the header Purpose-Of-Use, else the usual purpose of the role (v3 ActReason).
  std::string Purpose() const;
};

using Response = Result<net::HttpResponse>;

// Formats in which a resource can be wanted or sent.
enum class Wire : std::uint8_t { Json, Xml };
struct Wanted {
  Wire wire = Wire::Json;
  bool resource =
      false;  // a FHIR format was asked for by name: the resource itself, not the bytes in a Binary
  std::string_view type;  // the content type to answer with
};
// By _format, else Accept (R4, 3.1.0.1.11). NotAcceptable.
Result<Wanted> WantedFormat(const Request& request);

// "return" or "handling" of Prefer (RFC 7240): "minimal", "representation", "OperationOutcome", "strict", ...
std::string_view Preference(const Request& request, std::string_view name);

// The body as a typed resource, in JSON or XML by its content type. MediaUnsupported, BodyNotResource, and
// what the readers say.
Result<node::Tree> ParseBody(const Request& request);
Result<node::Tree> ParseResource(const Request& request, std::string body, std::string_view content_type);

// True when a content type names FHIR JSON or XML.
bool IsFhirType(std::string_view content_type);

}  // namespace passerelle::api
