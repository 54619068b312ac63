// Every sub-command, in the order of `passerelle --help`.

#include "gateway/app/command.h"

namespace passerelle::app {

extern const Command kServe;
extern const Command kSend;
extern const Command kDefinitions;
extern const Command kValidate;
extern const Command kCheck;
extern const Command kFhirPath;
extern const Command kLabel;

std::span<const Command* const> Commands() {
  static constexpr const Command* kAll[] = {
      &kServe,
      &kSend,
      &kDefinitions,
      &kValidate,
      &kCheck,
      &kFhirPath,
      &kLabel,
  };
  return kAll;
}

}  // namespace passerelle::app
