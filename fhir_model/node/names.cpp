#include "fhir_model/node/names.h"

#include <algorithm>
#include <array>
#include <atomic>
#include <cassert>
#include <cstring>
#include <deque>
#include <memory>
#include <mutex>
#include <string>

namespace passerelle::node {
namespace {

constexpr std::uint32_t kNamesMax = 1u << 17;
constexpr std::uint32_t kSlots = kNamesMax * 2;

struct Name {
  std::string text;
  NameId without_first = 0;
};

// An open-addressing table whose slots are only ever filled, never moved: readers need no lock.
struct Vocabulary {
  std::unique_ptr<std::atomic<std::uint32_t>[]> slots { new std::atomic<std::uint32_t>[ kSlots ]() };
  std::unique_ptr<std::atomic<const Name*>[]> names { new std::atomic<const Name*>[ kNamesMax ]() };
  std::deque<Name> storage;  // stable addresses
  std::uint32_t count = 1;   // 0 is "no name"
  std::mutex writing;
};

Vocabulary& The() {
  static Vocabulary* vocabulary = new Vocabulary;  // never destroyed: names are used until the very end
  return *vocabulary;
}

std::uint32_t Hash(std::string_view name) {  // FNV-1a: names are short
  std::uint32_t hash = 2166136261u;
  for (char c : name) hash = (hash ^ static_cast<unsigned char>(c)) * 16777619u;
  return hash ^ (hash >> 15);
}

// The slot that holds `name`, or the free one where it would go.
std::uint32_t SlotOf(const Vocabulary& v, std::string_view name) {
  std::uint32_t slot = Hash(name) % kSlots;
  while (std::uint32_t id = v.slots[slot].load(std::memory_order_acquire)) {
    if (v.names[id].load(std::memory_order_acquire)->text == name) break;
    slot = (slot + 1) % kSlots;
  }
  return slot;
}

// A document uses few names, often: each thread remembers those it found last, close together.
struct Remembered {
  const Name* name = nullptr;
  NameId id = 0;
};
constexpr std::uint32_t kRememberedBits = 9;
thread_local std::array<Remembered, 1u << kRememberedBits> remembered;

Remembered& PlaceToRemember(std::string_view name) {
  std::uint64_t head = 0, tail = 0;
  std::size_t bytes = std::min<std::size_t>(name.size(), 8);
  std::memcpy(&head, name.data(), bytes);
  std::memcpy(&tail, name.data() + name.size() - bytes, bytes);
  std::uint64_t mixed = (head ^ (tail * 0x9E3779B97F4A7C15u) ^ name.size()) * 0xFF51AFD7ED558CCDu;
  return remembered[mixed >> (64 - kRememberedBits)];
}

}  // namespace

NameId Find(std::string_view name) {
  if (name.empty()) return 0;
  Remembered& recent = PlaceToRemember(name);
  if (recent.name != nullptr && recent.name->text == name) return recent.id;
  auto& v = The();
  NameId id = v.slots[SlotOf(v, name)].load(std::memory_order_acquire);
  if (id != 0) recent = {v.names[id].load(std::memory_order_acquire), id};
  return id;
}

NameId Intern(std::string_view name) {
  if (name.empty()) return 0;
  if (NameId known = Find(name)) return known;
  NameId shorter = name.ends_with(".1") ? Intern(name.substr(0, name.size() - 2)) : 0;
  auto& v = The();
  std::lock_guard lock(v.writing);
  std::uint32_t slot = SlotOf(v, name);
  if (NameId known = v.slots[slot].load(std::memory_order_acquire)) return known;
  assert(v.count < kNamesMax && "the vocabulary is for trusted names only");
  v.storage.push_back({std::string(name), shorter});
  NameId id = v.count++;
  v.names[id].store(&v.storage.back(), std::memory_order_release);
  v.slots[slot].store(id, std::memory_order_release);
  return id;
}

std::string_view NameText(NameId id) {
  if (id == 0) return {};
  assert(!(id & kLocalName) && "local names belong to their tree");
  return The().names[id].load(std::memory_order_acquire)->text;
}

NameId WithoutFirstComponent(NameId id) {
  if (id == 0 || (id & kLocalName)) return 0;
  return The().names[id].load(std::memory_order_acquire)->without_first;
}

}  // namespace passerelle::node
