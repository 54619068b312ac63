#include "gateway/record/consents.h"

#include "fhir_model/base/limits.h"
#include "fhir_model/json/json.h"
#include "gateway/record/rules.h"

namespace passerelle::record {
namespace {

using node::Children;
using node::kNone;
using node::kRoot;
using node::NodeIndex;
using node::Tree;

// The kind of a consent: the code of its first category.
std::string_view KindOf(const Tree& tree, NodeIndex consent) {
  NodeIndex category = tree.Child(consent, "category");
  NodeIndex coding = category == kNone ? kNone : tree.Child(category, "coding");
  return coding == kNone ? std::string_view() : tree.ChildText(coding, "code");
}

struct Instant {
  long long minutes = 0;  // since year 0, in UTC; enough to order declarations
  std::string_view rest;  // seconds and fraction
};

// A FHIR dateTime as something that can be ordered across time zones; missing parts count as their first.
Instant Order(std::string_view text) {
  auto number = [&](std::size_t at, std::size_t count) {
    long long n = 0;
    for (char c : at < text.size() ? text.substr(at, count) : std::string_view())
      if (c >= '0' && c <= '9') n = n * 10 + (c - '0');
    return n;
  };
  long long month = text.size() > 6 ? number(5, 2) : 1, day = text.size() > 9 ? number(8, 2) : 1;
  long long y = number(0, 4) - (month <= 2);  // days from civil, proleptic Gregorian
  long long shifted = (month + 9) % 12;
  long long days = 365 * y + y / 4 - y / 100 + y / 400 + (153 * shifted + 2) / 5 + day - 1;
  Instant instant{days * 1440 + number(11, 2) * 60 + number(14, 2), {}};
  auto zone = text.size() > 16 ? text.find_first_of("+-Z", 16) : text.npos;
  instant.rest = text.size() > 17 ? text.substr(17, zone == text.npos ? zone : zone - 17) : std::string_view();
  if (zone != text.npos && text[zone] != 'Z') {
    long long offset = number(zone + 1, 2) * 60 + number(zone + 4, 2);
    instant.minutes -= text[zone] == '-' ? -offset : offset;
  }
  return instant;
}

bool Later(std::string_view a, std::string_view b) {
  Instant x = Order(a), y = Order(b);
  return x.minutes != y.minutes ? x.minutes > y.minutes : x.rest > y.rest;
}

}  // namespace

Result<bool> PlaceConsent(pipeline::Transaction& transaction, const Tree& tree, NodeIndex consent,
                          std::string_view patient, std::string& id, Issues& issues) {
  pipeline::SearchTerm of_patient{"patient", {std::string(patient)}};
  TRY(auto page, transaction.Search("Consent", std::span(&of_patient, 1), 100, {}));
  for (const auto& version : page.matches) {
    TRY(auto known, json::Parse(version.json, kFileLimits));
    if (KindOf(known, kRoot) != KindOf(tree, consent)) continue;
    id = version.id;
    if (!Later(known.ChildText(kRoot, "dateTime"), tree.ChildText(consent, "dateTime"))) return true;
    issues.Add(rules::ConsentOlder, {"Consent.dateTime"});
    return false;
  }
  return true;
}

}  // namespace passerelle::record
