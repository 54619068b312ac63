#include "gateway/net/source.h"

#include <utility>

#include "fhir_model/base/digest.h"

namespace passerelle::net {
namespace {

class Text : public Source {
 public:
  explicit Text(std::string text) : size_(text.size()), text_(std::move(text)) {}
  std::uint64_t size() const override { return size_; }
  Result<std::string> Next() override { return std::exchange(text_, {}); }

 private:
  std::uint64_t size_;
  std::string text_;
};

class Chained : public Source {
 public:
  explicit Chained(std::vector<std::unique_ptr<Source>> parts) : parts_(std::move(parts)) {
    for (const auto& part : parts_) size_ += part->size();
  }
  std::uint64_t size() const override { return size_; }
  Result<std::string> Next() override {
    for (; at_ < parts_.size(); ++at_) {
      TRY(auto piece, parts_[at_]->Next());
      if (!piece.empty()) return piece;
    }
    return std::string();
  }

 private:
  std::vector<std::unique_ptr<Source>> parts_;
  std::uint64_t size_ = 0;
  std::size_t at_ = 0;
};

class Decoding : public Source {
 public:
  Decoding(std::unique_ptr<Source> base64, std::uint64_t size) : base64_(std::move(base64)), size_(size) {}
  std::uint64_t size() const override { return size_; }
  Result<std::string> Next() override {
    std::string bytes;
    while (bytes.empty() && !ended_) {
      TRY(auto piece, base64_->Next());
      ended_ = piece.empty();
      decoder_.Add(piece, bytes);
      if (ended_) CHECK_OK(decoder_.Finish(bytes));
    }
    return bytes;
  }

 private:
  std::unique_ptr<Source> base64_;
  std::uint64_t size_;
  Base64Decoder decoder_;
  bool ended_ = false;
};

}  // namespace

std::unique_ptr<Source> SourceOf(std::string text) { return std::make_unique<Text>(std::move(text)); }

std::unique_ptr<Source> Chain(std::vector<std::unique_ptr<Source>> parts) {
  return std::make_unique<Chained>(std::move(parts));
}

Result<std::string> ReadAll(Source& source) {
  std::string all;
  all.reserve(source.size());
  for (;;) {
    TRY(auto piece, source.Next());
    if (piece.empty()) return all;
    all += piece;
  }
}

std::unique_ptr<Source> Decoded(std::unique_ptr<Source> base64, std::uint64_t size) {
  return std::make_unique<Decoding>(std::move(base64), size);
}

}  // namespace passerelle::net
