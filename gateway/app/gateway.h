#pragma once
// Gateway: the running program, all its parts wired.
//
// One thread runs the network (this object's Run); a pool of as many workers as there are cores reads and
// maps; the store has its own writer. Stopping: nothing new is accepted, what was begun may take ten seconds,
// the rest waits in the journal for the next start.

#include <memory>
#include <string>
#include <vector>

#include "fhir_model/base/result.h"
#include "gateway/app/settings.h"

namespace passerelle::app {

inline constexpr int kFailStopCode = 74;  // the disk did not confirm a write

class Gateway {
 public:
  // Opens the data folder and listens; nothing is read before Run. `definitions` as given on the command
  // line.
  static Result<std::unique_ptr<Gateway>> Start(Settings settings,
                                                const std::optional<std::string>& definitions);
  ~Gateway();

  // What a person wants to see at start: one line each, with the real ports.
  std::vector<std::string> Banner() const;
  // Until SIGTERM or SIGINT.
  void Run();

 private:
  struct Parts;
  explicit Gateway(std::unique_ptr<Parts> parts);
  std::unique_ptr<Parts> parts_;
};

}  // namespace passerelle::app
