#pragma once
// What the campaign is calibrated by: published figures with their source, as tables.

#include <string_view>

namespace passerelle::labelling::facts {

// A kind of software: how many solutions applied in the first wave, and its field.
struct Couloir {
  std::string_view id, suite, name;
  int products;
  double documents_per_year_millions;  // what the kind sent, at the pace of 2023-09
  int sites;
  std::string_view examples[3];  // the good files its versions start from
};
inline constexpr Couloir kCouloirs[] = {
    {"HOP", "hospital", "Hôpital", 90, 30, 2000, {"1-imaging.hl7", "discharge-letter.xml", "admission.hl7"}},
    {"LGC", "practice", "Médecin de ville", 43, 25, 51000, {"summary.xml", "prescription.xml", ""}},
    {"BIO", "biology", "Biologie", 13, 75, 4000, {"1-laboratory.hl7", "2-laboratory-replaced.hl7", ""}},
    {"OFF", "pharmacy", "Officine", 11, 5, 20000, {"prescription.xml", "", ""}},
    {"RIS", "radiology", "Radiologie", 10, 13, 850, {"1-imaging.hl7", "2-imaging-replaced.hl7", ""}},
};
inline constexpr std::string_view kCouloirSource =
    "167 solutions in five couloirs: mind.eu.com 2024-02; documents by couloir: dsih 5252, 2023-09; doctors, "
    "hospitals and "
    "radiology: press of 2023-09; laboratories and pharmacies: order of magnitude, a model";

// Share of the labels of week 104, the first label being week 0: Italy, FSE 2.0 accreditation.
struct CurvePoint {
  double week, share;
};
inline constexpr CurvePoint kItaly[] = {{0, 0},     {4, 0.02},  {13, 0.24}, {26, 0.47},
                                        {39, 0.58}, {52, 0.75}, {78, 0.93}, {104, 1.0}};
inline constexpr std::string_view kItalySource =
    "ministero-salute/it-fse-accreditati, 580 records in 39 months";

// Of those that applied, these arrived and about these were refused on the way.
inline constexpr int kLabelledInTheEnd = 167, kRefused = 20;
inline constexpr std::string_view kRefusedSource = "about 20 dossiers refused: lequotidiendumedecin 2022-09";

// What is known of France: how many of a kind were labelled in which week after the counter opened
// (2021-08-31).
struct Checkpoint {
  int week;
  std::string_view couloir;  // "": all
  int labelled;
  std::string_view source;
};
inline constexpr Checkpoint kFrance[] = {{41, "LGC", 3, "lequotidiendumedecin 2022-06-21"},
                                         {54, "LGC", 14, "lequotidiendumedecin 2022-09"},
                                         {106, "BIO", 7, "biologiste365.fr 2023-09"},
                                         {119, "", kLabelledInTheEnd, "mind.eu.com: wave 1 at its close"}};
inline constexpr int kCounterCloses = 119;  // 2023-12-14
inline constexpr double kShareFed = 0.5;    // "1 document de santé sur 2", ameli presse 2024-02-29

}  // namespace passerelle::labelling::facts
