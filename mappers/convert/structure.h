#pragma once
// Structured converters: a node of the source into the elements of a FHIR datatype.

#include <string>
#include <string_view>

#include "fhir_model/base/issue.h"
#include "fhir_model/node/tree.h"
#include "mappers/convert/convert.h"

namespace passerelle::convert {

// Where the elements go. Names are FHIR's; a name opened again is the next one of its list.
class Sink {
 public:
  virtual ~Sink() = default;
  virtual void Open(std::string_view element) = 0;
  virtual void Close() = 0;
  // `leaf` is the source node that the text comes of, kNone for what is only implied.
  virtual void Put(std::string_view element, std::string_view text, node::NodeIndex leaf) = 0;
  // What could not be read, at `leaf`.
  virtual void Report(const RuleInfo& rule, node::NodeIndex leaf) = 0;
};

struct Reading {
  const node::Tree& source;
  const Zone* zone;  // nullptr: none
  const Systems& systems;
  Sink& sink;
};

// Fills an element of FHIR type `type` from `node`; false when `name` is no structured converter.
bool PutStructure(Name name, std::string_view type, node::NodeIndex node, const Reading& reading);

// StrucDoc text as an XHTML <div>: lists, tables, links, line breaks and inline styles; nothing that could
// run.
void PutNarrative(const node::Tree& source, node::NodeIndex text, std::string& out);

}  // namespace passerelle::convert
