// FHIR in: a resource or a Bundle, JSON or XML, as a draft whose ids are ours.

#include <algorithm>
#include <map>

#include "fhir_model/identity/identity.h"
#include "fhir_model/json/json.h"
#include "fhir_model/node/paths.h"
#include "fhir_model/xml/xml.h"
#include "mappers/normalise/bundle.h"
#include "mappers/normalise/errors.h"
#include "mappers/normalise/inputs.h"
#include "mappers/normalise/walk.h"

namespace passerelle::normalise {
namespace {

using node::Children;
using node::Kind;
using node::kNone;
using node::kRoot;
using node::NodeIndex;
using node::Tree;

using Urls = std::map<std::string, std::string, std::less<>>;

Result<Tree> Read(std::string bytes, const Options& options, const spec::Definitions& definitions) {
  auto first = bytes.find_first_not_of("\xEF\xBB\xBF \t\r\n");
  bool xml = first != bytes.npos && bytes[first] == '<';
  return xml ? xml::ParseFhir(std::move(bytes), options.limits, definitions)
             : json::Parse(std::move(bytes), options.limits, &definitions);
}

// The identifier that names a resource: the first with a system and a value; the INS names a patient only
// when nothing else does (safety rule 9).
std::pair<std::string_view, std::string_view> BusinessKey(const Tree& tree, NodeIndex resource) {
  std::pair<std::string_view, std::string_view> ins;
  for (NodeIndex child : Children(tree, resource)) {
    if (tree.name(child) != "identifier") continue;
    std::pair key{tree.ChildText(child, "system"), tree.ChildText(child, "value")};
    if (key.first.empty() || key.second.empty()) continue;
    if (identity::FindInsRoot(key.first) == nullptr) return key;
    if (ins.first.empty()) ins = key;
  }
  return ins;
}

struct Source {
  NodeIndex resource;
  std::string full_url;
};

std::vector<Source> Sources(const Tree& tree) {
  if (tree.NameText(tree.root().resource) != "Bundle") return {{kRoot, {}}};
  std::vector<Source> sources;
  for (const Entry& entry : Entries(tree)) sources.push_back({entry.resource, std::string(entry.url)});
  return sources;
}

std::string IdOf(const Tree& tree, const Source& source, std::size_t position,
                 const engine::MapOptions& options) {
  auto type = tree.NameText(tree[source.resource].resource);
  auto [system, value] = BusinessKey(tree, source.resource);
  if (!system.empty()) return engine::ResourceId(options.id_key, type, system, value);
  return engine::ResourceId(options.id_key, type, options.scope, std::to_string(position));
}

// All the ways in which the input may name one of its own resources.
void AddNames(const Tree& tree, const Source& source, const std::string& url, Urls& urls) {
  auto type = tree.NameText(tree[source.resource].resource);
  auto id = tree.ChildText(source.resource, "id");
  if (!source.full_url.empty()) urls[source.full_url] = url;
  if (!id.empty()) urls[std::string(type) + "/" + std::string(id)] = url;
}

// A version in a reference ("Patient/1/_history/2") names the same resource here.
std::string_view WithoutVersion(std::string_view reference) {
  return reference.substr(0, reference.find("/_history/"));
}

bool IsReference(const Tree& tree, NodeIndex i) {
  auto name = tree.name(i);
  return tree[i].kind == Kind::String && (name == "reference" || name == "url");
}

// References among the input's own resources become the draft's fullUrls; a urn:uuid that nobody carries is
// refused.
Status PlaceReferences(Tree& bundle, const Urls& urls) {
  std::optional<Place> dangling;
  ForEachBelow(bundle, kRoot, [&](NodeIndex i) {
    if (!IsReference(bundle, i) || bundle.name(bundle[i].parent) == "extension") return;
    auto text = bundle[i].text;
    if (auto it = urls.find(WithoutVersion(text)); it != urls.end())
      bundle[i].text = bundle.Keep(it->second);
    else if (text.starts_with("urn:uuid:") && !dangling)
      dangling = bundle.PlaceOf(i);
  });
  if (dangling) return Error{errors::ReferenceDangling, {}, *dangling};
  return Ok();
}

Result<Tree> Collect(const Tree& tree, const engine::MapOptions& options) {
  Tree bundle(node::Format::Fhir, node::Intern("Bundle"));
  bundle[kRoot].resource = node::Intern("Bundle");
  SetText(bundle, kRoot, "type", "collection");
  Urls urls;
  std::vector<std::string> ids;
  auto sources = Sources(tree);
  for (std::size_t i = 0; i < sources.size(); ++i) {
    ids.push_back(IdOf(tree, sources[i], i, options));
    AddNames(tree, sources[i], "urn:uuid:" + ids.back(), urls);
  }
  for (std::size_t i = 0; i < sources.size(); ++i) {
    if (std::find(ids.begin(), ids.begin() + static_cast<std::ptrdiff_t>(i), ids[i]) !=
        ids.begin() + static_cast<std::ptrdiff_t>(i))
      continue;  // the same business identifier twice is the same resource
    NodeIndex resource = AddEntry(bundle, tree.NameText(tree[sources[i].resource].resource), ids[i]);
    for (NodeIndex child : Children(tree, sources[i].resource))
      if (tree.name(child) != "id") bundle.Copy(resource, tree, child);
  }
  CHECK_OK(PlaceReferences(bundle, urls));
  return bundle;
}

// Every value stands again where it stood.
engine::Ledger LedgerOf(const Tree& tree) {
  engine::Ledger ledger;
  node::Paths places(tree);
  ForEachBelow(tree, kRoot, [&](NodeIndex i) {
    if (tree[i].kind == Kind::Element || tree[i].kind == Kind::Null) return;
    engine::LedgerLine line;
    line.leaf = i;
    line.place = places.Of(i);
    line.fate = engine::Fate::Mapped;
    line.targets = {line.place};
    line.row = "fhir";
    ledger.lines.push_back(std::move(line));
  });
  return ledger;
}

std::string ControlId(const Tree& tree) {
  NodeIndex identifier = tree.Child(kRoot, "identifier");
  return identifier == kNone ? std::string() : std::string(tree.ChildText(identifier, "value"));
}

std::vector<DocumentFacts> Documents(const Tree& bundle, const std::vector<std::string>& labels) {
  std::vector<DocumentFacts> documents;
  for (const Entry& entry : Entries(bundle)) {
    if (entry.type != "DocumentReference") continue;
    DocumentFacts facts = ReadDocument(bundle, entry);
    facts.labels = labels;
    facts.labels_given = !labels.empty();
    ForEachBelow(bundle, entry.resource, [&](NodeIndex i) {
      if (bundle.name(i) == "url" && bundle[i].text.starts_with("urn:uuid:"))
        facts.derived.emplace_back(bundle[i].text);
    });
    documents.push_back(std::move(facts));
  }
  return documents;
}

}  // namespace

void NormaliseResource(const spec::Definitions& definitions, std::string bytes, const Options& options,
                       Normalised& out) {
  auto tree = Read(std::move(bytes), options, definitions);
  if (!tree) {
    out.refusal = std::move(tree).error();
    return;
  }
  auto type = tree->NameText(tree->root().resource);
  if (type.empty() || !definitions.IsResource(definitions.FindShape(type))) {
    out.refusal = Error{errors::NotAResource, {}, tree->PlaceOf(kRoot)};
    return;
  }
  out.event = type;
  if (type == "Bundle") out.control_id = ControlId(*tree);
  auto bundle = Collect(*tree, options.map);
  if (!bundle) {
    out.refusal = std::move(bundle).error();
    return;
  }
  out.draft.emplace();
  out.draft->bundle = *std::move(bundle);
  out.draft->ledger = LedgerOf(*tree);
  out.patient = ReadPatient(out.draft->bundle);
  out.documents = Documents(out.draft->bundle, options.labels);
  out.source = *std::move(tree);
}

}  // namespace passerelle::normalise
