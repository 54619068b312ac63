// The folder of the evidence: nothing is lost of what several do at once, and no crash leaves it shut.

#include "gateway/app/evidence_folder.h"

#include <stdlib.h>

#include <atomic>
#include <catch2/catch.hpp>
#include <chrono>
#include <filesystem>
#include <fstream>
#include <thread>

#include "fhir_model/base/digest.h"
#include "fhir_model/base/errors.h"
#include "gateway/app/bench_run.h"
#include "gateway/app/command.h"
#include "gateway/labelling/errors.h"

namespace passerelle::app {
namespace {

namespace fs = std::filesystem;

struct Folder {
  std::string path;
  Folder() {
    path = (fs::temp_directory_path() / "passerelle-evidence-XXXXXX").string();
    REQUIRE(::mkdtemp(path.data()) != nullptr);
  }
  ~Folder() { fs::remove_all(path); }
  std::string Of(const std::string& name) const { return path + "/" + name; }
  std::string Read(const std::string& name) const {
    auto text = ReadFile(Of(name));
    return text ? *text : std::string();
  }
  void Write(const std::string& name, const std::string& text) const {
    std::ofstream(Of(name), std::ios::binary) << text;
  }
};

labelling::Evidence Line(const std::string& run) {
  labelling::Evidence line;
  line.run = run, line.product = "Essai", line.version = "1", line.suite = "mail";
  line.input = Sha256Hex(run), line.time = "2026-01-05T10:00:00Z";
  line.verdicts = {{"MES-01 00", "PASS"}};
  return line;
}

std::size_t Entries(const std::string& folder) {
  auto evidence = EvidenceFolder::Open(folder);
  REQUIRE(evidence);
  return labelling::VerifyLedger(evidence->ledger())->entries;
}

// All at once, each from a thread of its own; how many succeeded.
int AtOnce(int count, const std::function<bool(int)>& act) {
  std::atomic<int> succeeded = 0;
  std::vector<std::thread> threads;
  for (int i = 0; i < count; ++i) threads.emplace_back([&, i] { succeeded += act(i); });
  for (auto& thread : threads) thread.join();
  return succeeded;
}

}  // namespace

TEST_CASE("no revocation is lost where several are made at once", "[app]") {
  Folder folder;
  constexpr int kCount = 24;
  CHECK(AtOnce(kCount, [&](int i) {
          auto evidence = EvidenceFolder::Open(folder.path);
          return evidence && evidence->Revoke({"label " + std::to_string(i)}, "2026-01-05T10:00:00Z");
        }) == kCount);
  CHECK(EvidenceFolder::Open(folder.path)->Revoked()->size() == kCount);
}

TEST_CASE("of several labels for one version and suite that are granted at once one is", "[app]") {
  Folder folder;
  REQUIRE(EvidenceFolder::Open(folder.path));
  CHECK(AtOnce(12, [&](int i) {
          auto evidence = EvidenceFolder::Open(folder.path);
          return evidence && evidence->Grant([&](std::string_view) {
            std::this_thread::sleep_for(std::chrono::milliseconds(20));  // until all of them are at it
            labelling::Label label;
            label.id = "label-" + std::to_string(i), label.product = "Essai", label.version = "1";
            return Result<labelling::Label>(label);
          });
        }) == 1);
  CHECK(std::distance(fs::directory_iterator(folder.Of("labels")), fs::directory_iterator()) == 1);
}

TEST_CASE("a label is earned by the evidence that is there when it is granted", "[app]") {
  Folder folder;
  auto grants = EvidenceFolder::Open(folder.path);
  REQUIRE(EvidenceFolder::Open(folder.path)->Append({Line("later")}));
  std::size_t seen = 0;
  auto refused = grants->Grant([&](std::string_view ledger) -> Result<labelling::Label> {
    seen = labelling::VerifyLedger(ledger)->entries;
    return Error{errors::LabelInvalid, "it failed"};
  });
  REQUIRE(!refused);
  CHECK(refused.error().info == &errors::LabelInvalid);
  CHECK(seen == 1);
}

TEST_CASE("an Append that was cut off anywhere is ended by the next, and evidence goes on", "[app]") {
  Folder folder;
  REQUIRE(EvidenceFolder::Open(folder.path)->Append({Line("one")}));
  const auto ledger = folder.Read("ledger.ndjson"), head = folder.Read("ledger.head");
  REQUIRE(EvidenceFolder::Open(folder.path)->Append({Line("two"), Line("three")}));
  const auto longer = folder.Read("ledger.ndjson"), next = folder.Read("ledger.head");
  CHECK(!fs::exists(folder.Of("ledger.head.next")));

  SECTION("with another one before it") {
    folder.Write("ledger.head", head);
    folder.Write("ledger.head.next", next);
    for (auto size : {ledger.size(), ledger.size() + 1, longer.find('\n', ledger.size()) + 1,
                      longer.size() - 1, longer.size()}) {
      INFO(size);
      folder.Write("ledger.head", head);
      folder.Write("ledger.head.next", next);
      folder.Write("ledger.ndjson", longer.substr(0, size));
      CHECK(Entries(folder.path) == (size == longer.size() ? 3 : 1));
      CHECK(!fs::exists(folder.Of("ledger.head.next")));
      REQUIRE(EvidenceFolder::Open(folder.path)->Append({Line("four")}));
      CHECK(Entries(folder.path) == (size == longer.size() ? 4 : 2));
    }
  }
  SECTION("as the first of all") {
    for (std::size_t size : {std::size_t{0}, std::size_t{10}, longer.size()}) {
      INFO(size);
      fs::remove(folder.Of("ledger.head"));
      folder.Write("ledger.head.next", next);
      folder.Write("ledger.ndjson", longer.substr(0, size));
      CHECK(Entries(folder.path) == (size == longer.size() ? 3 : 0));
    }
  }
  SECTION("but nothing else is taken back, or taken in") {
    folder.Write("ledger.head", head);  // an older one, as from a backup
    CHECK(EvidenceFolder::Open(folder.path).error().info == &errors::LedgerBroken);
    folder.Write("ledger.head.next", "no head");
    CHECK(!EvidenceFolder::Open(folder.path));
    CHECK(folder.Read("ledger.ndjson") == longer);
    folder.Write("ledger.head.next", next);
    auto touched = longer;
    touched[5] ^= 1;
    folder.Write("ledger.ndjson", touched);
    CHECK(EvidenceFolder::Open(folder.path).error().info == &errors::LedgerBroken);
    CHECK(folder.Read("ledger.ndjson") == touched);
  }
}

TEST_CASE("a public key that a crash left out is written again, of the key that signs", "[app]") {
  Folder folder;
  REQUIRE(EvidenceFolder::Open(folder.path));
  const auto key = folder.Read("bench-key.pub");
  fs::remove(folder.Of("bench-key.pub"));
  REQUIRE(EvidenceFolder::Open(folder.path));
  CHECK(folder.Read("bench-key.pub") == key);
}

TEST_CASE("an input that could not be kept is told", "[app]") {
  Folder folder;
  CHECK(KeepInput(folder.path, "MSH|"));
  CHECK(folder.Read("inputs/" + Sha256Hex("MSH|")) == "MSH|");
  fs::remove_all(folder.Of("inputs"));
  folder.Write("inputs", "no folder");
  auto kept = KeepInput(folder.path, "MSH|");
  REQUIRE(!kept);
  CHECK(kept.error().info == &errors::FileUnwritable);
}

}  // namespace passerelle::app
