// Quantities, ranges, ratios, periods, timings and attachments, of CDA and HL7 v2.

#include "mappers/convert/structure.h"

#include <array>

#include "fhir_model/base/digest.h"
#include "mappers/convert/rules.h"

namespace passerelle::convert {

using node::Children;
using node::kNone;
using node::NodeIndex;
using node::Tree;

namespace {

constexpr std::string_view kUcum = "http://unitsofmeasure.org";

std::string_view Trimmed(std::string_view text) {
  auto blank = [](char c) { return c == ' ' || c == '\t' || c == '\r' || c == '\n'; };
  while (!text.empty() && blank(text.front())) text.remove_prefix(1);
  while (!text.empty() && blank(text.back())) text.remove_suffix(1);
  return text;
}

class Structure {
 public:
  explicit Structure(const Reading& reading)
      : source_(reading.source),
        sink_(reading.sink),
        zone_(reading.zone),
        hl7_(reading.source.format() == node::Format::Hl7v2) {}

  void Quantity(NodeIndex i) {
    if (hl7_) return Hl7Quantity(i);
    NodeIndex low = Child(i, "low"), high = Child(i, "high");
    if (Has(i, "@value") || (low == kNone && high == kNone))
      return Physical(Child(i, "center") != kNone ? Child(i, "center") : i, {});
    if (Has(low, "@value") && Has(high, "@value")) return;  // a range is none
    bool above = Has(low, "@value");
    NodeIndex bound = above ? low : high;
    bool open = source_.ChildText(bound, "@inclusive") == "false";
    Physical(bound, above ? (open ? ">" : ">=") : (open ? "<" : "<="));
  }

  void Range(NodeIndex i) {
    NodeIndex low = Child(i, "low"), high = Child(i, "high");
    if (low == kNone && high == kNone) low = high = i;
    Named("low", [&] {
      if (low != kNone) Physical(low, {});
    });
    Named("high", [&] {
      if (high != kNone) Physical(high, {});
    });
  }

  void Ratio(NodeIndex i) {
    if (!hl7_) {
      Named("numerator", [&] {
        if (auto n = Child(i, "numerator"); n != kNone) Physical(n, {});
      });
      Named("denominator", [&] {
        auto d = Child(i, "denominator");
        if (d != kNone) return Physical(d, {});
        if (Child(i, "numerator") != kNone) sink_.Put("value", "1", kNone);  // where none is said (V3, RTO)
      });
      return;
    }
    auto separator = Text(Part(i, 3));
    if (separator != ":" && separator != "/") return;
    Named("numerator", [&] { PutNumber("value", Part(i, 2)); });
    Named("denominator", [&] { PutNumber("value", Part(i, 4)); });
  }

  void Period(NodeIndex i) {
    if (hl7_) {
      PutTime("start", Part(i, 1));
      PutTime("end", Part(i, 2));
      return;
    }
    NodeIndex low = Child(i, "low"), high = Child(i, "high"), point = Child(i, "center");
    if (low == kNone && high == kNone) {
      point = point == kNone ? Child(i, "@value") : Child(point, "@value");
      PutTime("start", point);
      PutTime("end", point);
      return;
    }
    PutBounds(i);
  }

  void Timing(NodeIndex i, bool in_repeat) {
    if (hl7_) return;
    if (!in_repeat && Has(i, "@value")) return PutTime("event", Child(i, "@value"));
    if (!in_repeat) sink_.Open("repeat");
    Repeat(i, 0);
    if (!in_repeat) sink_.Close();
  }

  // doseQuantity, rateQuantity: one amount or two bounds.
  void DosageRange(NodeIndex i, std::string_view type) {
    bool range = Has(Child(i, "low"), "@value") && Has(Child(i, "high"), "@value");
    if (type == "Range") return Range(i);
    if (type == "Dosage") sink_.Open("doseAndRate");
    bool rate = source_.name(i) == "rateQuantity";
    sink_.Open(range ? (rate ? "rateRange" : "doseRange") : (rate ? "rateQuantity" : "doseQuantity"));
    range ? Range(i) : Quantity(i);
    sink_.Close();
    if (type == "Dosage") sink_.Close();
  }

  void Attachment(NodeIndex i) {
    if (hl7_) return Hl7Attachment(i);
    Put("contentType", Child(i, "@mediaType"));
    Put("language", Child(i, "@language"));
    NodeIndex reference = Child(i, "reference");
    if (reference != kNone) Put("url", Child(reference, "@value"));
    NodeIndex text = i;
    if (Trimmed(Text(text)).empty())
      for (NodeIndex child : Children(source_, i))
        if (source_[child].kind == node::Kind::Text && !Trimmed(Text(child)).empty()) text = child;
    if (Trimmed(Text(text)).empty()) return;
    PutData(text, source_.ChildText(i, "@representation") == "B64");
  }

 private:
  NodeIndex Child(NodeIndex i, std::string_view name) const {
    return i == kNone ? kNone : source_.Child(i, name);
  }
  bool Has(NodeIndex i, std::string_view name) const { return Child(i, name) != kNone; }
  std::string_view Text(NodeIndex i) const { return i == kNone ? std::string_view() : source_[i].text; }

  // The n-th component; of a value without any the value is the first. Down to a leaf.
  NodeIndex Part(NodeIndex i, int number) const {
    NodeIndex found = kNone;
    if (source_[i].first == kNone) found = number == 1 ? i : kNone;
    for (NodeIndex child : Children(source_, i))
      if (source_[child].position == number) found = child;
    while (found != kNone && source_[found].first != kNone) {
      found = source_[found].first;
      if (source_[found].position != 1) return kNone;
    }
    return found != kNone && source_[found].text == "\"\"" ? kNone : found;
  }

  template <class Fill>
  void Named(std::string_view element, const Fill& fill) {
    sink_.Open(element);
    fill();
    sink_.Close();
  }

  void Put(std::string_view element, NodeIndex leaf) {
    if (leaf != kNone) sink_.Put(element, Trimmed(Text(leaf)), leaf);
  }
  bool PutNumber(std::string_view element, NodeIndex leaf) {
    if (leaf == kNone) return false;
    std::string number;
    auto outcome = ToNumber(Text(leaf), number);
    if (outcome == Outcome::Unreadable) sink_.Report(rules::NumberUnreadable, leaf);
    if (outcome != Outcome::Done) return false;
    sink_.Put(element, number, leaf);
    return true;
  }
  void PutTime(std::string_view element, NodeIndex leaf) {
    if (leaf == kNone) return;
    std::string time;
    auto outcome = ToDateTime(Text(leaf), zone_, time);
    if (outcome == Outcome::Unreadable) sink_.Report(rules::DateUnreadable, leaf);
    if (outcome == Outcome::ZoneMissing) sink_.Report(rules::ZoneMissing, leaf);
    if (outcome == Outcome::Done || outcome == Outcome::ZoneMissing) sink_.Put(element, time, leaf);
  }

  // IVL_TS: from low to high, or as long as its width says. FHIR has no period that ends before it starts:
  // then the end is left where it is.
  void PutBounds(NodeIndex i) {
    NodeIndex start = Child(Child(i, "low"), "@value"), end = Child(Child(i, "high"), "@value");
    PutTime("start", start);
    if (end == kNone) return PutEndByWidth(start, Child(i, "width"));
    if (IsEarlier(Text(end), Text(start), zone_)) return sink_.Report(rules::PeriodBackwards, end);
    PutTime("end", end);
  }
  // The width itself is not the end: its leaves stay, to be kept.
  void PutEndByWidth(NodeIndex start, NodeIndex width) {
    std::string amount, end;
    NodeIndex value = Child(width, "@value");
    if (value == kNone || ToInteger(Text(value), amount) != Outcome::Done || amount.size() > 6 ||
        amount.starts_with('-'))
      return;
    auto unit = source_.ChildText(width, "@unit");
    if (ToLater(Text(start), std::stoi(amount), unit, zone_, end) == Outcome::Done)
      sink_.Put("end", end, kNone);
  }

  // PQ: a value with a UCUM unit; what counts has no unit or "1".
  void Physical(NodeIndex i, std::string_view comparator) {
    NodeIndex value = Child(i, "@value"), unit = Child(i, "@unit");
    if (value == kNone || !PutNumber("value", value)) return;
    sink_.Put("comparator", comparator, kNone);
    if (Text(unit).empty()) return;
    Put("unit", unit);
    if (Text(unit).find(' ') != std::string_view::npos) return;  // no UCUM code
    sink_.Put("system", kUcum, kNone);
    Put("code", unit);
  }

  // CQ, NM and SN: a comparator in front, as a component or as text.
  void Hl7Quantity(NodeIndex i) {
    static constexpr std::array<std::string_view, 4> kComparators = {"<=", ">=", "<", ">"};
    NodeIndex first = Part(i, 1), second = Part(i, 2);
    for (auto comparator : kComparators) {
      if (Text(first) == comparator) {  // SN
        if (PutNumber("value", second)) sink_.Put("comparator", comparator, first);
        return;
      }
      if (!Text(first).starts_with(comparator)) continue;
      std::string number;
      if (ToNumber(Text(first).substr(comparator.size()), number) != Outcome::Done) break;
      sink_.Put("value", number, first);
      sink_.Put("comparator", comparator, first);
      return Put("unit", second);
    }
    if (first == kNone && second != kNone) {  // SN without a comparator
      PutNumber("value", second);
      return;
    }
    if (PutNumber("value", first)) Put("unit", second);
  }

  void Repeat(NodeIndex i, int depth) {
    if (depth > 4) return;
    for (NodeIndex child : Children(source_, i))
      if (source_.name(child) == "comp") Repeat(child, depth + 1);
    if (NodeIndex period = Child(i, "period"); period != kNone) Periodic(i, period);
    if (NodeIndex event = Child(i, "event"); event != kNone) Event(i, event);
    if (Has(i, "period") || Has(i, "event")) return;
    NodeIndex low = Child(i, "low"), high = Child(i, "high"), width = Child(i, "width");
    if (Has(low, "@value") || Has(high, "@value")) {
      Named("boundsPeriod", [&] { PutBounds(i); });
    } else if (Has(width, "@value")) {
      Named("boundsDuration", [&] { Physical(width, {}); });
    }
  }

  // PIVL: once in each period.
  void Periodic(NodeIndex i, NodeIndex period) {
    static constexpr std::array<std::string_view, 7> kUnits = {"s", "min", "h", "d", "wk", "mo", "a"};
    auto unit = source_.ChildText(period, "@unit");
    bool known = false;
    for (auto u : kUnits) known = known || u == unit;
    if (known && PutNumber("period", Child(period, "@value"))) {
      sink_.Put("frequency", "1", kNone);
      Put("periodUnit", Child(period, "@unit"));
    }
    NodeIndex phase = Child(i, "phase");
    if (NodeIndex width = Child(phase, "width"); Has(width, "@value")) {
      if (PutNumber("duration", Child(width, "@value"))) Put("durationUnit", Child(width, "@unit"));
    }
    NodeIndex time = Child(Child(phase, "low"), "@value");
    std::string of_day;
    if (time != kNone && ToTime(Text(time), of_day) == Outcome::Done) sink_.Put("timeOfDay", of_day, time);
  }

  // EIVL: by the day's events; an offset in minutes.
  void Event(NodeIndex i, NodeIndex event) {
    static constexpr std::array<std::string_view, 14> kEvents = {
        "HS", "WAKE", "C", "CM", "CD", "CV", "AC", "ACM", "ACD", "ACV", "PC", "PCM", "PCD", "PCV"};
    auto code = source_.ChildText(event, "@code");
    for (auto known : kEvents)
      if (known == code) Put("when", Child(event, "@code"));
    NodeIndex offset = Child(i, "offset"), low = Child(offset, "low");
    NodeIndex amount = Has(low, "@value") ? low : offset;
    if (!Has(amount, "@value")) return;
    std::string number;
    if (ToInteger(source_.ChildText(amount, "@value"), number) != Outcome::Done || number.size() > 6) return;
    long minutes = std::stol(number);
    auto unit = source_.ChildText(amount, "@unit");
    if (unit == "h") minutes *= 60;
    if (unit == "d") minutes *= 24 * 60;
    if (minutes < 0) minutes = -minutes;
    sink_.Put("offset", std::to_string(minutes), Child(amount, "@value"));
  }

  void PutData(NodeIndex leaf, bool is_base64) {
    std::string data;
    if (!is_base64) {
      data = EncodeBase64(Text(leaf));
    } else if (ToBase64(Text(leaf), data) != Outcome::Done) {
      return sink_.Report(rules::Base64Unreadable, leaf);
    }
    auto padding = data.ends_with("==") ? 2u : data.ends_with('=') ? 1u : 0u;
    sink_.Put("data", data, leaf);
    sink_.Put("size", std::to_string(data.size() / 4 * 3 - padding), kNone);
  }

  // ED: type, subtype, encoding, data
  void Hl7Attachment(NodeIndex i) {
    struct TypeRow {
      std::string_view word, type;
    };
    static constexpr std::array kTypes = {TypeRow{"ap", "application"}, TypeRow{"im", "image"},
                                          TypeRow{"tx", "text"}, TypeRow{"au", "audio"},
                                          TypeRow{"ft", "text"}};
    auto lower = [](std::string_view text) {
      std::string out(text);
      for (char& c : out)
        if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
      return out;
    };
    NodeIndex kind = Part(i, 2), subtype = Part(i, 3), encoding = Part(i, 4), data = Part(i, 5);
    std::string type = lower(Text(kind));
    for (const auto& row : kTypes)
      if (row.word == type) type = row.type;
    if (!type.empty() && subtype != kNone && type.find('/') == type.npos) type += "/" + lower(Text(subtype));
    if (type.find('/') != type.npos) sink_.Put("contentType", type, kind);
    if (subtype != kNone && type.find('/') != type.npos) sink_.Put("contentType", type, subtype);
    if (data != kNone) PutData(data, lower(Text(encoding)) == "base64");
  }

  const Tree& source_;
  Sink& sink_;
  const Zone* zone_;
  const bool hl7_;
};

}  // namespace

bool PutStructure(Name name, std::string_view type, NodeIndex node, const Reading& reading) {
  Structure structure(reading);
  switch (name) {
    case Name::Quantity: structure.Quantity(node); return true;
    case Name::Range: structure.Range(node); return true;
    case Name::Ratio: structure.Ratio(node); return true;
    case Name::Period: structure.Period(node); return true;
    case Name::Timing: structure.Timing(node, type != "Timing"); return true;
    case Name::DosageRange: structure.DosageRange(node, type); return true;
    case Name::Attachment: structure.Attachment(node); return true;
    default: return false;
  }
}

}  // namespace passerelle::convert
