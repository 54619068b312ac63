#pragma once
// The families of rules, a file each.

#include "profiles/validator/run.h"

namespace passerelle::validator {

// element.cpp: what one element's definition and its type ask beyond the structure.
void CheckElement(Run& run, node::NodeIndex at, const ChildRules& rule);
void CheckWholeResource(Run& run, node::NodeIndex at, const ShapeRules& shape);
void CheckResourceId(Run& run, node::NodeIndex at);

// extensions.cpp
void CheckExtension(Run& run, node::NodeIndex at);

}  // namespace passerelle::validator
