#pragma once
// HttpInput: what comes by POST /inbox or lies in a folder, in any format, answered by an OperationOutcome.
// Asked last: it takes whatever nobody else did, so that the sender of no known format is told so.

#include "gateway/inputs/reader.h"

namespace passerelle::inputs {

class HttpInput : public pipeline::Input {
 public:
  HttpInput(const Reader& reader, const Feeds& feeds) : reader_(reader), feeds_(feeds) {}

  bool Recognises(const pipeline::Frame&) const override { return true; }
  pipeline::Prepared Prepare(const pipeline::Frame& frame) const override;
  pipeline::Answer Respond(const pipeline::Frame& frame, const pipeline::Prepared& prepared,
                           const Error* refusal) const override;
  std::optional<pipeline::Answer> RespondToReceipt(const pipeline::Frame&) const override {
    return std::nullopt;
  }
  std::vector<std::string> Split(const pipeline::Frame& frame) const override;
  std::string Envelope(const pipeline::Frame& frame) const override;
  pipeline::Answer Join(const pipeline::Frame& frame,
                        const std::vector<pipeline::Answer>& answers) const override;

 private:
  const Reader& reader_;
  const Feeds& feeds_;
};

}  // namespace passerelle::inputs
