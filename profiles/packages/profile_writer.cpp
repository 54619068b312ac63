#include "profiles/packages/profile_writer.h"

#include <type_traits>

#include "fhir_model/spec/profile_format.h"

namespace passerelle::packages {
namespace {

class Encoder {
 public:
  static constexpr bool kReading = false;
  explicit Encoder(Strings& strings) : strings_(strings) {}

  void operator()(std::string_view text) {
    auto place = strings_.Add(text);
    Number(place.size);
    if (place.size != 0) Number(place.offset);
  }
  template <class T>
    requires std::is_integral_v<T> || std::is_enum_v<T>
  void operator()(T value) {
    Number(static_cast<std::uint32_t>(value));
  }
  std::string Take() { return std::move(out_); }

 private:
  // Seven bits a byte, the low ones first. kUnbounded is common: one more, it is 0.
  void Number(std::uint32_t value) {
    ++value;
    for (; value >= 0x80; value >>= 7) out_ += static_cast<char>(value | 0x80);
    out_ += static_cast<char>(value);
  }

  Strings& strings_;
  std::string out_;
};

}  // namespace

std::string WriteProfile(spec::Profile profile, Strings& strings) {
  Encoder encoder(strings);
  spec::format::Members(encoder, profile);
  return encoder.Take();
}

}  // namespace passerelle::packages
