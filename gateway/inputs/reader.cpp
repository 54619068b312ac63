#include "gateway/inputs/reader.h"

#include <algorithm>

#include "fhir_model/base/digest.h"
#include "gateway/inputs/batch.h"
#include "gateway/inputs/errors.h"
#include "gateway/inputs/named.h"
#include "gateway/net/errors.h"
#include "mappers/hl7v2/peek.h"

namespace passerelle::inputs {

using normalise::Normalised;
using pipeline::Frame;
using pipeline::Prepared;
using pipeline::Wholeness;

const Feed& FeedOf(const Feeds& feeds, const Frame& frame) {
  static const Feed kNobody;
  auto it = feeds.find(frame.feed);
  return it == feeds.end() ? kNobody : it->second;
}

namespace {

// What the header says, where the rest will not be read.
Prepared PeekOnly(const Frame& frame, Error refusal) {
  Prepared prepared;
  prepared.refusal = std::move(refusal);
  auto peeked = hl7v2::Peek(frame.bytes);
  if (!peeked.found) return prepared;
  prepared.format = "hl7v2";
  prepared.control_id = peeked.control_id;
  prepared.event = peeked.event();
  prepared.processing_id = peeked.processing_id;
  return prepared;
}

// PV1-3.1: the unit the patient is in.
std::string UnitOf(const node::Tree& source) {
  node::NameId location = source.FindName("PV1-3");
  if (source.format() != node::Format::Hl7v2 || location == 0) return {};
  for (node::NodeIndex i = 0; i < source.size(); ++i)
    if (source[i].name == location) {
      auto first = source.ChildText(i, "PV1-3.1");
      return std::string(source[i].first == node::kNone ? source[i].text : first);
    }
  return {};
}

Prepared PreparedOf(Normalised done) {
  Prepared prepared;
  prepared.format = FormatName(done.format);
  prepared.control_id = std::move(done.control_id);
  prepared.event = std::move(done.event);
  prepared.processing_id = std::move(done.processing_id);
  prepared.refusal = std::move(done.refusal);
  prepared.issues = std::move(done.issues);
  if (done.source) {
    prepared.unit = UnitOf(*done.source);
    prepared.named = NamedIn(*done.source);
  }
  if (done.draft) {
    if (done.source) done.draft->Settle(*done.source);
    prepared.ledger_json = done.draft->ledger.Json();
    prepared.bundle = std::move(done.draft->bundle);
  }
  prepared.patient = std::move(done.patient);
  prepared.documents = std::move(done.documents);
  prepared.merges = std::move(done.merges);
  prepared.to_record = done.to_record;
  prepared.acknowledges = std::move(done.acknowledges);
  return prepared;
}

}  // namespace

void Reader::Use(Run run, std::string digest) {
  auto made = std::make_shared<const Run>(std::move(run));
  std::lock_guard guard(mutex_);
  run_ = std::move(made);
  digest_ = std::move(digest);
}

std::string Reader::digest() const {
  std::lock_guard guard(mutex_);
  return digest_;
}

normalise::Options Reader::OptionsFor(const Feed& feed, std::string scope, std::uint64_t size) const {
  normalise::Options options;
  options.map.id_key = id_key_;
  options.map.scope = std::move(scope);
  options.map.timezone = feed.timezone;
  options.map.authorities = feed.authorities;
  options.limits.input_bytes_max = std::max(options.limits.input_bytes_max, size);
  options.charset = feed.charset;
  options.profile = feed.profile;
  options.mssante = feed.mssante;
  if (feed.mllp) options.format = normalise::Format::Hl7v2;
  return options;
}

Normalised Reader::Normalise(std::string bytes, const normalise::Options& options) const {
  std::shared_ptr<const Run> run;
  {
    std::lock_guard guard(mutex_);
    run = run_;
  }
  return (*run)(std::move(bytes), options);
}

Normalised Reader::Normalise(std::string bytes, const Feed& feed) const {
  auto options = OptionsFor(feed, Sha256Hex(bytes), bytes.size());
  return Normalise(std::move(bytes), options);
}

// Abridged if that will do, else as a whole: then it costs memory of its size.
Result<Normalised> Reader::NormaliseLarge(const pipeline::Spool& large, const std::string& abridged,
                                          normalise::Options options) const {
  options.long_values = &large.values();
  if (large.faithful()) {
    auto done = Normalise(abridged, options);
    if (!done.whole_needed) return done;
  }
  static const normalise::LongValues kNothingTaken;
  options.long_values = &kNothingTaken;
  TRY(auto whole, large.Read(0, large.size()));
  return Normalise(std::move(whole), options);
}

Prepared Reader::Read(const Frame& frame, const Feed& feed) const {
  // Half a message could still be read, as another message than the sender meant.
  if (frame.wholeness == Wholeness::Beginning) return PeekOnly(frame, Error{errors::FrameTooLarge});
  if (frame.wholeness == Wholeness::Unfinished) return PeekOnly(frame, Error{errors::FrameIncomplete});
  if (IsEnvelope(frame.bytes)) return PrepareEnvelope(frame);
  if (frame.large == nullptr) {
    auto options = OptionsFor(feed, Sha256Hex(frame.bytes), frame.bytes.size());
    options.labels = frame.labels;
    return PreparedOf(Normalise(frame.bytes, options));
  }
  auto options = OptionsFor(feed, Hex(frame.large->sha256()), frame.large->size());
  options.labels = frame.labels;
  auto done = NormaliseLarge(*frame.large, frame.bytes, std::move(options));
  return done ? PreparedOf(*std::move(done)) : PeekOnly(frame, done.error());
}

}  // namespace passerelle::inputs
