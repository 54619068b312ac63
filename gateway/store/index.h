#pragma once
// Index: by what a resource can be found. The values of its search parameters, in the form in which the store
// keeps and compares them.

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "fhir_model/node/tree.h"
#include "fhir_model/spec/spec.h"

namespace passerelle::store {

// A search parameter of a resource type as one number: FNV-1a of "Type.code".
using ParameterKey = std::int64_t;
ParameterKey KeyOf(std::string_view type, std::string_view code);

// Tokens and URIs have value and system ("" for none), references "Patient/1" or an absolute URL in value,
// strings their folded form in value and the written one in system.
struct TermEntry {
  ParameterKey parameter;
  std::string value, system;
};
struct MomentEntry {  // the interval a date, dateTime, instant, Period or Timing covers: [low, high) in Unix
                      // ms
  ParameterKey parameter;
  std::int64_t low, high;
};
struct AmountEntry {  // a number, quantity or range, ends included
  ParameterKey parameter;
  double low, high;
  std::string code, system;
};
struct IndexEntries {
  std::vector<TermEntry> terms;
  std::vector<MomentEntry> moments;
  std::vector<AmountEntry> amounts;
};

class Indexer {
 public:
  virtual ~Indexer() = default;
  virtual IndexEntries Extract(const node::Tree& resource) const = 0;
  // "token", "reference", "string", "date", "number", "quantity", "uri"; empty: there is no such parameter.
  virtual std::string_view TypeOf(std::string_view resource_type, std::string_view code) const = 0;
};

// Knows identifier, the references that name a patient or subject, what a document relates to, and meta: what matching
// and the gate need.
std::unique_ptr<Indexer> MakeBuiltInIndexer();

// Lower case without diacritics, as R4 string search compares (3.1.1.4.7); other letters stay.
std::string Fold(std::string_view text);

// The interval of a FHIR date, dateTime or instant by its precision; a time without a zone is UTC. False:
// malformed.
bool IntervalOf(std::string_view date_time, std::int64_t& low, std::int64_t& high);

}  // namespace passerelle::store
