#include "mappers/hl7v2/ack.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <vector>

#include "mappers/hl7v2/segment_text.h"

namespace passerelle::hl7v2 {
namespace {

constexpr std::array<std::string_view, 6> kCodes{"AA", "AE", "AR", "CA", "CE", "CR"};

struct Entry {
  std::string_view code, text;
};
// Table 0357.
constexpr Entry kErrors[] = {{"0", "Message accepted"},
                             {"100", "Segment sequence error"},
                             {"101", "Required field missing"},
                             {"102", "Data type error"},
                             {"103", "Table value not found"},
                             {"198", "Non-Conformant Cardinality"},
                             {"199", "Other HL7 Error"},
                             {"200", "Unsupported message type"},
                             {"201", "Unsupported event code"},
                             {"202", "Unsupported processing id"},
                             {"203", "Unsupported version id"},
                             {"204", "Unknown key identifier"},
                             {"205", "Duplicate key identifier"},
                             {"206", "Application record locked"},
                             {"207", "Application internal error"}};

AckCondition ConditionNamed(std::string_view text) {
  if (text == "AL") return AckCondition::Always;
  if (text == "ER") return AckCondition::OnError;
  if (text == "SU") return AckCondition::OnSuccess;
  return AckCondition::Never;
}

// "2.3.1" and "2.3.1^FRA" are older than 2.5; a version nobody states is not.
bool IsOlderThan25(std::string_view version) {
  int major = 0, minor = 0;
  auto dot = version.find('.');
  if (dot == version.npos) return false;
  std::from_chars(version.data(), version.data() + dot, major);
  std::from_chars(version.data() + dot + 1, version.data() + version.size(), minor);
  return major == 2 && minor < 5;
}

// A place as people write it, taken apart: "PID-3[2].4.1", "OBX[3]-5", "MSH".
struct Location {
  std::string segment, sequence, field, repetition, component, subcomponent;
};

Location Locate(std::string_view place) {
  Location at;
  auto take_number = [&](std::string_view& rest) {
    auto size = static_cast<std::size_t>(
        std::find_if(rest.begin(), rest.end(), [](char c) { return c < '0' || c > '9'; }) - rest.begin());
    std::string number(rest.substr(0, size));
    rest.remove_prefix(size);
    return number;
  };
  auto take_index = [&](std::string_view& rest) {
    if (!rest.starts_with('[')) return std::string();
    rest.remove_prefix(1);
    auto number = take_number(rest);
    if (rest.starts_with(']')) rest.remove_prefix(1);
    return number;
  };
  if (place.size() < 3 || place[0] < 'A' || place[0] > 'Z') return at;
  at.segment = place.substr(0, 3);
  place.remove_prefix(3);
  at.sequence = take_index(place);
  if (at.sequence.empty()) at.sequence = "1";
  if (!place.starts_with('-')) return at;
  place.remove_prefix(1);
  at.field = take_number(place);
  at.repetition = take_index(place);
  if (at.repetition.empty()) at.repetition = "1";
  if (!place.starts_with('.')) return at;
  place.remove_prefix(1);
  at.component = take_number(place);
  if (!place.starts_with('.')) return at;
  place.remove_prefix(1);
  at.subcomponent = take_number(place);
  return at;
}

std::string BuildHeader(const Peeked& m, const AckOptions& options) {
  const Delimiters& d = m.delimiters;
  SegmentText msh("MSH", d);
  msh.Raw(1, m.encoding_characters);  // MSH-1 is the separator itself, so numbers are one less here
  if (m.receiving_application.empty() && m.receiving_facility.empty())
    msh.Text(2, options.application).Text(3, options.facility);
  else
    msh.Raw(2, m.receiving_application).Raw(3, m.receiving_facility);
  msh.Raw(4, m.sending_application).Raw(5, m.sending_facility).Text(6, options.now);
  if (m.trigger.empty()) msh.Raw(8, "ACK");
  else msh.Raw(8, std::string("ACK") + d.component + m.trigger + d.component + "ACK");
  msh.Text(9, options.control_id).Raw(10, m.processing_id.empty() ? "P" : std::string_view(m.processing_id));
  msh.Raw(11, m.version.empty() ? "2.5" : std::string_view(m.version));
  return std::move(msh.Raw(16, m.country).Raw(17, m.charset_name)).Take();
}

}  // namespace

std::string BuildError(const AckError& error, bool old_form, const Delimiters& d) {
  Location at = Locate(error.place);
  SegmentText err("ERR", d);
  std::string_view code = error.v2_error.empty() ? "207" : std::string_view(error.v2_error);
  if (old_form) {
    // ERR-1: segment, its number, field, and a CE whose parts are sub-components.
    std::string coded(code);
    if (char sub = d.subcomponent; sub != 0)
      coded.append(1, sub).append(V2ErrorText(code)).append(1, sub).append("HL70357");
    std::string raw = at.segment + d.component + at.sequence + d.component + at.field + d.component + coded;
    return std::move(err.Raw(1, raw)).Take();
  }
  err.Parts(2, {at.segment, at.sequence, at.field, at.repetition, at.component, at.subcomponent});
  err.Parts(3, {std::string(code), std::string(V2ErrorText(code)), "HL70357"});
  err.Text(4, error.severity).Raw(5, error.application_code);
  return std::move(err.Text(7, error.diagnostic).Text(8, error.sentence)).Take();
}

std::string_view AckCodeText(AckCode code) { return kCodes[static_cast<std::size_t>(code)]; }

std::optional<AckCode> AckCodeNamed(std::string_view text) {
  auto found = std::find(kCodes.begin(), kCodes.end(), text);
  if (found == kCodes.end()) return std::nullopt;
  return static_cast<AckCode>(found - kCodes.begin());
}

AckPlan PlanAck(const Peeked& message) {
  if (message.accept_ack.empty() && message.application_ack.empty()) return {};
  return {true, ConditionNamed(message.accept_ack), ConditionNamed(message.application_ack)};
}

bool IsDue(AckCondition condition, bool success) {
  switch (condition) {
    case AckCondition::Always: return true;
    case AckCondition::Never: return false;
    case AckCondition::OnError: return !success;
    case AckCondition::OnSuccess: return success;
  }
  return true;
}

AckError ErrorOf(const Error& error, Language language) {
  AckError out;
  out.place = error.place.path;
  out.v2_error = error.info->v2_error;
  out.diagnostic = std::to_string(error.info->code) + " " + std::string(error.info->name);
  if (!error.detail.empty()) out.diagnostic.append(": ").append(error.detail);
  out.sentence = language == Language::French ? error.info->fr : error.info->en;
  return out;
}

AckError ErrorOf(const Issue& issue) {
  AckError out;
  out.place = issue.place.path;
  out.v2_error = issue.rule->issue_type == "required"       ? "101"
                 : issue.rule->issue_type == "code-invalid" ? "103"
                                                            : "199";
  out.severity = issue.severity == Severity::Information ? "I" : issue.severity == Severity::Warning ? "W" : "E";
  out.diagnostic = issue.rule->id;
  return out;
}

std::string BuildAck(const Peeked& message, AckCode code, std::span<const AckError> errors,
                     const AckOptions& options) {
  bool old_form = IsOlderThan25(message.version);
  std::string ack = BuildHeader(message, options);
  SegmentText msa("MSA", message.delimiters);
  msa.Raw(1, AckCodeText(code)).Raw(2, message.control_id);
  if (old_form && !errors.empty()) msa.Text(3, errors.front().sentence);
  ack += std::move(msa).Take();
  for (const AckError& error : errors) ack += BuildError(error, old_form, message.delimiters);
  return EncodeText(ack, message.charset);
}

std::string_view V2ErrorText(std::string_view code) {
  for (const Entry& entry : kErrors)
    if (entry.code == code) return entry.text;
  return {};
}

}  // namespace passerelle::hl7v2
