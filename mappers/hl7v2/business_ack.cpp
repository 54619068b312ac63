#include "mappers/hl7v2/business_ack.h"

#include "mappers/hl7v2/segment_text.h"
#include "mappers/hl7v2/text.h"

namespace passerelle::hl7v2 {
namespace {

constexpr std::string_view kProfile = "2.1^CISIS_CDA_HL7_V2";

// The first component of the n-th field of a segment.
std::string_view FirstPart(std::string_view segment, int number, const Delimiters& d) {
  for (; number > 0; --number) {
    auto at = segment.find(d.field);
    if (at == segment.npos) return {};
    segment.remove_prefix(at + 1);
  }
  segment = segment.substr(0, segment.find(d.field));
  return d.component == 0 ? segment : segment.substr(0, segment.find(d.component));
}

}  // namespace

bool AsksForReceipt(std::string_view message) {
  Delimiters d = Peek(message).delimiters;
  for (std::size_t at = 0; at < message.size();) {
    auto end = FindLineEnd(message, at);
    auto line = message.substr(at, end == message.npos ? end : end - at);
    if (line.starts_with("OBX") && FirstPart(line, 3, d) == "ACK_RECEPTION")
      return FirstPart(line, 5, d) == "Y";
    if (end == message.npos) break;
    at = end + 1;
  }
  return false;
}

std::string BuildBusinessAck(const Peeked& original, std::span<const AckError> errors,
                             const AckOptions& options) {
  const Delimiters& d = original.delimiters;
  auto join = [&](std::string_view a, std::string_view b, std::string_view c) {
    return std::string(a) + d.component + std::string(b) + d.component + std::string(c);
  };
  SegmentText msh("MSH", d);
  msh.Raw(1, original.encoding_characters);  // MSH-1 is the separator itself, so numbers are one less here
  msh.Raw(2, original.receiving_application).Raw(3, original.receiving_facility);
  msh.Raw(4, original.sending_application).Raw(5, original.sending_facility).Text(6, options.now);
  msh.Raw(8, join("ZAM", "Z01", "ZAM_Z01")).Text(9, options.control_id);
  msh.Raw(10, original.processing_id.empty() ? "P" : std::string_view(original.processing_id)).Raw(11, "2.6");
  msh.Raw(16, "FRA").Raw(17, original.charset_name);
  msh.Raw(20, original.profile.empty() ? kProfile : std::string_view(original.profile));
  std::string out = std::move(msh).Take();
  SegmentText evn("EVN", d);
  out += std::move(evn.Text(2, options.now)).Take();
  SegmentText obx("OBX", d);
  obx.Raw(1, "1").Raw(2, "CWE");
  obx.Raw(3, join("ACK_RECEPTION_DMP", "Accusé de réception DMP", "AckMetierZAM"))
      .Raw(4, original.control_id);
  obx.Raw(5, join(errors.empty() ? "Y" : "N", "", "HL70136")).Raw(11, "F");
  out += std::move(obx).Take();
  for (const AckError& error : errors) out += BuildError(error, false, d);
  return EncodeText(out, original.charset);
}

}  // namespace passerelle::hl7v2
