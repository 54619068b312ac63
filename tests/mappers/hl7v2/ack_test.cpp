// Peeking at headers, acknowledging, splitting batches.

#include "mappers/hl7v2/ack.h"

#include <catch2/catch.hpp>

#include "mappers/hl7v2/batch.h"
#include "mappers/hl7v2/errors.h"
#include "mappers/hl7v2/reader.h"
#include "mappers/hl7v2/rules.h"

namespace passerelle::hl7v2 {
namespace {

const std::string kMessage =
    "MSH|^~\\&|RIS-Y|Org-Y|PFI-Y|Org-Y|202106060931||MDM^T10^MDM_T02|015|P|2.6|||||FRA|UNICODE UTF-8|||"
    "2.1^CISIS_CDA_HL7_V2\rPID|1\r";
const AckOptions kOptions{"202106060932", "016", "PASSERELLE", "CENTRE"};

TEST_CASE("peeking tells what an acknowledgement needs", "[peek]") {
  Peeked p = Peek(kMessage);
  CHECK(p.found);
  CHECK(p.event() == "MDM^T10");
  CHECK(p.structure == "MDM_T02");
  CHECK(p.control_id == "015");
  CHECK(p.sending_application == "RIS-Y");
  CHECK(p.receiving_facility == "Org-Y");
  CHECK(p.processing_id == "P");
  CHECK(p.profile == "2.1^CISIS_CDA_HL7_V2");
  CHECK(CheckHeader(p));
}

TEST_CASE("peeking works on what cannot be read", "[peek]") {
  CHECK_FALSE(Peek("").found);
  CHECK_FALSE(Peek("<xml/>").found);
  CHECK(CheckHeader(Peek("PID|1\r")).error().info == &errors::HeaderMissing);
  CHECK(Peek("\xEF\xBB\xBF\r\nMSH|^~\\&|A|B|C|D|2024||ADT^A01|7|P|2.5\r").control_id == "7");
  CHECK(Peek("PID|1\rMSH|^~\\&|A|B|C|D|2024||ADT^A01|7|P|2.5\r").control_id == "7");
  CHECK(Peek("MSH||A|B|C|D|2024||ADT^A01|7|P|2.5").control_id == "7");
  CHECK(Peek("MSH|^~\\&|A|B|C|D|2024||ADT|7").type == "ADT");
  CHECK(CheckHeader(Peek("MSH|^~\\&|A|B|C|D|2024||ADT^A01||P")).error().info == &errors::ControlIdMissing);
  CHECK(CheckHeader(Peek("MSH|^~\\&|A|B|C|D|2024|||7|P")).error().info == &errors::TypeMissing);
  Peeked wide = Peek(EncodeText("MSH|^~\\&|\u00C9|B|C|D|2024||ADT^A01|7|P|2.5\r", Charset::Utf16Be));
  CHECK(wide.sending_application == "\u00C9");
  CHECK(wide.charset == Charset::Utf16Be);
}

TEST_CASE("an acceptance as the French profile has it", "[ack]") {
  CHECK(BuildAck(Peek(kMessage), AckCode::AA, {}, kOptions) ==
        "MSH|^~\\&|PFI-Y|Org-Y|RIS-Y|Org-Y|202106060932||ACK^T10^ACK|016|P|2.6|||||FRA|UNICODE UTF-8\r"
        "MSA|AA|015\r");
}

TEST_CASE("a refusal says where, what and why, without the patient's data", "[ack]") {
  AckError error = ErrorOf(Error(errors::ActionContradicts, "NW, C, T10", {"OBX[2]-11", 7, 1}));
  std::string ack = BuildAck(Peek(kMessage), AckCode::AE, {&error, 1}, kOptions);
  CHECK(ack.find("\rMSA|AE|015\rERR||OBX^2^11^1|207^Application internal error^HL70357|E|||"
                 "2008 ActionContradicts: NW, C, T10|ORC-1, OBX-11 et l'\u00E9v\u00E9nement ") != ack.npos);
  Issues ignored;
  CHECK(Parse(ack, {}, ignored));
}

TEST_CASE("a place goes into ERR-2 with repetition and components", "[ack]") {
  AckError error;
  error.place = "PID-3[2].4.1";
  error.v2_error = "101";
  std::string ack = BuildAck(Peek(kMessage), AckCode::AE, {&error, 1}, kOptions);
  CHECK(ack.find("\rERR||PID^1^3^2^4^1|101^Required field missing^HL70357|E\r") != ack.npos);
}

TEST_CASE("before version 2.5 the error stands in ERR-1 and the sentence in MSA-3", "[ack]") {
  AckError error = ErrorOf(Error(errors::TypeMissing, {}, {"MSH-9"}), Language::English);
  Peeked old = Peek("MSH|^~\\&|A|B|C|D|2024||ADT^A08|7|P|2.3.1\r");
  std::string ack = BuildAck(old, AckCode::AE, {&error, 1}, kOptions);
  CHECK(ack.find("\rMSA|AE|7|MSH-9 is empty: the message does not say its type.\r"
                 "ERR|MSH^1^9^101&Required field missing&HL70357\r") != ack.npos);
}

TEST_CASE("an acknowledgement speaks the sender's character set and delimiters", "[ack]") {
  AckError error;
  error.sentence = "\u00E9chec | refus";
  std::string latin = "MSH#:*?!#\xC9#B#C#D#2024##ADT:A01#7#P#2.5######8859/1\r";
  std::string ack = BuildAck(Peek(latin), AckCode::AR, {&error, 1}, kOptions);
  CHECK(ack.starts_with("MSH#:*?!#C#D#\xC9#B#202106060932##ACK:A01:ACK#016#P#2.5"));
  CHECK(ack.find("\xE9" "chec | refus") != ack.npos);
  std::string tilde = "MSH|^\xCB\x9C\\&|A|B|C|D|2024||ADT^A01|7|P|2.5\r";
  CHECK(BuildAck(Peek(tilde), AckCode::AA, {}, kOptions).starts_with("MSH|^~\\&|C|D|A|B|"));
  CHECK(BuildAck(Peek("rubbish"), AckCode::AR, {}, kOptions) ==
        "MSH|^~\\&|PASSERELLE|CENTRE|||202106060932||ACK|016|P|2.5\rMSA|AR\r");
}

Peeked Asking(std::string accept, std::string application) {
  return Peek("MSH|^~\\&|A|B|C|D|2024||ADT^A01|7|P|2.5|||" + accept + "|" + application + "\r");
}

TEST_CASE("original and enhanced mode by MSH-15 and MSH-16", "[ack]") {
  CHECK_FALSE(PlanAck(Asking("", "")).enhanced);
  CHECK(PlanAck(Asking("", "")).application == AckCondition::Always);
  AckPlan plan = PlanAck(Asking("AL", "ER"));
  CHECK(plan.enhanced);
  CHECK(IsDue(plan.accept, true));
  CHECK_FALSE(IsDue(plan.application, true));
  CHECK(IsDue(plan.application, false));
  CHECK(PlanAck(Asking("NE", "")).application == AckCondition::Never);
  CHECK(IsDue(PlanAck(Asking("SU", "NE")).accept, true));
  CHECK_FALSE(IsDue(PlanAck(Asking("SU", "NE")).accept, false));
}

TEST_CASE("an acknowledgement that comes in is recognised", "[ack]") {
  std::string ack = BuildAck(Peek(kMessage), AckCode::AE, {}, kOptions);
  CHECK(Peek(ack).IsAcknowledgement());
  CHECK(ReadAcknowledgement(ack).control_id == "015");
  CHECK(ReadAcknowledgement(ack).code == "AE");
  CHECK(AckCodeNamed("CA") == AckCode::CA);
  CHECK_FALSE(AckCodeNamed("XX"));
  CHECK_FALSE(Peek(kMessage).IsAcknowledgement());
}

const std::string kOne = "MSH|^~\\&|A|B|C|D|2024||ADT^A01|1|P|2.5\rPID|1\r";
const std::string kTwo = "MSH|^~\\&|A|B|C|D|2024||ADT^A01|2|P|2.5\rPID|2";

TEST_CASE("a batch is split into its messages", "[batch]") {
  std::string bytes = "FHS|^~\\&|A|B|C|D|2024||file||F1\rBHS|^~\\&|A|B|C|D|2024||batch||B1\r" + kOne + kTwo +
                      "\r\nBTS|2\rFTS|1\r";
  CHECK(IsBatch(bytes));
  Issues issues;
  Batch batch = SplitBatch(bytes, issues);
  REQUIRE(batch.messages.size() == 2);
  CHECK(Peek(batch.messages[1]).control_id == "2");
  CHECK(batch.messages[0] == kOne);
  CHECK(batch.file_id == "F1");
  CHECK(batch.batch_id == "B1");
  CHECK(issues.all().empty());
}

TEST_CASE("counts that disagree and envelopes that are missing", "[batch]") {
  Issues issues;
  Batch batch = SplitBatch("BHS|^~\\&|A\r" + kOne + "BTS|3\rFTS|2\r", issues);
  CHECK(batch.messages.size() == 1);
  REQUIRE(issues.all().size() == 2);
  CHECK(issues.all()[0].rule->id == rules::BatchCount.id);
  CHECK(issues.all()[1].rule->id == rules::FileCount.id);

  Issues none;
  CHECK(SplitBatch(kOne + "\r\n" + kTwo, none).messages.size() == 2);
  CHECK(IsBatch(kOne + kTwo));
  CHECK_FALSE(IsBatch(kOne));
  CHECK(none.all().empty());
  Issues stray;
  CHECK(SplitBatch("rubbish\rBHS|^~\\&\rBTS|0\r", stray).messages.empty());
  CHECK(stray.all().size() == 1);
}

}  // namespace
}  // namespace passerelle::hl7v2
