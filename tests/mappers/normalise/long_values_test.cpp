// Messages with a scan in them: carried and not read, with the same draft as for a small one.

#include "mappers/normalise/long_values.h"

#include "fhir_model/base/digest.h"
#include "tests/mappers/normalise/ask.h"

namespace passerelle::normalise {
namespace {

const std::string kScan(1'500'000, '\x5A');

std::string Message(const std::string& value, std::string_view kind = "ED") {
  return "MSH|^~\\&|LABO|CHU|PASSERELLE|DPI|20260301120000||ORU^R01^ORU_R01|L1|P|2.5\r"
         "PID|1||L1^^^CHU-E2E&1.2.250.1.999.1&ISO^PI||ESSAI^CAMILLE^^^^^L||19800101|F\r"
         "OBR|1||F1^LABO|18748-4^Imagerie^LN|||20260301110000|||||||||||||||||F\r"
         "OBX|1|" +
         std::string(kind) + "|18748-4^Imagerie^LN||" + value + "||||||F\r";
}

std::string Scanned(const std::string& base64) { return Message("^application^pdf^Base64^" + base64); }

Normalised RunAbridged(const std::string& message, Abridger& abridger) {
  abridger.Add(message);
  abridger.End();
  Options options;
  options.long_values = &abridger.values();
  return Run(abridger.text(), options);
}

}  // namespace

TEST_CASE("a scan becomes a Binary that its document guards, and its attachment says where it is",
          "[normalise]") {
  const std::string base64 = EncodeBase64(kScan);
  auto made = Run(Scanned(base64));
  REQUIRE(RefusalOf(made).empty());
  CHECK(Count(made, "Binary") == 1);
  CHECK(Ask(made, "ofType(Binary).data") == base64);
  CHECK(Ask(made, "ofType(Binary).contentType") == "application/pdf");
  auto document = Ask(made, "ofType(DocumentReference).id");
  REQUIRE_FALSE(document.empty());
  CHECK(Ask(made, "ofType(Binary).securityContext.reference") == "urn:uuid:" + document);
  std::string attachment = "ofType(DocumentReference).content.attachment.";
  CHECK(Ask(made, attachment + "url") == "urn:uuid:" + Ask(made, "ofType(Binary).id"));
  CHECK(Ask(made, attachment + "size") == std::to_string(kScan.size()));
  auto sha1 = Sha1(kScan);
  CHECK(Ask(made, attachment + "hash") ==
        EncodeBase64({reinterpret_cast<const char*>(sha1.data()), sha1.size()}));
  CHECK(Ask(made, attachment + "data").empty());
  made.draft->Settle(*made.source);
  bool accounted = false;
  for (const auto& line : made.draft->ledger.lines)
    accounted = accounted ||
                (line.place.ends_with("OBX-5.5") && line.targets == std::vector<std::string>{"Binary.data"});
  CHECK(accounted);
}

TEST_CASE("what is made of an abridged message differs in nothing but the data", "[normalise]") {
  const std::string message = Scanned(EncodeBase64(kScan));
  Abridger abridger;
  auto abridged = RunAbridged(message, abridger);
  REQUIRE_FALSE(abridged.whole_needed);
  auto whole = Run(message);
  CHECK(Ask(abridged, "ofType(Binary).data") == abridger.values().at(0).token);
  CHECK(Changed(BundleText(abridged), abridger.values()[0].token, EncodeBase64(kScan)) == BundleText(whole));
}

TEST_CASE("a scan without its padding is reported, and padded in the Binary", "[normalise]") {
  std::string base64 = EncodeBase64(kScan + "?");
  auto made = Run(Scanned(base64.substr(0, base64.find('='))));
  CHECK(Has(made.issues, "normalise.base64-unpadded"));
  CHECK(Ask(made, "ofType(Binary).data") == base64);
}

TEST_CASE("a large message whose long value is to be read comes back for the whole", "[normalise]") {
  std::string letters(1'200'000, 'A');
  auto [what, message] = GENERATE_COPY(table<std::string, std::string>(
      {{"a text", Message(letters, "TX")},
       {"part of a text", Message("see " + letters + " and so on", "TX")},
       {"data that are not said to be base64", Message("^application^pdf^A^" + letters)},
       {"text with escape sequences", Scanned(letters + "\\X0D\\" + letters)},
       {"an XML document", Message("^TEXT^XML^Base64^" + letters)}}));
  CAPTURE(what);
  Abridger abridger;
  CHECK(RunAbridged(message, abridger).whole_needed);
  auto made = Run(message);
  CHECK_FALSE(made.whole_needed);
  CHECK(BundleText(made).find(abridger.values().at(0).token) == std::string::npos);
}

TEST_CASE("a CDA document of any size is unwrapped", "[normalise]") {
  std::string message = Example("laboratory/1-report.hl7");
  constexpr std::string_view kTag = "^XML^Base64^";
  auto begin = message.find(kTag) + kTag.size(), size = message.find('|', begin) - begin;
  auto document = *DecodeBase64(std::string_view(message).substr(begin, size));
  document = Changed(document, "</ClinicalDocument>",
                     "<!--" + std::string(1'500'000, ' ') + "--></ClinicalDocument>");
  auto small = Run(message), large = Run(message.replace(begin, size, EncodeBase64(document)));
  REQUIRE(RefusalOf(large).empty());
  for (const char* type : {"Patient", "Observation", "Composition", "Binary"})
    CHECK(Count(large, type) == Count(small, type));
  CHECK(Ask(large, "ofType(Binary).data") == EncodeBase64(document));
}

}  // namespace passerelle::normalise
