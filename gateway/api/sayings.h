#pragma once
// What the store keeps of findings and causes by their codes, said in the caller's language.
//
// Rows written before arguments were kept have an English sentence instead: the arguments are read back out
// of it.

#include <string>
#include <string_view>

#include "fhir_model/base/catalogue.h"
#include "fhir_model/node/tree.h"
#include "gateway/api/json_writer.h"

namespace passerelle::api {

// Arguments may quote the sender: where traits are masked, an argument that its sentence quotes is (safety
// rule 18).
enum class Quotes : bool { Masked, Shown };

class Sayings {
 public:
  // The catalogue must outlive it.
  Sayings(const Catalogue& catalogue, Language language) : catalogue_(catalogue), language_(language) {}

  // An array as pipeline::FindingsJson makes it, with a member "text" in each; "[]" where nothing was stored.
  std::string Findings(std::string_view stored, Quotes quotes) const;
  // "4102 TargetRefused: … (HTTP 422)", also after a target's name; "gate.opposition";
  // "record.acknowledges 17". Whatever else it is, is said as it stands.
  std::string Cause(std::string_view stored) const;
  std::string_view Sentence(const ErrorInfo& row) const { return language_ == Language::French ? row.fr : row.en; }

 private:
  std::string_view Form(const RuleInfo& rule) const {
    return language_ == Language::French ? rule.fr : rule.en;
  }
  std::string Finding(const node::Tree& tree, node::NodeIndex finding, Quotes quotes) const;
  std::string ErrorSentence(const ErrorInfo& row, std::string_view english) const;
  const ErrorInfo* ErrorAt(std::string_view text) const;

  const Catalogue& catalogue_;
  Language language_;
};

// The members "cause", by which causes are told apart, and "cause_text"; null where there is none.
void WriteCause(std::string_view stored, const Sayings& sayings, JsonWriter& out);

}  // namespace passerelle::api
