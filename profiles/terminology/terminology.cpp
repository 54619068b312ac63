#include "profiles/terminology/terminology.h"

namespace passerelle::terminology {

struct Terminology::State {};

Terminology::Terminology(const spec::Library&) : state_(new State) {}
Terminology::~Terminology() = default;

Membership Terminology::MemberOf(std::string_view value_set, const Coded&) const {
  return {Answer::CannotTell, std::string(value_set), {}, {}};
}
CodeLookup Terminology::Lookup(std::string_view, std::string_view, std::string_view) const { return {}; }
std::optional<bool> Terminology::DisplayAgrees(const Coded&) const { return std::nullopt; }
bool Terminology::KnowsSystem(std::string_view) const { return false; }
bool Terminology::KnowsValueSet(std::string_view) const { return false; }

}  // namespace passerelle::terminology
