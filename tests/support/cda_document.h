#pragma once
// A French CDA document about a fictitious person, with the entries a test is about.

#include <string>
#include <string_view>

namespace passerelle::tests {

struct CdaDocument {
  std::string id = "1.2.250.1.999.1.1.7000";
  std::string header;   // in place after versionNumber, before recordTarget: nothing by default
  std::string related;  // relatedDocument
  std::string section;  // the inside of a section after its title
  std::string body;     // instead of a structured body

  std::string Text() const {
    std::string out =
        R"(<?xml version="1.0" encoding="UTF-8"?>
<ClinicalDocument xmlns="urn:hl7-org:v3" xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance"
    xmlns:sdtc="urn:hl7-org:sdtc" xmlns:pharm="urn:ihe:pharm:medication">
  <realmCode code="FR"/><typeId root="2.16.840.1.113883.1.3" extension="POCD_HD000040"/>
  <templateId root="2.16.840.1.113883.2.8.2.1"/><templateId root="1.2.250.1.213.1.1.1.1"/>
  <templateId root="1.2.250.1.213.1.1.1.55" extension="2024.01"/>
  <id root=")" +
        id + R"("/>
  <code code="11502-2" codeSystem="2.16.840.1.113883.6.1" displayName="CR d'examens biologiques"/>
  <title>Examens de Mme Essai</title><effectiveTime value="20260301120000+0100"/>
  <confidentialityCode code="N" codeSystem="2.16.840.1.113883.5.25" displayName="Normal"/>
  <languageCode code="fr-FR"/><setId root="1.2.250.1.999.1.1.70"/><versionNumber value="1"/>)" +
        header + R"(
  <recordTarget><patientRole>
    <id root="1.2.250.1.213.1.4.10" extension="277076322082910"/>
    <id root="1.2.250.1.999.2" extension="IPP-77"/>
    <addr use="H"><houseNumber>3</houseNumber><streetNameType>rue</streetNameType><streetName>du Pont</streetName>
      <postalCode>67000</postalCode><city>STRASBOURG</city></addr>
    <telecom value="tel:0388000000" use="MC"/>
    <patient>
      <name><family qualifier="BR">ESSAI</family><given>ANNE MARIE</given><given qualifier="BR">ANNE</given>
        <family qualifier="CL">VALID</family><given qualifier="CL">Annie</given></name>
      <administrativeGenderCode code="F" codeSystem="2.16.840.1.113883.5.1"/><birthTime value="19770714"/>
      <birthplace><place><addr><county>63220</county><city>BILLOM</city></addr></place></birthplace>
    </patient></patientRole></recordTarget>
  <author><time value="20260301113000+0100"/><assignedAuthor>)" +
        Professional() + R"(</assignedAuthor></author>
  <custodian><assignedCustodian><representedCustodianOrganization>
    <id root="1.2.250.1.71.4.2.2" extension="1670000009"/><name>Laboratoire du Pont</name>
  </representedCustodianOrganization></assignedCustodian></custodian>
  <legalAuthenticator><time value="20260301115000+0100"/><signatureCode code="S"/><assignedEntity>)" +
        Professional() +
        R"(</assignedEntity></legalAuthenticator>
  <documentationOf><serviceEvent>
    <code code="18725-2" codeSystem="2.16.840.1.113883.6.1" displayName="Microbiologie"/>
    <effectiveTime><low value="20260228093000+0100"/></effectiveTime>
    <performer typeCode="PRF"><assignedEntity>)" +
        Professional() + R"(</assignedEntity></performer>
  </serviceEvent></documentationOf>)" +
        related + R"(
  <componentOf><encompassingEncounter><id root="1.2.250.1.999.3" extension="V-1"/>
    <code code="AMB" codeSystem="2.16.840.1.113883.5.4" displayName="Ambulatoire"/>
    <effectiveTime><low value="20260228090000+0100"/></effectiveTime>
    <location><healthCareFacility><code code="SA25" codeSystem="1.2.250.1.71.4.2.4"/></healthCareFacility></location>
  </encompassingEncounter></componentOf>
  <component>)";
    if (!body.empty()) return out + body + "</component></ClinicalDocument>";
    return out + R"(<structuredBody><component><section>
    <code code="18725-2" codeSystem="2.16.840.1.113883.6.1" displayName="Microbiologie"/>
    <title>Microbiologie</title>)" +
           section + "</section></component></structuredBody></component></ClinicalDocument>";
  }

  static std::string Professional() {
    return R"(<id root="1.2.250.1.71.4.2.1" extension="899700000006"/>
      <code code="G15_10/SM03" codeSystem="1.2.250.1.213.1.1.4.5" displayName="Médecin - Biologie médicale"/>
      <assignedPerson><name><prefix>M</prefix><given>Luc</given><family>MESURE</family><suffix>DR</suffix></name>
      </assignedPerson>
      <representedOrganization><id root="1.2.250.1.71.4.2.2" extension="1670000009"/><name>Laboratoire du Pont</name>
        <standardIndustryClassCode code="AMBULATOIRE" codeSystem="1.2.250.1.213.1.1.4.9"/>
      </representedOrganization>)";
  }
};

}  // namespace passerelle::tests
