#include "fhir_model/base/error.h"

namespace passerelle {

std::string Error::Text() const {
  std::string text =
      std::to_string(info->code) + " " + std::string(info->name) + ": " + std::string(info->en);
  if (!detail.empty()) text += " (" + detail + ")";
  if (!place.path.empty()) text += " at " + place.path;
  if (place.line != 0)
    text += " line " + std::to_string(place.line) + " column " + std::to_string(place.column);
  return text;
}

}  // namespace passerelle
