#include "fhir_model/base/abridge.h"

#include <algorithm>

namespace passerelle {

namespace {
std::string_view Bytes(const Sha256Digest& digest) {
  return {reinterpret_cast<const char*>(digest.data()), digest.size()};
}
}  // namespace

void Abridger::Add(std::string_view bytes) {
  while (!bytes.empty()) {
    auto run = Base64Letters(bytes);
    if (run > 0) AddRun(bytes.substr(0, run));
    bytes.remove_prefix(run);
    if (bytes.empty()) return;
    AddOther(bytes.front());
    bytes.remove_prefix(1);
  }
}

void Abridger::AddRun(std::string_view run) {
  if (taking_ && decoder_.padded()) EndValue();
  if (!taking_) {
    text_ += run;
    offset_ += run.size();
    if (text_.size() - run_begin_ < kLongBase64Min) return;
    taking_ = true;
    value_.length = text_.size() - run_begin_;
    value_.offset = offset_ - value_.length;
    decoder_.Add(std::string_view(text_).substr(run_begin_), decoded_);
    text_.resize(run_begin_);
  } else {
    value_.length += run.size();
    offset_ += run.size();
    decoder_.Add(run, decoded_);
  }
  value_.bytes += decoded_.size();
  sha256_.Add(decoded_);
  sha1_.Add(decoded_);
  decoded_.clear();
}

// What ends a run; but up to two '=' belong to one that is taken out.
void Abridger::AddOther(char c) {
  ++offset_;
  if (taking_ && c == '=' && decoder_.padding() < 2) {
    ++value_.length;
    decoder_.Add("=", decoded_);
    return;
  }
  if (taking_) EndValue();
  text_ += c;
  run_begin_ = text_.size();
}

void Abridger::EndValue() {
  faithful_ = decoder_.Finish(decoded_).has_value() && faithful_;
  value_.bytes += decoded_.size();
  sha256_.Add(decoded_);
  sha1_.Add(decoded_);
  decoded_.clear();
  value_.sha1 = sha1_.Finish();
  value_.token = EncodeBase64(Bytes(sha256_.Finish()));
  text_ += value_.token;
  run_begin_ = text_.size();
  values_.push_back(std::move(value_));
  value_ = {};
  decoder_ = {}, sha256_ = {}, sha1_ = {};
  taking_ = false;
}

void Abridger::End() {
  if (taking_) EndValue();
}

}  // namespace passerelle
