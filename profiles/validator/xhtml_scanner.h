#pragma once
// XhtmlScanner: a narrative's <div> as tags, attributes and text, in one pass over its bytes, without a tree.
// It accepts the XML that FHIR allows there; what is not well-formed ends the scan with a sentence.

#include <string>
#include <string_view>
#include <vector>

namespace passerelle::validator {

struct XhtmlAttribute {
  std::string_view name, value;
};

class XhtmlVisitor {
 public:
  virtual ~XhtmlVisitor() = default;
  virtual void Start(std::string_view name, const std::vector<XhtmlAttribute>& attributes) = 0;
  virtual void Content() = 0;  // text that is more than white space
  virtual void End() {}        // of the element that began last and has not ended
};

// Empty when the text is well-formed, else why it is not.
std::string ScanXhtml(std::string_view text, XhtmlVisitor& visitor);

// Attribute names of R4, 2.4.0 (txt-1).
bool IsNarrativeAttribute(std::string_view element, std::string_view name);

}  // namespace passerelle::validator
