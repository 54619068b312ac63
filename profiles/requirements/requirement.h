#pragma once
// Requirements: what a product must do to be labelled, as data. A requirement says whom it binds, how grave
// it is, how it is decided and, where a machine can decide it, with which checks: FHIRPath over the trees of
// a run.
//
// The text form is docs/labelling.md. A Catalogue is immutable and safe from any thread.

#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "fhir_model/base/issue.h"
#include "fhir_model/base/result.h"
#include "fhir_model/path/path.h"

namespace passerelle::requirements {

// Blocking refuses the label; major must be mended before it, or waived with a trace; minor is a warning.
enum class Weight : std::uint8_t { Blocking, Major, Minor };
std::string_view WeightName(Weight weight);

// Who can decide: expressions over a run, or, with the reason, more than they can see.
enum class Means : std::uint8_t { Automatic, State, Harness, Person };
std::string_view MeansName(Means means);

// Of the data that is looked at (safety rule 10). Fictitious data breaks rules that bind in production.
enum class Mode : std::uint8_t { Test, Production };

// What a tree of a run is.
enum class Kind : std::uint8_t {
  Message,   // an HL7 v2 message, segments ungrouped
  Document,  // a CDA document, alone or carried by a message
  Fhir,      // a FHIR resource that a product sent
  Draft,     // the FHIR Bundle made of a message or document
  Ack,       // the HL7 v2 answer to the message
  Response,  // the HTTP answer to the FHIR resource
  Delivery,  // what arrived at a target
  Audit,     // the audit events of the run
  Mail,      // header fields and parts of a mail
  Archive    // METADATA.XML of an IHE_XDM.zip
};
inline constexpr std::size_t kKinds = 10;
std::string_view KindName(Kind kind);
std::optional<Kind> KindNamed(std::string_view name);

struct Text {
  std::string en, fr;
  const std::string& In(Language language) const {
    return language == Language::French && !fr.empty() ? fr : en;
  }
};

// One question to one kind of tree: for each node that `each` finds, `test` must hold.
struct Check {
  Kind kind = Kind::Document;
  bool series = false;  // looks at the messages before this one
  bool minor = false;   // a warning, however grave the requirement
  int line = 0;
  std::optional<path::Expression> when, each, test, place, expected, found;
  std::vector<std::string> phrases;  // literals of `expected`: words of ours, that are said in two languages
  std::vector<std::string> found_phrases;  // those of `found`
  bool found_is_said = false;  // `found` asks what schema, validator or bytes say: ours whatever it is
};

// Trees that a reader refuses for one of these errors fail the requirement, though no check can look at them.
struct Refused {
  Kind kind = Kind::Document;
  std::vector<std::string> errors;  // names
};

struct Requirement {
  std::string id, source;
  std::vector<std::string> couloirs;  // empty: everybody
  Weight weight = Weight::Blocking, weight_in_test = Weight::Blocking;
  Means means = Means::Automatic;
  std::string reason;  // why no machine decides it; for automatic ones what remains for others, or nothing
  Text sentence, repair;
  std::vector<Refused> refused;
  std::vector<Check> checks;
  std::string file;
  int line = 0;
  std::string digest;  // SHA-256 of its text: which wording of the rule decided

  Weight WeightIn(Mode mode) const { return mode == Mode::Test ? weight_in_test : weight; }
  bool Binds(std::string_view couloir) const;
  std::string_view family() const { return std::string_view(id).substr(0, id.find('-')); }
};

// A suite: the requirements that a kind of software is measured by, and the cases of the official bench it
// stands for.
struct Suite {
  std::string id, couloir;
  Text title;
  std::vector<std::string> requirements;  // ids, in the order of the catalogue
  std::vector<std::string> cases;         // names of the official test bench
  // What a label wants to have seen, not just not to apply: of each of these, one.
  std::vector<std::vector<std::string>> shown;
  std::string digest;                     // of its text and of the digests of its requirements
};

struct SourceFile {
  std::string name, text;
};

class Catalogue {
 public:
  // All errors of all files, each with file and line, go to `errors`; the Result has the first.
  static Result<Catalogue> Compile(std::span<const SourceFile> files, std::vector<Error>* errors = nullptr);
  // The tables that are built in.
  static Result<Catalogue> Shipped();

  std::span<const Requirement> requirements() const;
  std::span<const Suite> suites() const;
  const Requirement* Find(std::string_view id) const;
  Result<const Suite*> FindSuite(std::string_view id) const;
  // What a tree of that kind shows if it was made for France; nullptr: nobody asks. Of a tree that shows
  // nothing of it no check passes, though some of them hold for any country's.
  const path::Expression* FrenchSign(Kind kind) const;
  std::string_view digest() const;  // SHA-256 of all table texts, hex

  struct Data;

 private:
  std::shared_ptr<const Data> data_;
};

std::span<const SourceFile> ShippedTables();

}  // namespace passerelle::requirements
