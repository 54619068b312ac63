// Dates and times: what the calendar knows, what can be compared, and how far a value may reach.

#include "fhir_model/path/date_time.h"

#include <catch2/catch.hpp>
#include <string>

namespace passerelle::path {
namespace {

DateTime D(std::string_view text) { return DateTime::Parse(text).value(); }

std::string Plus(std::string_view text, std::string_view amount, std::string_view unit, int sign = 1) {
  DateTime date = D(text);
  return date.Add(*Decimal::Parse(amount), unit, sign) ? date.Text() : "refused";
}

std::string Bound(std::string_view text, bool high, int digits) {
  auto bound = D(text).Boundary(high, digits);
  return bound ? bound->Text() : "nothing";
}

TEST_CASE("dates are those of the calendar", "[date]") {
  for (std::string_view text :
       {"2024-02-29", "2015", "2015-02-04T14:34:28.123+10:00", "1999-12-31T23:59:60Z"})
    CHECK(DateTime::Parse(text));
  for (std::string_view text :
       {"2023-02-29", "0000", "2015-13", "2015-1-1", "2015-02-04T25:00", "2015-02T10:00",
        "2015-02-04T10:00+15:00", "2015-02-04 10:00", "20150204", ""})
    CHECK_FALSE(DateTime::Parse(text));
  CHECK_FALSE(DateTime::ParseTime("24:01"));
}

TEST_CASE("values compare as far as both were written", "[date]") {
  CHECK(DateTime::Compare(D("2018-03"), D("2018-04-01")) == -1);
  CHECK_FALSE(DateTime::Compare(D("2018-03"), D("2018-03-01")));
  CHECK(DateTime::Compare(D("2017-11-05T01:30:00.0-04:00"), D("2017-11-05T00:30:00-05:00")) == 0);
  CHECK_FALSE(DateTime::Compare(D("2012-04-15T15:00:00Z"), D("2012-04-15T10:00:00")));
  CHECK(DateTime::Compare(D("2012-04-15T15:00:00Z"), D("2012-04-17T10:00:00")) == -1);
}

TEST_CASE("spans of time are added as the calendar does", "[date]") {
  CHECK(Plus("2020-01-31", "1", "month") == "2020-02-29");
  CHECK(Plus("2020-02-29", "1", "year") == "2021-02-28");
  CHECK(Plus("2020-12-31T23:59:59Z", "1", "s") == "2021-01-01T00:00:00Z");
  CHECK(Plus("2020-01-01T00:00:00.000Z", "1", "ms", -1) == "2019-12-31T23:59:59.999Z");
  CHECK(Plus("2014", "24", "months") == "2016");
  CHECK(Plus("1973-12-25", "7.7", "days") == "1974-01-01");
  CHECK(Plus("1973-12-25", "1", "mo") == "refused");
  CHECK(Plus("1973-12-25", "1", "cm") == "refused");
  CHECK(Plus("9999-12-31", "1", "day") == "refused");
}

TEST_CASE("boundaries are the first and last moments a value may mean", "[date]") {
  CHECK(Bound("2014", false, 6) == "2014-01");
  CHECK(Bound("2014-02", true, 8) == "2014-02-28");
  CHECK(Bound("2014-01-01T08:05+08:00", true, 17) == "2014-01-01T08:05:59.999+08:00");
  CHECK(Bound("2014-01-01T08:05", false, 17) == "2014-01-01T08:05:00.000+14:00");
  CHECK(Bound("2014", true, 5) == "nothing");
}

}  // namespace
}  // namespace passerelle::path
