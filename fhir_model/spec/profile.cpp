#include "fhir_model/spec/profile.h"

#include <algorithm>

namespace passerelle::spec {
namespace {

bool IsChildPath(std::string_view path, std::string_view parent) {
  return path.size() > parent.size() && path[parent.size()] == '.' && path.starts_with(parent);
}

// The element that `slice` slices: among its earlier siblings of the same path, the slice named before the last '/',
// else the one without a name.
std::uint32_t FindSliced(const std::vector<Element>& elements, std::uint32_t slice) {
  const Element& own = elements[slice];
  auto slash = own.slice_name.rfind('/');
  std::string_view outer = slash == std::string_view::npos ? "" : own.slice_name.substr(0, slash);
  std::uint32_t unnamed = Element::kNone;
  for (std::uint32_t i = own.parent == Element::kNone ? 0 : own.parent + 1; i < slice;
       i = std::max(elements[i].end, i + 1)) {
    if (elements[i].path != own.path) continue;
    if (!outer.empty() && elements[i].slice_name == outer) return i;
    if (elements[i].slice_name.empty() && unnamed == Element::kNone) unnamed = i;
  }
  return unnamed;
}

}  // namespace

const Element* Profile::FindElement(std::string_view id) const {
  auto at = std::find_if(elements.begin(), elements.end(), [&](const Element& e) { return e.id == id; });
  return at == elements.end() ? nullptr : &*at;
}

void Connect(Profile& profile) {
  auto& elements = profile.elements;
  std::vector<std::uint32_t> open;
  auto close = [&](std::uint32_t end) {
    elements[open.back()].end = end;
    open.pop_back();
  };
  for (std::uint32_t i = 0; i < elements.size(); ++i) {
    while (!open.empty() && !IsChildPath(elements[i].path, elements[open.back()].path)) close(i);
    if (!open.empty()) elements[i].parent = open.back();
    if (!elements[i].slice_name.empty()) elements[i].slice_of = FindSliced(elements, i);
    open.push_back(i);
  }
  while (!open.empty()) close(static_cast<std::uint32_t>(elements.size()));
}

}  // namespace passerelle::spec
