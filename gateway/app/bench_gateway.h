#pragma once
// The bench's own gateway: a child process with its own data folder, ports and target, environment test,
// apart from any other data (safety rule 11). It ends with this object.

#include <sys/types.h>

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "fhir_model/base/result.h"

namespace passerelle::app {

class BenchGateway {
 public:
  // Below `folder`: `gateway` is its data, `delivered` what its one target, marked `dmp`, received. The
  // calling thread must outlive it: the system ends the child with the thread that started it.
  // ProductionRefused where the folder holds production data.
  static Result<std::unique_ptr<BenchGateway>> Start(const std::string& folder,
                                                     const std::optional<std::string>& definitions);
  ~BenchGateway();

  std::uint16_t port() const { return port_; }  // MLLP, on 127.0.0.1
  // What was delivered since the last call, waiting so long for the first of it.
  std::vector<std::string> NewDeliveries(int wait_ms);

 private:
  BenchGateway(std::string delivered, pid_t child, std::uint16_t port)
      : delivered_(std::move(delivered)), child_(child), port_(port) {}
  std::vector<std::string> Look();

  std::string delivered_;
  pid_t child_;
  std::uint16_t port_;
  std::string last_;
};

}  // namespace passerelle::app
