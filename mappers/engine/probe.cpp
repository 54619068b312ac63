#include "mappers/engine/probe.h"

#include <utility>
#include <vector>

#include "mappers/engine/program.h"

namespace passerelle::engine {
namespace {

// What must be there for a condition to be true, and for it to be false: both, if nothing there makes it
// nothing.
struct Needs {
  std::uint64_t if_true = 0, if_false = 0;
};

Needs NeedsOf(const Operation& operation, std::uint64_t operand) {
  switch (operation.code) {
    case Operation::Exists:
    case Operation::CountMore: return {operand, 0};
    case Operation::Empty: return {0, operand};
    case Operation::CountIs: return operation.count > 0 ? Needs{operand, 0} : Needs{0, operand};
    default: return {operand, operand};
  }
}

// `bits` gives those of an operation's operand.
template <class Bits>
std::uint64_t NeedsOf(const std::vector<Operation>& operations, const Bits& bits) {
  std::vector<Needs> stack;
  for (const Operation& operation : operations) {
    switch (operation.code) {
      case Operation::SkipIfFalse:
      case Operation::SkipIfTrue: break;
      case Operation::Not: std::swap(stack.back().if_true, stack.back().if_false); break;
      case Operation::And:
      case Operation::Or: {
        const Needs b = stack.back();
        stack.pop_back();
        Needs& a = stack.back();
        a = operation.code == Operation::And ? Needs{a.if_true | b.if_true, a.if_false & b.if_false}
                                             : Needs{a.if_true & b.if_true, a.if_false | b.if_false};
        break;
      }
      default: stack.push_back(NeedsOf(operation, bits(operation)));
    }
  }
  return stack.empty() ? 0 : stack.back().if_true;
}

void AddSource(const Source& source, Probe& probe) {
  switch (source.kind) {
    case SourceKind::Fields:
      probe.below = ProbeBit(source.positions[0]);
      probe.somewhere = ProbeBit(source.origin);
      probe.origin = source.origin;
      break;
    case SourceKind::Components: probe.below = ProbeBit(source.positions[0]); break;
    case SourceKind::Steps: probe.below = ProbeBit(source.steps[0].name); break;
    case SourceKind::Segments:
      for (const Step& step : source.steps) probe.somewhere |= ProbeBit(step.name);
      break;
    default: break;
  }
}

// The segment whose fields a condition asks first.
node::NameId OriginOf(const std::vector<Operation>& operations, const std::vector<Source>& externals) {
  for (const Operation& operation : operations) {
    bool has_operand = operation.code < Operation::Not;
    if (has_operand && externals[operation.operand].kind == SourceKind::Fields)
      return externals[operation.operand].origin;
  }
  return 0;
}

// `of_hand`: the condition is asked of the node in hand itself.
void AddCondition(const std::vector<Operation>& operations, const std::vector<Source>& externals,
                  bool of_hand, Probe& probe) {
  if (of_hand) probe.origin = OriginOf(operations, externals);
  probe.below |= NeedsOf(operations, [&](const Operation& operation) -> std::uint64_t {
    const Source& operand = externals[operation.operand];
    const bool anyhow = probe.origin == 0;
    switch (operand.kind) {
      case SourceKind::Fields: return operand.origin == probe.origin ? ProbeBit(operand.positions[0]) : 0;
      case SourceKind::Components: return of_hand && anyhow ? ProbeBit(operand.positions[0]) : 0;
      case SourceKind::Steps:
        return (of_hand || operation.in_hand) && anyhow ? ProbeBit(operand.steps[0].name) : 0;
      default: return 0;
    }
  });
  probe.somewhere |= NeedsOf(operations, [&](const Operation& operation) -> std::uint64_t {
    const Source& operand = externals[operation.operand];
    return operand.kind == SourceKind::Fields ? ProbeBit(operand.origin) : 0;
  });
}

Probe ProbeOf(const Row& row, const Program::Compiled& program) {
  Probe probe;
  probe.starts_chain = !row.is_else;
  const bool block = row.target == TargetKind::Block;  // has no source of its own
  if (!block) AddSource(row.source, probe);
  if (row.condition == kNoNumber) return probe;
  const bool of_hand =
      block || row.source.kind == SourceKind::Constant || row.source.kind == SourceKind::Self;
  AddCondition(program.conditions[row.condition].operations, program.externals, of_hand, probe);
  return probe;
}

}  // namespace

Rows::Rows(std::vector<Row> rows, const Program::Compiled& program) : rows_(std::move(rows)) {
  for (const Row& row : rows_) probes_.push_back(ProbeOf(row, program));
}

}  // namespace passerelle::engine
