#pragma once
// The sentences of all rooms: every rules.def and errors.def of the house.

#include "fhir_model/base/catalogue.h"

namespace passerelle::app {

Catalogue AllSentences();

}  // namespace passerelle::app
