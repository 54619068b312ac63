#pragma once
// FolderWatcher: takes the files of a folder through the pipeline, oldest first, one at a time.
//
// Whoever writes renames the file in as its last step: names that begin with a dot or end in .part, .tmp or
// .labels are passed over. FILE.labels beside it (there first) holds masks, one code a line (safety rule 3).
// A file that was taken moves to processed/, one that was refused to refused/ with FILE.outcome.json, which
// says why. A crash in between is harmless: the file is read again and is a repeat.
//
// Files are read and moved on the workers, everything else runs on the network's executor.

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/steady_timer.hpp>
#include <filesystem>
#include <functional>
#include <string>
#include <vector>

#include "fhir_model/base/limits.h"
#include "gateway/pipeline/pipeline.h"

namespace passerelle::inputs {

class FolderWatcher {
 public:
  struct Parts {
    pipeline::Pipeline& pipeline;
    boost::asio::any_io_executor network, workers;
    std::function<std::string()> now;  // ISO 8601 UTC with milliseconds
    std::string name;                  // the feed's
    std::filesystem::path folder;
    std::chrono::milliseconds interval{1'000};
    std::size_t file_bytes_max = kWireLimits.input_bytes_max;
  };
  explicit FolderWatcher(Parts parts) : parts_(std::move(parts)), timer_(parts_.network) {}

  // Makes the folder and its subfolders. FolderUnusable.
  Status Open();
  void Start();
  void Stop();
  bool Idle() const { return !busy_; }

 private:
  struct Found {
    std::filesystem::path file;
    std::string bytes;
    std::vector<std::string> labels;
    bool too_large = false;
  };
  Awaitable<void> Watch();
  Awaitable<bool> TakeOne(std::filesystem::path file);
  Found Read(const std::filesystem::path& file) const;
  std::vector<std::filesystem::path> List() const;
  void MoveAway(const std::filesystem::path& file, bool accepted, const std::string& outcome) const;

  Parts parts_;
  boost::asio::steady_timer timer_;
  bool stopping_ = false, busy_ = false;
};

}  // namespace passerelle::inputs
