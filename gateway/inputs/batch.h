#pragma once
// The messages in an HL7 v2 batch, each as bytes of its own.

#include <string>
#include <string_view>
#include <vector>

namespace passerelle::inputs {

// Empty where the bytes are no batch, or one without a message.
std::vector<std::string> MessagesOf(std::string_view bytes);

}  // namespace passerelle::inputs
