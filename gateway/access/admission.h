#pragma once
// Admission: which identities and messages may enter this environment at all (safety rule 10). The environment is a
// setting of the installation and never read from a message.

#include <set>
#include <string>

#include "gateway/access/gate.h"
#include "gateway/pipeline/stages.h"

namespace passerelle::access {

class Admission : public pipeline::Policy {
 public:
  // `fictitious_feeds`: feeds whose people are marked as invented, though their INS has a production root.
  Admission(Environment environment, std::set<std::string> fictitious_feeds)
      : environment_(environment), fictitious_feeds_(std::move(fictitious_feeds)) {}

  Status Admit(const pipeline::Frame& frame, pipeline::Prepared& prepared) const override;

 private:
  Status AdmitIdentifier(const pipeline::Frame& frame, std::string_view system, std::string_view value,
                         pipeline::Prepared& prepared) const;

  Environment environment_;
  std::set<std::string> fictitious_feeds_;
};

}  // namespace passerelle::access
