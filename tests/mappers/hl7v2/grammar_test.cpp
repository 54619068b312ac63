// Grouping: the groups an event's structure names, and recovery that costs no segment.

#include "mappers/hl7v2/grammar.h"

#include <algorithm>
#include <catch2/catch.hpp>
#include <ctime>
#include <random>
#include <string>

#include "mappers/hl7v2/reader.h"
#include "mappers/hl7v2/rules.h"
#include "mappers/hl7v2/structure.h"
#include "mappers/hl7v2/writer.h"

namespace passerelle::hl7v2 {
namespace {

using node::Children;
using node::kRoot;
using node::NodeIndex;
using node::Tree;

std::string Header(const std::string& type) { return "MSH|^~\\&|A|B|C|D|20240306||" + type + "|1|P|2.5\r"; }

Tree Grouped(const std::string& bytes, Issues& issues) {
  auto tree = Parse(bytes, {}, issues);
  if (!tree) FAIL(tree.error().Text());
  Group(*tree, issues);
  return std::move(*tree);
}

// "MSH PATIENT_RESULT(PATIENT(PID) ORDER_OBSERVATION(OBR))"
std::string Shape(const Tree& tree, NodeIndex parent) {
  std::string shape;
  for (NodeIndex child : Children(tree, parent)) {
    if (!shape.empty()) shape += ' ';
    shape += tree.name(child);
    if (tree.name(child).size() > 3) shape += "(" + Shape(tree, child) + ")";
  }
  return shape;
}

// The shape of a message of that type with these segments, each with its name alone.
std::string ShapeOf(const std::string& type, const std::string& segments, int misplaced = 0) {
  std::string bytes = Header(type);
  for (std::size_t at = 0; at < segments.size(); at += 4) bytes += segments.substr(at, 3) + "|1\r";
  Issues issues;
  Tree tree = Grouped(bytes, issues);
  auto count = std::count_if(issues.all().begin(), issues.all().end(),
                             [](const Issue& issue) { return issue.rule->id == rules::SegmentMisplaced.id; });
  CHECK(count == misplaced);
  CHECK(Write(tree) == bytes);
  return Shape(tree, kRoot);
}

TEST_CASE("results stand below their order, orders below their patient", "[grammar]") {
  CHECK(ShapeOf("ORU^R01^ORU_R01", "PID PV1 ORC OBR NTE OBX OBX NTE OBR OBX SPM OBX") ==
        "MSH PATIENT_RESULT(PATIENT(PID VISIT(PV1)) "
        "ORDER_OBSERVATION(COMMON_ORDER(ORC) OBR NTE OBSERVATION(OBX) OBSERVATION(OBX NTE)) "
        "ORDER_OBSERVATION(OBR OBSERVATION(OBX) SPECIMEN(SPM SPECIMEN_OBSERVATION(OBX))))");
  CHECK(ShapeOf("ORU^R01", "PID OBR OBX PID OBR OBX") ==
        "MSH PATIENT_RESULT(PATIENT(PID) ORDER_OBSERVATION(OBR OBSERVATION(OBX))) "
        "PATIENT_RESULT(PATIENT(PID) ORDER_OBSERVATION(OBR OBSERVATION(OBX)))");
}

TEST_CASE("an order without its header still is an order of its own", "[grammar]") {
  CHECK(ShapeOf("ORM^O01", "PID ORC OBR OBX OBR OBX") ==
        "MSH PATIENT(PID) ORDER(ORC ORDER_DETAIL(OBR OBSERVATION(OBX))) ORDER(ORDER_DETAIL(OBR "
        "OBSERVATION(OBX)))");
}

TEST_CASE("a further order is no prior result, which begins with a patient of its own", "[grammar]") {
  CHECK(ShapeOf("OML^O21", "PID ORC OBR NTE ORC OBR NTE") ==
        "MSH PATIENT(PID) ORDER(ORC OBSERVATION_REQUEST(OBR NTE)) ORDER(ORC OBSERVATION_REQUEST(OBR NTE))");
  CHECK(ShapeOf("OMG^O19", "PID ORC OBR NTE ORC OBR NTE") ==
        "MSH PATIENT(PID) ORDER(ORC OBR NTE) ORDER(ORC OBR NTE)");
  CHECK(ShapeOf("OML^O21", "PID ORC OBR OBX OBR OBX") ==
        "MSH PATIENT(PID) ORDER(ORC OBSERVATION_REQUEST(OBR OBSERVATION(OBX))) "
        "ORDER(OBSERVATION_REQUEST(OBR OBSERVATION(OBX)))");
  CHECK(ShapeOf("OMG^O19", "PID ORC OBR OBX OBR OBX") ==
        "MSH PATIENT(PID) ORDER(ORC OBR OBSERVATION(OBX)) ORDER(OBR OBSERVATION(OBX))");
  CHECK(ShapeOf("OML^O21", "PID ORC OBR PID PV1 ORC OBR OBX NTE") ==
        "MSH PATIENT(PID) ORDER(ORC OBSERVATION_REQUEST(OBR PRIOR_RESULT(PATIENT_PRIOR(PID) "
        "PATIENT_VISIT_PRIOR(PV1) ORDER_PRIOR(ORC OBR OBSERVATION_PRIOR(OBX NTE)))))");
}

TEST_CASE("PAM-FR: the Z segments stand with the visit, insurances with their parts", "[grammar]") {
  CHECK(ShapeOf("ADT^A01^ADT_A01", "EVN PID PD1 ROL NK1 PV1 PV2 ZBE ZFA ZFM ZFD ROL IN1 IN2 IN1") ==
        "MSH EVN PID PD1 ROL NEXT_OF_KIN(NK1) PV1 PV2 ZBE ZFA ZFM ZFD ROL INSURANCE(IN1 IN2) INSURANCE(IN1)");
  CHECK(ShapeOf("ADT^Z99^ADT_A01", "EVN PID PV1 ZBE") == "MSH EVN PID PV1 ZBE");
}

TEST_CASE("a dispensation is one order with what was ordered, encoded and dispensed", "[grammar]") {
  CHECK(ShapeOf("RDS^O13^RDS_O13", "PID ORC RXO PRT RXR RXC RXE TQ1 RXR RXD RXR") ==
        "MSH PATIENT(PID) ORDER(ORC ORDER_DETAIL(RXO PRT ORDER_DETAIL_SUPPLEMENT(RXR COMPONENT(RXC))) "
        "ENCODING(RXE TIMING_ENCODED(TQ1) RXR) RXD RXR)");
}

TEST_CASE("identity events have a group for each patient", "[grammar]") {
  CHECK(ShapeOf("ADT^A40^ADT_A39", "EVN PID MRG") == "MSH EVN PATIENT(PID MRG)");
  CHECK(ShapeOf("ADT^A40", "EVN PID PD1 MRG PID MRG") == "MSH EVN PATIENT(PID PD1 MRG) PATIENT(PID MRG)");
  CHECK(ShapeOf("ADT^A17", "EVN PID PV1 PID PV1") == "MSH EVN PATIENT(PID PV1) OTHER_PATIENT(PID PV1)");
}

TEST_CASE("a misplaced segment costs none of those after it", "[grammar]") {
  CHECK(ShapeOf("ORU^R01", "PID OBR OBX PV1 OBX NTE OBR", 1) ==
        "MSH PATIENT_RESULT(PATIENT(PID) ORDER_OBSERVATION(OBR OBSERVATION(OBX PV1) OBSERVATION(OBX NTE)) "
        "ORDER_OBSERVATION(OBR))");
  CHECK(ShapeOf("ADT^A01", "EVN PID PDA IN1 IN2 IN1", 1) ==
        "MSH EVN PID PDA INSURANCE(IN1 IN2) INSURANCE(IN1)");
  CHECK(ShapeOf("ORU^R01", "PID OBR OBX MRG OBX", 1) ==
        "MSH PATIENT_RESULT(PATIENT(PID) ORDER_OBSERVATION(OBR OBSERVATION(OBX MRG) OBSERVATION(OBX)))");
}

TEST_CASE("segments of one's own are no finding", "[grammar]") {
  CHECK(ShapeOf("ORU^R01", "ZIN PID ZPI OBR OBX ZQX OBX") ==
        "MSH ZIN PATIENT_RESULT(PATIENT(PID ZPI) "
        "ORDER_OBSERVATION(OBR OBSERVATION(OBX ZQX) OBSERVATION(OBX)))");
}

TEST_CASE("results after the specimen are found, whatever came before", "[grammar]") {
  CHECK(ShapeOf("OML^O21", "PID ORC OBR SPM OBX") ==
        "MSH PATIENT(PID) ORDER(ORC OBSERVATION_REQUEST(OBR SPECIMEN(SPM SPECIMEN_OBSERVATION(OBX))))");
  CHECK(ShapeOf("ORU^R01", "PID OBX") == "MSH PATIENT_RESULT(PATIENT(PID PATIENT_OBSERVATION(OBX)))");
  CHECK(ShapeOf("ORU^R01", "PID NTE PV1 OBX") ==
        "MSH PATIENT_RESULT(PATIENT(PID NTE VISIT(PV1)) ORDER_OBSERVATION(OBSERVATION(OBX)))");
}

TEST_CASE("the structure is that of MSH-9.3, of the event, or none", "[grammar]") {
  CHECK(StructureOf("ADT^A08") == "ADT_A01");
  CHECK(StructureOf("MDM^T10") == "MDM_T02");
  CHECK(StructureOf("ADT^A99").empty());
  CHECK(ShapeOf("ADT^A28", "EVN PID NK1") == "MSH EVN PID NEXT_OF_KIN(NK1)");
  CHECK(ShapeOf("ADT^A01^ADT_A99", "EVN PID NK1") == "MSH EVN PID NEXT_OF_KIN(NK1)");
  CHECK(ShapeOf("ADT^A01^ORU_R01", "EVN PID NK1") == "MSH EVN PID NEXT_OF_KIN(NK1)");
  CHECK(ShapeOf("ACK", "MSA ERR") == "MSH MSA ERR");
  Issues issues;
  Tree tree = Grouped(Header("QRY^A19") + "QRD|1\rPID|1\r", issues);
  CHECK(Shape(tree, kRoot) == "MSH QRD PID");
  REQUIRE(issues.all().size() == 1);
  CHECK(issues.all()[0].rule->id == rules::StructureUnknown.id);
}

TEST_CASE("every event has a structure that compiles and begins with MSH", "[grammar]") {
  CHECK(KnownEvents().size() > 130);
  for (auto event : KnownEvents()) {
    const Structure* structure = FindStructure(StructureOf(event));
    REQUIRE(structure != nullptr);
    CHECK(node::NameText(structure->elements[1].name) == "MSH");
    CHECK(ShapeOf(std::string(event), "").starts_with("MSH"));
  }
}

TEST_CASE("no order of segments loses one or changes the order", "[grammar]") {
  const std::string names[] = {"PID", "PV1", "ORC", "OBR", "OBX", "NTE", "SPM", "IN1", "MRG",
                               "ZZZ", "TXA", "PRT", "TQ1", "RXA", "AIS", "RGS", "FT1", "PR1"};
  std::mt19937 random(20240306);
  for (auto event :
       {"ORU^R01", "ADT^A01", "OML^O21", "MDM^T02", "SIU^S12", "DFT^P03", "VXU^V04", "PPR^PC1"}) {
    for (int round = 0; round < 50; ++round) {
      std::string bytes = Header(event);
      for (int i = 0; i < 30; ++i)
        bytes += names[random() % std::size(names)] + "|" + std::to_string(i) + "\r";
      Issues issues;
      CHECK(Write(Grouped(bytes, issues)) == bytes);
    }
  }
}

TEST_CASE("grouping takes time in proportion to the segments", "[grammar][linear]") {
  auto seconds = [](int count) {
    std::string bytes = Header("ORU^R01");
    for (int i = 0; i < count; ++i) bytes += i % 7 == 0 ? "PV1|1\r" : i % 5 == 0 ? "OBR|1\r" : "OBX|1\r";
    Issues issues;
    auto tree = Parse(bytes, {}, issues);
    auto begin = std::clock();  // of this process: a busy machine is no failure
    Group(*tree, issues);
    return static_cast<double>(std::clock() - begin) / CLOCKS_PER_SEC;
  };
  CHECK(seconds(100'000) < 40 * seconds(10'000) + 0.05);
}

}  // namespace
}  // namespace passerelle::hl7v2
