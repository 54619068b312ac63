// Every sub-command, in the order of `passerelle --help`.

#include "gateway/app/command.h"

namespace passerelle::app {

extern const Command kServe;
extern const Command kSend;
extern const Command kConvert;
extern const Command kDefinitions;
extern const Command kValidate;
extern const Command kCheck;
extern const Command kFhirPath;
extern const Command kBench;
extern const Command kLabel;
extern const Command kCampaign;
extern const Command kMaps;

std::span<const Command* const> Commands() {
  static constexpr const Command* kAll[] = {
      &kServe,
      &kSend,
      &kConvert,
      &kDefinitions,
      &kValidate,
      &kCheck,
      &kFhirPath,
      &kBench,
      &kLabel,
      &kCampaign,
      &kMaps,
  };
  return kAll;
}

}  // namespace passerelle::app
