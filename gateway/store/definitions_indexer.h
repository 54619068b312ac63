#pragma once
// DefinitionsIndexer: the whole index. Every search parameter of the FHIR definitions whose values can be
// compared: token, reference, string, date, number, quantity, uri. Composite and special ones are left out.
//
// A type's expressions are compiled when its first resource comes; safe from any thread.

#include <memory>

#include "gateway/store/index.h"

namespace passerelle::store {

// `definitions` are copied; their pack must stay mapped.
std::unique_ptr<Indexer> MakeDefinitionsIndexer(const spec::Definitions& definitions);

}  // namespace passerelle::store
