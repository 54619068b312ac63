#pragma once
// The words that the path of one message is told in: what each stage takes and gives.

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "fhir_model/base/issue.h"
#include "gateway/net/http.h"
#include "gateway/pipeline/spool.h"

namespace passerelle::pipeline {

// What the sender gets back. Bytes are decided in the transaction that decides the outcome and repeated as
// they are.
struct Answer {
  std::string code;   // MSA-1 or HTTP status
  std::string bytes;  // the whole acknowledgement, or the HTTP body; empty where nothing is answered
  int http_status = 200;
};

// Whether the transport saw the whole message. What it did not is kept and refused, never read as if it were one.
enum class Wholeness : std::uint8_t {
  Whole,
  Unfinished,  // the connection ended, or a new frame began, before it did
  Beginning,   // larger than the feed allows: the first bytes of it, as evidence
};

// One message as it came in, before anybody looked at it.
struct Frame {
  std::string feed;  // the feed's name in the configuration, "http", or a folder's name
  std::string
      sender;  // who sent it, for telling repeats: client certificate name, else token's or feed's name
  std::string content_type;         // of HTTP, else empty
  std::vector<std::string> labels;  // masks that came beside the document: HTTP header, folder's sidecar
  net::Peer peer;
  std::string bytes;  // abridged, where the whole message stands in a file
  std::shared_ptr<Spool> large;
  // ack = "commit": the acknowledgement decided on receipt (by the pipeline), kept with the bytes and repeated to a
  // repeat.
  std::optional<Answer> commit_answer;
  std::string received;  // ISO 8601 UTC with milliseconds, from the clock that is passed in
  Wholeness wholeness = Wholeness::Whole;
};

// An identifier of a patient as a message has it; the system as FHIR writes it ("urn:oid:1.2"), or empty.
struct Identifier {
  std::string system, value;
};

// States of a message (interfaces.md, HTTP).
enum class State : std::uint8_t { Kept, Stored, Refused, Withheld, Delivered, Parked };
std::string_view StateName(State state);  // "kept" ...
std::optional<State> StateNamed(std::string_view name);

}  // namespace passerelle::pipeline
