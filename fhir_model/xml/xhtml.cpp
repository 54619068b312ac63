#include "fhir_model/xml/xhtml.h"

#include <algorithm>

namespace passerelle::xml {

constexpr std::string_view kXhtml = "http://www.w3.org/1999/xhtml";

XhtmlCapture::XhtmlCapture(const StartTag& div) : begin_(div.begin) {
  bool declares = std::any_of(div.declarations.begin(), div.declarations.end(),
                              [](const Declaration& d) { return d.prefix.empty(); });
  verbatim_ = div.prefix.empty() && (declares || div.uri != kXhtml);
  if (!verbatim_) WriteStart(div);
}

void XhtmlCapture::Start(const StartTag& tag) {
  ++depth_;
  if (!verbatim_) WriteStart(tag);
}

void XhtmlCapture::WriteStart(const StartTag& tag) {
  if (tag_open_) written_ += '>';
  written_ += '<';
  written_ += tag.name;
  if (names_.empty()) written_.append(" xmlns=\"").append(kXhtml) += '"';
  for (const Attribute& a : tag.attributes) {
    written_ += ' ';
    if (a.uri == "http://www.w3.org/XML/1998/namespace") written_ += "xml:";
    written_.append(a.name).append("=\"");
    EscapeXml(a.value, true, written_);
    written_ += '"';
  }
  names_.emplace_back(tag.name);
  tag_open_ = true;
}

bool XhtmlCapture::End(std::size_t, std::size_t end) {
  end_ = end;
  if (!verbatim_) {
    written_ += tag_open_ ? "/>" : "</" + names_.back() + ">";
    tag_open_ = false;
    names_.pop_back();
  }
  return --depth_ == 0;
}

void XhtmlCapture::Text(std::string_view text) {
  if (verbatim_) return;
  if (tag_open_) written_ += '>';
  tag_open_ = false;
  EscapeXml(text, false, written_);
}

std::pair<std::string_view, bool> XhtmlCapture::Take(std::string_view source) const {
  if (verbatim_) return {source.substr(begin_, end_ - begin_), true};
  return {written_, false};
}

void EscapeXml(std::string_view text, bool attribute, std::string& out) {
  for (char c : text) {
    switch (c) {
      case '&': out += "&amp;"; break;
      case '<': out += "&lt;"; break;
      case '>': out += "&gt;"; break;
      case '"': attribute ? out += "&quot;" : out += c; break;
      case '\n': attribute ? out += "&#10;" : out += c; break;
      case '\t': attribute ? out += "&#9;" : out += c; break;
      case '\r': out += "&#13;"; break;
      default:
        if (static_cast<unsigned char>(c) < 0x20) {
          out += "\xEF\xBF\xBD";
        } else {
          out += c;
        }
    }
  }
}

}  // namespace passerelle::xml
