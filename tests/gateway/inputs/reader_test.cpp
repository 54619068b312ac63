// Reader and answers: what is asked of the normaliser, and what senders are told.

#include "gateway/inputs/reader.h"

#include <catch2/catch.hpp>

#include "gateway/inputs/http/http_input.h"
#include "gateway/inputs/mllp/mllp_input.h"
#include "mappers/normalise/errors.h"

namespace passerelle::inputs {
namespace {

constexpr std::string_view kMessage = "MSH|^~\\&|A|B|C|D|20260301||ADT^A01|77|P|2.5\rPV1|1|I|CARDIO^101\r";

// Remembers with what it was asked, and answers as told.
struct Bench {
  Feeds feeds{{"lab",
               {true,
                false,
                hl7v2::Charset::Latin9,
                "P",
                normalise::MssanteRule::Warn,
                "Europe/Paris",
                {{"CHU", "urn:oid:1.2"}}}}};
  Reader reader{"secret"};
  MllpInput mllp{reader, feeds};
  HttpInput http{reader, feeds};
  mutable std::vector<normalise::Options> asked;
  std::optional<Error> refusal;

  Bench() {
    reader.Use(
        [this](std::string, const normalise::Options& options) {
          asked.push_back(options);
          normalise::Normalised done;
          done.format = normalise::Format::Hl7v2;
          done.refusal = refusal;
          return done;
        },
        "tables");
  }
  static pipeline::Frame FrameOf(std::string feed, std::string_view bytes = kMessage) {
    pipeline::Frame frame;
    frame.feed = std::move(feed);
    frame.bytes = bytes;
    frame.received = "2026-03-01T12:00:00.123Z";
    return frame;
  }
};

TEST_CASE("the feed's settings and the secret of the installation reach the normaliser", "[inputs]") {
  Bench bench;
  auto frame = bench.FrameOf("lab");
  frame.labels = {"MASQUE_PS"};
  auto prepared = bench.mllp.Prepare(frame);
  CHECK(prepared.format == "hl7v2");
  const auto& options = bench.asked.at(0);
  CHECK(options.map.id_key == "secret");
  CHECK(options.map.timezone == "Europe/Paris");
  CHECK(options.map.authorities.at("CHU") == "urn:oid:1.2");
  CHECK(options.charset == hl7v2::Charset::Latin9);
  CHECK(options.profile == "P");
  CHECK(options.labels == std::vector<std::string>{"MASQUE_PS"});
  CHECK(options.format == normalise::Format::Hl7v2);
  bench.http.Prepare(bench.FrameOf("http"));
  CHECK(bench.asked.at(1).format == normalise::Format::Unknown);
}

TEST_CASE("resources without an identifier of their own are named by the message they stand in", "[inputs]") {
  Bench bench;
  for (auto bytes : {"MSH|a", "MSH|b", "MSH|a"}) bench.http.Prepare(bench.FrameOf("http", bytes));
  CHECK(bench.asked[0].map.scope != bench.asked[1].map.scope);
  CHECK(bench.asked[0].map.scope == bench.asked[2].map.scope);
}

TEST_CASE("half a message is never read", "[inputs]") {
  Bench bench;
  auto frame = bench.FrameOf("lab");
  frame.wholeness = pipeline::Wholeness::Unfinished;
  auto prepared = bench.mllp.Prepare(frame);
  REQUIRE(prepared.refusal);
  CHECK(prepared.refusal->info->code == 3101);
  CHECK(prepared.control_id == "77");
  CHECK(bench.asked.empty());
}

TEST_CASE("over MLLP a refusal is AE or AR with the sentence in ERR-8", "[inputs]") {
  Bench bench;
  auto frame = bench.FrameOf("lab");
  pipeline::Prepared prepared;
  Error content{errors::FormatNotKnown};
  auto answer = bench.mllp.Respond(frame, prepared, &content);
  CHECK(answer.code == "AE");
  CHECK(answer.bytes.find("\rMSA|AE|77\r") != answer.bytes.npos);
  CHECK(answer.bytes.find("\rERR||") != answer.bytes.npos);
  CHECK(bench.mllp.Respond(frame, prepared, nullptr).bytes.find("|20260301120000.123+0000||ACK^A01^ACK|") !=
        std::string::npos);
}

TEST_CASE("only under the profile for mails received has a refusal an application error", "[inputs]") {
  Bench bench;
  Error content{errors::FormatNotKnown};
  auto answer = [&] { return bench.mllp.Respond(bench.FrameOf("lab"), {}, &content).bytes; };
  CHECK(answer().find("applicationErrorCondition") == std::string::npos);
  bench.feeds["lab"].profile = "1.1^CISIS_CDA_HL7_LPS";
  CHECK(answer().find("|E|906^Autre erreur^applicationErrorCondition|") != std::string::npos);
}

TEST_CASE("the same message gets the same acknowledgement, another moment another one", "[inputs]") {
  Bench bench;
  auto frame = bench.FrameOf("lab");
  auto first = bench.mllp.Respond(frame, {}, nullptr).bytes;
  CHECK(bench.mllp.Respond(frame, {}, nullptr).bytes == first);
  frame.received = "2026-03-01T12:00:00.124Z";
  CHECK(bench.mllp.Respond(frame, {}, nullptr).bytes != first);
}

TEST_CASE("over HTTP an answer is an OperationOutcome with the error's status", "[inputs]") {
  Bench bench;
  Error content{errors::FormatNotKnown};
  auto answer = bench.http.Respond(bench.FrameOf("http"), {}, &content);
  CHECK(answer.http_status == content.info->http_status);
  CHECK(answer.bytes.find("\"resourceType\":\"OperationOutcome\"") != answer.bytes.npos);
  CHECK(bench.http.Respond(bench.FrameOf("http"), {}, nullptr).http_status == 200);
}

}  // namespace
}  // namespace passerelle::inputs
