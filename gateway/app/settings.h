#pragma once
// Settings: the one configuration file (TOML), with a safe default for everything. An unknown key is an error with
// file and line. docs/configuration.md lists the keys.

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "fhir_model/base/result.h"
#include "gateway/access/gate.h"

namespace passerelle::app {

struct TlsSettings {
  std::string certificate_file, key_file;
  std::string client_authority_file;      // whose client certificates are asked for and trusted; empty: none
  std::vector<std::string> client_names;  // empty: any that the authority vouches for
};

struct Endpoint {
  std::string host = "127.0.0.1";
  std::uint16_t port = 0;
  bool IsLoopback() const;
};
Result<Endpoint> ParseEndpoint(std::string_view text);  // "127.0.0.1:2575", "[::1]:8080"

struct FeedSettings {
  std::string name = "mllp";
  Endpoint listen{"127.0.0.1", 2575};
  bool acknowledge_on_commit = false;  // ack = "commit"
  std::string profile;                 // "CISIS_CDA_HL7_V2", ...
  bool refuses_mssante = false;        // mssante = "refuse"
  std::string charset;
  std::string timezone = "Europe/Paris";
  std::vector<std::string> peers;  // CIDR
  TlsSettings tls;
  std::map<std::string, std::string> authorities;
  bool fictitious = false;
  std::string reply_to;
  std::size_t frame_mib_max = 16;
};

struct HttpSettings {
  Endpoint listen{"127.0.0.1", 8080};
  bool open = false;  // access = "open": no token asked; loopback only
  std::string certificate_file, key_file;
  bool fictitious = false;
  std::string timezone = "Europe/Paris";
};

struct FolderSettings {
  std::string name, path;
};

struct TargetSettings {
  std::string name, kind = "fhir", url, write = "put";
  bool production = false, dmp = false, mail = false;
  bool rewrites = false;  // bytes = "rewritten"
  std::vector<std::string> messages, feeds, units;  // what it wants; empty: all
  std::string token_file, authority_file, certificate_file, key_file;
};

// The bench that the console offers: apart from the record, with a folder of its own (safety rule 11).
struct BenchSettings {
  std::string data;       // empty: no bench
  Endpoint listen;        // where products send to; port 0: any that is free, another for each run
  std::string certificate_file, key_file;
  std::vector<std::string> value_sets;  // folders
  std::string schema;                   // of CDA
  std::string examples = "examples/labelling";  // good files that a campaign starts from
};

struct Settings {
  std::string data = "passerelle-data";
  access::Environment environment = access::Environment::Test;
  std::string definitions;  // a file; empty: beside the binary
  HttpSettings http;
  std::vector<FeedSettings> feeds = {FeedSettings{}};
  std::vector<FolderSettings> folders;
  std::vector<TargetSettings> targets;
  std::vector<std::string> overlays;
  BenchSettings bench;
  std::size_t free_mib_min = 256;
  std::string digest;  // SHA-256 of the file's text: which settings decided
};

// Without a file: the defaults.
Result<Settings> LoadSettings(const std::optional<std::string>& file);
Result<Settings> ParseSettings(std::string_view text, std::string_view file_name);

}  // namespace passerelle::app
