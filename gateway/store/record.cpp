#include "gateway/store/record.h"

#include <algorithm>
#include <charconv>

#include "fhir_model/base/digest.h"
#include "fhir_model/json/json.h"
#include "gateway/store/errors.h"

namespace passerelle::store {

using node::kNone;
using node::kRoot;
using node::NodeIndex;
using node::Tree;
using pipeline::Content;
using pipeline::ResourceVersion;
using pipeline::SearchPage;

namespace {

// What a resource may hold is the wire's business; here only what cannot be a resource is refused.
constexpr Limits kStoredLimits{256u << 20, 128, 10'000'000, 16u << 20};

// ---- equality of content

// Members in the order of their names, repetitions in theirs: two writers of one resource give one text.
class Canonical {
 public:
  explicit Canonical(const Tree& tree) : tree_(tree) {}

  std::string Digest() {
    AddMembers(kRoot);
    Sha256Digest digest = Sha256(out_);
    return {reinterpret_cast<const char*>(digest.data()), digest.size()};
  }

 private:
  bool Counts(NodeIndex parent, std::string_view name) const {
    if (parent == kRoot) return name != "id";
    bool in_meta = tree_[parent].parent == kRoot && tree_.name(parent) == "meta";
    return !(in_meta && (name == "versionId" || name == "lastUpdated"));
  }

  void AddMembers(NodeIndex parent) {
    std::size_t begin = stack_.size();
    for (NodeIndex child : node::Children(tree_, parent))
      if (Counts(parent, tree_.name(child))) stack_.push_back(child);
    std::stable_sort(stack_.begin() + static_cast<std::ptrdiff_t>(begin), stack_.end(),
                     [this](NodeIndex a, NodeIndex b) {
                       return tree_[a].name != tree_[b].name && tree_.name(a) < tree_.name(b);
                     });
    for (std::size_t i = begin; i < stack_.size(); ++i) Add(stack_[i]);
    stack_.resize(begin);
  }

  void Add(NodeIndex i) {
    const node::Node& node = tree_[i];
    bool empty_meta = node.parent == kRoot && node.kind == node::Kind::Element && tree_.name(i) == "meta";
    std::size_t before = out_.size();
    out_ += tree_.name(i);
    out_ += node.list ? '[' : ':';
    out_ += static_cast<char>('0' + static_cast<int>(node.kind));
    if (node.resource != 0) out_ += tree_.NameText(node.resource);
    out_ += std::to_string(node.text.size());
    out_ += ':';
    out_ += node.text;
    out_ += '{';
    std::size_t inside = out_.size();
    AddMembers(i);
    if (empty_meta && out_.size() == inside) {
      out_.resize(before);
      return;
    }
    out_ += '}';
  }

  const Tree& tree_;
  std::string out_;
  std::vector<NodeIndex> stack_;
};

// ---- what the store writes into a resource

NodeIndex ChildBefore(Tree& tree, NodeIndex parent, std::string_view name, NodeIndex before,
                      node::Kind kind) {
  NodeIndex child = tree.Child(parent, name);
  if (child != kNone) return child;
  node::NameId name_id = tree.NameOf(name);
  return before == kNone ? tree.Append(parent, name_id, kind) : tree.InsertBefore(before, name_id, kind);
}

void SetText(Tree& tree, NodeIndex parent, std::string_view name, std::string_view text) {
  NodeIndex child = ChildBefore(tree, parent, name, tree[parent].first, node::Kind::String);
  tree[child].text = tree.Keep(text);
}

// The time is known last: its place is kept with a byte that no UTF-8 text has.
constexpr std::size_t kTimeBytes = 24;
constexpr char kTimeBlank = '\xFF';

void Stamp(Tree& tree, std::string_view id, std::int64_t version) {
  SetText(tree, kRoot, "id", id);
  NodeIndex id_node = tree.Child(kRoot, "id");
  NodeIndex meta = ChildBefore(tree, kRoot, "meta", tree[id_node].next, node::Kind::Element);
  SetText(tree, meta, "lastUpdated", std::string(kTimeBytes, kTimeBlank));
  SetText(tree, meta, "versionId", std::to_string(version));
}

void StampTime(ResourceVersion& made, std::size_t time_at, std::string_view time) {
  made.last_updated = time;
  made.json.replace(time_at, kTimeBytes, time);
}

// ---- rows

struct Known {
  std::int64_t key = 0, version = 0;
  bool deleted = false;
  std::string digest;
};

Result<std::optional<Known>> Find(const Session& session, std::string_view type, std::string_view id) {
  Query row(session.database, "SELECT key, version, deleted, digest FROM resource WHERE type = ? AND id = ?",
            type, id);
  if (row.Next()) return std::optional(Known{row.Int(0), row.Int(1), row.Int(2) != 0, row.String(3)});
  CHECK_OK(row.Ended());
  return std::optional<Known>();
}

constexpr std::int64_t kEntriesPerResource = std::int64_t{1} << 20;

Status ForgetIndex(const Session& session, std::int64_t key) {
  std::int64_t from = key * kEntriesPerResource, to = from + kEntriesPerResource - 1;
  CHECK_OK(Run(session.database, "DELETE FROM term WHERE id BETWEEN ? AND ?", from, to));
  CHECK_OK(Run(session.database, "DELETE FROM moment WHERE id BETWEEN ? AND ?", from, to));
  return Run(session.database, "DELETE FROM amount WHERE id BETWEEN ? AND ?", from, to);
}

Status AddIndex(const Session& session, std::int64_t key, const IndexEntries& entries) {
  std::int64_t id = key * kEntriesPerResource;
  if (session.changes != nullptr)
    for (const auto& term : entries.terms) session.changes->Note(TermChange(term.parameter, term.value));
  for (const auto& term : entries.terms)
    CHECK_OK(Run(session.database, "INSERT INTO term (id, parameter, value, system) VALUES (?,?,?,?)", id++,
                 term.parameter, term.value, term.system));
  id = key * kEntriesPerResource;
  for (const auto& moment : entries.moments)
    CHECK_OK(Run(session.database, "INSERT INTO moment (id, parameter, low, high) VALUES (?,?,?,?)", id++,
                 moment.parameter, moment.low, moment.high));
  id = key * kEntriesPerResource;
  for (const auto& amount : entries.amounts)
    CHECK_OK(Run(session.database,
                 "INSERT INTO amount (id, parameter, low, high, code, system) VALUES (?,?,?,?,?,?)", id++,
                 amount.parameter, amount.low, amount.high, amount.code, amount.system));
  return Ok();
}

Result<std::int64_t> NextVersionKey(Database& database) {
  Query last(database, "SELECT coalesce(max(key), 0) FROM version");
  if (!last.Next()) return database.LastError();
  return last.Int(0) + 1;
}

// What a Binary holds elsewhere, by its version.
Status AddContent(const Session& session, const ResourceVersion& made) {
  const auto& content = *made.content;
  return Run(session.database,
             "INSERT INTO content (id, version, body, offset, length, padding, bytes, digest)"
             " VALUES (?,?,?,?,?,?,?,?)",
             made.id, made.version, Blob{content.base64.sha256}, static_cast<std::int64_t>(content.base64.offset),
             static_cast<std::int64_t>(content.base64.length), content.padding,
             static_cast<std::int64_t>(content.bytes), content.digest);
}

Result<std::optional<Content>> ContentOf(const Session& session, const ResourceVersion& version) {
  Query row(session.database,
            "SELECT body, offset, length, padding, bytes, digest FROM content WHERE id = ? AND version = ?",
            version.id, version.version);
  if (row.Next()) {
    auto number = [&](int column) { return static_cast<std::uint64_t>(row.Int(column)); };
    return std::optional(
        Content{{row.String(0), number(1), number(2)}, row.String(3), number(4), row.String(5)});
  }
  CHECK_OK(row.Ended());
  return std::optional<Content>();
}

std::string DigestWith(std::string_view digest, std::string_view content) {
  Sha256Digest both = Sha256(std::string(digest) + std::string(content));
  return {reinterpret_cast<const char*>(both.data()), both.size()};
}

// Writes a version and makes it the latest; gives the resource's key. `key` 0: there was none.
Result<std::int64_t> AddVersion(const Session& session, std::int64_t key, const ResourceVersion& made,
                                std::string_view digest, std::int64_t at_ms) {
  Database& db = session.database;
  if (session.changes != nullptr) session.changes->Note(ResourceChange(made.type, made.id));
  TRY(auto latest, NextVersionKey(db));
  if (key == 0) {
    CHECK_OK(Run(
        db, "INSERT INTO resource (type, id, version, deleted, at_ms, digest, latest) VALUES (?,?,?,?,?,?,?)",
        made.type, made.id, made.version, made.deleted, at_ms, Blob{digest}, latest));
    key = db.last_row_id();
  } else {
    CHECK_OK(Run(
        db, "UPDATE resource SET version = ?, deleted = ?, at_ms = ?, digest = ?, latest = ? WHERE key = ?",
        made.version, made.deleted, at_ms, Blob{digest}, latest, key));
  }
  CHECK_OK(Run(db,
               "INSERT INTO version (key, resource, version, type, at, method, deleted, json)"
               " VALUES (?,?,?,?,?,?,?,?)",
               latest, key, made.version, made.type, made.last_updated, made.method, made.deleted, made.json));
  return key;
}

}  // namespace

std::string ContentDigest(const Tree& resource) { return Canonical(resource).Digest(); }

Result<ResourceVersion> VersionOf(const Session& session, const Query& row) {
  ResourceVersion version{row.String(0), row.String(1),     row.Int(2),    row.String(3),
                          row.String(4), row.Int(5) != 0, row.String(6), std::nullopt};
  if (version.type == "Binary") { TRY(version.content, ContentOf(session, version)); }
  return version;
}

Result<ReadyVersion> MakeVersion(const Session& session, std::string_view type, std::string_view id,
                                 std::string_view json, std::string_view method,
                                 const std::optional<Content>& content) {
  TRY(auto tree, json::Parse(std::string(json), kStoredLimits));
  ReadyVersion ready;
  ready.digest = ContentDigest(tree);
  if (content) ready.digest = DigestWith(ready.digest, content->digest);
  TRY(auto known, Find(session, type, id));
  if (known && !known->deleted && known->digest == ready.digest) {
    TRY(auto latest, ReadResource(session, type, id));
    ready.is_latest = latest.has_value();
    if (latest) ready.made = *std::move(latest);
    if (latest) return ready;
  }
  ready.key = known ? known->key : 0;
  ready.made.type = type;
  ready.made.id = id;
  ready.made.version = known ? known->version + 1 : 1;
  ready.made.method = method;
  ready.made.content = content;
  ready.entries = session.indexer.Extract(tree);
  Stamp(tree, id, ready.made.version);
  ready.made.json = json::Write(tree);
  ready.time_at = ready.made.json.find(kTimeBlank);
  StampTime(ready.made, ready.time_at, IsoUtc(session.clock()));
  return ready;
}

Status WriteVersion(const Session& session, ReadyVersion& ready) {
  auto now = session.clock();
  StampTime(ready.made, ready.time_at, IsoUtc(now));
  TRY(auto key, AddVersion(session, ready.key, ready.made, ready.digest, UnixMs(now)));
  if (ready.made.content) CHECK_OK(AddContent(session, ready.made));
  if (ready.key != 0) CHECK_OK(ForgetIndex(session, key));
  return AddIndex(session, key, ready.entries);
}

Result<ResourceVersion> PutResource(const Session& session, std::string_view type, std::string_view id,
                                    std::string_view json, std::string_view method,
                                    const std::optional<Content>& content) {
  TRY(auto ready, MakeVersion(session, type, id, json, method, content));
  if (!ready.is_latest) CHECK_OK(WriteVersion(session, ready));
  return std::move(ready.made);
}

Status DeleteResource(const Session& session, std::string_view type, std::string_view id) {
  TRY(auto known, Find(session, type, id));
  if (!known) return Error{errors::ResourceUnknown};
  if (known->deleted) return Ok();
  auto now = session.clock();
  ResourceVersion made{
      std::string(type), std::string(id), known->version + 1, IsoUtc(now), "DELETE", true, {}, std::nullopt};
  TRY(auto key, AddVersion(session, known->key, made, {}, UnixMs(now)));
  return ForgetIndex(session, key);
}

Result<std::optional<pipeline::ResourceState>> ReadResourceState(const Session& session, std::string_view type,
                                                                 std::string_view id) {
  TRY(auto known, Find(session, type, id));
  if (!known || known->deleted) return std::optional<pipeline::ResourceState>();
  return std::optional(pipeline::ResourceState{known->version, std::move(known->digest)});
}

Result<std::optional<ResourceVersion>> ReadResource(const Session& session, std::string_view type,
                                                    std::string_view id) {
  Query row(session.database,
            "SELECT v.type, r.id, v.version, v.at, v.method, v.deleted, v.json FROM resource r"
            " JOIN version v ON v.key = r.latest WHERE r.type = ? AND r.id = ?",
            type, id);
  if (row.Next()) {
    TRY(auto found, VersionOf(session, row));
    return std::optional(std::move(found));
  }
  CHECK_OK(row.Ended());
  return std::optional<ResourceVersion>();
}

Result<std::optional<ResourceVersion>> ReadResourceVersion(const Session& session, std::string_view type,
                                                           std::string_view id, std::int64_t version) {
  Query row(session.database,
            "SELECT v.type, r.id, v.version, v.at, v.method, v.deleted, v.json FROM resource r"
            " JOIN version v ON v.resource = r.key WHERE r.type = ? AND r.id = ? AND v.version = ?",
            type, id, version);
  if (row.Next()) {
    TRY(auto found, VersionOf(session, row));
    return std::optional(std::move(found));
  }
  CHECK_OK(row.Ended());
  return std::optional<ResourceVersion>();
}

Result<SearchPage> ReadHistory(const Session& session, std::string_view type, std::string_view id,
                               int count_max, std::string_view page) {
  std::int64_t before = INT64_MAX;
  if (!page.empty()) {
    auto [end, failed] = std::from_chars(page.data(), page.data() + page.size(), before);
    if (failed != std::errc() || end != page.data() + page.size()) return Error{errors::PageUnknown};
  }
  std::string from = " FROM version v JOIN resource r ON r.key = v.resource WHERE ";
  if (!id.empty()) {
    from += "v.resource = (SELECT key FROM resource WHERE type = ? AND id = ?)";
  } else {
    from += type.empty() ? "1" : "v.type = ?";
  }
  auto bind = [&](Query& query) {
    if (!type.empty()) query.Bind(type);
    if (!id.empty()) query.Bind(id);
  };
  SearchPage result;
  Query count(session.database, "SELECT count(*)" + from);
  bind(count);
  if (count.Next()) result.total = count.Int(0);
  CHECK_OK(count.Ended());

  Query rows(session.database, "SELECT " + std::string(kVersionColumns) + ", v.key" + from +
                                   " AND v.key < ? ORDER BY v.key DESC LIMIT ?");
  bind(rows);
  rows.Bind(before);
  rows.Bind(count_max + 1);
  std::int64_t last = 0;
  while (rows.Next()) {
    if (static_cast<int>(result.matches.size()) == count_max) {
      result.next = std::to_string(last);
      break;
    }
    TRY(auto version, VersionOf(session, rows));
    result.matches.push_back(std::move(version));
    last = rows.Int(7);
  }
  CHECK_OK(rows.Ended());
  return result;
}

}  // namespace passerelle::store
