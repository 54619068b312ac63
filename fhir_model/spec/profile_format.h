#pragma once
// How a Profile lies in the pack: the same list of members tells the writer what to write and the reader what to
// read, so they cannot drift apart. A change here is a change of format::kVersion.

#include <string_view>
#include <vector>

#include "fhir_model/spec/profile.h"

namespace passerelle::spec::format {

// archive(x) reads or writes one scalar or text; Each() does a list.
template <class Archive, class T, class Visit>
void Each(Archive& archive, std::vector<T>& list, Visit visit) {
  auto count = static_cast<std::uint32_t>(list.size());
  archive(count);
  if constexpr (Archive::kReading) list.resize(archive.Bounded(count));
  for (auto& item : list) visit(item);
}

template <class Archive>
void Texts(Archive& archive, std::vector<std::string_view>& list) {
  Each(archive, list, [&](std::string_view& text) { archive(text); });
}

template <class Archive>
void Members(Archive& archive, JsonValue& value) {
  archive(value.json);
  archive(value.type);
}

template <class Archive>
void Members(Archive& archive, Element& e) {
  archive(e.id), archive(e.path), archive(e.slice_name), archive(e.base_path);
  archive(e.min), archive(e.max), archive(e.base_max);
  archive(e.max_length), archive(e.min_length);
  archive(e.max_decimal_places), archive(e.max_bytes), archive(e.regex);
  archive(e.must_support), archive(e.is_modifier), archive(e.is_summary);
  archive(e.must_have_value);
  Texts(archive, e.value_alternatives);
  Texts(archive, e.narrative_languages);
  archive(e.content_reference), archive(e.short_text);
  Each(archive, e.types, [&](TypeRef& type) {
    archive(type.code);
    Texts(archive, type.profiles);
    Texts(archive, type.target_profiles);
    archive(type.aggregation);
  });
  archive(e.binding.strength), archive(e.binding.value_set), archive(e.binding.max_value_set);
  Each(archive, e.binding.additional, [&](AdditionalBinding& binding) {
    archive(binding.purpose), archive(binding.value_set);
  });
  Each(archive, e.constraints, [&](Constraint& c) {
    archive(c.key), archive(c.human), archive(c.expression), archive(c.source);
    archive(c.error), archive(c.best_practice);
  });
  archive(e.slicing.present), archive(e.slicing.ordered), archive(e.slicing.rules);
  Each(archive, e.slicing.discriminators, [&](Discriminator& d) { archive(d.type), archive(d.path); });
  for (JsonValue* value : {&e.fixed, &e.pattern, &e.min_value, &e.max_value, &e.default_value})
    Members(archive, *value);
}

template <class Archive>
void Members(Archive& archive, Profile& p) {
  archive(p.url), archive(p.version), archive(p.name), archive(p.title), archive(p.type), archive(p.base);
  archive(p.status), archive(p.fhir_version);
  archive(p.kind), archive(p.derivation), archive(p.abstract);
  Each(archive, p.contexts, [&](ExtensionContext& c) { archive(c.type), archive(c.expression); });
  Texts(archive, p.context_invariants);
  Texts(archive, p.imposes);
  Each(archive, p.elements, [&](Element& element) { Members(archive, element); });
}

}  // namespace passerelle::spec::format
