// Structured converters: CDA's and HL7 v2's forms, and narrative.

#include <catch2/catch.hpp>

#include <string>

#include "mappers/cda/cda.h"
#include "mappers/convert/rules.h"
#include "mappers/convert/structure.h"
#include "mappers/hl7v2/reader.h"

using namespace passerelle;
using namespace passerelle::convert;

namespace {

class NoSystems final : public Systems {
  std::string_view Find(std::string_view) const override { return {}; }
};

// Writes "value=5 low{value=1}"; reports as "!rule".
class Scribe final : public Sink {
 public:
  std::string text;
  void Open(std::string_view element) override {
    Blank();
    text.append(element).append("{");
  }
  void Close() override { text += '}'; }
  void Put(std::string_view element, std::string_view value, node::NodeIndex) override {
    if (value.empty()) return;
    Blank();
    text.append(element).append("=").append(value);
  }
  void Report(const RuleInfo& rule, node::NodeIndex) override {
    Blank();
    text.append("!").append(rule.id);
  }

 private:
  void Blank() {
    if (!text.empty() && text.back() != '{') text += ' ';
  }
};

std::string Converted(Name name, std::string_view type, const node::Tree& tree, node::NodeIndex node) {
  Scribe scribe;
  NoSystems systems;
  auto zone = Zone::Find("Europe/Paris");
  CHECK(PutStructure(name, type, node, {tree, &*zone, systems, scribe}));
  return scribe.text;
}

node::Tree Document(const std::string& element) {
  Issues issues;
  auto tree = cda::Parse(
      "<ClinicalDocument xmlns=\"urn:hl7-org:v3\" xmlns:xsi=\"http://www.w3.org/2001/XMLSchema-instance\">" +
          element + "</ClinicalDocument>",
      kWireLimits, issues);
  REQUIRE(tree.has_value());
  return *std::move(tree);
}

std::string Cda(Name name, std::string_view type, const std::string& element) {
  auto tree = Document(element);
  return Converted(name, type, tree, tree.root().first);
}

// OBX-5 of a message.
std::string Hl7(Name name, std::string_view type, const std::string& value) {
  Issues issues;
  auto tree = hl7v2::Parse("MSH|^~\\&|A||||2026||ORU^R01|1|P|2.5\rOBX|1|ED|||" + value + "\r", {}, issues);
  REQUIRE(tree.has_value());
  node::NodeIndex obx = tree->root().last;
  return Converted(name, type, *tree, tree->Child(obx, "OBX-5"));
}

std::string Narrative(const std::string& content) {
  auto tree = Document("<text>" + content + "</text>");
  std::string out;
  PutNarrative(tree, tree.root().first, out);
  constexpr std::string_view kHead = "<div xmlns=\"http://www.w3.org/1999/xhtml\">", kTail = "</div>";
  if (out.empty()) return out;
  REQUIRE(out.starts_with(kHead));
  REQUIRE(out.ends_with(kTail));
  return out.substr(kHead.size(), out.size() - kHead.size() - kTail.size());
}

}  // namespace

TEST_CASE("quantities of CDA: one value, or one open bound") {
  CHECK(Cda(Name::Quantity, "Quantity", "<value value='5.40' unit='mmol/L'/>") ==
        "value=5.40 unit=mmol/L system=http://unitsofmeasure.org code=mmol/L");
  CHECK(Cda(Name::Quantity, "Quantity", "<value value='3'/>") == "value=3");
  CHECK(Cda(Name::Quantity, "Quantity", "<value><low value='3' unit='g'/></value>")
            .starts_with("value=3 comparator=>="));
  CHECK(Cda(Name::Quantity, "Quantity", "<value><high value='3' inclusive='false'/></value>") ==
        "value=3 comparator=<");
  CHECK(Cda(Name::Quantity, "Quantity", "<value value='many'/>") == "!convert.number.unreadable");
  CHECK(Cda(Name::Quantity, "Quantity", "<value nullFlavor='UNK'/>").empty());
}

TEST_CASE("ranges, ratios and periods of CDA") {
  CHECK(Cda(Name::Range, "Range", "<value><low value='1'/><high value='2'/></value>") ==
        "low{value=1} high{value=2}");
  CHECK(Cda(Name::Ratio, "Ratio", "<value><numerator value='1'/><denominator value='2' unit='h'/></value>") ==
        "numerator{value=1} denominator{value=2 unit=h system=http://unitsofmeasure.org code=h}");
  CHECK(Cda(Name::Period, "Period",
            "<effectiveTime><low value='20260101'/><high value='202601021230+0100'/></effectiveTime>") ==
        "start=2026-01-01 end=2026-01-02T12:30:00+01:00");
  CHECK(Cda(Name::Period, "Period", "<effectiveTime value='20260101'/>") ==
        "start=2026-01-01 end=2026-01-01");
  CHECK(Cda(Name::Period, "Period",
            "<effectiveTime><low value='20260101'/><high nullFlavor='UNK'/></effectiveTime>") ==
        "start=2026-01-01");
}

TEST_CASE("timings: bounds, periods, events, and sets of them") {
  CHECK(Cda(Name::Timing, "Timing",
            "<effectiveTime><low value='20260101'/><high value='20260108'/></effectiveTime>") ==
        "repeat{boundsPeriod{start=2026-01-01 end=2026-01-08}}");
  CHECK(Cda(Name::Timing, "Timing", "<effectiveTime><width value='7' unit='d'/></effectiveTime>") ==
        "repeat{boundsDuration{value=7 unit=d system=http://unitsofmeasure.org code=d}}");
  CHECK(Cda(Name::Timing, "Timing",
            "<effectiveTime xsi:type='PIVL_TS'><period value='8' unit='h'/></effectiveTime>") ==
        "repeat{period=8 frequency=1 periodUnit=h}");
  CHECK(Cda(Name::Timing, "Timing",
            "<effectiveTime xsi:type='EIVL_TS'><event code='ACM'/><offset><low value='1' "
            "unit='h'/></offset></effectiveTime>") == "repeat{when=ACM offset=60}");
  CHECK(Cda(Name::Timing, "Timing",
            "<effectiveTime xsi:type='SXPR_TS'><comp xsi:type='IVL_TS'><low value='20260101'/></comp>"
            "<comp xsi:type='PIVL_TS'><period value='1' unit='d'/></comp></effectiveTime>") ==
        "repeat{boundsPeriod{start=2026-01-01} period=1 frequency=1 periodUnit=d}");
  CHECK(Cda(Name::Timing, "Timing", "<effectiveTime value='20260101'/>") == "event=2026-01-01");
}

TEST_CASE("doses: one amount or two bounds") {
  CHECK(Cda(Name::DosageRange, "Dosage.doseAndRate", "<doseQuantity value='2'/>") == "doseQuantity{value=2}");
  CHECK(Cda(Name::DosageRange, "Dosage", "<doseQuantity><low value='1'/><high value='2'/></doseQuantity>") ==
        "doseAndRate{doseRange{low{value=1} high{value=2}}}");
  CHECK(Cda(Name::DosageRange, "Dosage.doseAndRate", "<rateQuantity value='2'/>") == "rateQuantity{value=2}");
}

TEST_CASE("attachments of CDA: base64, text, reference") {
  CHECK(Cda(Name::Attachment, "Attachment",
            "<value mediaType='application/pdf' representation='B64'>YWJj\nZA==</value>") ==
        "contentType=application/pdf data=YWJjZA== size=4");
  CHECK(Cda(Name::Attachment, "Attachment", "<value mediaType='text/plain'>abc</value>") ==
        "contentType=text/plain data=YWJj size=3");
  CHECK(Cda(Name::Attachment, "Attachment", "<value><reference value='http://x'/></value>") ==
        "url=http://x");
  CHECK(Cda(Name::Attachment, "Attachment", "<value representation='B64'>?</value>") ==
        "!convert.base64.unreadable");
}

TEST_CASE("HL7 v2: quantities, ratios, periods, data") {
  CHECK(Hl7(Name::Quantity, "Quantity", "5^mg") == "value=5 unit=mg");
  CHECK(Hl7(Name::Quantity, "Quantity", "<0.5") == "value=0.5 comparator=<");
  CHECK(Hl7(Name::Quantity, "Quantity", ">=^10") == "value=10 comparator=>=");
  CHECK(Hl7(Name::Ratio, "Ratio", "^1^:^128") == "numerator{value=1} denominator{value=128}");
  CHECK(Hl7(Name::Period, "Period", "20260101^20260102") == "start=2026-01-01 end=2026-01-02");
  CHECK(Hl7(Name::Attachment, "Attachment", "^AP^PDF^Base64^YWJj") ==
        "contentType=application/pdf contentType=application/pdf data=YWJj size=3");
  CHECK(Hl7(Name::Attachment, "Attachment", "^text^plain^A^abc") ==
        "contentType=text/plain contentType=text/plain data=YWJj size=3");
}

TEST_CASE("narrative: lists, tables, styles, links") {
  CHECK(Narrative("a<br/>b &amp; &lt;c&gt;") == "a<br/>b &amp; &lt;c&gt;");
  CHECK(Narrative("<list listType='ordered'><item>1</item></list><list><item>2</item></list>") ==
        "<ol><li>1</li></ol><ul><li>2</li></ul>");
  CHECK(Narrative("<table><tbody><tr><td colspan='2' styleCode='Bold Unknown'>x</td></tr></tbody></table>") ==
        "<table><tbody><tr><td style=\"font-weight: bold\" colspan=\"2\">x</td></tr></tbody></table>");
  CHECK(Narrative("<content ID='c1'>x</content>") == "<span id=\"c1\">x</span>");
  CHECK(Narrative("<linkHtml href='https://x.org'>x</linkHtml>") == "<a href=\"https://x.org\">x</a>");
}

TEST_CASE("nothing of a narrative can run or break out") {
  CHECK(Narrative("<linkHtml href='javascript:alert(1)'>x</linkHtml>") == "<span>x</span>");
  CHECK(Narrative("<script>x</script>").find("<script") == std::string::npos);
  CHECK(Narrative("<content onclick='x' styleCode='Bold\" onclick=\"x'>y</content>").find("onclick") ==
        std::string::npos);
  CHECK(Narrative("<table><tr><td colspan='2\" x=\"'>y</td></tr></table>") ==
        "<table><tr><td>y</td></tr></table>");
  CHECK(Narrative("<content ID='\"&gt;&lt;script>'>y</content>").find("<script") == std::string::npos);
  CHECK(Narrative("  ").empty());
}
