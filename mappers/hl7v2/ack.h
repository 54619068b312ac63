#pragma once
// Acknowledgements: when one is due, and its bytes (HL7 v2.5.1, 2.9; the French profile "Transmission de document(s)
// CDA en HL7v2" 2.1 for what it holds).

#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "fhir_model/base/error.h"
#include "fhir_model/base/issue.h"
#include "mappers/hl7v2/peek.h"

namespace passerelle::hl7v2 {

// AA understood and integrated, AE the content must change, AR circumstances, may be sent again; CA, CE and CR say the
// same of keeping the message.
enum class AckCode : std::uint8_t { AA, AE, AR, CA, CE, CR };
std::string_view AckCodeText(AckCode code);
std::optional<AckCode> AckCodeNamed(std::string_view text);
inline bool Accepts(AckCode code) { return code == AckCode::AA || code == AckCode::CA; }

// Table 0155, in MSH-15 and MSH-16.
enum class AckCondition : std::uint8_t { Always, Never, OnError, OnSuccess };

// What the sender wants to hear. Original mode (both fields empty): one application acknowledgement, always.
struct AckPlan {
  bool enhanced = false;
  AckCondition accept = AckCondition::Never;         // on receipt, CA CE CR
  AckCondition application = AckCondition::Always;  // after processing, AA AE AR
};
AckPlan PlanAck(const Peeked& message);
bool IsDue(AckCondition condition, bool success);

// One ERR segment. A finding's text may hold a patient's data and therefore never goes into one; a rule's sentence
// without its arguments would be no help, so findings are told by rule id and place.
struct AckError {
  std::string place;     // "PID-3[2].4": ERR-2
  std::string v2_error;  // table 0357: ERR-3
  std::string severity = "E";           // table 0516: ERR-4
  std::string application_code;         // ERR-5, with its components; only where a profile asks for one
  std::string diagnostic;               // ERR-7: our stable code and its name
  std::string sentence;                 // ERR-8
};
AckError ErrorOf(const Error& error, Language language = Language::French);
AckError ErrorOf(const Issue& issue);

struct AckOptions {
  std::string now;          // MSH-7, as DTM: "20240306111154.123+0100"
  std::string control_id;   // MSH-10 of the acknowledgement
  std::string application;  // MSH-3 and MSH-4 where the message names no receiver
  std::string facility;
};

// Bytes in the character set of the message, segments ended by CR. Sender and receiver are swapped, MSH-11,
// -12, -17 and -18 are those of the message, MSH-21 is left out. Before v2.5 errors stand in ERR-1 and the
// sentence in MSA-3.
std::string BuildAck(const Peeked& message, AckCode code, std::span<const AckError> errors,
                     const AckOptions& options);

// Text of table 0357 for a code ("207" -> "Application internal error"); empty for others.
std::string_view V2ErrorText(std::string_view code);

}  // namespace passerelle::hl7v2
