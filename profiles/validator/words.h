#pragma once
// Words: element names that the rules written by hand ask for, interned once.

#include "fhir_model/node/names.h"

namespace passerelle::validator {

#define PASSERELLE_WORDS(X)                                                                                  \
  X(id)                                                                                                      \
  X(url)                                                                                                     \
  X(extension)                                                                                               \
  X(modifierExtension)                                                                                       \
  X(contained)                                                                                               \
  X(meta)                                                                                                    \
  X(profile)                                                                                                 \
  X(versionId)                                                                                               \
  X(reference)                                                                                               \
  X(identifier)                                                                                              \
  X(type) X(display) X(system) X(code) X(version) X(coding) X(value) X(unit) X(text) X(div) X(status)        \
      X(resource) X(entry) X(fullUrl) X(link) X(relation) X(request) X(response) X(search) X(mode) X(method) \
          X(start) X(end) X(low) X(high) X(data) X(size) X(hash) X(item) X(linkId) X(answer) X(section)      \
              X(language) X(security) X(name) X(subject) X(author) X(focus) X(total) X(comparator)           \
                  X(implicitRules) X(timestamp) X(contentType) X(questionnaire) X(include) X(exclude)        \
                      X(compose) X(filter) X(property) X(op) X(content) X(supplements) X(count)              \
                          X(definition) X(required) X(repeats) X(enableWhen) X(enableBehavior) X(question)   \
                              X(maxLength) X(answerValueSet) X(answerOption) X(group) X(population)          \
                                  X(stratifier) X(measure) X(library) X(criteria) X(expression) X(base)      \
                                      X(component) X(derivation) X(kind) X(abstract) X(baseDefinition)       \
                                          X(differential) X(snapshot) X(element) X(path) X(min) X(max)       \
                                              X(parameter) X(use) X(target) X(source) X(location)            \
                                                  X(lastModified) X(etag) X(binding) X(strength) X(valueSet) \
                                                      X(constraint) X(slicing) X(discriminator) X(rules)     \
                                                          X(sliceName) X(valueCode) X(valueString)           \
                                                              X(valueUri) X(valueBoolean) X(valueCoding)     \
                                                                  X(valueReference) X(valueCanonical)        \
                                                                      X(valueInteger) X(valueDecimal)        \
                                                                          X(Bundle)

struct Words {
#define PASSERELLE_WORD(name) node::NameId name;
  PASSERELLE_WORDS(PASSERELLE_WORD)
#undef PASSERELLE_WORD
  node::NameId concept_;  // a word of C++
};

const Words& TheWords();

}  // namespace passerelle::validator
