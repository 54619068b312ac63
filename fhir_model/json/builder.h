#pragma once
// Builder: takes RapidJSON's events and makes the tree. Private to this room.
//
// "_name" members are read like any other and folded into their primitives when their object ends, because
// they may stand before, after or without them.

// RapidJSON reads by blocks of 16 bytes where the machine can; the same everywhere in this room.
#if defined(__SSE2__)
#define RAPIDJSON_SSE2
#endif
#include <rapidjson/reader.h>

#include <cstdint>
#include <optional>
#include <string_view>
#include <unordered_set>
#include <vector>

#include "fhir_model/base/limits.h"
#include "fhir_model/node/tree.h"

namespace passerelle::json {

class Builder : public rapidjson::BaseReaderHandler<rapidjson::UTF8<>, Builder> {
 public:
  // `text` is the adopted source without its byte order mark; `stream` reads it in place.
  Builder(node::Tree& tree, const Limits& limits, char* text, rapidjson::InsituStringStream& stream);

  // RapidJSON's handler: false stops the reading.
  bool StartObject();
  bool EndObject(rapidjson::SizeType);
  bool StartArray();
  bool EndArray(rapidjson::SizeType elements);
  bool Key(const char* text, rapidjson::SizeType size, bool);
  bool String(const char* text, rapidjson::SizeType size, bool);
  bool RawNumber(const char* text, rapidjson::SizeType size, bool);
  bool Bool(bool value);
  bool Null();

  const std::optional<Error>& error() const { return error_; }
  // Where `offset` (in `text`) is, with the path of what was being read.
  Place PlaceAt(std::size_t offset) const;

 private:
  struct Frame {
    node::NodeIndex node;         // of an array: the node its elements hang under
    node::NameId name = 0;        // of an array: its elements' name
    std::uint32_t members_begin;  // of an object: its part of members_
    std::uint32_t siblings_begin;
    bool array = false;
    bool sibling = false;  // an array named "_..."
  };
  struct Words {
    node::NameId resource_type, div;
  };
  static const Words& TheWords();

  // Appends what comes next where it belongs; kNone when it must not.
  node::NodeIndex Add(node::Kind kind, std::string_view text, std::size_t offset);
  bool Scalar(node::Kind kind, std::string_view text, std::size_t offset);
  bool CountMember(std::uint32_t id, std::size_t offset);
  bool FoldSiblings(const Frame& frame);
  bool FoldRun(node::NodeIndex parent, std::size_t first, std::size_t last);
  void MakeValueless(node::NodeIndex sibling);
  std::string_view WithoutNewlines(const char* text, std::size_t size);
  bool Fail(const ErrorInfo& info, std::size_t offset, std::string detail = {});
  std::size_t OffsetOf(const char* at) const { return static_cast<std::size_t>(at - text_); }

  node::Tree& tree_;
  const Limits& limits_;
  char* text_;
  const std::string_view source_;  // the same, to be looked at
  const std::uint32_t base_;       // offset of text_ in the source, plus one
  rapidjson::InsituStringStream& stream_;
  const Words& words_;
  std::size_t next_escape_;  // no text that ends before it holds an escape
  std::vector<Frame> frames_;
  std::uint32_t depth_ = 0;
  std::string_view key_text_;
  node::NameId key_ = 0;
  bool key_sibling_ = false;
  std::vector<std::uint32_t> members_;         // names seen in the open objects
  std::unordered_set<std::uint64_t> crowded_;  // the same beyond the first few, with their object
  std::vector<node::NodeIndex> siblings_;      // nodes from "_name" members of the open objects
  std::optional<Error> error_;
};

}  // namespace passerelle::json
