#pragma once
// Words: what the tables and the bench say in English, said in French; rows in gateway/labelling/words/, one
// file for each report that says them. Only our own words are asked for, never what a message says: a given
// name Mark is no heading.

#include <span>
#include <string>
#include <string_view>

#include "fhir_model/base/issue.h"
#include "profiles/requirements/requirement.h"

namespace passerelle::labelling {

// A phrase without a row stays as it is: codes, paths and values are the same in both.
std::string InLanguage(std::string_view english, Language language);          // of verdicts: verdicts.txt
std::string CampaignInLanguage(std::string_view english, Language language);  // of the campaign: campaign.txt

std::span<const requirements::SourceFile> ShippedWords();

}  // namespace passerelle::labelling
