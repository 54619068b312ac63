#include "fhir_model/path/regex.h"

#include <re2/re2.h>

#include <string>

namespace passerelle::path {

std::shared_ptr<const re2::RE2> CompileRegex(std::string_view pattern, std::string_view flags) {
  re2::RE2::Options options;
  options.set_log_errors(false);
  options.set_dot_nl(true);
  options.set_case_sensitive(flags.find('i') == flags.npos);
  std::string text(pattern);
  if (flags.find('m') != flags.npos) text.insert(0, "(?m)");
  auto regex = std::make_shared<const re2::RE2>(text, options);
  return regex->ok() ? regex : nullptr;
}

}  // namespace passerelle::path
