#pragma once
// Command: one sub-command of the binary. Each stands in its own file under gateway/app/commands and in one
// line of gateway/app/commands.cpp.

#include <map>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "fhir_model/base/result.h"

namespace passerelle::app {

// Of convert, validate and check; the worst of several files wins.
enum ExitCode : int { kClean = 0, kFindings = 1, kUsage = 2, kUnreadable = 3 };

// The words after the sub-command: files and the options a command declares.
class Arguments {
 public:
  // "--name" of `flags` stands alone, of `options` takes a value ("--name value" or "--name=value"); "--"
  // ends options. UsageWrong for any other option and for a value that is missing.
  static Result<Arguments> Parse(std::span<const std::string_view> words,
                                 std::span<const std::string_view> options,
                                 std::span<const std::string_view> flags);

  bool Has(std::string_view name) const;
  std::optional<std::string> Get(std::string_view name) const;  // the last one given
  std::vector<std::string> All(std::string_view name) const;    // in the order given
  const std::vector<std::string>& files() const { return files_; }

 private:
  std::multimap<std::string, std::string, std::less<>> given_;
  std::vector<std::string> files_;
};

struct Command {
  std::string_view name;
  std::string_view summary;  // one line for `passerelle --help`
  std::string_view usage;    // the whole text of `passerelle NAME --help`
  std::span<const std::string_view> options, flags;
  int (*run)(const Arguments& arguments);
};

std::span<const Command* const> Commands();

// Prints the error to standard error as "passerelle: 1234 Name: sentence" and gives the code.
int Fail(const Error& error, int code);

// A whole file, or standard input for "-".
Result<std::string> ReadFile(const std::string& path);
// In a file lines may end as the editor liked; on the wire a segment ends in CR.
void EndSegmentsWithCr(std::string& message);

}  // namespace passerelle::app
