#include "gateway/app/evidence_archive.h"

#include <algorithm>
#include <filesystem>

#include "gateway/app/command.h"
#include "gateway/app/errors.h"
#include "gateway/labelling/zip.h"

namespace passerelle::app {
namespace {

namespace fs = std::filesystem;

constexpr std::size_t kBytesMax = std::size_t{1} << 30;
constexpr std::string_view kFiles[] = {"ledger.ndjson", "ledger.head", "bench-key.pub"};
constexpr std::string_view kHowTo =
    "Evidence of the Passerelle labelling bench. Unpacked, beside the program:\n\n"
    "    passerelle label verify --data . labels/*.jws    ledger and labels, without a server\n"
    "    passerelle label replay --data .                 each verdict again, of the bytes the runs kept\n";

class Archive {
 public:
  explicit Archive(std::string folder) : folder_(std::move(folder)) {}

  Status Add(const std::string& name) {
    TRY(auto bytes, ReadFile(folder_ + "/" + name));
    bytes_ += bytes.size();
    if (bytes_ > kBytesMax) return Error{errors::ArchiveTooLarge};
    files_.push_back({name, std::move(bytes)});
    return Ok();
  }
  // The files that stand in a folder, not what is below it, nor what a run's own gateway left there; a folder
  // that is not there has none.
  Status AddFilesOf(const std::string& name) {
    std::error_code none;
    std::vector<std::string> names;
    for (const auto& entry : fs::directory_iterator(folder_ + "/" + name, none))
      if (auto file = entry.path().filename().string();
          entry.is_regular_file(none) && !file.starts_with("gateway."))
        names.push_back(name + "/" + file);
    std::sort(names.begin(), names.end());
    for (const auto& file : names) CHECK_OK(Add(file));
    return Ok();
  }
  std::string Zip() {
    files_.push_back({"README.txt", std::string(kHowTo)});
    return labelling::WriteZip(files_);
  }

 private:
  std::string folder_;
  std::vector<labelling::ZipFile> files_;
  std::size_t bytes_ = 0;
};

}  // namespace

Result<std::string> ArchiveEvidence(const std::string& folder,
                                    const std::function<bool(const std::string& run)>& wanted) {
  Archive archive(folder);
  for (auto name : kFiles) CHECK_OK(archive.Add(std::string(name)));
  std::error_code none;
  if (fs::exists(folder + "/revoked.jws", none)) CHECK_OK(archive.Add("revoked.jws"));
  CHECK_OK(archive.AddFilesOf("labels"));
  for (const auto& run : fs::directory_iterator(folder + "/runs", none)) {
    std::string id = run.path().filename().string();
    if (!wanted(id)) continue;
    for (const char* part : {"", "/inputs", "/messages"}) CHECK_OK(archive.AddFilesOf("runs/" + id + part));
  }
  return archive.Zip();
}

}  // namespace passerelle::app
