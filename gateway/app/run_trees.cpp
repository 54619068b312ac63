#include "gateway/app/run_trees.h"

#include "fhir_model/json/json.h"
#include "mappers/hl7v2/ack.h"
#include "mappers/hl7v2/reader.h"

namespace passerelle::app {

using requirements::Kind;

RunTrees::RunTrees(const Bench& bench, std::string_view couloir, requirements::Mode mode)
    : bench_(bench), reader_(bench.reader) {
  reader_.mode = mode;
  if (couloir != kPlatform) reader_.draft = nullptr;
}

labelling::Input& RunTrees::Read(const Step& step) {
  auto input = labelling::ReadInput(step.bytes, reader_);
  if (step.passed_on) input->run.watched = {Kind::Delivery};
  if (!reader_.draft) input->run.watched.push_back(Kind::Draft);
  Issues issues;
  if (auto answer = hl7v2::Parse(step.answer, {}, issues))
    labelling::AddTree(*input, Kind::Ack, *std::move(answer), step.answer);
  for (const auto& delivery : step.deliveries)
    if (auto tree = json::Parse(delivery, kFileLimits, reader_.definitions))
      labelling::AddTree(*input, Kind::Delivery, *std::move(tree), delivery);
  auto& earlier = earlier_.emplace_back();
  for (const auto& before : inputs_) earlier.push_back(&before->run);
  if (whole_) input->run.earlier = &earlier;
  return *inputs_.emplace_back(std::move(input));
}

RunTrees::Judged RunTrees::Judge(const Step& step, std::span<const std::string> ids) {
  auto& input = Read(step);
  auto report = requirements::Evaluate(bench_.catalogue, ids, input.run, bench_.world);
  labelling::StepOutcome outcome{hl7v2::ReadAcknowledgement(step.answer).code, step.deliveries.size()};
  if (step.expected) report.findings.push_back(labelling::JudgeStep(*step.expected, outcome));
  return {&input, std::move(report)};
}

}  // namespace passerelle::app
