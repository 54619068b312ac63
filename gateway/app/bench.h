#pragma once
// The bench as the command line wires it: tables, value sets, schema, validator and normaliser in one place.

#include <memory>

#include "fhir_model/xml/schema.h"
#include "gateway/app/command.h"
#include "gateway/app/definitions.h"
#include "gateway/labelling/input.h"
#include "mappers/normalise/normalise.h"
#include "profiles/requirements/requirement.h"
#include "profiles/requirements/run.h"
#include "profiles/terminology/terminology.h"
#include "profiles/validator/validator.h"

namespace passerelle::app {

// Its parts point into each other: it is made once and does not move.
struct Bench {
  requirements::Catalogue catalogue;
  std::unique_ptr<requirements::ValueSets> value_sets;
  std::optional<xml::Schema> schema;
  std::shared_ptr<const MappedDefinitions> definitions;
  std::unique_ptr<spec::Library> library;
  std::unique_ptr<terminology::Terminology> terms;
  std::unique_ptr<validator::Validator> validator;
  std::unique_ptr<normalise::Normaliser> normaliser;
  labelling::Reader reader;
  requirements::World world;
};

struct BenchOptions {
  requirements::Mode mode = requirements::Mode::Test;
  std::vector<std::string> value_sets;                        // folders
  std::string schema;                                         // of CDA; empty: none
  std::shared_ptr<const MappedDefinitions> definitions = {};  // nullptr: no draft and no validator
};

// What needs something that is not given is indeterminate.
Result<std::unique_ptr<Bench>> OpenBench(BenchOptions options);

// --language: fr, or else English.
Language LanguageOf(const Arguments& arguments);

// From --mode, --value-sets, --schema, --definitions; the environment's PASSERELLE_VALUE_SETS and
// PASSERELLE_CDA_SCHEMA stand in for options that are not given.
Result<std::unique_ptr<Bench>> OpenBench(const Arguments& arguments);
// The value sets and the schema that the environment names, where nothing else is given.
void AddFromEnvironment(BenchOptions& options);

}  // namespace passerelle::app
