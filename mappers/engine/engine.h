#pragma once
// Engine: compiles mapping tables and runs them over a source tree. The grammar is docs/mapping.md.
//
// A Program is immutable after compilation and safe from any thread. Running is a pure function: no clock, no
// randomness, no disk; the same tree and options give the same bytes everywhere.

#include <functional>
#include <map>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "fhir_model/base/issue.h"
#include "fhir_model/base/result.h"
#include "fhir_model/node/tree.h"
#include "fhir_model/spec/spec.h"
#include "mappers/engine/draft.h"

namespace passerelle::engine {

// One table file. Later layers replace groups of earlier ones; within a layer the order does not matter.
struct TableFile {
  std::string name;  // "v2/segments/PID.map"; shown in ledgers and errors
  std::string text;
  int layer = 0;  // 0 shipped base, 1 shipped fr/, 2 and up: sites
};

// The tables that ship with the binary, embedded at build time from mappers/tables.
std::vector<TableFile> ShippedTables();

struct MapOptions {
  // Secret of the installation for resource ids (safety rule 8); `convert` uses kPublicIdKey.
  std::string id_key;
  // Names the message: resources without a business identifier get ids scoped to (scope, position).
  std::string scope;
  // Zone for times that come without one, an IANA name; empty: such a time loses its time of day, with a
  // warning.
  std::string timezone;
  // Local assigning authorities to systems: {"CHU-X", "urn:oid:1.2.3"} (HL7 v2 HD.1, CDA
  // assigningAuthorityName).
  std::map<std::string, std::string> authorities;
};
inline constexpr std::string_view kPublicIdKey = "passerelle-convert";

class Program {
 public:
  // All errors of all files, each with file and line, are in `errors`; the Result has the first.
  static Result<Program> Compile(std::span<const TableFile> files, const spec::Definitions& definitions,
                                 std::vector<Error>* errors = nullptr);

  // Whether some table claims this input (for HL7 v2 the event, for CDA any ClinicalDocument).
  bool Claims(const node::Tree& source) const;
  Result<Draft> Run(const node::Tree& source, const MapOptions& options, Issues& issues) const;

  // What FHIR requires and the input did not say is said to be absent (data-absent-reason). For the end, when all
  // that a message carries has been joined.
  void Complete(Draft& draft) const;

  std::string_view digest() const;  // SHA-256 of all table texts, hex: which tables decided

  struct Compiled;  // private to this room

 private:
  std::shared_ptr<const Compiled> compiled_;
};

// Resource id from its business identity (safety rule 8): a version 8 UUID from HMAC-SHA-256.
std::string ResourceId(std::string_view id_key, std::string_view type, std::string_view authority,
                       std::string_view identifier);

}  // namespace passerelle::engine
