#pragma once
// Verdicts of a suite over files, and the forms in which vendors and auditors want them.
//
// Each form is a projection of the same facts: no writer decides anything. Times are given, not read.

#include <string>
#include <string_view>
#include <vector>

#include "fhir_model/base/issue.h"
#include "profiles/requirements/evaluate.h"

namespace passerelle::labelling {

struct FileVerdicts {
  std::string file;
  std::string digest;  // SHA-256 of the bytes, hex
  std::string format;  // "hl7v2", "cda", ...
  std::string error;   // why nothing could be read of it; empty: it was read
  requirements::Report report;

  bool HasFailures() const;
};

struct SuiteVerdicts {
  std::string suite;  // id
  requirements::Text title;
  std::string catalogue_digest;         // which tables decided
  std::string engine;                   // "passerelle 0.1.0"
  std::string product;                  // empty: none was named
  std::string time;                     // xsd:dateTime, UTC
  std::vector<std::string> value_sets;  // used, with their digests
  Language language = Language::English;
  std::vector<FileVerdicts> files;

  bool HasFailures() const;
};

// The language of the reports: what the tables say in English of a finding is said in it from now on; what
// the message says stays as it is.
void SayIn(Language language, SuiteVerdicts& verdicts);
void SayIn(Language language, requirements::Finding& finding);

// {"results": [{"file", "requirement", "verdict", "place", "expected", "found", "repair", ...}]}, one line a
// file.
std::string AsJson(const SuiteVerdicts& verdicts);
// Findings, then one line of counts a file; for people.
std::string AsText(const SuiteVerdicts& verdicts);
// One testsuite a file, one testcase a requirement; what was not decided is an error, what needs more than
// files skipped.
std::string AsJunit(const SuiteVerdicts& verdicts);
// SARIF 2.1.0.
std::string AsSarif(const SuiteVerdicts& verdicts);
// GITB TRL: a ConformanceStatementReport with a test case for each file.
std::string AsTrl(const SuiteVerdicts& verdicts);
// One file that needs no other: coverage, findings, evidence.
std::string AsHtml(const SuiteVerdicts& verdicts);
// GitHub workflow annotations, the gravest first.
std::string AsAnnotations(const SuiteVerdicts& verdicts);

// FHIR R4 TestReport, with a test a file.
std::string AsTestReport(const SuiteVerdicts& verdicts);

// The fourteen columns of Convergence, as xlsx: one row a proof.
std::string AsConvergence(const SuiteVerdicts& verdicts);

struct ReportForm {
  std::string_view name;
  std::string (*write)(const SuiteVerdicts& verdicts);
};
// By the word of --format; nullptr for others.
const ReportForm* FindReportForm(std::string_view name);

// Shared by the writers.
std::string XmlText(std::string_view text);  // escaped; what XML cannot hold becomes U+FFFD
std::string SentenceOf(const requirements::Finding& finding, Language language);
std::string RepairOf(const requirements::Finding& finding, Language language);
// What a finding says in one line: the sentence, what was expected and found, or the cause.
std::string ExplanationOf(const requirements::Finding& finding, Language language);

}  // namespace passerelle::labelling
