#include "mappers/normalise/normalise.h"

#include "mappers/normalise/errors.h"
#include "mappers/normalise/inputs.h"

namespace passerelle::normalise {

Normalised Normaliser::Run(std::string bytes, const Options& options) const {
  if (options.long_values != nullptr || bytes.size() < kAbridgedMin) return RunAsGiven(std::move(bytes), options);
  Abridger abridger;
  abridger.Add(bytes);
  abridger.End();
  if (abridger.faithful() && !abridger.values().empty()) {
    Options abridged = options;
    abridged.long_values = &abridger.values();
    auto out = RunAsGiven(abridger.TakeText(), abridged);
    if (out.draft && !out.whole_needed) PutValues(out.draft->bundle, abridger.values(), bytes);
    if (!out.whole_needed) return out;
  }
  return RunAsGiven(std::move(bytes), options);
}

Normalised Normaliser::RunAsGiven(std::string bytes, const Options& options) const {
  Normalised out;
  out.format = options.format == Format::Unknown ? Detect(bytes) : options.format;
  bool abridged = options.long_values != nullptr && !options.long_values->empty();
  out.whole_needed = abridged && out.format != Format::Hl7v2;
  if (out.whole_needed) return out;
  switch (out.format) {
    case Format::Hl7v2: NormaliseMessage(program_, std::move(bytes), options, out); break;
    case Format::Cda: NormaliseDocument(program_, std::move(bytes), options, out); break;
    case Format::Fhir: NormaliseResource(definitions_, std::move(bytes), options, out); break;
    case Format::Unknown: out.refusal = Error{errors::FormatNotKnown}; break;
  }
  bool mapped = out.format == Format::Hl7v2 || out.format == Format::Cda;
  if (mapped && out.draft && !out.refusal) program_.Complete(*out.draft);
  return out;
}

}  // namespace passerelle::normalise
