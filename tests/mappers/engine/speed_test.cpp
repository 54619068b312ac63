// How fast the shipped tables run. Hidden: engine_test [.speed-v2], engine_test [.speed-cda]

#include <algorithm>
#include <chrono>
#include <fstream>
#include <iostream>
#include <iterator>

#include "tests/mappers/engine/support.h"

using namespace passerelle;
using namespace passerelle::tests;

namespace {

// A fictitious admission as PAM-FR sends it.
constexpr std::string_view kAdmission =
    "MSH|^~\\&|GAM|CHU-X|DPI|CHU-X|20260301120000||ADT^A01^ADT_A01|4711|T|2.5^FRA^2.11|||||FRA|UNICODE "
    "UTF-8|FR\r"
    "EVN||20260301120000|||^^^^^^^^&1.2.250.1.71.4.2.1&ISO|20260301115500\r"
    "PID|||000042^^^CHU-X&1.2.250.1.999.1&ISO^PI~279035121518989^^^ASIP-SANTE-INS-NIR&1.2.250.1.213.1.4.10&"
    "ISO^INS^^"
    "20200101||ESSAI^LEA^LEA ANNE^^^^L|FICTIVE|19790328000000|F|||3 RUE DU "
    "TEST^^LYON^^69003^FRA^H~^^^^^^BDL^^63220||"
    "^PRN^PH^^^^^^^^^0600000000|||S||7001^^^CHU-X&1.2.250.1.999.1&ISO^AN|||||||1||||N||VALI\r"
    "PV1||I|3010^12^1^CHU-X|R|||801234567890^MARTIN^JEAN^^^DR^^^ASIP-SANTE-PS&1.2.250.1.71.4.2.1&ISO^D^^^"
    "RPPS||||||||||"
    "||7001^^^CHU-X&1.2.250.1.999.1&ISO^VN|||||||||||||||||||||||||20260301115500\r"
    "ZBE|99^GAM^1.2.250.1.999.2^ISO|20260301115500||INSERT|N||^^^^^^UF^^^3010|^^^^^^UF^^^3010|HMS\r"
    "ZFA|ACTIF|20240306111154||||||INO|20240306111154|IC|20240306111154\r";

std::string FileText(const std::string& path) {
  std::ifstream in(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(in), {}};
}

// The quickest of many batches: what the work takes when nothing else does.
template <class Work>
double MicrosPerTurn(int turns, const Work& work) {
  constexpr int kBatch = 20;
  double best = 0;
  for (int i = 0; i < turns; i += kBatch) {
    auto begin = std::chrono::steady_clock::now();
    for (int j = 0; j < kBatch; ++j) static_cast<void>(work());
    double took = std::chrono::duration<double, std::micro>(std::chrono::steady_clock::now() - begin).count() / kBatch;
    best = i == 0 ? took : std::min(best, took);
  }
  return best;
}

}  // namespace

TEST_CASE("speed of messages", "[.speed-v2]") {
  auto shipped = engine::ShippedTables();
  auto begin = std::chrono::steady_clock::now();
  auto program = Compiled(shipped);
  std::cout << "compile "
            << std::chrono::duration<double, std::milli>(std::chrono::steady_clock::now() - begin).count()
            << " ms\n";
  auto parse = [&] {
    Issues issues;
    auto tree = hl7v2::Parse(std::string(kAdmission), {}, issues);
    hl7v2::Group(*tree, issues);
    return tree;
  };
  auto tree = parse();
  std::size_t bytes = 0, entries = 0;
  auto map = [&] {
    Issues issues;
    auto draft = program.Run(*tree, Options(), issues);
    entries = draft->bundle.CountChildren(node::kRoot);
    return draft;
  };
  auto draft = map();
  std::cout << "ADT parse " << MicrosPerTurn(20000, parse) << " us, map " << MicrosPerTurn(20000, map)
            << " us, json " << MicrosPerTurn(20000, [&] { return bytes = json::Write(draft->bundle).size(); })
            << " us; " << entries - 1 << " entries, " << bytes << " bytes\n";
}

TEST_CASE("speed of documents", "[.speed-cda]") {
  auto program = Compiled(engine::ShippedTables());
  for (const char* path : {"../shared/corpora/cda/ans/BIO-CR-BIO_2024.01_Electrophorese.xml"}) {
    std::string text = FileText(path);
    if (text.empty()) continue;
    Issues issues;
    auto document = cda::Parse(text, kWireLimits, issues);
    std::cout << text.size() << " bytes of CDA: parse "
              << MicrosPerTurn(200,
                               [&] {
                                 Issues more;
                                 return cda::Parse(text, kWireLimits, more).has_value();
                               })
              << " us, map "
              << MicrosPerTurn(200,
                               [&] {
                                 Issues more;
                                 return program.Run(*document, Options(), more).has_value();
                               })
              << " us\n";
  }
}
