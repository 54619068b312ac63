#pragma once
// What a narrative may be made of: the basic formatting of HTML 4.0 chapters 7-11 (without section 4 of
// chapter 9) and 15, tables, links, images; FHIR R4, 2.4.0 and txt-1, txt-2. Pure functions; the text is read
// once.

#include <string_view>

namespace passerelle::path {

// A <div> in which every tag is closed and every element and attribute is allowed.
bool IsNarrativeHtml(std::string_view div);
// Some text that is not blank, or an image.
bool HasHtmlContent(std::string_view div);

}  // namespace passerelle::path
