#include "mappers/normalise/long_values.h"

#include <algorithm>
#include <array>
#include <map>
#include <unordered_map>

#include "mappers/engine/engine.h"
#include "mappers/normalise/bundle.h"
#include "mappers/normalise/carried.h"
#include "mappers/normalise/walk.h"

namespace passerelle::normalise {
namespace {

using node::kNone;
using node::kRoot;
using node::NodeIndex;
using node::Tree;

constexpr std::size_t kTokenSize = Base64Size(sizeof(Sha256Digest));  // the last one is '='

// Elements of type Attachment, as the tables fill them.
constexpr std::array<std::string_view, 5> kAttachments = {"attachment", "valueAttachment", "presentedForm",
                                                          "content", "photo"};

class Tokens {
 public:
  explicit Tokens(const LongValues& values) {
    for (const auto& value : values) all_.emplace(value.token, &value);
  }
  const LongBase64* Find(std::string_view text) const {
    auto it = text.size() == kTokenSize ? all_.find(text) : all_.end();
    return it == all_.end() ? nullptr : it->second;
  }
  // Whether a token is part of a longer text.
  bool StandsWithin(std::string_view text) const {
    if (text.size() <= kTokenSize) return false;
    for (auto end = text.find('=', kTokenSize - 1); end != text.npos; end = text.find('=', end + 1))
      if (Find(text.substr(end + 1 - kTokenSize, kTokenSize)) != nullptr) return true;
    return false;
  }

 private:
  std::unordered_map<std::string_view, const LongBase64*> all_;
};

// The entry that a node of the bundle stands in.
Entry OwnerOf(const Tree& bundle, NodeIndex node) {
  NodeIndex resource = node;
  while (bundle[bundle[resource].parent].parent != kRoot) resource = bundle[resource].parent;
  NodeIndex entry = bundle[resource].parent;
  return {entry, resource, bundle.ChildText(entry, "fullUrl"), bundle.NameText(bundle[resource].resource),
          bundle.ChildText(resource, "id")};
}

bool IsAttachmentData(const Tree& bundle, NodeIndex node) {
  NodeIndex parent = bundle[node].parent;
  return bundle.name(node) == "data" && bundle[parent].resource == 0 &&
         std::find(kAttachments.begin(), kAttachments.end(), bundle.name(parent)) != kAttachments.end();
}

}  // namespace

const LongBase64* FindValue(const LongValues& values, std::string_view token) {
  auto it = std::find_if(values.begin(), values.end(),
                         [&](const LongBase64& value) { return value.token == token; });
  return it == values.end() ? nullptr : &*it;
}

bool AreCarriedOnly(const Tree& message, const LongValues& values) {
  const Tokens tokens(values);
  std::size_t found = 0;
  bool all = true;
  ForEachBelow(message, kRoot, [&](NodeIndex i) {
    if (tokens.Find(message[i].text) == nullptr) return;
    ++found;
    all = all && message.name(i) == "OBX-5.5" && IsCarriedAsBytes(message, message[i].parent);
  });
  // One that is not the whole of a leaf is part of something else.
  return all && found == values.size();
}

bool MoveToBinaries(Tree& bundle, const LongValues& values, std::string_view id_key) {
  const Tokens tokens(values);
  std::vector<NodeIndex> data;
  bool all = true;
  ForEachBelow(bundle, kRoot, [&](NodeIndex i) {
    if (tokens.Find(bundle[i].text) != nullptr) {
      data.push_back(i);
      all = all && IsAttachmentData(bundle, i);
    }
    all = all && !tokens.StandsWithin(bundle[i].text);
  });
  if (!all) return false;
  std::map<std::string, int> times;
  for (NodeIndex node : data) {
    const LongBase64& value = *tokens.Find(bundle[node].text);
    NodeIndex attachment = bundle[node].parent;
    Entry owner = OwnerOf(bundle, node);
    std::string name = std::string(owner.type) + "/" + std::string(owner.id) + " " + value.token;
    if (int time = ++times[name]; time > 1) name += " " + std::to_string(time);
    std::string_view type = bundle.ChildText(attachment, "contentType");
    NodeIndex binary =
        AddBinary(bundle, attachment, owner,
                  {engine::ResourceId(id_key, "Binary", "attachment", name),
                   std::string(type.empty() ? "application/octet-stream" : type), value.bytes, value.sha1});
    bundle.Move(node, binary);
  }
  return true;
}

void PutValues(Tree& bundle, const LongValues& values, std::string_view message) {
  const Tokens tokens(values);
  ForEachBelow(bundle, kRoot, [&](NodeIndex i) {
    const LongBase64* value = tokens.Find(bundle[i].text);
    if (value == nullptr) return;
    auto padding = value->MissingPadding();
    char* data = bundle.Allocate(value->length + padding.size());
    auto end = std::copy_n(message.data() + value->offset, value->length, data);
    std::copy(padding.begin(), padding.end(), end);
    bundle[i].text = {data, value->length + padding.size()};
  });
}

}  // namespace passerelle::normalise
