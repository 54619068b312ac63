// Catalogue: what was stored of a finding is found again, and the arguments of a sentence that was said.

#include <catch2/catch.hpp>

#include "fhir_model/base/catalogue.h"

namespace passerelle {

using Arguments = std::vector<std::string>;

TEST_CASE("a sentence gives its arguments back, in whatever order the form has them", "[catalogue]") {
  CHECK(ArgumentsOf("no holes", "no holes") == Arguments{});
  CHECK(ArgumentsOf("'{0}' is no {1}.", "'a' is no b.") == Arguments{"a", "b"});
  CHECK(ArgumentsOf("{1} of {0}", "x of y") == Arguments{"y", "x"});
  CHECK(ArgumentsOf("up to {0}", "up to the end") == Arguments{"the end"});
  CHECK(ArgumentsOf("is {0}.", "is a. b.") == Arguments{"a. b"});
  CHECK(ArgumentsOf("'{0}'", "''") == Arguments{""});
  CHECK_FALSE(ArgumentsOf("'{0}' is no {1}.", "something else"));
  CHECK_FALSE(ArgumentsOf("no holes", "no holes at all"));
  CHECK_FALSE(ArgumentsOf("'{0}'", ""));
}

TEST_CASE("rows are found by id and by code, and what is not there is nothing", "[catalogue]") {
  Catalogue catalogue({{"b", Severity::Error, "value", "B", "b"}, {"a", Severity::Error, "value", "A", "a"}},
                      {{4001, "Late", 500, "AR", "207", "exception", "late", "tard"},
                       {1001, "Early", 400, "AE", "207", "invalid", "early", "tôt"}});
  CHECK(catalogue.Rule("a")->en == "A");
  CHECK(catalogue.Rule("c") == nullptr);
  CHECK(catalogue.Error(1001)->fr == "tôt");
  CHECK(catalogue.Error(1002) == nullptr);
}

}  // namespace passerelle
