#include "fhir_model/json/mend.h"

#include <algorithm>

namespace passerelle::json {
namespace {

constexpr int kDepthMax = 64;
constexpr std::size_t kFlawsMax = 1'000;

bool IsSpace(char c) { return c == ' ' || c == '\n' || c == '\r' || c == '\t'; }
bool IsWordChar(char c) {
  bool letter = (c | 0x20) >= 'a' && (c | 0x20) <= 'z', digit = c >= '0' && c <= '9';
  return letter || digit || c == '_' || c == '-' || c == '+' || c == '.' || c == '$';
}
bool IsLiteral(std::string_view word) {
  return word == "true" || word == "false" || word == "null" || word[0] == '-' ||
         (word[0] >= '0' && word[0] <= '9');
}

class Mender {
 public:
  explicit Mender(std::string_view text) : text_(text) { out_.reserve(text.size() + text.size() / 16); }

  std::optional<Mended> Run() {
    Skip();
    TellComments({});
    if (Next() != '{' || !Object({}, 0)) return std::nullopt;
    Skip();
    TellComments({});
    if (at_ != text_.size() || flaws_.empty() || flaws_.size() > kFlawsMax) return std::nullopt;
    for (auto& flaw : flaws_) flaw.place.path = type_ + flaw.place.path;
    return Mended{std::move(out_), std::move(flaws_)};
  }

 private:
  char Next() const { return at_ < text_.size() ? text_[at_] : '\0'; }
  void Copy() { Step(text_[at_]); }
  // One character goes by, as it is or as another.
  void Step(char as) {
    if (text_[at_] == '\n') ++line_, line_start_ = at_ + 1;
    ++at_;
    out_ += as;
  }
  Place Here() const { return {{}, line_, static_cast<std::uint32_t>(at_ - line_start_ + 1)}; }
  void Tell(Flaw flaw, const std::string& path) {
    Place place = Here();
    place.path = path;
    if (flaws_.size() <= kFlawsMax) flaws_.push_back({flaw, std::move(place)});
  }

  // Blanks, and comments as blanks.
  void Skip() {
    while (at_ < text_.size()) {
      if (IsSpace(Next())) {
        Copy();
        continue;
      }
      bool line = text_.substr(at_).starts_with("//"), block = text_.substr(at_).starts_with("/*");
      if (!line && !block) return;
      if (comments_.size() <= kFlawsMax) comments_.push_back(Here());
      auto end = line ? text_.find('\n', at_) : text_.find("*/", at_ + 2);
      end = end == text_.npos ? text_.size() : end + (block ? 2 : 0);
      while (at_ < end) Step(IsSpace(Next()) ? Next() : ' ');
    }
  }
  void TellComments(const std::string& path) {
    for (auto& place : comments_) {
      place.path = path;
      flaws_.push_back({Flaw::Comment, std::move(place)});
    }
    comments_.clear();
  }

  // A string with its quotes; false when it does not end.
  bool String(std::string_view& value) {
    std::size_t begin = at_ + 1;
    Copy();
    while (at_ < text_.size() && Next() != '"') {
      if (Next() == '\\' && at_ + 1 < text_.size()) Copy();
      Copy();
    }
    if (at_ == text_.size()) return false;
    value = text_.substr(begin, at_ - begin);
    Copy();
    return true;
  }
  std::string_view Word() {
    std::size_t begin = at_;
    while (at_ < text_.size() && IsWordChar(Next())) ++at_;
    return text_.substr(begin, at_ - begin);
  }

  // `holder` is the object that it is a member of, or, of an item, the item itself.
  bool Value(const std::string& path, const std::string& holder, int depth, std::string_view& value) {
    TellComments(path);
    if (Next() == '{') return Object(path, depth + 1);
    if (Next() == '[') return Array(path, holder, depth + 1);
    if (Next() == '"') return String(value);
    Place place = Here();
    value = Word();
    if (value.empty()) return false;
    if (IsLiteral(value)) {
      out_ += value;
      return true;
    }
    place.path = holder;
    flaws_.push_back({Flaw::ValueWithoutQuotes, std::move(place)});
    out_.append("\"").append(value).append("\"");
    return true;
  }

  // What follows a member or an item: true when there is another.
  bool Another(char close, const std::string& path) {
    Skip();
    if (Next() == ',') {
      std::size_t comma = out_.size();
      Copy();
      Skip();
      if (Next() != close) return true;
      Tell(Flaw::CommaExtra, path);
      out_[comma] = ' ';
      return false;
    }
    if (Next() == close || Next() == '\0') return false;
    Tell(Flaw::CommaMissing, path);
    out_ += ',';
    return true;
  }

  bool Object(const std::string& path, int depth) {
    if (depth > kDepthMax) return false;
    Copy();
    Skip();
    for (bool more = Next() != '}'; more;) {
      std::string_view name, value;
      if (Next() == '"') {
        if (!String(name)) return false;
      } else {
        Tell(Flaw::NameWithoutQuotes, path);
        name = Word();
        if (name.empty()) return false;
        out_.append("\"").append(name).append("\"");
      }
      std::string below = path + "." + std::string(name);
      TellComments(below);
      Skip();
      if (Next() != ':') return false;
      Copy();
      Skip();
      if (!Value(below, path, depth, value)) return false;
      if (depth == 0 && name == "resourceType") type_ = value;
      more = Another('}', path);
    }
    if (Next() != '}') return false;
    Copy();
    return true;
  }

  bool Array(const std::string& path, const std::string& holder, int depth) {
    if (depth > kDepthMax) return false;
    Copy();
    Skip();
    std::size_t index = 0;
    for (bool more = Next() != ']'; more; ++index) {
      std::string_view value;
      std::string item = path + "[" + std::to_string(index) + "]";
      if (!Value(item, item, depth, value)) return false;
      more = Another(']', holder);
    }
    if (Next() != ']') return false;
    Copy();
    return true;
  }

  std::string_view text_;
  std::size_t at_ = 0, line_start_ = 0;
  std::uint32_t line_ = 1;
  std::string out_, type_;
  std::vector<FlawAt> flaws_;
  std::vector<Place> comments_;  // whose member has not come yet
};

}  // namespace

std::optional<Mended> Mend(std::string_view text) { return Mender(text).Run(); }

}  // namespace passerelle::json
