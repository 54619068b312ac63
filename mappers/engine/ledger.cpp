// The ledger for people and programs.

#include <algorithm>
#include <array>

#include "mappers/engine/account.h"

namespace passerelle::engine {
namespace {

void AppendString(std::string_view text, std::string& out) {
  constexpr std::string_view kHex = "0123456789abcdef";
  out += '"';
  for (char c : text) {
    auto byte = static_cast<unsigned char>(c);
    if (c == '"' || c == '\\')
      out.append("\\").append(1, c);
    else if (byte < 0x20)
      out.append("\\u00").append(1, kHex[byte >> 4]).append(1, kHex[byte & 15]);
    else
      out += c;
  }
  out += '"';
}

void AppendLine(const LedgerLine& line, std::string& out) {
  out += "{\"place\":";
  AppendString(line.place, out);
  out += ",\"fate\":";
  AppendString(FateName(line.fate), out);
  if (!line.targets.empty()) {
    out += ",\"targets\":[";
    for (std::size_t i = 0; i < line.targets.size(); ++i) {
      if (i > 0) out += ',';
      AppendString(line.targets[i], out);
    }
    out += ']';
  }
  if (!line.row.empty()) {
    out += ",\"row\":";
    AppendString(line.row, out);
  }
  if (!line.reason.empty()) {
    out += ",\"reason\":";
    AppendString(line.reason, out);
  }
  out += '}';
}

}  // namespace

std::string_view FateName(Fate fate) {
  constexpr std::array<std::string_view, 3> kNames = {"mapped", "dropped", "unmapped"};
  return kNames[static_cast<std::size_t>(fate)];
}

std::size_t Ledger::Count(Fate fate) const {
  return static_cast<std::size_t>(
      std::count_if(lines.begin(), lines.end(), [&](const LedgerLine& line) { return line.fate == fate; }));
}

std::string Ledger::Json() const {
  std::string out = "{\"leaves\":" + std::to_string(lines.size());
  for (auto fate : {Fate::Mapped, Fate::Dropped, Fate::Unmapped})
    out.append(",\"").append(FateName(fate)).append("\":").append(std::to_string(Count(fate)));
  out += ",\"lines\":[";
  for (std::size_t i = 0; i < lines.size(); ++i) {
    if (i > 0) out += ',';
    AppendLine(lines[i], out);
  }
  return out + "]}";
}

void Draft::Settle(const node::Tree& source) {
  if (!ledger.lines.empty() || ledger.account == nullptr) return;
  ledger.lines = ledger.account->Lines(source, bundle);
  std::move(ledger.carried.begin(), ledger.carried.end(), std::back_inserter(ledger.lines));
  ledger.carried.clear();
}

std::vector<Explanation> Explain(const Ledger& ledger) {
  std::vector<Explanation> all;
  for (const auto& line : ledger.lines)
    for (const auto& target : line.targets) all.push_back({target, line.place, line.row});
  std::stable_sort(all.begin(), all.end(),
                   [](const Explanation& a, const Explanation& b) { return a.element < b.element; });
  return all;
}

}  // namespace passerelle::engine
