// Which flags of a transmission may stand together (TC 2.1).

#include "tests/mappers/normalise/fixture.h"

namespace passerelle::normalise {
namespace {

// The flags in the order of the rules: hidden from professionals, from the patient, from representatives,
// secret connection, to the record, to a professional, to the patient.
std::string Verdict(const std::string& flags, MssanteRule rule,
                    const std::string& profile = "2.1^CISIS_CDA_HL7_V2") {
  const char* names[] = {"MASQUE_PS", "INVISIBLE_PATIENT", "INVISIBLE_REP_LEGAUX", "CONNEXION_SECRETE",
                         "DESTDMP",   "DESTMSSANTEPS",     "DESTMSSANTEPAT"};
  std::string bytes = Example("laboratory/1-report.hl7");
  for (std::size_t i = 0; i < flags.size(); ++i) {
    auto value = bytes.find("||", bytes.find(std::string("|") + names[i] + "^"));
    REQUIRE(value != bytes.npos);
    bytes[value + 2] = flags[i];
  }
  Options options;
  options.mssante = rule;
  options.profile = profile;
  auto done = Run(std::move(bytes), options);
  if (done.refusal) return RefusalOf(done);
  for (const auto& issue : done.issues.all())
    if (issue.rule->id == "normalise.exchange-not-allowed") return "warned";
  return "allowed";
}

TEST_CASE("the flags of a transmission by secure mail are those of the rules, or it is warned or refused",
          "[normalise]") {
  for (const std::string flags : {"NNNNNYY", "NNNYYYY", "NYNNYYN", "YNYNNNY", "NNNNNNY", "YYYYYNN"}) {
    INFO(flags);
    CHECK(Verdict(flags, MssanteRule::Refuse) == "allowed");
  }
  for (const std::string flags : {"NNNNYYN", "YNNNNYY", "NNNNYNY", "NYNNNNY", "YNYYNNY"}) {
    INFO(flags);
    CHECK(Verdict(flags, MssanteRule::Warn) == "warned");
    CHECK(Verdict(flags, MssanteRule::Refuse) == "ExchangeNotAllowed");
    CHECK(Verdict(flags, MssanteRule::Refuse, "1.1^CISIS_CDA_HL7_LPS") == "allowed");
  }
}

}  // namespace
}  // namespace passerelle::normalise
