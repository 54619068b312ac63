#pragma once
// The definitions pack as it lies in the file: docs/pack.md. Little-endian, position-independent, 8-byte aligned
// sections; a string is an offset and a length into the strings section. Written by profiles/packages, read here.

#include <cstdint>
#include <string_view>

namespace passerelle::spec::format {

inline constexpr char kMagic[8] = {'P', 'A', 'S', 'S', 'P', 'A', 'C', 'K'};
inline constexpr std::uint32_t kVersion = 4;

struct Text {
  std::uint32_t offset = 0, size = 0;
};
struct Section {
  std::uint64_t offset = 0, count = 0;  // bytes from the start of the file, number of records
};
struct Header {
  char magic[8];
  std::uint32_t version;
  std::uint32_t reserved;
  std::uint64_t file_bytes;
  Section strings;    // bytes
  Section names;      // Text: every element name once; records below give its number
  Section packages;   // Text: "hl7.fhir.r4.core#4.0.1"
  Section types;      // Type
  Section shapes;     // Shape; number 0 is nobody
  Section children;   // Child, those of one shape together
  Section search;     // SearchParameter, sorted by base
  Section compartment;  // Membership, sorted by resource type
  Section resources;  // Resource, sorted by url, the later package first
  Section slots;      // uint32: open addressing by UrlHash; number of the first Resource of a url plus one, 0: free
  Section bodies;     // bytes: JSON of the resources, narratives left out
  Section profiles;   // bytes: the StructureDefinitions as profile_format.h spells them
};

struct Type {
  Text name, url, base;  // base: the type it specialises, empty for the roots
  std::uint32_t shape;
  std::uint32_t flags;
};
inline constexpr std::uint32_t kTypeResource = 1, kTypePrimitive = 2, kTypeAbstract = 4;

struct Shape {
  Text name;
  std::uint32_t type;  // index of the type it belongs to
  std::uint32_t first, count;
  std::uint32_t flags;  // as of its type, for a type's own shape
};

struct Child {
  std::uint32_t name, element_name;  // numbers of names
  std::uint32_t shape;
  Text type;
  std::uint32_t order, min, max;
  std::uint8_t form, choice, xml_attribute, reserved;
};

struct SearchParameter {
  Text base, code, type, expression, url;
};
struct Membership {
  Text resource_type, parameter;
};
struct Resource {
  Text url, version, type, id;
  std::uint64_t offset, size;                  // in bodies
  std::uint64_t profile_offset, profile_size;  // in profiles; size 0: no StructureDefinition with a snapshot
};

// FNV-1a, 64 bits.
constexpr std::uint64_t UrlHash(std::string_view url) {
  std::uint64_t hash = 0xCBF29CE484222325u;
  for (char c : url) hash = (hash ^ static_cast<std::uint8_t>(c)) * 0x100000001B3u;
  return hash ^ hash >> 32;
}

}  // namespace passerelle::spec::format
