#include "gateway/app/command.h"

#include <algorithm>
#include <cstdio>
#include <fstream>
#include <iostream>
#include <sstream>

#include "fhir_model/base/errors.h"
#include "gateway/app/errors.h"

namespace passerelle::app {

Result<Arguments> Arguments::Parse(std::span<const std::string_view> words,
                                   std::span<const std::string_view> options,
                                   std::span<const std::string_view> flags) {
  Arguments arguments;
  bool only_files = false;
  for (std::size_t i = 0; i < words.size(); ++i) {
    std::string_view word = words[i];
    if (only_files || !word.starts_with("--")) {
      arguments.files_.emplace_back(word);
      continue;
    }
    if (word == "--") {
      only_files = true;
      continue;
    }
    auto equals = word.find('=');
    std::string_view name = word.substr(0, equals);
    if (std::find(flags.begin(), flags.end(), name) != flags.end() && equals == word.npos) {
      arguments.given_.emplace(name, "");
    } else if (std::find(options.begin(), options.end(), name) == options.end()) {
      return Error{errors::UsageWrong, "there is no option " + std::string(name)};
    } else if (equals != word.npos) {
      arguments.given_.emplace(name, word.substr(equals + 1));
    } else if (++i < words.size()) {
      arguments.given_.emplace(name, words[i]);
    } else {
      return Error{errors::UsageWrong, std::string(name) + " wants a value"};
    }
  }
  return arguments;
}

bool Arguments::Has(std::string_view name) const { return given_.find(name) != given_.end(); }

std::optional<std::string> Arguments::Get(std::string_view name) const {
  auto [first, last] = given_.equal_range(name);
  if (first == last) return std::nullopt;
  return std::prev(last)->second;
}

std::vector<std::string> Arguments::All(std::string_view name) const {
  std::vector<std::string> values;
  auto [first, last] = given_.equal_range(name);
  for (auto it = first; it != last; ++it) values.push_back(it->second);
  return values;
}

int Fail(const Error& error, int code) {
  std::fprintf(stderr, "passerelle: %s\n", error.Text().c_str());
  return code;
}

void EndSegmentsWithCr(std::string& message) {
  if (message.find('\r') != message.npos) {
    std::erase(message, '\n');
  } else {
    std::replace(message.begin(), message.end(), '\n', '\r');
  }
}

Result<std::string> ReadFile(const std::string& path) {
  std::ostringstream bytes;
  if (path == "-") {
    bytes << std::cin.rdbuf();
    return std::move(bytes).str();
  }
  std::ifstream in(path, std::ios::binary);
  in.peek();  // a folder opens, but does not read
  if (in.bad() || !in.is_open() || (in.fail() && !in.eof())) return Error{errors::FileUnreadable, path};
  bytes << in.rdbuf();
  return std::move(bytes).str();
}

}  // namespace passerelle::app
