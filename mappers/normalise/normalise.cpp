#include "mappers/normalise/normalise.h"

#include "mappers/normalise/errors.h"
#include "mappers/normalise/inputs.h"

namespace passerelle::normalise {

Normalised Normaliser::Run(std::string bytes, const Options& options) const {
  Normalised out;
  out.format = options.format == Format::Unknown ? Detect(bytes) : options.format;
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
