#pragma once
// A conversion as the console shows it, whether it was pasted or kept.

#include <string>

#include "gateway/api/api.h"
#include "gateway/api/sayings.h"

namespace passerelle::api {

std::string ConversionJson(const Conversion& made, const Sayings& sayings);

}  // namespace passerelle::api
