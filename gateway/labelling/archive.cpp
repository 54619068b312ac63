#include "gateway/labelling/archive.h"

#include <algorithm>
#include <optional>
#include <vector>

#include "fhir_model/base/digest.h"
#include "fhir_model/base/limits.h"
#include "fhir_model/xml/xml.h"

namespace passerelle::labelling {
namespace {

using node::NodeIndex;
using node::Tree;

constexpr xml::Vocabulary::Prefix kPrefixes[] = {{"urn:oasis:names:tc:ebxml-regrep:xsd:rim:3.0", "rim"},
                                                 {"urn:oasis:names:tc:ebxml-regrep:xsd:lcm:3.0", ""}};
constexpr xml::Vocabulary kVocabulary{"urn:oasis:names:tc:ebxml-regrep:xsd:lcm:3.0", "SubmitObjectsRequest",
                                      kPrefixes, std::size(kPrefixes)};
constexpr std::string_view kFile = "file";

std::string HashOf(std::string_view bytes) {
  auto sha1 = Sha1(bytes);
  return Hex({reinterpret_cast<const char*>(sha1.data()), sha1.size()});
}

std::vector<NodeIndex> FilesOf(const Tree& tree) {
  std::vector<NodeIndex> files;
  for (auto child : node::Children(tree, node::kRoot))
    if (tree.name(child) == kFile) files.push_back(child);
  return files;
}

void AddFile(Tree& tree, const ZipFile& file, std::string_view folder) {
  auto node = tree.Append(node::kRoot, tree.NameOf(kFile), node::Kind::Element);
  auto add = [&](std::string_view name, std::string_view text) {
    tree[tree.Append(node, tree.NameOf(name), node::Kind::String, tree.Keep(text))].attribute = true;
  };
  add("@name", file.name);
  add("@size", std::to_string(file.bytes.size()));
  add("@hash", HashOf(file.bytes));
  if (file.name.starts_with(folder)) add("@local", std::string_view(file.name).substr(folder.size()));
}

}  // namespace

bool IsMetadata(std::string_view name) {
  constexpr std::string_view kFolder = "IHE_XDM/", kName = "/METADATA.XML";
  return name.size() > kFolder.size() + kName.size() && name.starts_with(kFolder) && name.ends_with(kName);
}

Result<Tree> ReadMetadata(std::string bytes) {
  return xml::ParseForeign(std::move(bytes), kFileLimits, kVocabulary);
}

Result<Tree> ReadMetadata(const ZipFile& metadata, std::span<const ZipFile> files) {
  TRY(auto tree, ReadMetadata(metadata.bytes));
  auto folder = std::string_view(metadata.name).substr(0, metadata.name.rfind('/') + 1);
  for (const auto& file : files) AddFile(tree, file, folder);
  return tree;
}

std::string WriteMetadata(Tree tree) {
  for (auto file : FilesOf(tree)) tree.Remove(file);
  return xml::WriteForeign(tree, kVocabulary);
}

std::string WriteArchive(Tree tree, const ZipFile& metadata, std::span<const ZipFile> files) {
  std::vector<ZipFile> written;
  std::optional<std::size_t> own;
  auto nodes = FilesOf(tree);
  for (const auto& file : files) {
    auto has_its_bytes = [&, hash = HashOf(file.bytes)](NodeIndex node) {
      return tree.ChildText(node, "@hash") == hash;
    };
    auto node = std::ranges::find_if(nodes, has_its_bytes);
    if (node == nodes.end()) continue;
    if (file.name == metadata.name) own = written.size();
    written.push_back({std::string(tree.ChildText(*node, "@name")), file.bytes});
    nodes.erase(node);  // of two equal files each has its own
  }
  if (own) written[*own].bytes = WriteMetadata(std::move(tree));
  return WriteZip(written);
}

}  // namespace passerelle::labelling
