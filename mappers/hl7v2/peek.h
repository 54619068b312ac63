#pragma once
// Peek: what the header says, read in a few hundred nanoseconds, also from a message that cannot be read otherwise.
// An acknowledgement needs no more.

#include <string>
#include <string_view>

#include "fhir_model/base/result.h"
#include "mappers/hl7v2/charset.h"
#include "mappers/hl7v2/delimiters.h"

namespace passerelle::hl7v2 {

// Values as they are written, in UTF-8; empty where the message has none.
struct Peeked {
  bool found = false;  // a line that begins with MSH
  Delimiters delimiters;
  std::string encoding_characters = "^~\\&";  // MSH-2, or the usual ones where it is no use for an answer
  std::string sending_application, sending_facility;      // MSH-3, -4 with their components
  std::string receiving_application, receiving_facility;  // MSH-5, -6
  std::string type, trigger, structure;                   // MSH-9.1, .2, .3
  std::string control_id;                                 // MSH-10
  std::string processing_id;                              // MSH-11
  std::string version;                                    // MSH-12 with its components
  std::string accept_ack, application_ack;                // MSH-15, -16
  std::string country;                                    // MSH-17
  std::string charset_name;                               // MSH-18
  std::string profile;                                    // MSH-21, first repetition
  Charset charset = Charset::Utf8;  // by its bytes, else by MSH-18

  std::string event() const { return trigger.empty() ? type : type + "^" + trigger; }  // "ADT^A01"
  // An acknowledgement is kept and matched by MSA-2, never answered.
  bool IsAcknowledgement() const { return type == "ACK" || type == "MCF"; }
};

Peeked Peek(std::string_view bytes);

// What an incoming acknowledgement says.
struct Acknowledged {
  std::string code;        // MSA-1: AA, AE, AR, CA, CE, CR
  std::string control_id;  // MSA-2: MSH-10 of the message it answers
  std::string text;        // MSA-3
};
Acknowledged ReadAcknowledgement(std::string_view bytes);

// An error that says the header is no use for routing: HeaderMissing, TypeMissing, ControlIdMissing.
Status CheckHeader(const Peeked& peeked);

}  // namespace passerelle::hl7v2
