#include "profiles/packages/pack_builder.h"

#include <unistd.h>

#include <algorithm>
#include <array>
#include <bit>
#include <cstring>
#include <fstream>
#include <optional>
#include <unordered_map>

#include "fhir_model/base/errors.h"
#include "fhir_model/base/limits.h"
#include "fhir_model/json/json.h"
#include "fhir_model/spec/pack_format.h"
#include "fhir_model/xml/xml.h"
#include "profiles/packages/errors.h"
#include "profiles/packages/profile_reader.h"
#include "profiles/packages/profile_writer.h"
#include "profiles/packages/shape_builder.h"
#include "profiles/packages/snapshot.h"
#include "profiles/packages/source.h"
#include "profiles/packages/strings.h"

namespace passerelle::packages {
namespace {

namespace format = spec::format;
using node::Children;
using node::kNone;
using node::kRoot;
using node::NodeIndex;
using node::Tree;

// The types of conformance resources that the pack keeps as JSON.
constexpr std::array<std::string_view, 12> kKept = {"StructureDefinition",
                                                    "ValueSet",
                                                    "CodeSystem",
                                                    "ConceptMap",
                                                    "NamingSystem",
                                                    "SearchParameter",
                                                    "CompartmentDefinition",
                                                    "OperationDefinition",
                                                    "Questionnaire",
                                                    "ImplementationGuide",
                                                    "Library",
                                                    "Measure"};

struct KeptResource {
  std::string file;  // where it was read
  std::string url, version, type, id, json;
  std::size_t package;
  std::string profile;  // encoded; empty when it is no StructureDefinition with a snapshot
};

struct Collected {
  ShapeBuilder shapes;
  Strings strings;
  std::vector<KeptResource> resources;
  std::vector<std::array<std::string, 5>> search;       // base, code, type, expression, url
  std::vector<std::array<std::string, 2>> compartment;  // resource type, parameter
  std::vector<std::string> packages;
};

// The resource's type without reading it all: examples make up most of a package. Only the outermost object's
// counts, which need not be the first.
std::string_view PeekType(std::string_view json) {
  int depth = 0;
  for (std::size_t at = 0; at < json.size(); ++at) {
    char c = json[at];
    depth += (c == '{' || c == '[') - (c == '}' || c == ']');
    if (c != '"') continue;
    std::size_t close = at + 1;
    while (close < json.size() && json[close] != '"') close += json[close] == '\\' ? 2 : 1;
    bool is_it = depth == 1 && json.substr(at, close - at) == "\"resourceType";
    at = close;
    if (!is_it) continue;
    auto open = json.find('"', close + 1);
    auto end = open == json.npos ? open : json.find('"', open + 1);
    return end == json.npos ? std::string_view() : json.substr(open + 1, end - open - 1);
  }
  return {};
}

void CollectSearch(const Tree& tree, Collected& all) {
  auto url = tree.ChildText(kRoot, "url");
  if (!url.starts_with("http://hl7.org/fhir/SearchParameter/")) return;
  for (NodeIndex child : Children(tree, kRoot))
    if (tree.name(child) == "base")
      all.search.push_back({std::string(tree[child].text), std::string(tree.ChildText(kRoot, "code")),
                            std::string(tree.ChildText(kRoot, "type")),
                            std::string(tree.ChildText(kRoot, "expression")), std::string(url)});
}

void CollectCompartment(const Tree& tree, Collected& all) {
  if (tree.ChildText(kRoot, "url") != "http://hl7.org/fhir/CompartmentDefinition/patient") return;
  for (NodeIndex resource : Children(tree, kRoot)) {
    if (tree.name(resource) != "resource") continue;
    for (NodeIndex param : Children(tree, resource))
      if (tree.name(param) == "param")
        all.compartment.push_back(
            {std::string(tree.ChildText(resource, "code")), std::string(tree[param].text)});
  }
}

bool IsBaseType(const Tree& tree) {
  auto kind = tree.ChildText(kRoot, "kind"), derivation = tree.ChildText(kRoot, "derivation");
  return kind != "logical" && derivation != "constraint" &&
         tree.ChildText(kRoot, "url").starts_with("http://hl7.org/fhir/StructureDefinition/");
}

// One file of a package.
struct File {
  std::string path;    // for people: "guide.tgz/StructureDefinition-x.json"
  bool alone = false;  // it is the whole package: then it is meant to be learned from
};

void Skip(const File& file, Error error, PackReport& report) {
  error.place.path = file.path + (error.place.path.empty() ? "" : " " + error.place.path);
  report.skipped.push_back(std::move(error));
}

// JSON, or XML where the types are known already that it is read with.
Result<Tree> ReadResource(std::string bytes, const spec::Library* beneath) {
  auto start = bytes.find_first_not_of("\xEF\xBB\xBF \t\r\n");
  if (start == bytes.npos || bytes[start] != '<' || beneath == nullptr)
    return json::Parse(std::move(bytes), kFileLimits);
  TRY(auto tree, xml::ParseFhir(std::move(bytes), kFileLimits, beneath->base()));
  return json::Parse(json::Write(tree), kFileLimits);
}

bool IsKept(std::string_view type) { return std::find(kKept.begin(), kKept.end(), type) != kKept.end(); }

void Collect(const File& file, Tree tree, Collected& all) {
  std::string type(tree.NameText(tree.root().resource));
  // Of a guide only the profiles count that it asks of every resource of a type.
  if (type == "ImplementationGuide" && tree.Child(kRoot, "global") == kNone) return;
  if (type == "StructureDefinition" && IsBaseType(tree)) all.shapes.Add(tree);
  if (type == "SearchParameter") CollectSearch(tree, all);
  if (type == "CompartmentDefinition") CollectCompartment(tree, all);
  if (NodeIndex text = tree.Child(kRoot, "text"); text != kNone) tree.Remove(text);
  KeptResource kept{file.path,
                    std::string(tree.ChildText(kRoot, "url")),
                    std::string(tree.ChildText(kRoot, "version")),
                    type,
                    std::string(tree.ChildText(kRoot, "id")),
                    json::Write(tree),
                    all.packages.size(),
                    {}};
  if (type == "StructureDefinition" && tree.Child(kRoot, "snapshot") != kNone)
    kept.profile = WriteProfile(ReadProfile(tree), all.strings);
  all.resources.push_back(std::move(kept));
}

// What cannot be read is said and left out.
void CollectFile(const File& file, std::string bytes, const spec::Library* beneath, Collected& all,
                 PackReport& report) {
  std::string_view peeked = PeekType(bytes);
  if (!file.alone && !peeked.empty() && !IsKept(peeked)) return;
  auto tree = ReadResource(std::move(bytes), beneath);
  if (!tree) return Skip(file, std::move(tree).error(), report);
  if (IsKept(tree->NameText(tree->root().resource)))
    Collect(file, *std::move(tree), all);
  else if (file.alone)
    Skip(file, {errors::DefinitionNone, std::string(tree->NameText(tree->root().resource))}, report);
}

// Finds StructureDefinitions among those collected, the later package first, then beneath them.
class Collection {
 public:
  Collection(const Collected& all, const spec::Library* beneath) : all_(all), beneath_(beneath) {
    for (std::size_t i = 0; i < all.resources.size(); ++i)
      if (all.resources[i].type == "StructureDefinition") by_url_[all.resources[i].url].push_back(i);
  }
  std::optional<Tree> Find(std::string_view canonical) const {
    auto bar = canonical.find('|');
    std::string_view url = canonical.substr(0, bar);
    std::string_view json;
    if (auto it = by_url_.find(url); it != by_url_.end()) {
      json = all_.resources[it->second.back()].json;
      for (std::size_t i : it->second)
        if (bar != canonical.npos && all_.resources[i].version == canonical.substr(bar + 1))
          json = all_.resources[i].json;
    } else if (auto found =
                   beneath_ == nullptr ? std::nullopt : beneath_->Find(canonical, "StructureDefinition")) {
      json = found->json;
    }
    if (json.empty()) return std::nullopt;
    auto tree = json::Parse(std::string(json), kFileLimits);
    if (!tree) return std::nullopt;
    return *std::move(tree);
  }

 private:
  const Collected& all_;
  const spec::Library* beneath_;
  std::unordered_map<std::string_view, std::vector<std::size_t>> by_url_;
};

// How a slice is sliced again: snapshots leave it out, as the reference's do, but who checks by one must
// know.
void KeepReslicing(Tree& made) {
  NodeIndex snapshot = made.Child(kRoot, "snapshot"), differential = made.Child(kRoot, "differential");
  for (NodeIndex said : node::Children(made, differential)) {
    NodeIndex slicing = made.Child(said, "slicing");
    std::string_view id = made.ChildText(said, "id");
    if (slicing == kNone || id.empty() || made.Child(said, "sliceName") == kNone) continue;
    for (NodeIndex element : node::Children(made, snapshot))
      if (made.ChildText(element, "id") == id && made.Child(element, "slicing") == kNone)
        made.Copy(element, made, slicing);
  }
}

void AddSnapshots(Collected& all, const spec::Library* beneath, PackReport& report) {
  Collection collection(all, beneath);
  Snapshots snapshots([&](std::string_view canonical) { return collection.Find(canonical); });
  std::vector<std::pair<std::size_t, Tree>> made;
  for (std::size_t i = 0; i < all.resources.size(); ++i) {
    const auto& resource = all.resources[i];
    if (resource.type != "StructureDefinition" || !resource.profile.empty()) continue;
    auto definition = json::Parse(resource.json, kFileLimits);
    if (!definition || definition->Child(kRoot, "differential") == kNone) continue;
    auto whole = snapshots.Make(*definition);
    if (whole) KeepReslicing(*whole);
    if (whole) {
      made.emplace_back(i, *std::move(whole));
      continue;
    }
    Error error = std::move(whole).error();
    error.detail = resource.url + ": " + error.detail;
    Skip({resource.file}, std::move(error), report);
  }
  for (auto& [i, tree] : made) {
    all.resources[i].json = json::Write(tree);
    all.resources[i].profile = WriteProfile(ReadProfile(tree), all.strings);
    ++report.snapshots;
  }
}

// A package may hold guides that are not its own, as examples.
void DropOtherGuides(Collected& all, const std::string& package) {
  if (package.empty()) return;  // one resource file
  std::erase_if(all.resources, [&](const KeptResource& kept) {
    bool of_this = kept.package == all.packages.size() && kept.type == "ImplementationGuide";
    return of_this && kept.id != package;
  });
}

template <class Record>
std::string_view BytesOf(const std::vector<Record>& records) {
  return {reinterpret_cast<const char*>(records.data()), records.size() * sizeof(Record)};
}

// The file as it grows: each section begins on a multiple of eight.
class Writer {
 public:
  Writer() { out_.resize(sizeof(format::Header)); }
  format::Section Add(std::string_view bytes, std::size_t count) {
    out_.resize((out_.size() + 7) / 8 * 8);
    format::Section section{out_.size(), count};
    out_ += bytes;
    return section;
  }
  template <class Record>
  format::Section Add(const std::vector<Record>& records) {
    return Add(BytesOf(records), records.size());
  }
  std::string Finish(format::Header header) {
    std::memcpy(header.magic, format::kMagic, sizeof header.magic);
    header.version = format::kVersion;
    header.file_bytes = out_.size();
    std::memcpy(out_.data(), &header, sizeof header);
    return std::move(out_);
  }

 private:
  std::string out_;
};

// Every element name once, and the number each child row refers to.
class Names {
 public:
  explicit Names(Strings& strings) : strings_(strings) {}
  std::uint32_t Number(const std::string& name) {
    auto [it, fresh] = numbers_.try_emplace(name, static_cast<std::uint32_t>(records.size()));
    if (fresh) records.push_back(strings_.Add(name));
    return it->second;
  }
  std::vector<format::Text> records;

 private:
  Strings& strings_;
  std::unordered_map<std::string, std::uint32_t> numbers_;
};

void WriteShapes(const ShapeBuilder& builder, Strings& strings, Writer& writer, format::Header& header) {
  Names names(strings);
  std::vector<format::Type> types;
  for (const auto& type : builder.types) {
    std::uint32_t flags = (type.resource ? format::kTypeResource : 0) |
                          (type.primitive ? format::kTypePrimitive : 0) |
                          (type.abstract ? format::kTypeAbstract : 0);
    types.push_back(
        {strings.Add(type.name), strings.Add(type.url), strings.Add(type.base), type.shape, flags});
  }
  std::vector<format::Shape> shapes;
  std::vector<format::Child> children;
  for (const auto& shape : builder.shapes) {
    bool own = !shape.name.empty() && builder.types[shape.type].name == shape.name;
    shapes.push_back({strings.Add(shape.name), shape.type, static_cast<std::uint32_t>(children.size()),
                      static_cast<std::uint32_t>(shape.children.size()), own ? types[shape.type].flags : 0});
    for (const auto& child : shape.children)
      children.push_back({names.Number(child.name), names.Number(child.element_name), child.shape,
                          strings.Add(child.type), child.order, child.min, child.max, child.form,
                          static_cast<std::uint8_t>(child.choice),
                          static_cast<std::uint8_t>(child.xml_attribute), 0});
  }
  header.names = writer.Add(names.records);
  header.types = writer.Add(types);
  header.shapes = writer.Add(shapes);
  header.children = writer.Add(children);
}

void WriteResources(std::vector<KeptResource>& kept, Strings& strings, Writer& writer,
                    format::Header& header) {
  std::stable_sort(kept.begin(), kept.end(), [](const KeptResource& a, const KeptResource& b) {
    return a.url != b.url ? a.url < b.url : a.package > b.package;
  });
  std::vector<format::Resource> records;
  std::vector<std::uint32_t> slots(std::bit_ceil(kept.size() * 2 + 1));
  std::string bodies, profiles;
  for (const auto& resource : kept) {
    bool first_of_url = records.empty() || resource.url != kept[records.size() - 1].url;
    records.push_back({strings.Add(resource.url), strings.Add(resource.version), strings.Add(resource.type),
                       strings.Add(resource.id), bodies.size(), resource.json.size(), profiles.size(),
                       resource.profile.size()});
    bodies += resource.json;
    profiles += resource.profile;
    if (!first_of_url || resource.url.empty()) continue;
    std::size_t slot = format::UrlHash(resource.url) & (slots.size() - 1);
    while (slots[slot] != 0) slot = (slot + 1) & (slots.size() - 1);
    slots[slot] = static_cast<std::uint32_t>(records.size());
  }
  header.resources = writer.Add(records);
  header.slots = writer.Add(slots);
  header.bodies = writer.Add(bodies, bodies.size());
  header.profiles = writer.Add(profiles, profiles.size());
}

std::string WriteAll(Collected& all) {
  Strings& strings = all.strings;
  Writer writer;
  format::Header header{};
  WriteShapes(all.shapes, strings, writer, header);
  std::sort(all.search.begin(), all.search.end());
  std::vector<format::SearchParameter> search;
  for (const auto& s : all.search)
    search.push_back(
        {strings.Add(s[0]), strings.Add(s[1]), strings.Add(s[2]), strings.Add(s[3]), strings.Add(s[4])});
  std::vector<format::Membership> compartment;
  for (const auto& m : all.compartment) compartment.push_back({strings.Add(m[0]), strings.Add(m[1])});
  std::vector<format::Text> packages;
  for (const auto& name : all.packages) packages.push_back(strings.Add(name));
  header.search = writer.Add(search);
  header.compartment = writer.Add(compartment);
  header.packages = writer.Add(packages);
  WriteResources(all.resources, strings, writer, header);
  header.strings = writer.Add(strings.bytes(), strings.bytes().size());
  return writer.Finish(header);
}

}  // namespace

Result<std::string> BuildPack(std::span<const std::string> packages, PackReport& report,
                              const std::function<void(std::string_view)>& progress,
                              const spec::Library* beneath) {
  Collected all;
  for (const auto& path : packages) {
    if (progress) progress(path);
    bool alone = IsOneFile(path);
    TRY(auto name, ReadPackage(path, [&](std::string_view name, std::string bytes) {
          File file{alone ? path : path + "/" + std::string(name), alone};
          CollectFile(file, std::move(bytes), beneath, all, report);
          return Ok();
        }));
    DropOtherGuides(all, name.id);
    all.packages.push_back(name.id.empty() ? path.substr(path.rfind('/') + 1) : name.id + "#" + name.version);
  }
  AddSnapshots(all, beneath, report);
  all.shapes.Finish();
  report.types = all.shapes.types.size();
  report.shapes = all.shapes.shapes.size();
  report.resources = all.resources.size();
  std::string bytes = WriteAll(all);
  report.bytes = bytes.size();
  return bytes;
}

Status WritePack(const std::string& path, std::string_view bytes) {
  std::string beside = path + ".new";
  {
    std::ofstream out(beside, std::ios::binary | std::ios::trunc);
    out.write(bytes.data(), static_cast<std::streamsize>(bytes.size()));
    if (!out) return Error{errors::FileUnwritable, {}, {beside}};
  }
  if (std::rename(beside.c_str(), path.c_str()) != 0) return Error{errors::FileUnwritable, {}, {path}};
  return Ok();
}

}  // namespace passerelle::packages
