#include <catch2/catch.hpp>

#include "fhir_model/identity/code_form.h"

using namespace passerelle::identity;

TEST_CASE("a LOINC number ends in its check digit") {
  CHECK(MayBeLoinc("11502-2"));
  CHECK(MayBeLoinc("57133-1"));
  CHECK(MayBeLoinc("LP14751-1"));
  CHECK(MayBeLoinc("MTHU000049"));
  CHECK_FALSE(MayBeLoinc("57113-1"));
  CHECK_FALSE(MayBeLoinc("11502"));
  CHECK_FALSE(MayBeLoinc("11502-2 "));
  CHECK_FALSE(MayBeLoinc("-2"));
  CHECK_FALSE(MayBeLoinc(""));
}

TEST_CASE("a SNOMED CT concept ends in its check digit, in the partition of concepts") {
  CHECK(MayBeSnomed("73211009"));
  CHECK(MayBeSnomed("404684003"));
  CHECK(MayBeSnomed("73211009 + 404684003"));
  CHECK_FALSE(MayBeSnomed("73211008"));
  CHECK_FALSE(MayBeSnomed("754786011"));  // a description's
  CHECK_FALSE(MayBeSnomed("G-A230"));
  CHECK_FALSE(MayBeSnomed("073211009"));
}

TEST_CASE("of other systems anything may be a code") {
  CHECK(MayBeCodeOf("http://hl7.org/fhir/sid/icd-10", "E11.9"));
  CHECK_FALSE(MayBeCodeOf("http://loinc.org", "E11.9"));
  CHECK_FALSE(MayBeCodeOf("http://snomed.info/sct", "E11"));
}
