// Texts: dates and times with their zones, numbers, booleans, base64, systems, national ids.

#include <catch2/catch.hpp>

#include <array>
#include <set>
#include <string>

#include "mappers/convert/convert.h"

using namespace passerelle;
using namespace passerelle::convert;

namespace {

// The text that came out, or what went wrong.
template <class Convert>
std::string Said(const Convert& convert) {
  std::string out;
  switch (convert(out)) {
    case Outcome::Done: return out;
    case Outcome::Nothing: return "(nothing)";
    case Outcome::Unreadable: return "(unreadable)";
    case Outcome::ZoneMissing: return out + " (no zone)";
  }
  return {};
}

std::string DateTimeOf(std::string_view text, std::string_view zone = "Europe/Paris") {
  auto found = Zone::Find(zone);
  return Said([&](std::string& out) { return ToDateTime(text, found ? &*found : nullptr, out); });
}
std::string DateOf(std::string_view text) {
  return Said([&](std::string& out) { return ToDate(text, out); });
}
std::string NumberOf(std::string_view text) {
  return Said([&](std::string& out) { return ToNumber(text, out); });
}

class FewSystems final : public Systems {
  std::string_view Find(std::string_view key) const override {
    return key == "1.2.9" || key == "NINE" ? "http://nine" : std::string_view();
  }
};

}  // namespace

TEST_CASE("which of two times is earlier, as far as both are precise") {
  auto paris = Zone::Find("Europe/Paris");
  REQUIRE(paris);
  auto earlier = [&](std::string_view a, std::string_view b) { return IsEarlier(a, b, &*paris); };
  CHECK(earlier("2025", "2026"));
  CHECK_FALSE(earlier("2026", "202603"));
  CHECK(earlier("20260109", "20260110"));
  CHECK_FALSE(earlier("20260110", "20260110"));
  CHECK_FALSE(earlier("20260110", "202601101000"));
  CHECK(earlier("202601100930+0100", "202601100900+0000"));
  CHECK_FALSE(earlier("hier", "20260110"));
}

TEST_CASE("a time and a while later") {
  auto later = [](std::string_view text, int amount, std::string_view unit) {
    auto paris = Zone::Find("Europe/Paris");
    return Said([&](std::string& out) { return ToLater(text, amount, unit, paris ? &*paris : nullptr, out); });
  };
  CHECK(later("20260227", 2, "d") == "2026-03-01");
  CHECK(later("20240131", 1, "mo") == "2024-02-29");
  CHECK(later("20251231", 1, "a") == "2026-12-31");
  CHECK(later("20260101", 48, "h") == "2026-01-03");
  CHECK(later("202601012330+0100", 90, "min") == "2026-01-02T01:00:00+01:00");
  CHECK(later("202603281200", 1, "d") == "2026-03-29T12:00:00+02:00");
  CHECK(later("20260101", 3, "h") == "(unreadable)");
  CHECK(later("202601", 3, "d") == "(unreadable)");
  CHECK(later("20260101", 3, "mg") == "(unreadable)");
}

TEST_CASE("dates keep the precision they came with") {
  CHECK(DateOf("1970") == "1970");
  CHECK(DateOf("197002") == "1970-02");
  CHECK(DateOf("19700203") == "1970-02-03");
  CHECK(DateOf("197002031130") == "1970-02-03");
  CHECK(DateOf("1970-02-03") == "1970-02-03");
  CHECK(DateOf("1970-02") == "1970-02");
  CHECK(DateOf("19700200") == "1970-02");
  CHECK(DateOf("19700000") == "1970");
  CHECK(DateOf(" 19700203 ") == "1970-02-03");
}

TEST_CASE("what is no date is told") {
  for (auto text : {"x", "197", "00001231", "19701301", "19700230", "19700203x", "1970020325", "197002031160",
                    "1970-2-3", "19700203113045.5+25", "20240230", "1970--02"})
    CHECK(DateTimeOf(text) == "(unreadable)");
  CHECK(DateTimeOf("") == "(nothing)");
  CHECK(DateOf("20240229") == "2024-02-29");
}

TEST_CASE("times keep their zone, or get the feed's at that moment, or lose their time of day") {
  CHECK(DateTimeOf("20260301123045+0200") == "2026-03-01T12:30:45+02:00");
  CHECK(DateTimeOf("20260301123045-0330") == "2026-03-01T12:30:45-03:30");
  CHECK(DateTimeOf("2026-03-01T12:30:45Z") == "2026-03-01T12:30:45+00:00");
  CHECK(DateTimeOf("202603011230") == "2026-03-01T12:30:00+01:00");
  CHECK(DateTimeOf("202607011230") == "2026-07-01T12:30:00+02:00");
  CHECK(DateTimeOf("20260701123045.1234") == "2026-07-01T12:30:45.1234+02:00");
  CHECK(DateTimeOf("2026070112") == "2026-07-01T12:00:00+02:00");
  CHECK(DateTimeOf("20261231240000") == "2027-01-01T00:00:00+01:00");
  CHECK(DateTimeOf("202603011230", "") == "2026-03-01 (no zone)");
  CHECK(DateTimeOf("20260301", "") == "2026-03-01");
}

TEST_CASE("the clock of Europe/Paris, and others, at their changes") {
  CHECK(DateTimeOf("202603290159") == "2026-03-29T01:59:00+01:00");
  CHECK(DateTimeOf("202603290300") == "2026-03-29T03:00:00+02:00");
  CHECK(DateTimeOf("202610250159") == "2026-10-25T01:59:00+02:00");
  CHECK(DateTimeOf("202610250230") == "2026-10-25T02:30:00+02:00");  // twice on the clock: the first time
  CHECK(DateTimeOf("202610250300") == "2026-10-25T03:00:00+01:00");
  CHECK(DateTimeOf("199509240300") == "1995-09-24T03:00:00+01:00");  // summer ended in September
  CHECK(DateTimeOf("199510011200") == "1995-10-01T12:00:00+01:00");
  CHECK(DateTimeOf("197607011200") == "1976-07-01T12:00:00+02:00");
  CHECK(DateTimeOf("197507011200") == "1975-07-01T12:00:00+01:00");
  CHECK(DateTimeOf("202607011200", "Indian/Reunion") == "2026-07-01T12:00:00+04:00");
  CHECK(DateTimeOf("202607011200", "America/Martinique") == "2026-07-01T12:00:00-04:00");
  CHECK(DateTimeOf("202607011200", "Pacific/Marquesas") == "2026-07-01T12:00:00-09:30");
  CHECK(DateTimeOf("202603081200", "America/Miquelon") == "2026-03-08T12:00:00-02:00");
  CHECK(DateTimeOf("202603071200", "America/Miquelon") == "2026-03-07T12:00:00-03:00");
  CHECK(DateTimeOf("202607011200", "+05:30") == "2026-07-01T12:00:00+05:30");
  CHECK_FALSE(Zone::Find("Europe/Nowhere").has_value());
}

TEST_CASE("an instant wants its time, a time of day stands alone") {
  auto paris = Zone::Find("Europe/Paris");
  auto instant = [&](std::string_view text) {
    return Said([&](std::string& out) { return ToInstant(text, &*paris, out); });
  };
  CHECK(instant("20260301123045") == "2026-03-01T12:30:45+01:00");
  CHECK(instant("20260301") == "(unreadable)");
  auto time = [&](std::string_view text) {
    return Said([&](std::string& out) { return ToTime(text, out); });
  };
  CHECK(time("1230") == "12:30:00");
  CHECK(time("12:30:45") == "12:30:45");
  CHECK(time("20260301083000") == "08:30:00");
  CHECK(time("20260301") == "(unreadable)");
}

TEST_CASE("numbers keep their digits") {
  CHECK(NumberOf("1.50") == "1.50");
  CHECK(NumberOf("+.5") == "0.5");
  CHECK(NumberOf("-007,25") == "-7.25");
  CHECK(NumberOf("1e3") == "1e3");
  CHECK(NumberOf("5.") == "5");
  for (auto text : {"<5", "1.2.3", "x", "-", "1e", "1 000", "."}) CHECK(NumberOf(text) == "(unreadable)");
  auto integer = [](std::string_view text) {
    return Said([&](std::string& out) { return ToInteger(text, out); });
  };
  CHECK(integer("007") == "7");
  CHECK(integer("3.00") == "3");
  CHECK(integer("3.5") == "(unreadable)");
  CHECK(integer("99999999999") == "(unreadable)");
}

TEST_CASE("booleans and base64") {
  auto boolean = [](std::string_view text) {
    return Said([&](std::string& out) { return ToBoolean(text, out); });
  };
  CHECK(boolean("Y") == "true");
  CHECK(boolean("false") == "false");
  CHECK(boolean("maybe") == "(unreadable)");
  auto base64 = [](std::string_view text) {
    return Said([&](std::string& out) { return ToBase64(text, out); });
  };
  CHECK(base64("YWJj\r\n ZGVm") == "YWJjZGVm");
  CHECK(base64("YWI") == "YWI=");
  CHECK(base64("YWI=") == "YWI=");
  for (auto text : {"Y", "YWJjZ", "YW*j", "Y===", "Y=Wj"}) CHECK(base64(text) == "(unreadable)");
  std::string plain;
  ToPlain("a\r\nb\rc \n", plain);
  CHECK(plain == "a\nb\nc");
}

TEST_CASE("systems by OID, table, UUID and URI") {
  FewSystems systems;
  auto uri = [&](std::string_view key) {
    std::string out;
    return systems.UriOf(key, out) ? out : "(unknown)";
  };
  CHECK(uri("1.2.9") == "http://nine");
  CHECK(uri("urn:oid:1.2.9") == "http://nine");
  CHECK(uri("NINE") == "http://nine");
  CHECK(uri("1.2.3") == "urn:oid:1.2.3");
  CHECK(uri("C0FFEE00-0000-4000-8000-000000000000") == "urn:uuid:c0ffee00-0000-4000-8000-000000000000");
  CHECK(uri("https://x.org/y") == "https://x.org/y");
  for (auto key : {"", "L", "1.", "1..2", "3.2", "javascript:x"}) CHECK(uri(key) == "(unknown)");
}

TEST_CASE("national numbers behind the digit for their kind") {
  auto id = NationalId("1.2.250.1.71.4.2.1", "810000000001");
  CHECK(id.value == "10000000001");
  CHECK(id.system == "https://rpps.esante.gouv.fr");
  CHECK(NationalId("urn:oid:1.2.250.1.71.4.2.2", "1750000001").system == "https://finess.esante.gouv.fr");
  CHECK(NationalId("1.2.3", "810000000001").value.empty());
  CHECK(NationalId("1.2.250.1.71.4.2.1", "8").value.empty());
}

TEST_CASE("every converter has a word of its own") {
  std::set<std::string_view> words;
  for (auto word : {
#define CONVERTER(name, word, argument) std::string_view(word),
#include "mappers/convert/names.def"
#undef CONVERTER
       }) {
    CHECK(words.insert(word).second);
    REQUIRE(FindName(word) != nullptr);
    CHECK(FindName(word)->word == word);
  }
  CHECK(FindName("nosuch") == nullptr);
}
