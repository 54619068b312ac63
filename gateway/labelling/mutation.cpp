#include "gateway/labelling/mutation.h"

#include <algorithm>
#include <set>

#include "fhir_model/base/digest.h"
#include "fhir_model/json/json.h"
#include "gateway/labelling/archive.h"
#include "mappers/cda/cda.h"
#include "mappers/hl7v2/reader.h"
#include "mappers/hl7v2/writer.h"
#include "profiles/requirements/functions.h"

namespace passerelle::labelling {
namespace {

using node::kNone;
using node::kRoot;
using node::NodeIndex;
using node::Tree;
using path::Item;
using requirements::Kind;
using requirements::Subject;

// A site with the text that `set` or `insert` gives it.
struct Site {
  NodeIndex node;
  std::string value, place;
};

// The ZIP that an example is, and which of its files a subject was read from; nothing: it is no ZIP.
struct Zipped {
  std::vector<ZipFile> files;
  std::size_t at = 0;
  const ZipFile& file() const { return files[at]; }
};
std::optional<Zipped> ZippedIn(const Input& example, const Subject& subject) {
  if (example.format != InputFormat::Archive) return std::nullopt;
  auto files = ReadZip(*example.bytes.front());
  if (!files) return std::nullopt;
  auto found = std::ranges::find(*files, subject.bytes, &ZipFile::bytes);
  if (found == files->end()) return std::nullopt;
  auto at = static_cast<std::size_t>(found - files->begin());
  return Zipped{*std::move(files), at};
}

Result<Tree> ReadArchiveAgain(const Subject& subject, const Input& example) {
  auto zipped = ZippedIn(example, subject);
  return zipped ? ReadMetadata(zipped->file(), zipped->files) : ReadMetadata(std::string(subject.bytes));
}

// One example's tree, read again so that it can be changed.
std::optional<Tree> ReadAgain(const Subject& subject, const Input& example, const Reader& reader) {
  Issues issues;
  std::string bytes(subject.bytes);
  auto tree = subject.kind == Kind::Document  ? cda::Parse(std::move(bytes), kFileLimits, issues)
              : subject.kind == Kind::Fhir    ? json::Parse(std::move(bytes), kFileLimits, reader.definitions)
              : subject.kind == Kind::Archive ? ReadArchiveAgain(subject, example)
                                              : hl7v2::Parse(std::move(bytes), {kFileLimits, {}}, issues);
  if (!tree) return std::nullopt;
  return *std::move(tree);
}

std::string WriteTree(Tree tree, Kind kind) {
  if (kind == Kind::Document) return cda::Write(tree);
  if (kind == Kind::Fhir) return json::Write(tree);
  if (kind == Kind::Archive) return WriteMetadata(std::move(tree));
  return hl7v2::Write(tree);
}

// All but the attributes.
void RemoveChildren(Tree& tree, NodeIndex i) {
  for (NodeIndex child = tree[i].first; child != kNone;) {
    NodeIndex next = tree[child].next;
    if (!tree[child].attribute) tree.Remove(child);
    child = next;
  }
}

// "PID-3.4" stands at 4; the names of other vocabularies have no position.
std::uint16_t PositionOf(std::string_view name) {
  auto at = name.find_last_of(".-");
  int position = 0;
  for (char c : name.substr(at == name.npos ? name.size() : at + 1))
    position = c >= '0' && c <= '9' ? position * 10 + (c - '0') : 0;
  return static_cast<std::uint16_t>(position);
}

void Insert(Tree& tree, NodeIndex parent, std::string_view name, std::string_view value) {
  bool attribute = name.starts_with('@');
  auto kind = value.empty() ? node::Kind::Element : node::Kind::String;
  // Attributes and HL7 v2 parts find their place; an element goes before its equals.
  NodeIndex before = attribute || tree.format() == node::Format::Hl7v2 ? kNone : tree.Child(parent, name);
  auto id = tree.NameOf(tree.Keep(name));
  auto made = before == kNone ? tree.Append(parent, id, kind, tree.Keep(value))
                              : tree.InsertBefore(before, id, kind, tree.Keep(value));
  tree[made].attribute = attribute;
  tree[made].position = tree.format() == node::Format::Hl7v2 ? PositionOf(name) : 0;
}

// False: the edit is not possible here.
bool Apply(const Operator& op, const Site& site, Tree& tree) {
  NodeIndex i = site.node;
  if (op.edit == "delete") {
    if (i == kRoot) return false;
    tree.Remove(i);
  } else if (op.edit == "duplicate") {
    if (i == kRoot) return false;
    auto copy = tree.Copy(tree[i].parent, tree, i);
    tree[copy].position = tree[i].position;
    tree.MoveBefore(copy, i);
  } else if (op.edit == "swap") {
    auto other = tree.NextOfName(i);
    if (other == kNone) return false;
    tree.MoveBefore(other, i);
  } else if (op.edit == "set") {
    RemoveChildren(tree, i);
    tree[i].text = tree.Keep(site.value);
    if (tree[i].kind == node::Kind::Element) tree[i].kind = node::Kind::String;
  } else {
    Insert(tree, i, op.argument, site.value);
  }
  return true;
}

std::string WithLineEnds(std::string_view bytes) {
  std::string out;
  for (char c : bytes) {
    if (c == '\n' || c == '\r')
      out += "\r\n";
    else
      out += c;
  }
  return out;
}

std::string AsLatin1(std::string_view bytes) {
  // Delimiters beyond ASCII would become a header that nobody reads: another defect.
  constexpr std::size_t kDelimiters = 8;  // MSH, MSH-1 and MSH-2
  bool odd = bytes.starts_with("MSH") &&
             std::ranges::any_of(bytes.substr(0, kDelimiters), [](char c) { return c < 0; });
  if (odd) return std::string(bytes);
  std::string out;
  for (std::size_t i = 0; i < bytes.size(); ++i) {
    auto c = static_cast<unsigned char>(bytes[i]);
    if ((c & 0xE0) == 0xC0 && i + 1 < bytes.size())
      out += static_cast<char>((c & 3) << 6 | (static_cast<unsigned char>(bytes[++i]) & 0x3F));
    else
      out += bytes[i];
  }
  return out;
}

// Edits of the bytes themselves.
struct BytesEdit {
  std::string_view name;
  std::string (*make)(std::string_view bytes);
};
std::string Replaced(std::string_view bytes, std::string_view from, std::string_view to) {
  std::string out(bytes);
  auto at = out.find(from);
  return at == out.npos ? out : out.replace(at, from.size(), to);
}

constexpr std::string_view kAsIs = "as-is";
constexpr std::string_view kByteOrderMark = "\xEF\xBB\xBF";
constexpr BytesEdit kBytesEdits[] = {
    {kAsIs, [](std::string_view b) { return std::string(b); }},
    {"body-as-html", [](std::string_view b) { return Replaced(b, "text/plain", "text/html"); }},
    {"pdf-as-word", [](std::string_view b) { return Replaced(b, "application/pdf", "application/msword"); }},
    {"archive-spoilt", [](std::string_view b) { return Replaced(b, "\nUEsDB", "\nUEsDC"); }},
    {"second-loinc-code",
     [](std::string_view b) {
       return Replaced(b, "</originalText></code>",
                       "</originalText><translation code=\"14749-6\" "
                       "codeSystem=\"2.16.840.1.113883.6.1\" displayName=\"Glucose\"/></code>");
     }},
    {"byte-order-mark",
     [](std::string_view b) {
       return std::string(b.starts_with(kByteOrderMark) ? "" : kByteOrderMark) += b;
     }},
    {"crlf", WithLineEnds},
    {"latin1", AsLatin1},
    {"remote-stylesheet",
     [](std::string_view b) {
       constexpr std::string_view kSheet =
           "<?xml-stylesheet type=\"text/xsl\" href=\"https://example.org/cda.xsl\"?>\n";
       auto at = b.find("<ClinicalDocument");
       return std::string(b.substr(0, at)) + std::string(kSheet) +
              std::string(b.substr(at == b.npos ? b.size() : at));
     }},
};

// A header field of a mail, found in its bytes by name.
std::optional<std::string> EditMail(const Operator& op, const Site& site, const Subject& subject) {
  auto name = subject.tree->name(site.node);
  auto bytes = subject.bytes;
  for (std::size_t at = 0; at < bytes.size();) {
    auto end = std::min(bytes.find('\n', at), bytes.size() - 1);
    auto line = bytes.substr(at, end - at);
    bool same = line.size() > name.size() && line[name.size()] == ':' &&
                std::equal(name.begin(), name.end(), line.begin(), [](char a, char b) {
                  return a == static_cast<char>(std::tolower(static_cast<unsigned char>(b)));
                });
    if (same) {
      std::string edited = op.edit == "delete" ? "" : std::string(name) + ": " + site.value + "\n";
      return std::string(bytes.substr(0, at)) + edited + std::string(bytes.substr(end + 1));
    }
    at = end + 1;
  }
  return std::nullopt;
}

// The carried document back into its OBX.
std::optional<std::string> IntoCarrier(const Subject& document, std::string_view bytes, const Input& example,
                                       const Reader& reader) {
  for (const auto& subject : example.run.subjects) {
    if (subject.tree != document.carrier_tree) continue;
    auto message = ReadAgain(subject, example, reader);
    if (!message) return std::nullopt;
    auto value = message->Child(document.carrier, "OBX-5");
    auto data = value == kNone ? kNone : message->Child(value, "OBX-5.5");
    if (data == kNone) return std::nullopt;
    (*message)[data].text = message->Keep(EncodeBase64(bytes));
    return hl7v2::Write(*message);
  }
  return std::nullopt;
}

// The whole example again, of what one of its subjects has become: a message around a document, an archive
// around its files.
std::optional<std::string> BackIntoPlace(const Subject& subject, std::string bytes, const Input& example,
                                         const Reader& reader) {
  if (subject.carrier_tree) return IntoCarrier(subject, bytes, example, reader);
  auto zipped = ZippedIn(example, subject);
  if (!zipped) return bytes;
  zipped->files[zipped->at].bytes = std::move(bytes);
  return WriteZip(zipped->files);
}

std::optional<std::string> Make(const Operator& op, const Site& site, const Subject& subject,
                                const Input& example, const Reader& reader) {
  if (subject.kind == Kind::Mail) return EditMail(op, site, subject);
  auto tree = ReadAgain(subject, example, reader);
  if (!tree || !Apply(op, site, *tree)) return std::nullopt;
  if (subject.kind == Kind::Archive)
    if (auto zipped = ZippedIn(example, subject))
      return WriteArchive(*std::move(tree), zipped->file(), zipped->files);
  return BackIntoPlace(subject, WriteTree(*std::move(tree), subject.kind), example, reader);
}

// Where an operator applies in a subject.
std::vector<Site> Sites(const Operator& op, const Subject& subject, requirements::Host& host,
                        path::Machine& machine, std::size_t sites_max) {
  path::Environment environment;
  environment.services = &host;
  host.Enter(subject);
  std::vector<Item> items;
  auto found = machine.Evaluate(*op.at, Item::Of(*subject.tree, kRoot), environment);
  if (found) items.assign(found->begin(), found->end());
  std::vector<Site> sites;
  for (const auto& item : items) {
    if (item.kind != path::ItemKind::Node || item.tree != subject.tree || sites.size() >= sites_max) continue;
    Site site{item.node, {}, subject.tree->Path(item.node)};
    if (op.value) {
      auto value = machine.Evaluate(*op.value, item, environment);
      if (!value || value->empty()) continue;
      site.value = path::TextOf(value->front());
    }
    if (op.place) {
      auto place = machine.Evaluate(*op.place, item, environment);
      if (place && !place->empty() && place->front().kind == path::ItemKind::Node)
        site.place = place->front().tree->Path(place->front().node);
      else if (place && !place->empty())
        site.place = path::TextOf(place->front());
    }
    sites.push_back(std::move(site));
  }
  return sites;
}

std::string Key(const requirements::Finding& f) { return f.place.path + "|" + f.expected + "|" + f.found; }

bool Finds(const requirements::Finding& f) {
  return f.verdict == requirements::Verdict::Fail || f.verdict == requirements::Verdict::Warn;
}

// Without the numbers of repetitions: deleting one renumbers the others.
std::string Plain(std::string_view path) {
  std::string out;
  bool inside = false;
  for (char c : path) {
    if (c == '[') inside = true;
    if (!inside) out += c;
    if (c == ']') inside = false;
  }
  return out;
}

// At the node, around it, or within it: one path begins the other and at most two steps part them.
bool IsNear(std::string_view found, std::string_view changed) {
  std::string a = Plain(found), b = Plain(changed);
  if (a.size() > b.size()) std::swap(a, b);
  if (!b.starts_with(a)) return false;
  auto rest = std::string_view(b).substr(a.size());
  if (!rest.empty() && !a.empty() && std::string_view("./-").find(rest[0]) == std::string_view::npos)
    return false;
  return std::count_if(rest.begin(), rest.end(), [](char c) { return c == '.' || c == '/' || c == '-'; }) <=
         2;
}

}  // namespace

std::vector<Mutant> Mutate(const Operator& op, const Input& example, const Reader& reader,
                           const requirements::World& world, std::size_t sites_max) {
  std::vector<Mutant> mutants;
  requirements::Host host(example.run, world);
  path::Machine machine;
  for (const auto& subject : example.run.subjects) {
    // What a mail carries is changed where it stands alone, not within the mail.
    bool in_mail = example.format == InputFormat::Mail && subject.kind != Kind::Mail;
    if (subject.kind != op.kind || in_mail) continue;
    if (op.edit == "bytes") {
      for (const auto& edit : kBytesEdits) {
        if (edit.name != op.argument) continue;
        auto bytes = edit.make(subject.bytes);
        auto whole = BackIntoPlace(subject, bytes, example, reader);
        if (whole && (bytes != subject.bytes || op.argument == kAsIs))
          mutants.push_back({&op, *std::move(whole), ""});
      }
      continue;
    }
    for (const auto& site : Sites(op, subject, host, machine, sites_max))
      if (auto bytes = Make(op, site, subject, example, reader))
        mutants.push_back({&op, *std::move(bytes), site.place});
  }
  return mutants;
}

namespace {

// The examples by name, read once; of several of one name the first is meant.
class Examples {
 public:
  Examples(std::span<const std::pair<std::string, std::string>> files, const Reader& reader) {
    for (const auto& [path, bytes] : files) {
      auto& example = read_[path.substr(path.rfind('/') + 1)];
      if (!example.input) example = {path, ReadInput(bytes, reader)};
    }
  }
  const Input* Find(const std::string& name) const {
    auto found = read_.find(name);
    return found == read_.end() ? nullptr : found->second.input.get();
  }
  // Whether an operator that names its examples means this one.
  bool Means(const Operator& op, const std::string& path) const {
    return std::ranges::any_of(op.in, [&](const std::string& name) {
      auto found = read_.find(name);
      return found != read_.end() && found->second.path == path;
    });
  }

 private:
  struct Example {
    std::string path;
    std::unique_ptr<Input> input;
  };
  std::map<std::string, Example> read_;
};

// What an operator wants around the example that it changes.
struct Company {
  std::vector<const requirements::Run*> earlier;
  std::vector<Subject> beside;
};
std::optional<Company> CompanyOf(const Operator& op, const Examples& examples) {
  Company company;
  for (const auto& name : op.after) {
    const auto* input = examples.Find(name);
    if (!input) return std::nullopt;
    company.earlier.push_back(&input->run);
  }
  for (const auto& [kind, name] : op.beside) {
    const auto* input = examples.Find(name);
    if (!input || input->run.subjects.empty()) return std::nullopt;
    company.beside.push_back(input->run.subjects.front());
    company.beside.back().kind = kind;
  }
  return company;
}

// The run of an input in that company; it points into both.
requirements::Run InCompany(const requirements::Run& alone, const Operator& op, const Company& company) {
  auto run = alone;
  if (op.as && !run.subjects.empty()) run.subjects.front().kind = *op.as;
  run.subjects.insert(run.subjects.end(), company.beside.begin(), company.beside.end());
  if (!op.after.empty()) run.earlier = &company.earlier;
  return run;
}

constexpr int kTriesMax = 6;  // of an operator in an example, to be found by one requirement alone

using Keys = std::set<std::string>;
Keys FindingsOf(const requirements::Report& report) {
  Keys keys;
  for (const auto& finding : report.findings)
    if (Finds(finding)) keys.insert(Key(finding));
  return keys;
}

// Whether every other requirement says of the changed run what it says of the unchanged one.
bool NoOtherFinds(const requirements::Catalogue& catalogue, std::string_view id,
                  const requirements::Run& unchanged, const requirements::Run& changed,
                  const requirements::World& world) {
  std::vector<std::string> others;
  for (const auto& requirement : catalogue.requirements())
    if (requirement.id != id) others.push_back(requirement.id);
  auto before = FindingsOf(Evaluate(catalogue, others, unchanged, world));
  return std::ranges::all_of(FindingsOf(Evaluate(catalogue, others, changed, world)),
                             [&](const std::string& key) { return before.contains(key); });
}

}  // namespace

MutationScore RunMutants(const requirements::Catalogue& catalogue, std::span<const Operator> operators,
                         std::span<const std::pair<std::string, std::string>> examples, const Reader& reader,
                         const requirements::World& world, std::size_t sites_max) {
  MutationScore score;
  Examples all(examples, reader);
  for (const auto& [name, bytes] : examples) {
    auto example = ReadInput(bytes, reader);
    for (const auto& op : operators) {
      auto company = CompanyOf(op, all);
      if (!company || !(op.in.empty() || all.Means(op, name))) continue;
      const std::string ids[] = {op.breaks};
      auto unchanged = op.argument == kAsIs ? example->run : InCompany(example->run, op, *company);
      auto before = FindingsOf(Evaluate(catalogue, ids, unchanged, world));
      auto& requirement = score.by_requirement[op.breaks];
      int tries = 0;
      for (const auto& mutant : Mutate(op, *example, reader, world, sites_max)) {
        auto seen = ReadInput(mutant.bytes, reader);
        bool killed = false, placed = false;
        auto run = InCompany(seen->run, op, *company);
        for (const auto& finding : Evaluate(catalogue, ids, run, world).findings) {
          if (!Finds(finding) || before.contains(Key(finding))) continue;
          killed = true;
          placed = placed || mutant.place.empty() || IsNear(finding.place.path, mutant.place);
        }
        for (auto* row : {&requirement, &score.by_operator[op.name], &score.total})
          ++row->made, row->killed += killed, row->placed += placed;
        auto where = op.name + " at " + mutant.place + " in " + name;
        if (!killed)
          score.survivors.push_back(where);
        else if (!placed)
          score.misplaced.push_back(where);
        if (killed && !requirement.alone && ++tries <= kTriesMax)
          requirement.alone = NoOtherFinds(catalogue, op.breaks, unchanged, run, world);
      }
    }
  }
  return score;
}

}  // namespace passerelle::labelling
