#pragma once
// A CDA document through the shipped tables, and questions about what came of it.

#include "fhir_model/path/path.h"
#include "tests/mappers/normalise/fixture.h"
#include "tests/support/cda_document.h"

namespace passerelle::normalise {

using tests::CdaDocument;
using tests::Pack;

inline Normalised Convert(const CdaDocument& document) {
  Options options;
  options.map.id_key = engine::kPublicIdKey;
  auto made = Shipped().Run(document.Text(), options);
  if (made.refusal) FAIL(made.refusal->Text());
  REQUIRE(made.draft);
  return made;
}

inline Normalised OfEntry(std::string entry) {
  CdaDocument document;
  document.section = "<text/><entry>" + std::move(entry) + "</entry>";
  return Convert(document);
}

// What a FHIRPath expression finds in the draft's Bundle, joined by blanks.
inline std::string Ask(const Normalised& made, const std::string& question) {
  path::CompileOptions options;
  options.definitions = &Pack();
  options.type = "Bundle";
  auto compiled = path::Expression::Compile("entry.resource." + question, options);
  if (!compiled) FAIL(question << ": " << compiled.error().Text());
  // Types are those of a resource that was read.
  auto bundle = json::Parse(json::Write(made.draft->bundle), kFileLimits, &Pack());
  REQUIRE(bundle);
  path::Machine machine;
  auto items = machine.Evaluate(*compiled, path::Item::Of(*bundle, node::kRoot), {});
  if (!items) FAIL(items.error().Text());
  std::string out;
  for (const auto& item : *items) {
    out += out.empty() ? "" : " ";
    if (item.kind == path::ItemKind::Integer)
      out += std::to_string(item.integer);
    else if (item.kind == path::ItemKind::Boolean)
      out += item.boolean ? "true" : "false";
    else
      out += path::TextOf(item);
  }
  return out;
}

// The places of the input's leaves that have that fate, with the reason of the dropped, joined by blanks.
inline std::string PlacesOf(Normalised& made, engine::Fate fate) {
  REQUIRE(made.draft);
  made.draft->Settle(*made.source);
  std::string places;
  for (const auto& line : made.draft->ledger.lines) {
    if (line.fate != fate) continue;
    places += (places.empty() ? "" : " ") + line.place;
    if (!line.reason.empty()) places += ": " + line.reason;
  }
  return places;
}
inline std::string Unmapped(Normalised made) { return PlacesOf(made, engine::Fate::Unmapped); }

}  // namespace passerelle::normalise
