#include "mappers/hl7v2/business_ack.h"

#include "mappers/hl7v2/segment_text.h"
#include "mappers/hl7v2/text.h"

namespace passerelle::hl7v2 {
namespace {

constexpr std::string_view kProfile = "2.1^CISIS_CDA_HL7_V2";

struct ReceiptRow {
  std::string_view trigger, code, label;
};
constexpr ReceiptRow kReceipts[] = {{"Z01", "ACK_RECEPTION_DMP", "Accusé de réception DMP"},
                                    {"Z02", "ACK_RECEPTION_MSS", "Accusé de réception MSSanté"}};
constexpr std::string_view kTable = "AckMetierZAM";

// The n-th piece of `text`, counted from 0.
std::string_view PieceOf(std::string_view text, int number, char mark) {
  if (mark == 0) return number == 0 ? text : std::string_view();
  for (; number > 0; --number) {
    auto at = text.find(mark);
    if (at == text.npos) return {};
    text.remove_prefix(at + 1);
  }
  return text.substr(0, text.find(mark));
}

// A component of the first repetition of a field.
std::string_view PartOf(std::string_view segment, int field, int component, const Delimiters& d) {
  return PieceOf(PieceOf(PieceOf(segment, field, d.field), 0, d.repetition), component - 1, d.component);
}

// Calls visit(segment) for each segment of that name until it says that it has enough.
template <class Visit>
void ForEachSegment(std::string_view message, std::string_view name, Visit visit) {
  for (std::size_t at = 0; at < message.size();) {
    auto end = FindLineEnd(message, at);
    auto line = message.substr(at, end == message.npos ? end : end - at);
    if (line.starts_with(name) && visit(line)) return;
    if (end == message.npos) return;
    at = end + 1;
  }
}

}  // namespace

bool AsksForReceipt(std::string_view message) {
  Delimiters d = Peek(message).delimiters;
  bool asks = false;
  ForEachSegment(message, "OBX", [&](std::string_view observation) {
    if (PartOf(observation, 3, 1, d) != "ACK_RECEPTION") return false;
    asks = PartOf(observation, 5, 1, d) == "Y";
    return true;
  });
  return asks;
}

std::string BuildBusinessAck(Receipt receipt, std::string_view message, std::span<const AckError> errors,
                             const AckOptions& options) {
  const Peeked original = Peek(message);
  const Delimiters& d = original.delimiters;
  const ReceiptRow& row = kReceipts[static_cast<std::size_t>(receipt)];
  auto join = [&](std::string_view a, std::string_view b, std::string_view c) {
    return std::string(a) + d.component + std::string(b) + d.component + std::string(c);
  };
  SegmentText msh("MSH", d);
  msh.Raw(1, original.encoding_characters);  // MSH-1 is the separator itself, so numbers are one less here
  msh.Raw(2, original.receiving_application).Raw(3, original.receiving_facility);
  msh.Raw(4, original.sending_application).Raw(5, original.sending_facility).Text(6, options.now);
  msh.Raw(8, join("ZAM", row.trigger, "ZAM_Z01")).Text(9, options.control_id);
  msh.Raw(10, original.processing_id.empty() ? "P" : std::string_view(original.processing_id)).Raw(11, "2.6");
  msh.Raw(16, "FRA").Raw(17, original.charset_name);
  msh.Raw(20, original.profile.empty() ? kProfile : std::string_view(original.profile));
  std::string out = std::move(msh).Take();
  SegmentText evn("EVN", d);
  out += std::move(evn.Text(2, options.now)).Take();
  SegmentText obx("OBX", d);
  obx.Raw(1, "1").Raw(2, "CWE");
  obx.Raw(3, join(row.code, row.label, kTable)).Raw(4, original.control_id);
  obx.Raw(5, join(errors.empty() ? "Y" : "N", "", "HL70136")).Raw(11, "F");
  out += std::move(obx).Take();
  int number = 1;
  ForEachSegment(message, "PRT", [&](std::string_view participation) {
    auto address = PartOf(participation, 15, 4, d);
    if (receipt != Receipt::Mail || PartOf(participation, 4, 1, d) != "RCT" || address.empty()) return false;
    SegmentText recipient("OBX", d);
    recipient.Raw(1, std::to_string(++number)).Raw(2, "XTN");
    recipient.Raw(3, join("DESTINATAIRE_MSS", "Destinataire MSSanté", kTable));
    recipient.Raw(4, PartOf(participation, 5, 1, d))
        .Raw(5, join("", "", "X.400") + d.component + std::string(address));
    out += std::move(recipient.Raw(11, "F")).Take();
    return false;
  });
  for (const AckError& error : errors) out += BuildError(error, false, d);
  return EncodeText(out, original.charset);
}

}  // namespace passerelle::hl7v2
