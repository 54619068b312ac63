#pragma once
// Normalise: from any sender's bytes to a draft in FHIR R4 with its ledger and the facts the gateway needs.
// What a message carries inside (a CDA in OBX-5, a document in a Bundle) is unwrapped and mapped with it.
//
// A pure function of bytes, tables and options: no clock, no disk, no network. Safe from any thread.

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "fhir_model/base/issue.h"
#include "fhir_model/base/limits.h"
#include "mappers/engine/engine.h"
#include "mappers/hl7v2/charset.h"
#include "mappers/normalise/facts.h"
#include "mappers/normalise/long_values.h"
#include "mappers/normalise/mssante.h"

namespace passerelle::normalise {

enum class Format : std::uint8_t { Unknown, Hl7v2, Cda, Fhir };
std::string_view FormatName(Format format);  // "hl7v2", "cda", "fhir"; empty for Unknown
Format Detect(std::string_view bytes);

struct Options {
  engine::MapOptions map;  // ids, zone, authorities
  Limits limits = kWireLimits;
  std::optional<hl7v2::Charset> charset;  // of the feed
  std::string profile;                    // of the feed, else MSH-21: which rules of a transport profile bind
  MssanteRule mssante = MssanteRule::Warn;  // of the feed
  Format format = Format::Unknown;        // Unknown: detect
  std::vector<std::string> labels;        // masks that came beside the document (HTTP header, sidecar)
  // The message comes abridged, and these are the values that were taken out; the draft has their tokens.
  const LongValues* long_values = nullptr;
};

// With `refusal` set the rest may be empty; what was found before it is kept.
struct Normalised {
  Format format = Format::Unknown;
  std::string control_id, event, processing_id;
  std::optional<Error> refusal;
  Issues issues;
  std::optional<node::Tree> source;  // the message or document as it was read
  std::optional<engine::Draft> draft;
  std::optional<PatientFacts> patient;
  std::vector<DocumentFacts> documents;
  std::vector<MergeFacts> merges;  // in the order of the message
  std::optional<bool> to_record;  // DESTDMP, where the message carries it: whether that says Y
  std::string acknowledges;  // an incoming acknowledgement: MSA-2
  bool whole_needed = false;  // an abridged message cannot be read as one: come back with the whole, the rest is void
};

class Normaliser {
 public:
  Normaliser(engine::Program program, spec::Definitions definitions)
      : program_(std::move(program)), definitions_(std::move(definitions)) {}

  // A large message is abridged here if it is not yet, so that it reads the same whatever way it came.
  Normalised Run(std::string bytes, const Options& options) const;
  const engine::Program& program() const { return program_; }

 private:
  Normalised RunAsGiven(std::string bytes, const Options& options) const;

  engine::Program program_;
  spec::Definitions definitions_;
};

// The draft's Bundle (type collection) as what `convert` and targets want. Documents are large: it is the draft's own
// tree, changed, so whoever wants the ledger settles it before.
enum class BundleForm : std::uint8_t { Transaction, Document };
Result<node::Tree> BundleAs(engine::Draft&& draft, BundleForm form);

}  // namespace passerelle::normalise
