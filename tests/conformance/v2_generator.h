#pragma once
// Makes messages out of a grammar: the segments and fields that PAM-FR 2.11 and HL7 v2.5 have, as data,
// filled by the type of each field and component and with codes of the tables we ship. The same seed makes
// the same messages.

#include <filesystem>
#include <map>
#include <random>
#include <string>
#include <string_view>
#include <vector>

#include "mappers/hl7v2/structure.h"

namespace passerelle::tests {

struct Part {
  std::string type, table;
  bool repeats = false, forbidden = false;
};

// Segments, fields and datatypes by name: "PID" has fields, "CX" has components.
class Grammar {
 public:
  // FOLDER/{segments,fields,dataTypes,structures}; empty when it is not there.
  explicit Grammar(const std::filesystem::path& folder);

  bool Has(const std::string& segment) const { return segments_.contains(segment); }
  const std::vector<Part>& Fields(const std::string& segment) const { return segments_.at(segment); }
  // nullptr for a type without components.
  const std::vector<Part>* Components(const std::string& type) const;

 private:
  std::map<std::string, std::vector<Part>> segments_, types_;
};

// Table -> codes, of the code maps that ship ("HL70001") and of PAM-FR's own tables.
using CodeTables = std::map<std::string, std::vector<std::string>>;
CodeTables ShippedCodes();

// One element of a message structure as it is written: a segment, or a group with what is in it.
struct Element {
  std::string segment;
  std::vector<Element> parts;
  bool optional = false, repeats = false;
};
// Of PAM-FR ("ADT-A01-ADT_A01.json"), and of an event by our own structures.
Element ReadStructure(const std::filesystem::path& file);
Element OurStructure(std::string_view event);

class Generator {
 public:
  // `sloppy` in percent is how many values are nonsense for their type.
  Generator(const Grammar& grammar, const CodeTables& codes, unsigned seed, int sloppy = 0)
      : grammar_(grammar), codes_(codes), random_(seed), sloppy_(sloppy) {}

  // A message of the event; `fill` in percent is how many of the fields that may be absent are there.
  std::string Message(std::string_view event, const Element& structure, bool french, int fill);

 private:
  void Write(const Element& element, int fill, std::string& out);
  void Segment(const std::string& name, int fill, std::string& out);
  std::string Field(const std::string& segment, std::size_t number, const Part& part);
  std::string Value(const std::string& type, const std::string& table, int depth);
  std::string Primitive(const std::string& type, const std::string& table);
  bool Chance(int percent) { return static_cast<int>(random_() % 100) < percent; }
  template <class Range>
  const auto& Any(const Range& range) {
    return range[random_() % std::size(range)];
  }

  const Grammar& grammar_;
  const CodeTables& codes_;
  std::mt19937 random_;
  int sloppy_;
  std::string header_, value_type_;  // MSH; OBX-2 of the segment in hand
  int number_ = 0;
  int set_ = 1;   // the number of what repeats
  int tick_ = 0;  // days since 1990, values so far
};

}  // namespace passerelle::tests
