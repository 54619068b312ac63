#pragma once
// Error: why an operation as a whole could not be done, as a row of a room's errors.def.
//
// One row answers every protocol: HTTP status, MSA-1, ERR-3 (HL7 table 0357), OperationOutcome.issue.code,
// and a sentence in English and in French. Codes are permanent: never reused, never given a new meaning;
// tests/fhir_model/base/catalogue_test.cpp includes every errors.def and checks that codes are unique.
// A room publishes its rows with
//
//     namespace passerelle::errors {
//     #include "fhir_model/base/define_errors.h"
//     #include "mappers/hl7v2/errors.def"
//     #include "fhir_model/base/undefine_errors.h"
//     }

#include <cstdint>
#include <string>
#include <string_view>
#include <utility>

namespace passerelle {

struct ErrorInfo {
  std::uint16_t code;
  std::string_view name;
  std::uint16_t http_status;
  std::string_view ack_code;    // MSA-1: AE the content must change, AR circumstances (safety rule 13)
  std::string_view v2_error;    // ERR-3, HL7 table 0357
  std::string_view issue_type;  // OperationOutcome.issue.code
  std::string_view en;
  std::string_view fr;
};

// Where in the sender's bytes. Lines and columns count from 1; 0 means not known.
struct Place {
  std::string path;  // "PID-3.4", "Patient.name[0].given[1]", "/ClinicalDocument/recordTarget"
  std::uint32_t line = 0;
  std::uint32_t column = 0;
};

struct Error {
  const ErrorInfo* info;
  std::string detail;  // what exactly, in English; positions, names and counts, never a patient's data
  Place place;

  Error(const ErrorInfo& row, std::string what = {}, Place where = {})
      : info(&row), detail(std::move(what)), place(std::move(where)) {}

  // "1001 FrameTooLarge: The message is larger than this feed allows. (17825792 bytes) at PID-3 line 2 column
  // 5"
  std::string Text() const;
};

}  // namespace passerelle
