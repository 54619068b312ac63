#include "mappers/hl7v2/application_errors.h"

#include <array>

namespace passerelle::hl7v2 {
namespace {

struct ApplicationError {
  std::string_view code, label;
};
constexpr ApplicationError kWrongVersion{"900", "Version erronée"};
constexpr ApplicationError kInsAbsent{"903", "INS absent"};
constexpr ApplicationError kInsDiffers{"904", "INS différent"};
constexpr ApplicationError kInsIncomplete{"905", "INS incomplet"};
constexpr ApplicationError kUnknownPatient{"902", "Patient inconnu"};
constexpr ApplicationError kOther{"906", "Autre erreur"};

// Errors of ours by their number: it is permanent, and they belong to rooms that this one does not see.
struct NumberRow {
  std::uint16_t number;
  ApplicationError error;
};
constexpr std::array kByNumber = {
    NumberRow{2405, kInsDiffers},      // PatientDiffers
    NumberRow{3301, kUnknownPatient},  // FictitiousInsInProduction
    NumberRow{3303, kUnknownPatient},  // RealInsInTest
    NumberRow{3304, kInsIncomplete},   // InsKeyWrong
};

// Others by what table 0357 calls them, and where they stand.
struct PlaceRow {
  std::string_view v2_error, place;
  ApplicationError error;
};
constexpr std::array kByPlace = {
    PlaceRow{"203", "", kWrongVersion},
    PlaceRow{"101", "PID-3", kInsAbsent},
    PlaceRow{"102", "PID-3", kInsIncomplete},
};

const ApplicationError& Find(const Error& error) {
  for (const auto& row : kByNumber)
    if (row.number == error.info->code) return row.error;
  for (const auto& row : kByPlace)
    if (row.v2_error == error.info->v2_error && error.place.path.starts_with(row.place)) return row.error;
  return kOther;
}

}  // namespace

bool IsLpsProfile(std::string_view profile) { return profile.find("CISIS_CDA_HL7_LPS") != profile.npos; }

std::string ApplicationErrorOf(const Error& error, const Delimiters& delimiters) {
  const ApplicationError& found = Find(error);
  std::string text(found.code);
  text += delimiters.component;
  text += found.label;
  text += delimiters.component;
  return text.append("applicationErrorCondition");
}

}  // namespace passerelle::hl7v2
