#pragma once
// JsonWriter: the answers that are no FHIR, written member by member. Commas and quotes are its business.

#include <cstdint>
#include <string>
#include <string_view>

#include "fhir_model/json/json.h"

namespace passerelle::api {

class JsonWriter {
 public:
  JsonWriter& BeginObject() { return Open('{'); }
  JsonWriter& EndObject() { return Close('}'); }
  JsonWriter& BeginArray() { return Open('['); }
  JsonWriter& EndArray() { return Close(']'); }

  JsonWriter& Key(std::string_view name) {
    Separate();
    json::WriteString(name, out_);
    out_ += ':';
    after_key_ = true;
    return *this;
  }
  JsonWriter& Value(std::string_view text) {
    Separate();
    json::WriteString(text, out_);
    return *this;
  }
  JsonWriter& Value(const char* text) { return Value(std::string_view(text)); }
  JsonWriter& Value(const std::string& text) { return Value(std::string_view(text)); }
  JsonWriter& Value(std::int64_t number) { return Raw(std::to_string(number)); }
  JsonWriter& Value(int number) { return Raw(std::to_string(number)); }
  JsonWriter& Value(bool value) { return Raw(value ? "true" : "false"); }
  // JSON that stands already; an empty text is null.
  JsonWriter& Raw(std::string_view json) {
    Separate();
    out_ += json.empty() ? std::string_view("null") : json;
    return *this;
  }
  template <class T>
  JsonWriter& Member(std::string_view name, const T& value) {
    return Key(name).Value(value);
  }
  JsonWriter& RawMember(std::string_view name, std::string_view json) { return Key(name).Raw(json); }
  JsonWriter& NullIfEmpty(std::string_view name, std::string_view text) {
    return text.empty() ? RawMember(name, {}) : Member(name, text);
  }

  std::string Take() { return std::move(out_); }

 private:
  JsonWriter& Open(char bracket) {
    Separate();
    out_ += bracket;
    return *this;
  }
  JsonWriter& Close(char bracket) {
    out_ += bracket;
    after_key_ = false;
    return *this;
  }
  void Separate() {
    if (!after_key_ && !out_.empty() && out_.back() != '{' && out_.back() != '[') out_ += ',';
    after_key_ = false;
  }

  std::string out_;
  bool after_key_ = false;
};

}  // namespace passerelle::api
