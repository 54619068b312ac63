#include "mappers/normalise/mssante.h"

#include <algorithm>
#include <array>

#include "mappers/normalise/errors.h"
#include "mappers/normalise/rules.h"
#include "mappers/normalise/walk.h"

namespace passerelle::normalise {
namespace {

using node::NodeIndex;
using node::Tree;

constexpr std::array<std::string_view, 7> kFlags = {
    "MASQUE_PS", "INVISIBLE_PATIENT", "INVISIBLE_REP_LEGAUX", "CONNEXION_SECRETE",
    "DESTDMP",   "DESTMSSANTEPS",     "DESTMSSANTEPAT"};
constexpr std::size_t kToProfessional = 5, kToPatient = 6;

// What may stand together, a letter for each flag; * is either.
constexpr std::array<std::string_view, 3> kAllowed = {
    "NNN**YY",  // to professional and patient
    "NYN**YN",  // to the professional
    "*N*NNNY",  // to the patient
};

bool Fits(std::string_view allowed, std::string_view flags) {
  return std::equal(allowed.begin(), allowed.end(), flags.begin(),
                    [](char a, char flag) { return a == '*' || a == flag; });
}

// What is not said is N.
std::string FlagsOf(const Tree& message) {
  std::string flags(kFlags.size(), 'N');
  node::NameId obx = message.FindName("OBX");
  ForEachBelow(message, node::kRoot, [&](NodeIndex i) {
    if (obx == 0 || message[i].name != obx) return;
    auto flag = std::find(kFlags.begin(), kFlags.end(), FieldText(message, i, "OBX-3", "OBX-3.1"));
    if (flag != kFlags.end() && FieldText(message, i, "OBX-5", "OBX-5.1") == "Y")
      flags[static_cast<std::size_t>(flag - kFlags.begin())] = 'Y';
  });
  return flags;
}

}  // namespace

Status CheckMssante(const Tree& message, MssanteRule rule, Issues& issues) {
  std::string flags = FlagsOf(message);
  if (flags[kToProfessional] == 'N' && flags[kToPatient] == 'N') return Ok();
  if (std::any_of(kAllowed.begin(), kAllowed.end(), [&](auto allowed) { return Fits(allowed, flags); }))
    return Ok();
  const Place place{"OBX-3", 0, 0};
  if (rule == MssanteRule::Refuse) return Error{errors::ExchangeNotAllowed, {}, place};
  issues.Add(rules::ExchangeNotAllowed, place);
  return Ok();
}

}  // namespace passerelle::normalise
