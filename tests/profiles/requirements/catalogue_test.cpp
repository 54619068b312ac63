// The shipped tables: all there, each decided or with the reason why not; and what a broken table is told.

#include "profiles/requirements/requirement.h"

#include <catch2/catch.hpp>
#include <map>

using namespace passerelle;
using namespace passerelle::requirements;

namespace {

const Catalogue& Shipped() {
  static const auto catalogue = [] {
    std::vector<Error> errors;
    auto compiled = Catalogue::Compile(ShippedTables(), &errors);
    for (const auto& error : errors) UNSCOPED_INFO(error.Text());
    REQUIRE(errors.empty());
    return *std::move(compiled);
  }();
  return catalogue;
}

std::vector<Error> ErrorsOf(std::string text) {
  SourceFile file{"site.req", std::move(text)};
  std::vector<Error> errors;
  auto compiled = Catalogue::Compile(std::span(&file, 1), &errors);
  CHECK(compiled.has_value() == errors.empty());
  return errors;
}

}  // namespace

TEST_CASE("the catalogue holds every row of its families") {
  const std::map<std::string, int, std::less<>> rows = {
      {"INS", 17}, {"AUT", 13}, {"TYP", 9}, {"HDR", 12}, {"BOD", 12}, {"BIO", 13},
      {"REP", 11}, {"CNF", 8},  {"OPP", 8}, {"HL7", 11}, {"FHR", 10}, {"XDM", 12},
      {"MES", 7},  {"SEC", 8},  {"AUD", 5}, {"ROB", 8},  {"THR", 4}};
  for (const auto& [family, count] : rows)
    for (int n = 1; n <= count; ++n) {
      auto id = family + (n < 10 ? "-0" : "-") + std::to_string(n);
      INFO(id);
      CHECK(Shipped().Find(id) != nullptr);
    }
  CHECK(Shipped().requirements().size() == 168);
}

TEST_CASE("what a machine does not decide says who does, and why") {
  std::size_t automatic = 0;
  for (const auto& requirement : Shipped().requirements()) {
    INFO(requirement.id);
    if (requirement.means == Means::Automatic)
      ++automatic;
    else
      CHECK(requirement.reason.size() > 20);
    CHECK(!requirement.sentence.en.empty());
    CHECK(!requirement.sentence.fr.empty());
    if (requirement.means == Means::Automatic) CHECK(!requirement.repair.fr.empty());
  }
  CHECK(automatic >= 120);
}

TEST_CASE("a suite is found by its id and by the cases of the official bench") {
  auto suite = Shipped().FindSuite("CI-SIS-CR-BIO-Create_doc-Sc1");
  REQUIRE(suite);
  CHECK((*suite)->id == "biology");
  auto none = Shipped().FindSuite("nothing");
  REQUIRE(!none);
  CHECK(none.error().info->name == "SuiteUnknown");
}

TEST_CASE("a suite keeps the id of a requirement that nobody knows") {
  SourceFile file{"site.req", "suite own\n  covers XYZ-99\n"};
  auto compiled = Catalogue::Compile(std::span(&file, 1));
  REQUIRE(compiled);
  CHECK(compiled->suites()[0].requirements == std::vector<std::string>{"XYZ-99"});
}

TEST_CASE("each mistake in a table is told with its file and line") {
  auto errors = ErrorsOf(
      "requirement A-01 grave\n"
      "  source s\n  en x\n  fr y\n"
      "  check document\n    test code.(\n"
      "  check nothing\n    test true\n"
      "requirement A-01 minor\n"
      "  source s\n  en x\n  fr y\n  needs person\n");
  std::vector<unsigned> lines;
  for (const auto& error : errors) lines.push_back(error.place.line);
  CHECK(lines == std::vector<unsigned>{1, 6, 7, 13, 9, 9});
  for (const auto& error : errors) CHECK(error.place.path == "site.req");
}

TEST_CASE("the digest of a requirement changes with its text alone") {
  const std::string head = "requirement A-01 minor\n  source s\n  en x\n  fr y\n  check document\n    test ";
  SourceFile a{"a", head + "true\n"}, b{"a", head + "false\n"}, c{"a", "# a remark\n\n" + head + "true\n"};
  auto digest = [](const SourceFile& file) {
    return Catalogue::Compile(std::span(&file, 1))->requirements()[0].digest;
  };
  CHECK(digest(a) != digest(b));
  CHECK(digest(a) == digest(c));
}

TEST_CASE("what a label wants to have seen is covered by its suite and decided by a machine") {
  auto catalogue = Catalogue::Shipped();
  REQUIRE(catalogue);
  for (const auto& suite : catalogue->suites())
    for (const auto& alternatives : suite.shown)
      for (const auto& id : alternatives) {
        INFO(suite.id << " " << id);
        CHECK(std::ranges::find(suite.requirements, id) != suite.requirements.end());
        REQUIRE(catalogue->Find(id) != nullptr);
        CHECK(catalogue->Find(id)->means == Means::Automatic);
      }
}
