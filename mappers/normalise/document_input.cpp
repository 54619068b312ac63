#include "mappers/cda/cda.h"
#include "mappers/normalise/bundle.h"
#include "mappers/normalise/document.h"
#include "mappers/normalise/inputs.h"

namespace passerelle::normalise {

void NormaliseDocument(const engine::Program& program, std::string bytes, const Options& options,
                       Normalised& out) {
  out.event = "ClinicalDocument";
  auto source = cda::Parse(bytes, options.limits, out.issues);
  if (!source) {
    out.refusal = std::move(source).error();
    return;
  }
  out.control_id = NameOfDocument(*source);
  auto mapped = MapDocument(program, *std::move(source), bytes, options.map, out.issues);
  if (!mapped) {
    out.refusal = std::move(mapped).error();
    return;
  }
  out.source = std::move(mapped->source);
  out.draft = std::move(mapped->draft);
  out.patient = ReadPatient(out.draft->bundle);
  mapped->facts.labels = options.labels;
  mapped->facts.labels_given = !options.labels.empty();
  if (!mapped->facts.url.empty()) out.documents.push_back(std::move(mapped->facts));
}

}  // namespace passerelle::normalise
