#pragma once
// Replies: what a sender hears later, at his own listener (`reply_to` of the feed), through the outbox.
//
// A message acknowledged on receipt whose MSH-16 asks for it gets its application acknowledgement. One that
// asks for it (ACK_RECEPTION) gets a ZAM: Y when a target marked `dmp` or `mail` has it, N when that target
// refused it or it was refused here after it had been acknowledged (safety rules 14 and 16).

#include <map>
#include <string>

#include "gateway/app/settings.h"
#include "gateway/pipeline/stages.h"
#include "mappers/hl7v2/business_ack.h"

namespace passerelle::app {

class Replies {
 public:
  explicit Replies(const Settings& settings);

  // For the pipeline: decided_late.
  Status DecidedLate(pipeline::Transaction& transaction, pipeline::Seq seq, const pipeline::Frame& frame,
                     const Error* refusal) const;
  // For the courier: settled.
  Status Settled(pipeline::Transaction& transaction, const pipeline::Delivery& after) const;

 private:
  Status Owe(pipeline::Transaction& transaction, pipeline::Seq seq, const std::string& feed,
             std::string message) const;

  std::map<std::string, std::string, std::less<>>
      feeds_;  // with a listener of their own, and its target's name
  std::map<std::string, hl7v2::Receipt, std::less<>> receipts_;  // targets marked `dmp` or `mail`
};

}  // namespace passerelle::app
