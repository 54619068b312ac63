// Rules that were found too narrow on defects that our examples, as they stand, do not show.

#include <catch2/catch.hpp>
#include <functional>

#include "tests/gateway/labelling/fixture.h"

using namespace passerelle;
using namespace passerelle::requirements;

namespace {

const tests::LabellingBench& Bench() {
  static const tests::LabellingBench bench;
  return bench;
}

// An example, line by line, as `edit` leaves it; ends of lines as they were.
std::string Edited(std::string_view example, const std::function<std::string(std::string)>& edit) {
  auto bytes = tests::Example(example);
  std::string end(1, bytes.find('\n') == bytes.npos ? '\r' : '\n'), out;
  for (std::size_t at = 0; at < bytes.size();) {
    auto stop = std::min(bytes.find(end, at), bytes.size());
    auto line = edit(bytes.substr(at, stop - at));
    if (!line.empty()) out += line + end;
    at = stop + 1;
  }
  return out;
}

std::string With(std::string text, std::string_view from, std::string_view to) {
  auto at = text.find(from);
  return at == text.npos ? text : text.replace(at, from.size(), to);
}

// Places where the requirement is broken.
std::set<std::string> Places(const std::string& id, const std::string& bytes) {
  std::set<std::string> places;
  for (const auto& finding : Bench().Check(bytes).findings)
    if (finding.id == id && (finding.verdict == Verdict::Fail || finding.verdict == Verdict::Warn))
      places.insert(finding.place.path);
  return places;
}

using Paths = std::set<std::string>;

}  // namespace

TEST_CASE("an ORU has its order in every version, an MDM since 2.1") {
  auto without_order = [](std::string_view example, std::string_view version) {
    return Edited(example, [&](std::string line) {
      return line.starts_with("OBR|") ? "" : With(line, "2.1^CISIS", std::string(version) + "^CISIS");
    });
  };
  for (auto version : {"1.2", "2.0", "2.1"})
    CHECK(Places("TYP-01", without_order("1-laboratory.hl7", version)) == Paths{"OBR-4"});
  CHECK(Places("TYP-01", without_order("1-imaging.hl7", "2.0")).empty());
  CHECK(Places("TYP-01", without_order("1-imaging.hl7", "2.1")) == Paths{"OBR-4"});
}

TEST_CASE("of documents that nobody can read the one that the order does not name is of another type") {
  const std::string document = "OBX|1|ED|11502-2^CR^LN||^TEXT^XML^Base64^cGFzIHVuIENEQQ==||||||F";
  auto with = [&](std::string_view first, std::string_view second) {
    return Edited("1-laboratory.hl7", [&](const std::string& line) {
      if (!line.starts_with("OBX|1|")) return line;
      return With(document, "11502-2", first) + "\r" + With(With(document, "11502-2", second), "|1|", "|2|");
    });
  };
  auto places = [&](std::string_view first, std::string_view second) {
    auto bytes = with(first, second);
    std::ranges::replace(bytes, '\n', '\r');
    return Places("TYP-01", bytes);
  };
  CHECK(places("11502-2", "11502-2").empty());
  CHECK(places("11502-2", "18748-4") == Paths{"OBX[2]-3.1"});
  CHECK(places("18748-4", "11502-2") == Paths{"OBX[1]-3.1"});
}

TEST_CASE("where the heading names the document's type, OBX-3 is the odd one") {
  auto bytes = Edited("1-imaging.hl7", [](std::string line) {
    if (line.starts_with("OBR|")) return std::string();
    if (line.starts_with("OBX|1|")) return With(line, "18748-4", "11502-2");
    return With(line, "2.1^CISIS", "2.0^CISIS");
  });
  CHECK(Places("TYP-01", bytes) == Paths{"OBX[1]-3.1"});
}

TEST_CASE("to the software of a professional each flag is a CWE of Y or N") {
  auto with = [](std::string_view from, std::string_view to) {
    return Edited("1-imaging.hl7", [&](std::string line) {
      if (line.find("|ACK_LECTURE_MSS^") != line.npos) line = With(line, from, to);
      return With(line, "2.1^CISIS_CDA_HL7_V2", "1.1^CISIS_CDA_HL7_LPS");
    });
  };
  CHECK(Places("CNF-01", with("", "")).empty());
  CHECK(Places("CNF-01", with("|CWE|", "|ST|")).contains("OBX[11]-2"));
  CHECK(Places("CNF-01", with("||N^", "||X^")) == Paths{"OBX[11]-5.1"});
}

TEST_CASE("an author that is a device has a number too") {
  bool author = false;
  auto bytes = Edited("laboratory.xml", [&](std::string line) {
    author = (author || line.find("<author>") != line.npos) && line.find("</author>") == line.npos;
    if (!author) return line;
    line = With(With(line, "<assignedPerson>", "<assignedAuthoringDevice>"), "</assignedPerson>",
                "</assignedAuthoringDevice>");
    return With(line, "<id root=\"1.2.250.1.71.4.2.1\" extension=\"810000000017\"/>",
                "<id root=\"1.2.250.1.71.4.2.1\"/>");
  });
  CHECK(Places("AUT-08", bytes).contains("/ClinicalDocument/author/assignedAuthor/id"));
}

TEST_CASE("given names that are not there are missed in the name") {
  auto bytes = Edited("laboratory.xml", [](const std::string& line) {
    return line.find("<given") == line.npos ? line : std::string("<!-- -->");
  });
  CHECK(Places("INS-06", bytes).contains("/ClinicalDocument/recordTarget/patientRole/patient/name"));
}
