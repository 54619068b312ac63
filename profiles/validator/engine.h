#pragma once
// Engine: what a Validator knows: definitions, rules made from them, terminology. Shared by all runs, from
// any thread.

#include "fhir_model/spec/library.h"
#include "profiles/terminology/terminology.h"
#include "profiles/validator/checks.h"
#include "profiles/validator/global_profiles.h"
#include "profiles/validator/invariants.h"
#include "profiles/validator/profile_rules.h"
#include "profiles/validator/shape_rules.h"

namespace passerelle::validator {

struct Engine {
  Engine(const spec::Library& the_library, const terminology::Terminology& the_terminology)
      : library(the_library),
        terminology(the_terminology),
        invariants(library),
        checks(library, invariants),
        shapes(library, checks),
        profiles(library, checks),
        globals(library) {}

  const spec::Definitions& definitions() const { return library.base(); }

  const spec::Library& library;
  const terminology::Terminology& terminology;
  mutable InvariantMaker invariants;
  mutable CheckMaker checks;
  ShapeRulesTable shapes;
  ProfileRulesTable profiles;
  GlobalProfiles globals;
};

}  // namespace passerelle::validator
