#pragma once
// Refuses HTTP requests whose headers leave room for two readings of where the body ends.
//
// Boost 1.81's parser (Beast 345) takes "Transfer-Encoding: identity", a coding list that does not end in chunked,
// chunked in HTTP/1.0, and none or several Host headers; later versions of Beast refuse most of these. A proxy in front
// of us that reads them otherwise would let one sender's bytes become another sender's request.

#include <boost/beast/http/fields.hpp>

#include "fhir_model/base/result.h"

namespace passerelle::net {

// `version` is Beast's: 10 for HTTP/1.0, 11 for HTTP/1.1. FrameAmbiguous, HostMissing.
Status CheckFraming(const boost::beast::http::fields& headers, unsigned version);

}  // namespace passerelle::net
