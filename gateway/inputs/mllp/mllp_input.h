#pragma once
// MllpInput: what comes over MLLP, whatever it is, and its answers in HL7 v2 (safety rules 13 to 15).
//
// Original mode (MSH-15 and -16 empty): one AA, AE or AR. Enhanced mode: with ack = "commit" CA on receipt
// where MSH-15 asks for it; else the application acknowledgement where MSH-16 asks for it, or the accept
// acknowledgement where only MSH-15 does. An incoming acknowledgement is never answered.

#include "gateway/inputs/reader.h"
#include "mappers/hl7v2/ack.h"

namespace passerelle::inputs {

class MllpInput : public pipeline::Input {
 public:
  MllpInput(const Reader& reader, const Feeds& feeds) : reader_(reader), feeds_(feeds) {}

  bool Recognises(const pipeline::Frame& frame) const override;
  pipeline::Prepared Prepare(const pipeline::Frame& frame) const override;
  pipeline::Answer Respond(const pipeline::Frame& frame, const pipeline::Prepared& prepared,
                           const Error* refusal) const override;
  std::optional<pipeline::Answer> RespondToReceipt(const pipeline::Frame& frame) const override;
  std::vector<std::string> Split(const pipeline::Frame& frame) const override;
  std::string Envelope(const pipeline::Frame& frame) const override;
  pipeline::Answer Join(const pipeline::Frame& frame,
                        const std::vector<pipeline::Answer>& answers) const override;

 private:
  const Reader& reader_;
  const Feeds& feeds_;
};

// For a message of ours at `now` (ISO 8601 UTC): its time and a control id made of `naming`, the same for the
// same.
hl7v2::AckOptions AckOptionsFor(std::string_view now, std::string_view naming);

}  // namespace passerelle::inputs
