#include "profiles/validator/validator.h"

#include "profiles/validator/engine.h"
#include "profiles/validator/run.h"

namespace passerelle::validator {

struct Validator::State {
  Engine engine;
};

Validator::Validator(const spec::Library& library, const terminology::Terminology& terminology)
    : state_(new State{Engine(library, terminology)}) {}

Validator::~Validator() = default;

void Validator::Validate(const node::Tree& resource, const ValidateOptions& options, Issues& issues) const {
  Run(state_->engine, resource, options, issues).Validate();
}

}  // namespace passerelle::validator
