#pragma once
// Mssante: which flags of a transmission may stand together when it is to be sent by secure mail (TC 2.1,
// management rules of MSSanté). The published rules call any other combination an error, and official
// examples break them: whether that refuses a message is a setting of the feed.

#include <cstdint>

#include "fhir_model/base/issue.h"
#include "fhir_model/base/result.h"
#include "fhir_model/node/tree.h"

namespace passerelle::normalise {

enum class MssanteRule : std::uint8_t { Warn, Refuse };

// A message that asks for no mail is not looked at. ExchangeNotAllowed where `rule` refuses, else a finding.
Status CheckMssante(const node::Tree& message, MssanteRule rule, Issues& issues);

}  // namespace passerelle::normalise
