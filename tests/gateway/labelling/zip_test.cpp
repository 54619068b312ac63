// Archives that somebody else made: what is in them, what is refused, and that their metadata tell of their
// files.

#include "gateway/labelling/zip.h"

#include <catch2/catch.hpp>
#include <random>

#include "tests/gateway/labelling/fixture.h"

using namespace passerelle;
using namespace passerelle::requirements;
using namespace passerelle::labelling;

namespace {

const tests::LabellingBench& Bench() {
  static const tests::LabellingBench bench;
  return bench;
}

std::string Changed(std::string text, std::string_view from, std::string_view to) {
  auto at = text.find(from);
  REQUIRE(at != text.npos);
  return text.replace(at, from.size(), to);
}

std::vector<ZipFile> Files() {
  auto files = ReadZip(tests::Example("IHE_XDM.zip"));
  REQUIRE(files);
  return *std::move(files);
}

// The example's archive with one file changed.
std::string With(std::string_view name, std::string_view from, std::string_view to) {
  auto files = Files();
  for (auto& file : files)
    if (file.name.ends_with(name)) file.bytes = Changed(file.bytes, from, to);
  return WriteZip(files);
}

std::string WhyRefused(std::string_view bytes) {
  auto files = ReadZip(bytes);
  REQUIRE(!files);
  return files.error().detail;
}

Verdict Of(std::string_view id, const std::string& bytes) { return Bench().Check(bytes).Of(id); }

}  // namespace

TEST_CASE("an archive gives its files back") {
  auto files = Files();
  REQUIRE(files.size() == 4);
  CHECK(files[0].name == "INDEX.HTM");
  CHECK(files[3].name == "IHE_XDM/SUBSET01/DOC0001.XML");
  CHECK(files[3].bytes == tests::Example("laboratory.xml"));
  auto again = ReadZip(WriteZip(files));
  REQUIRE(again);
  CHECK(again->size() == files.size());
  CHECK(again->at(3).bytes == files[3].bytes);
}

TEST_CASE("an archive whose names lead elsewhere is refused") {
  for (std::string_view name :
       {"../evil", "a/../../evil", "/etc/passwd", "C:/evil", "a\\..\\evil", "a//b", "./a", ""}) {
    INFO(name);
    CHECK(WhyRefused(WriteZip({{std::string(name), "x"}})) == "a name leads out of the archive");
  }
  CHECK(WhyRefused(WriteZip({{"a", "x"}, {"a", "y"}})) == "a name stands twice");
}

TEST_CASE("an archive that lies about its files is refused") {
  auto honest = WriteZip({{"a", "hello"}});
  CHECK(WhyRefused(Changed(honest, "hello", "hallo")) == "a file has another checksum than is said");
  auto directory = honest.find("PK\x01\x02");
  auto with = [&](std::size_t at, char value) {
    auto bytes = honest;
    bytes[directory + at] = value;
    return bytes;
  };
  CHECK(WhyRefused(with(8, 1)) == "a file is encrypted");
  CHECK(WhyRefused(with(10, 12)) == "a file is packed in a way that XDM does not know");
  CHECK(WhyRefused(with(27, 8)) == "it unpacks to more than 64 MiB");
  CHECK(WhyRefused(with(45, 8)) == "a file is not where the directory says");
  CHECK(WhyRefused("PK\x03\x04") == "it has no directory: it was cut short, or is no ZIP");
}

TEST_CASE("a packed file that swells is refused before it fills the memory") {
  // The example's packed document, said to be of another size.
  auto bytes = tests::Example("IHE_XDM.zip");
  auto directory = bytes.rfind("PK\x01\x02");
  bytes[directory + 24] = 1, bytes[directory + 25] = 0;
  CHECK(WhyRefused(bytes) == "a file is not of the size that is said");
}

TEST_CASE("no damage to an archive does harm") {
  auto whole = tests::Example("IHE_XDM.zip");
  std::mt19937 random(20260105);
  for (int i = 0; i < 2000; ++i) {
    auto bytes = whole;
    bytes[random() % bytes.size()] = static_cast<char>(random());
    if (i % 4 == 0) bytes.resize(random() % bytes.size());
    if (auto files = ReadZip(bytes))
      for (const auto& file : *files) CHECK(file.bytes.size() <= 64u << 20);
  }
}

TEST_CASE("metadata that do not fit their archive fail at their place") {
  auto good = tests::Example("IHE_XDM.zip");
  for (std::string_view id : {"XDM-01", "XDM-02", "HDR-11", "HDR-12", "INS-02"}) {
    INFO(id);
    CHECK(Of(id, good) == Verdict::Pass);
  }
  CHECK(Of("XDM-02", With("METADATA.XML", "DOC0001.XML", "DOC0002.XML")) == Verdict::Fail);
  CHECK(Of("HDR-11", With("DOC0001.XML", "Laboratoire des Essais", "Laboratoire des Essaie")) ==
        Verdict::Fail);
  CHECK(Of("HDR-12", With("METADATA.XML", "20260105091500", "20260105091600")) == Verdict::Fail);
  CHECK(Of("INS-02", With("METADATA.XML", "185057800604830^", "185057800604831^")) == Verdict::Warn);
  auto files = Files();
  files.erase(files.begin());  // INDEX.HTM
  CHECK(Of("XDM-02", WriteZip(files)) == Verdict::Fail);
  files.pop_back();  // the document
  CHECK(Of("XDM-02", WriteZip(files)) == Verdict::Fail);
}

TEST_CASE("the times of header and metadata are one though their zones differ") {
  auto said = [](std::string_view time) { return With("METADATA.XML", "20260105091500", time); };
  CHECK(Of("HDR-12", said("202601050915")) == Verdict::Pass);  // to the minute
  CHECK(Of("HDR-12", said("20260105101500")) == Verdict::Fail);
  CHECK(Of("HDR-12", said("20260106")) == Verdict::Fail);
}

TEST_CASE("metadata without their archive leave its files undecided") {
  CHECK(Of("XDM-02", tests::Example("METADATA.XML")) == Verdict::Indeterminate);
  CHECK(Of("HDR-11", tests::Example("METADATA.XML")) == Verdict::Indeterminate);
}

TEST_CASE("a mail is judged with the archive in it") {
  auto mail = tests::Example("mail.eml");
  CHECK(Of("XDM-04", mail) == Verdict::Pass);
  CHECK(Of("XDM-05", mail) == Verdict::Pass);
  CHECK(Of("XDM-05", Changed(mail, "X-MSS-CODECDA: 11502-2", "X-MSS-CODECDA: 18748-4")) == Verdict::Fail);
  CHECK(Of("XDM-04", Changed(mail, "X-MSS-INS: O", "X-MSS-INS: N")) == Verdict::Fail);
  CHECK(Of("XDM-02", Changed(mail, "UEsDB", "UEsDC")) == Verdict::Fail);
}
