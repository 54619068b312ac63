// Messages too large for memory: kept like others, read in pieces, and gone if they were not kept.

#include "gateway/store/spooled_body.h"

#include <catch2/catch.hpp>
#include <fstream>

#include "fhir_model/base/digest.h"
#include "gateway/store/errors.h"
#include "tests/gateway/store/fixture.h"

namespace passerelle::store {
namespace {

namespace fs = std::filesystem;
using pipeline::Frame;

const std::string kValue = EncodeBase64(std::string(900'000, '\x5A'));
const std::string kLarge =
    "MSH|^~\\&|LAB|CHU|||20260301||ORU^R01|1|P|2.5\rOBX|1|ED|||^^pdf^Base64^" + kValue + "|\r";

std::size_t CountFiles(const fs::path& folder) {
  std::size_t count = 0;
  for (const auto& entry : fs::recursive_directory_iterator(folder)) count += entry.is_regular_file();
  return count;
}

struct SpoolFixture : Fixture {
  fs::path spool = folder.path / "spool", bodies = folder.path / "bodies";

  std::unique_ptr<pipeline::Spool> Spooled(std::string_view bytes) {
    auto made = store->MakeSpool();
    REQUIRE(made);
    for (; !bytes.empty(); bytes.remove_prefix(std::min<std::size_t>(bytes.size(), 300'000)))
      REQUIRE(Wait((*made)->Append(bytes.substr(0, 300'000))));
    return *std::move(made);
  }
  Result<pipeline::Receipt> KeepLarge(std::string_view bytes) {
    Frame frame = FrameOf({});
    frame.large = Spooled(bytes);
    frame.bytes = frame.large->End();
    return Wait(store->Keep(std::move(frame)));
  }
};

}  // namespace

TEST_CASE("a message that came in parts is kept as it came, and read back abridged") {
  SpoolFixture fixture;
  auto receipt = fixture.KeepLarge(kLarge);
  REQUIRE(receipt);
  CHECK(CountFiles(fixture.spool) == 0);
  CHECK(CountFiles(fixture.bodies) == 1);
  fixture.Reopen();
  auto view = fixture.store->Read();
  CHECK((*view->Message(1))->sha256 == Sha256Hex(kLarge));
  CHECK(*view->MessageBytes(1) == kLarge);
  auto body = view->MessageAbridged(1);
  REQUIRE(body);
  REQUIRE(body->large != nullptr);
  REQUIRE(body->large->values().size() == 1);
  const auto& value = body->large->values()[0];
  CHECK(body->bytes.find(value.token) != std::string::npos);
  CHECK(body->bytes.size() < 200);
  CHECK(*body->large->Read(value.offset, value.length) == kValue);
}

TEST_CASE("the same large bytes are a repeat, whether they came in parts or at once") {
  SpoolFixture fixture;
  REQUIRE(fixture.KeepLarge(kLarge));
  auto again = fixture.KeepLarge(kLarge);
  REQUIRE(again);
  CHECK(again->repeat);
  CHECK(fixture.Keep(kLarge)->repeat);
  CHECK(CountFiles(fixture.spool) == 0);
  CHECK(CountFiles(fixture.bodies) == 1);
}

TEST_CASE("a large message that never ended leaves nothing") {
  SpoolFixture fixture;
  auto begun = fixture.Spooled(kLarge);
  CHECK(CountFiles(fixture.spool) == 1);
  begun.reset();
  CHECK(CountFiles(fixture.spool) == 0);
}

TEST_CASE(
    "what a killed process left is cleared at the next start: spool files, and bodies without a message") {
  SpoolFixture fixture;
  REQUIRE(fixture.KeepLarge(kLarge));
  fixture.store.reset();
  const std::string kept = Sha256Hex(kLarge), orphan = Sha256Hex("never committed");
  auto put = [](const fs::path& file) {
    fs::create_directories(file.parent_path());
    std::ofstream(file) << "never committed";
  };
  put(fixture.spool / "7");
  put(fixture.spool / orphan);
  put(fixture.bodies / orphan.substr(0, 2) / orphan);
  put(fixture.spool / kept);  // killed between the commit and the removal of this name
  fixture.Reopen();
  CHECK(CountFiles(fixture.spool) == 0);
  CHECK(CountFiles(fixture.bodies) == 1);
  CHECK(*fixture.store->Read()->MessageBytes(1) == kLarge);
}

TEST_CASE("a Binary's data stay in their message, and are what tells its versions apart") {
  SpoolFixture fixture;
  REQUIRE(fixture.KeepLarge(kLarge));
  auto value = fixture.store->Read()->MessageAbridged(1)->large->values().at(0);
  std::string hash(reinterpret_cast<const char*>(Sha256(kLarge).data()), 32);
  pipeline::Content content{{hash, value.offset, value.length}, {}, value.bytes, value.token};
  auto put = [&](const std::optional<pipeline::Content>& given) {
    std::int64_t version = 0;
    REQUIRE(fixture.Write([&](pipeline::Transaction& t) -> Status {
      TRY(auto made,
          t.Put("Binary", "b", R"({"resourceType":"Binary","id":"b","contentType":"a/b"})", "PUT", given));
      version = made.version;
      return Ok();
    }));
    return version;
  };
  CHECK(put(content) == 1);
  CHECK(put(content) == 1);  // the same document in another message is no new version
  CHECK(put(std::nullopt) == 2);
  content.digest = "another";
  CHECK(put(content) == 3);
  fixture.Reopen();
  auto view = fixture.store->Read();
  CHECK_FALSE((*view->ReadVersion("Binary", "b", 2))->content);
  auto latest = *view->Read("Binary", "b");
  REQUIRE(latest->content);
  CHECK(latest->content->digest == "another");
  auto source = view->Open(latest->content->base64);
  view.reset();
  REQUIRE(source);
  CHECK((*source)->size() == kValue.size());
  std::string read;
  for (auto piece = (*source)->Next(); piece && !piece->empty(); piece = (*source)->Next()) read += *piece;
  CHECK(read == kValue);
}

TEST_CASE("a payload goes out with the pieces of messages that belong in it") {
  SpoolFixture fixture;
  REQUIRE(fixture.KeepLarge(kLarge));
  std::string hash(reinterpret_cast<const char*>(Sha256(kLarge).data()), 32);
  auto at = kLarge.find(kValue);
  pipeline::Delivery delivery;
  delivery.target = "record";
  delivery.payload = R"({"data":"","and":""})";
  delivery.inserts = {{9, {hash, at, 8}}, {18, {hash, at + 4, 4}}};
  REQUIRE(fixture.Write([&](pipeline::Transaction& t) -> Status {
    TRY(auto id, t.Owe(delivery));
    CHECK(id == 1);
    return Ok();
  }));
  fixture.Reopen();
  auto view = fixture.store->Read();
  auto source = pipeline::OpenPayload(*view, **view->OneDelivery(1));
  REQUIRE(source);
  auto sent = net::ReadAll(**source);
  CHECK(*sent == R"({"data":")" + kValue.substr(0, 8) + R"(","and":")" + kValue.substr(4, 4) + R"("})");
  CHECK((*source)->size() == sent->size());
}

TEST_CASE("below free_mib_min a large message is not taken") {
  SpoolFixture fixture;

  auto made = SpooledBody::Make({fixture.spool, 1u << 30, fixture.context.get_executor()}, 1);
  REQUIRE(made);
  auto taken = fixture.Wait((*made)->Append("MSH|"));
  REQUIRE_FALSE(taken);
  CHECK(taken.error().info == &errors::StoreFull);
}

TEST_CASE("a body that was changed behind the store's back is not read") {
  SpoolFixture fixture;
  REQUIRE(fixture.KeepLarge(kLarge));
  const std::string hash = Sha256Hex(kLarge);
  std::ofstream(fixture.bodies / hash.substr(0, 2) / hash, std::ios::app) << "x";
  auto body = fixture.store->Read()->MessageAbridged(1);
  REQUIRE_FALSE(body);
  CHECK(body.error().info == &errors::StoreCorrupt);
}

}  // namespace passerelle::store
