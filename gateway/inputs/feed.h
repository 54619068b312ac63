#pragma once
// What the owner of a feed said of it, as far as reading and answering need it.

#include <map>
#include <optional>
#include <string>

#include "gateway/pipeline/message.h"
#include "mappers/hl7v2/charset.h"
#include "mappers/normalise/mssante.h"

namespace passerelle::inputs {

struct Feed {
  bool mllp = false;  // its messages are answered by acknowledgements, else by an OperationOutcome
  bool acknowledge_on_commit = false;
  std::optional<hl7v2::Charset> charset;
  std::string profile;
  normalise::MssanteRule mssante = normalise::MssanteRule::Warn;
  std::string timezone;
  std::map<std::string, std::string> authorities;
};
using Feeds = std::map<std::string, Feed, std::less<>>;  // by name; never changed while the gateway runs

// The feed a frame came by; a feed without settings where its name is unknown.
const Feed& FeedOf(const Feeds& feeds, const pipeline::Frame& frame);

}  // namespace passerelle::inputs
