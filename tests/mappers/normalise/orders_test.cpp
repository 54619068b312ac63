// What orders ask for and when: timings, doses and routes, from whichever segments say them.

#include "tests/mappers/normalise/ask.h"

namespace passerelle::normalise {
namespace {

std::string Order(std::string_view event, std::string_view segments) {
  return "MSH|^~\\&|LAB|CHU|GW|GW|20240306111154+0100||" + std::string(event) +
         "|E1|P|2.5\rPID|1||P1^^^CHU^PI||MARTIN^Lise\r" + std::string(segments);
}

std::string OfRequest(std::string_view event, std::string_view segments, const std::string& question) {
  return Ask(Run(Order(event, segments)), "ofType(ServiceRequest)." + question);
}
std::string OfPrescription(std::string_view event, std::string_view segments, const std::string& question) {
  return Ask(Run(Order(event, segments)), "ofType(MedicationRequest)." + question);
}

const std::string kCode = "timing.code.coding.code.distinct()";

TEST_CASE("the form, the strength and the rate of an encoded prescription", "[orders]") {
  const std::string infusion =
      "ORC|NW|1\rRXE||H^Heparin^L|5000||[iU]^unit^UCUM|INJ^Injection^L|||||||||||||||^check "
      "aPTT||2|mL/h^^UCUM|25000|[iU]\r";
  CHECK(OfPrescription("RDE^O11", infusion, "dosageInstruction.doseAndRate.rate.value") == "2");
  CHECK(OfPrescription("RDE^O11", infusion, "dosageInstruction.doseAndRate.rate.code") == "mL/h");
  CHECK(OfPrescription("RDE^O11", infusion, "note.text") == "check aPTT");
  auto made = Run(Order("RDE^O11", infusion));
  CHECK(Ask(made, "ofType(Medication).form.coding.code") == "INJ");
  CHECK(Ask(made, "ofType(Medication).ingredient.strength.numerator.value") == "25000");
  SECTION("a rate that is no number is told in words") {
    const std::string titrated = "ORC|NW|1\rRXE||H^Heparin^L|1||mL||||||||||||||||||2-4|mL/h\r";
    CHECK(OfPrescription("RDE^O11", titrated, "dosageInstruction.additionalInstruction.text") == "2-4 mL/h");
    CHECK(OfPrescription("RDE^O11", titrated, "dosageInstruction.doseAndRate.rate.empty()") == "true");
  }
  SECTION("a rate whose unit does not say per what is told in words, with the time that stands beside it") {
    const std::string hourly = "ORC|NW|1\rRXE||H^Heparin^L|1||mL|||||||||||||||||H1|100|mL\r";
    CHECK(OfPrescription("RDE^O11", hourly, "dosageInstruction.additionalInstruction.text") == "100 mL H1");
    CHECK(OfPrescription("RDE^O11", hourly, "dosageInstruction.doseAndRate.rate.empty()") == "true");
  }
  SECTION("what the pharmacy encodes otherwise than it was ordered is not lost") {
    const std::string both = "ORC|NW|1\rRXO|A^Aspirin^L|1||TAB\rRXE||B^Aspirin EC^L|1||TAB\rRXR|PO\r";
    CHECK(OfPrescription("RDE^O11", both, "medication.coding.code") == "A");
    CHECK(OfPrescription("RDE^O11", both, "note.text") == "B Aspirin EC L 1 TAB");
  }
  SECTION("the dose of another drug is no dose of the one that was ordered, whether it has a code or not") {
    const std::string words = "ORC|NW|1\rRXO|^Amoxicilline 1 g|1||TAB\rRXE||^Amoxicilline 500 mg|2||TAB\r";
    CHECK(OfPrescription("RDE^O11", words, "dosageInstruction.doseAndRate.dose.value") == "1");
    CHECK(OfPrescription("RDE^O11", words, "note.text") == "Amoxicilline 500 mg 2 TAB");
  }
  SECTION("a strength is in its volume, not in its package") {
    auto syrup =
        Run(Order("RDE^O11", "ORC|NW|1\rRXE||S^Sirop^L|5||mL||||||||||||||||||||250|mg||30|TAB||||5|mL\r"));
    CHECK(Ask(syrup, "ofType(Medication).ingredient.strength.select(numerator.value | denominator.value)") ==
          "250 5");
  }
  SECTION("what is handed over is counted in one unit") {
    const std::string both = "ORC|NW|1\rRXO|A^Aspirin^L|1||TAB|||||||2\rRXE||A^Aspirin^L|1||TAB|||||20|TAB\r";
    CHECK(OfPrescription("RDE^O11", both, "dispenseRequest.quantity.select(value | code)") == "2");
  }
}

TEST_CASE("what was handed over: lot, form, maker, and for which ailment", "[orders]") {
  auto made =
      Run(Order("RDS^O13",
                "ORC|RE|1\rRXE||A^Aspirin^L|1||TAB\rRXR|PO\r"
                "RXD|1|A^Aspirin^L|20240306|20|TAB^Tablet^L|TAB^Tablet^L|R1||||||^^^CHU||P^after meals^L|"
                "||L77|20251231|ACME^Acme^L|M54^Back pain^I10\rNTE|1||given to her daughter\r"));
  CHECK(Ask(made, "ofType(Medication).batch.lotNumber") == "L77");
  CHECK(Ask(made, "ofType(Medication).batch.expirationDate") == "2025-12-31");
  CHECK(Ask(made, "ofType(Medication).form.coding.code") == "TAB");
  CHECK(Ask(made, "ofType(MedicationDispense).medication.reference.exists()") == "true");
  CHECK(Ask(made, "ofType(MedicationDispense).note.text") == "after meals Back pain given to her daughter");
  CHECK(Ask(made, "ofType(MedicationDispense).destination.exists()") == "true");
  CHECK(PlacesOf(made, engine::Fate::Unmapped).empty());
}

TEST_CASE("what a dispense says of a day is a dose, not how long the supply lasts", "[orders]") {
  auto made = Run(
      Order("RDS^O13",
            "ORC|RE|1\rRXE||A^Aspirin^L|1||TAB\rRXR|PO\rRXD|1|A^Aspirin^L|20240306|20|TAB|||||||3^TAB\r"));
  CHECK(Ask(made, "ofType(MedicationDispense).daysSupply.empty()") == "true");
  CHECK(Ask(made,
            "ofType(MedicationDispense).dosageInstruction.maxDosePerPeriod.select(numerator.value | "
            "denominator.code)") == "3 d");
}

TEST_CASE("an allergy with its reporter, its kind and its notes", "[orders]") {
  auto made = Run(Order("ADT^A60",
                        "IAM|1|DA^Drug allergy^HL70127|P^Penicillin^L|SV|rash|A|7^EHR|told on admission|"
                        "IN^Intolerance^HL70436|BL^Beta-lactams^L|20100501|as a child|20240306|Martin^Mia|"
                        "MTH^Mother^HL70063||C^Confirmed^HL70438|1^Doc^Dora||20240305\rNTE|1||seen by us\r"));
  CHECK(Ask(made, "ofType(AllergyIntolerance).note.text") ==
        "told on admission Intolerance Beta-lactams as a child seen by us");
  CHECK(Ask(made, "ofType(RelatedPerson).relationship.coding.code.first()") == "MTH");
  CHECK(Ask(made, "ofType(AllergyIntolerance).asserter.exists()") == "true");
  CHECK(PlacesOf(made, engine::Fate::Unmapped).empty());
}

TEST_CASE("dose, timing and route of one prescription are one dosage", "[orders]") {
  const std::string encoded[] = {
      "ORC|NW|1\rRXE|1^BID^^20240306|A^Aspirin^L|500||mg||at meals\rRXR|PO\r",
      "ORC|NW|1|||||1^BID^^20240306\rRXE||A^Aspirin^L|500||mg||at meals\rRXR|PO\r",
      "ORC|NW|1\rRXE||A^Aspirin^L|500||mg||at meals\rTQ1|1||BID||||20240306\rRXR|PO\r"};
  for (const auto& segments : encoded) {
    INFO(segments);
    auto asked = [&](const std::string& question) {
      return OfPrescription("RDE^O11^RDE_O11", segments, "dosageInstruction." + question);
    };
    CHECK(asked("count()") == "1");
    CHECK(asked(kCode) == "BID");
    CHECK(asked("timing.repeat.bounds.start") == "2024-03-06");
    CHECK(asked("doseAndRate.dose.value") == "500");
    CHECK(asked("route.coding.code.distinct()") == "PO");
    CHECK(asked("text") == "at meals");
  }
  const std::string ordered = "ORC|NW|1\rTQ1|1||BID\rRXO|A^Aspirin^L|500||mg\rRXR|PO\r";
  CHECK(OfPrescription("OMP^O09", ordered, "dosageInstruction.count()") == "1");
  CHECK(OfPrescription("OMP^O09", ordered, "dosageInstruction." + kCode) == "BID");
}

TEST_CASE("how many of a dose is no dose, and not lost", "[orders]") {
  const std::string counted = "ORC|NW|1\rRXE|2^BID|A^Aspirin^L|500||mg\r";
  CHECK(OfPrescription("RDE^O11", counted, "dosageInstruction.doseAndRate.dose.value") == "500");
  CHECK(OfPrescription("RDE^O11", counted, "dosageInstruction.extension.value.value") == "2");
  CHECK(Unmapped(Run(Order("RDE^O11", counted))).empty());
  CHECK(OfPrescription("RDE^O11", "ORC|NW|1\rRXE|2^BID|A^Aspirin^L\r",
                       "dosageInstruction.doseAndRate.dose.value") == "2");
}

TEST_CASE("further timings and routes are dosages of their own", "[orders]") {
  for (std::string segments : {"ORC|NW|1\rRXE|1^BID~1^QID|A^Aspirin^L|500||mg\r",
                               "ORC|NW|1|||||1^BID~1^QID\rRXE||A^Aspirin^L|500||mg\r",
                               "ORC|NW|1\rRXE||A^Aspirin^L|500||mg\rTQ1|1|1|BID\rTQ1|2|1|QID\r"}) {
    INFO(segments);
    CHECK(OfPrescription("RDE^O11", segments, "dosageInstruction.count()") == "2");
    CHECK(OfPrescription("RDE^O11", segments, "dosageInstruction.first()." + kCode) == "BID");
    CHECK(OfPrescription("RDE^O11", segments, "dosageInstruction.last()." + kCode) == "QID");
    CHECK(Unmapped(Run(Order("RDE^O11", segments))).empty());
  }
  CHECK(OfPrescription("RDE^O11", "ORC|NW|1\rRXE||A^Aspirin^L|500||mg\rRXR|PO\rRXR|IV\r",
                       "dosageInstruction.route.count()") == "2");
}

TEST_CASE("the first timing of an order is its timing, whatever its number; others are kept", "[orders]") {
  const std::string code = "occurrence.code.coding.code.distinct()";
  const std::string further = "extension.value.code.coding.code.distinct()";
  CHECK(OfRequest("ORM^O01", "ORC|NW|1\rTQ1|2||BID\rOBR|1|1||X^Y^LN\r", code) == "BID");
  for (std::string segments :
       {"ORC|NW|1\rTQ1|1||BID|||||||fast|note\rTQ1|2||QID|||||||rest|more\rOBR|1|1||X^Y^LN\r",
        "ORC|NW|1|||||1^BID~1^QID\rOBR|1|1||X^Y^LN\r",
        "OBR|1|1||X^Y^LN|||||||||||||||||||||||1^BID~1^QID\r"}) {
    INFO(segments);
    CHECK(OfRequest("ORM^O01", segments, code) == "BID");
    CHECK(OfRequest("ORM^O01", segments, further) == "QID");
    CHECK(Unmapped(Run(Order("ORM^O01", segments))).empty());
  }
  const std::string dated = "ORC|NW|1\rTQ1|1||||||20240307\rTQ1|2||||||20240309\rOBR|1|1||X^Y^LN\r";
  CHECK(OfRequest("ORM^O01", dated, "occurrence") == "2024-03-07");
  CHECK(OfRequest("ORM^O01", dated, "extension.value.repeat.bounds.start") == "2024-03-09");
  const std::string two = "ORC|NW|1\rTQ1|1||BID\rOBR|1|1||X^Y^LN\rORC|NW|2\rTQ1|2||QID\rOBR|2|2||X^Y^LN\r";
  CHECK(OfRequest("ORM^O01", two, code) == "BID QID");
}

TEST_CASE("an earlier result has its own patient, visit and order", "[orders]") {
  const std::string order =
      "PV1|1|I|||||||||||||||||V1^^^CHU^VN\rORC|NW|1\rTQ1|1||BID\rOBR|1|1||X^Y^LN\rNTE|1||of the order\r";
  for (std::string prior : {"ORC|RE|9\rOBR|1|9||Q^Y^LN\r", "OBR|1|9||Q^Y^LN\r"}) {
    auto made = Run(Order("OML^O21", order + "PID|1||P2^^^CHU^PI||OTHER^Name\r" + prior +
                                         "NTE|1||of the earlier\rOBX|1|ST|C^C^L||a||||||F\r"));
    auto of = [&](const std::string& code, const std::string& question) {
      return Ask(made, "ofType(ServiceRequest).where(code.coding.code = '" + code + "')." + question);
    };
    auto patient = [&](const std::string& family) {
      return "urn:uuid:" + Ask(made, "ofType(Patient).where(name.family = '" + family + "').id");
    };
    INFO(prior);
    CHECK(Ask(made, "ofType(ServiceRequest).count()") == "2");
    CHECK(of("X", "identifier.value") == "1");
    CHECK(of("X", "subject.reference") == patient("MARTIN"));
    CHECK(of("X", "encounter.count()") == "1");
    CHECK(of("X", "note.text") == "of the order");
    CHECK(of("X", "occurrence.code.coding.code.first()") == "BID");
    CHECK(of("Q", "identifier.value") == "9");
    CHECK(of("Q", "subject.reference") == patient("OTHER"));
    CHECK(of("Q", "encounter.count()") == "0");
    CHECK(of("Q", "note.text") == "of the earlier");
    CHECK(Ask(made, "ofType(Observation).subject.reference") == patient("OTHER"));
  }
}

TEST_CASE("a time of the day is one of the clock or of an event", "[orders]") {
  auto repeat = [](std::string_view timing) {
    return OfRequest("ORM^O01", "ORC|NW|1\r" + std::string(timing) + "\rOBR|1|1||X^Y^LN\r",
                     "occurrence.repeat.select(timeOfDay | when | offset.toString())");
  };
  CHECK(repeat("TQ1|1|||0800") == "08:00:00");
  CHECK(repeat("TQ1|1||BID|0800~2000") == "08:00:00 20:00:00");
  CHECK(repeat("TQ1|1||^^^^^^^AC|0800|30^min") == "AC 30");
  CHECK(repeat("TQ1|1||^^^^^^^IC|0800|30^min") == "08:00:00");
}

}  // namespace
}  // namespace passerelle::normalise
