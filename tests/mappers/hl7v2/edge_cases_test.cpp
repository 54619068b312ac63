// The hard cases of other people's messages, one test each, as far as reading and grouping decide them. The
// same numbers stand in tests/mappers/normalise/edge_cases_test.cpp for what mapping decides.

#include <catch2/catch.hpp>
#include <string>

#include "mappers/hl7v2/ack.h"
#include "mappers/hl7v2/batch.h"
#include "mappers/hl7v2/errors.h"
#include "mappers/hl7v2/grammar.h"
#include "mappers/hl7v2/reader.h"
#include "mappers/hl7v2/rules.h"
#include "mappers/hl7v2/writer.h"

namespace passerelle::hl7v2 {
namespace {

using node::kNone;
using node::kRoot;
using node::NodeIndex;
using node::Tree;

const std::string kA01 = "MSH|^~\\&|GAM|CHU-X|DPI|CHU-X|20240306111154||ADT^A01^ADT_A01|3975|P|2.5\r";

struct Message {
  Issues issues;
  Result<Tree> tree;

  explicit Message(std::string bytes) : tree(Parse(std::move(bytes), {}, issues)) {
    if (tree) Group(*tree, issues);
  }
  bool Says(const RuleInfo& rule) const {
    for (const Issue& issue : issues.all())
      if (issue.rule->id == rule.id) return true;
    return false;
  }
  // The segment of that name, in whatever group.
  NodeIndex Segment(std::string_view name, NodeIndex from = kRoot) const {
    for (NodeIndex child : node::Children(*tree, from)) {
      if (tree->name(child) == name) return child;
      if (tree->name(child).size() > 3)
        if (NodeIndex found = Segment(name, child); found != kNone) return found;
    }
    return kNone;
  }
  std::string At(std::string_view field, std::string_view component = {}, std::string_view part = {}) const {
    NodeIndex at = Segment(field.substr(0, 3));
    for (auto name : {field, component, part})
      if (at != kNone && !name.empty()) at = tree->Child(at, name);
    return at == kNone ? "(none)" : std::string((*tree)[at].text);
  }
};

TEST_CASE("edge case 1: U+02DC in MSH-2 separates repetitions", "[edge]") {
  Message m(
      "MSH|^\xCB\x9C\\&|A|B|||||ORU^R01|1|P|2.5\rPID|1||17^^^X&1.2&ISO\xCB\x9C"
      "18|||||||1 rue&A^^X\r");
  REQUIRE(m.tree);
  CHECK(m.At("PID-3", "PID-3.4", "PID-3.4.2") == "1.2");
  CHECK(m.Says(rules::TildeLookalike));
}

TEST_CASE("edge case 2: a truncation character in MSH-2", "[edge]") {
  Message m("MSH|^~\\&#|A|B|||||ADT^A01|1|P|2.7\rPID|1||a#b\r");
  CHECK(m.At("PID-3") == "a#b");
  CHECK(m.At("MSH-2") == "^~\\&#");
}

TEST_CASE("edge case 3: MSH-2 without an escape character", "[edge]") {
  Message m("MSH|^~&|A|B|||||ADT^A01|1|P|2.3\rPID|1||a&b\\T\\c\r");
  CHECK(m.At("PID-3", "PID-3.1", "PID-3.1.2") == "b\\T\\c");
  CHECK(m.Says(rules::DelimitersShort));
}

TEST_CASE("edge case 4: encoding characters missing, doubled, too many, or another field separator",
          "[edge]") {
  CHECK(Message("MSH||A|B\r").tree.error().info == &errors::DelimitersMissing);
  CHECK(Message("MSH|^~^&|A|B\r").tree.error().info == &errors::DelimitersInvalid);
  CHECK(Message("MSH|^~\\&#!%|A|B\r").tree.error().info == &errors::DelimitersInvalid);
  Message other("MSH#:*?!#A#B#####ADT:A01#1#P#2.5\rPID#1##a:b\r");
  CHECK(other.At("PID-3", "PID-3.2") == "b");
}

TEST_CASE("edge case 5: segments end with CR, LF, CRLF or a mixture", "[edge]") {
  for (std::string end : {"\r", "\n", "\r\n"})
    CHECK(Message("MSH|^~\\&|A|B|||||ADT^A01|1|P|2.5" + end + "EVN||2024" + end + "PID|1||17").At("PID-3") ==
          "17");
  CHECK(Message("MSH|^~\\&|A|B|||||ADT^A01|1|P|2.5\rEVN||2024\nPID|1||17\r\n").At("PID-3") == "17");
}

TEST_CASE("edge case 6: byte order mark, no final line end, blank lines behind", "[edge]") {
  Message m("\xEF\xBB\xBF" + kA01 + "PID|1||17\r\r\n\r\n");
  CHECK(m.At("PID-3") == "17");
  CHECK(m.Says(rules::ByteOrderMark));
  CHECK(Message(kA01 + "PID|1||17").At("PID-3") == "17");
}

TEST_CASE("edge case 7: an unescaped line break inside a field", "[edge]") {
  Message m(kA01 + "NTE|1||one\rtwo\rPID|1||17\r");
  CHECK(m.At("NTE-3") == "one\rtwo");
  CHECK(m.At("PID-3") == "17");
  CHECK(m.Says(rules::ContinuationLine));
}

TEST_CASE("edge case 8: NULs and framing bytes around a message", "[edge]") {
  Message m(std::string("\x0B\0", 2) + kA01 + "PID|1||17\r\x1C\r");
  CHECK(m.At("PID-3") == "17");
}

TEST_CASE("edge case 9: UTF-16, either end first", "[edge]") {
  for (Charset wide : {Charset::Utf16Be, Charset::Utf16Le})
    CHECK(Message(EncodeText(kA01 + "PID|1||||ZO\u00C9\r", wide)).At("PID-5") == "ZO\u00C9");
}

TEST_CASE("edge case 10: MSH-18 says another character set than the bytes", "[edge]") {
  std::string header = "MSH|^~\\&|A|B|||||ADT^A01|1|P|2.5||||||UNICODE UTF-8\r";
  Message lie(header + "PID|1||||ZO\xC9\r");
  CHECK(lie.At("PID-5") == "ZO\u00C9");
  CHECK(lie.Says(rules::CharsetNotUtf8));
  Message several("MSH|^~\\&|A|B|||||ADT^A01|1|P|2.5||||||8859/15~UNICODE UTF-8\rPID|1||||\xA4\r");
  CHECK(several.At("PID-5") == "\u20AC");
}

TEST_CASE("edge case 11: every escape sequence", "[edge]") {
  Message m(kA01 + "PID|1||||\\F\\\\S\\\\T\\\\R\\\\E\\ \\.br\\\\H\\x\\N\\\\XC3A9\\\\Zxx\\\r");
  CHECK(m.At("PID-5") == "|^&~\\ \nx\u00E9\\Zxx\\");
  CHECK(m.Says(rules::EscapeUnknown));
}

TEST_CASE("edge case 12: escape characters without a partner", "[edge]") {
  Message m(kA01 + "PID|1||||C:\\data\\file \\\\host\\\r");
  CHECK(m.At("PID-5") == "C:\\data\\file \\\\host\\");
  CHECK(m.Says(rules::EscapeUnmatched));
}

TEST_CASE("edge case 13: HTML with unescaped delimiters in OBX-5", "[edge]") {
  Message m(kA01 + "OBX|1|TX|X||<b>a & b</b> ^ c\r");
  CHECK(m.At("OBX-5") == "<b>a & b</b> ^ c");
  CHECK(m.Says(rules::TextDelimiters));
}

TEST_CASE("edge case 14: a value without a type in OBX-2 is read", "[edge]") {
  CHECK(Message(kA01 + "OBX|1||X||12\r").At("OBX-5") == "12");
  CHECK(Message(kA01 + "OBX|1|??|X||a^b\r").At("OBX-5", "OBX-5.2") == "b");
}

TEST_CASE("edge case 15: structured numbers keep their parts, in every repetition", "[edge]") {
  Message m(kA01 + "OBX|1|SN|X||>^10~^100^-^200~^1^:^128~<^5\r");
  NodeIndex value = m.tree->Child(m.Segment("OBX"), "OBX-5");
  int repetitions = 0;
  for (NodeIndex i = value; i != kNone; i = m.tree->NextOfName(i)) ++repetitions;
  CHECK(repetitions == 4);
  CHECK(m.tree->ChildText(m.tree->NextOfName(value), "OBX-5.3") == "-");
}

TEST_CASE("edge case 16: repetitions of OBX-5 stand side by side", "[edge]") {
  Message m(kA01 + "OBX|1|ST|X||a~b~c\r");
  NodeIndex value = m.tree->Child(m.Segment("OBX"), "OBX-5");
  CHECK((*m.tree)[m.tree->NextOfName(m.tree->NextOfName(value))].text == "c");
}

TEST_CASE("edge case 17: a result without a value", "[edge]") {
  Message m(kA01 + "OBX|1|ST|X||||||||X\r");
  CHECK(m.At("OBX-5") == "(none)");
  CHECK(m.At("OBX-11") == "X");
}

TEST_CASE("edge case 18: null is a value of its own, empty is none", "[edge]") {
  Message m(kA01 + "PID|1||17|\"\"||||\r");
  CHECK(m.At("PID-4") == kNull);
  CHECK(m.At("PID-5") == "(none)");
}

TEST_CASE("edge case 19: fields of blanks and separators are empty", "[edge]") {
  Message m(kA01 + "PID|1|  ^  ^^|&&foo^bar&bar2&^baz|||  \rPV1||||\r");
  CHECK(m.At("PID-2") == "(none)");
  CHECK(m.At("PID-6") == "(none)");
  CHECK(m.At("PID-3", "PID-3.1", "PID-3.1.3") == "foo");
  CHECK(m.At("PID-3", "PID-3.2", "PID-3.2.2") == "bar2");
  CHECK(m.tree->CountChildren(m.Segment("PV1")) == 0);
}

TEST_CASE("edge case 20: sub-components where a type has none, repetitions where a field has one", "[edge]") {
  Message m(kA01 + "PID|1~2||17&18|||20000101&x\r");
  CHECK(m.At("PID-3", "PID-3.1", "PID-3.1.2") == "18");
  CHECK(m.At("PID-6", "PID-6.1", "PID-6.1.1") == "20000101");
}

TEST_CASE("edge case 21: extra, unknown and misplaced segments, Z segments anywhere, a message of MSH alone",
          "[edge]") {
  Message m(kA01 + "ZZZ|1\rDSP|x\rEVN||2024\rOBX|1|ST|X||a\rPID|1||17\rIN1|1\rZIN|x\rIN2|1\r");
  CHECK(m.At("PID-3") == "17");
  CHECK(m.At("IN2-1") == "1");
  CHECK(m.Says(rules::SegmentMisplaced));
  CHECK(Message(kA01).tree);
}

TEST_CASE("edge case 22: OBX behind SPM, PRT alone, NTE behind anything", "[edge]") {
  Message m("MSH|^~\\&|A|B|||||ORU^R01|1|P|2.5.1\rPID|1||17\rOBR|1\rSPM|1\rOBX|1|ST|X||a\rPRT|1\rNTE|1||n\r");
  CHECK(m.At("OBX-5") == "a");
  CHECK(m.At("NTE-3") == "n");
  CHECK(m.tree->name((*m.tree)[m.Segment("OBX")].parent) == "SPECIMEN_OBSERVATION");
}

TEST_CASE("edge case 23: OBR without ORC, two ORC, OBX without OBR", "[edge]") {
  Message m("MSH|^~\\&|A|B|||||ORM^O01|1|P|2.5\rPID|1||17\rORC|NW|1\rORC|NW|2\rOBR|1|3\rOBR|2|4\r");
  int orders = 0;
  for (NodeIndex child : node::Children(*m.tree, kRoot)) orders += m.tree->name(child) == "ORDER";
  CHECK(orders == 3);
  CHECK(Message("MSH|^~\\&|A|B|||||ORU^R01|1|P|2.5\rPID|1||17\rNTE|1||x\rPV1|1|I\rOBX|1|ST|X||a\r")
            .At("OBX-5") == "a");
}

TEST_CASE("edge case 24: dates are read as they are written", "[edge]") {
  Message m(kA01 + "PID|1||17||||2021\rPV1|1|I\r");
  CHECK(m.At("PID-7") == "2021");
}

TEST_CASE("edge case 25: identity events have a patient each", "[edge]") {
  Message m("MSH|^~\\&|A|B|||||ADT^A40^ADT_A39|1|P|2.5\rEVN||2024\rPID|1||17\rMRG|18\r");
  CHECK(m.tree->name((*m.tree)[m.Segment("MRG")].parent) == "PATIENT");
  CHECK(StructureOf("ADT^A44") == "ADT_A43");
  CHECK(StructureOf("ADT^Z99") == "ADT_A01");
}

TEST_CASE("edge case 26: the sender of a number is known beside it", "[edge]") {
  Message m(kA01 + "OBR|1|17^LAB&1.2.3&ISO\r");
  CHECK(m.At("MSH-3") == "GAM");
  CHECK(m.At("OBR-2", "OBR-2.2", "OBR-2.2.2") == "1.2.3");
}

TEST_CASE("edge case 27: a megabyte of base64 is a slice of the source", "[edge]") {
  std::string data(1u << 20, 'A');
  Message m(kA01 + "OBX|1|ED|X||^TEXT^XML^Base64^" + data + "\r");
  CHECK(m.At("OBX-5", "OBX-5.5").size() == data.size());
  CHECK(m.tree->arena_bytes() < 1024);
}

TEST_CASE("edge case 28: base64 keeps what stands in it", "[edge]") {
  Message m(kA01 + "OBX|1|ED|X||^TEXT^XML^Base64^QUJD\\.br\\REVG R0g\r");
  CHECK(m.At("OBX-5", "OBX-5.5") == "QUJD\nREVG R0g");
}

TEST_CASE("edge case 29: every identifier of PID-3 is read with its root", "[edge]") {
  Message m(kA01 + "PID|1||3^^^X&1.9&ISO^PI~277076322082910^^^INS&1.2.250.1.213.1.4.10&ISO^INS\r");
  NodeIndex second = m.tree->NextOfName(m.tree->Child(m.Segment("PID"), "PID-3"));
  CHECK(m.tree->ChildText(m.tree->Child(second, "PID-3.4"), "PID-3.4.2") == "1.2.250.1.213.1.4.10");
}

TEST_CASE("edge case 30: what a sender wants to be answered", "[edge]") {
  auto plan = [](const std::string& fields) {
    return PlanAck(Peek("MSH|^~\\&|A|B|||||ADT^A01|1|P|2.5|||" + fields + "\r"));
  };
  CHECK_FALSE(plan("").enhanced);
  CHECK(plan("NE|AL").accept == AckCondition::Never);
  CHECK(plan("AL|SU").application == AckCondition::OnSuccess);
  CHECK(plan("ER|NE").accept == AckCondition::OnError);
}

TEST_CASE("edge case 31: names and addresses keep their types", "[edge]") {
  Message m(kA01 + "PID|1||17||A^B^^^^^L~C^D^^^^^D||||||1 rue^^X^^1^FRA^H~^^^^^^BDL^^63220\r");
  NodeIndex second = m.tree->NextOfName(m.tree->Child(m.Segment("PID"), "PID-11"));
  CHECK(m.tree->ChildText(second, "PID-11.9") == "63220");
}

TEST_CASE("edge case 32: fields that the version does not have yet", "[edge]") {
  Message m(
      "MSH|^~\\&|A|B|||||ORU^R01|1|P|2.5^FRA^2.11\rPID|1||17\rOBR|1\rOBX|1|CWE|X||a^b^c\rPRT|1|UC||SB\r");
  CHECK(m.At("OBX-5", "OBX-5.3") == "c");
  CHECK(m.At("PRT-4") == "SB");
}

TEST_CASE("edge case 33: MSH-9 with one, two or three parts", "[edge]") {
  for (std::string type : {"ADT^A08", "ADT^A08^ADT_A01", "ADT^A08^ADT_A99"}) {
    Message m("MSH|^~\\&|A|B|||||" + type + "|1|P|2.5\rEVN||2024\rPID|1||17\rNK1|1\r");
    CHECK(m.tree->name((*m.tree)[m.Segment("NK1")].parent) == "NEXT_OF_KIN");
  }
  Message alone("MSH|^~\\&|A|B|||||ADT|1|P|2.5\rPID|1||17\r");
  CHECK(alone.At("PID-3") == "17");
  CHECK(alone.Says(rules::StructureUnknown));
}

TEST_CASE("edge case 34: batches whose counts do not agree, or without headers", "[edge]") {
  Issues issues;
  auto batch = SplitBatch("FHS|^~\\&|A\rBHS|^~\\&|A\r" + kA01 + kA01 + "BTS|3\rFTS|1\r", issues);
  CHECK(batch.messages.size() == 2);
  REQUIRE(issues.all().size() == 1);
  CHECK(issues.all()[0].rule->id == rules::BatchCount.id);
  Issues none;
  CHECK(SplitBatch(kA01 + kA01, none).messages.size() == 2);
  const std::string whole = "FHS|^~\\&|A\nBHS|^~\\&|A\r" + kA01 + "PID|1||17\r" + kA01 + "BTS|3\rFTS|1\r";
  const std::string contents = ContentsOf(whole);
  CHECK(contents == "FHS|^~\\&|A\rBHS|^~\\&|A\r" + kA01 + kA01 + "BTS|3\rFTS|1\r");
  CHECK(IsContents(contents));
  CHECK_FALSE(IsContents(whole));
  CHECK(ContentsOf(kA01 + kA01).empty());
  Issues again;
  SplitBatch(contents, again);
  CHECK(again.all().size() == 1);
}

TEST_CASE("edge case 35: only ASCII blanks are trimmed", "[edge]") {
  Message m(kA01 + "OBX|1|TX|X||\u00A0a\u2019b\u200B \r");
  CHECK(m.At("OBX-5") == "\u00A0a\u2019b\u200B");
}

}  // namespace
}  // namespace passerelle::hl7v2
