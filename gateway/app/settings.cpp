#include "gateway/app/settings.h"

#include <charconv>
#include <fstream>
#include <set>
#include <sstream>
#include <toml++/toml.h>

#include "fhir_model/base/digest.h"
#include "fhir_model/base/errors.h"
#include "gateway/app/errors.h"

namespace passerelle::app {
namespace {

// Reads one table of the file; what was not asked for when it is done is an unknown key.
class Section {
 public:
  Section(const toml::table& table, std::string_view file, std::string name)
      : table_(table), file_(file), name_(std::move(name)) {}

  Place PlaceOf(const toml::node& node) const {
    return {std::string(file_), node.source().begin.line, node.source().begin.column};
  }
  Error Bad(const toml::node& node, const std::string& what) const {
    return {errors::SettingInvalid, name_ + ": " + what, PlaceOf(node)};
  }

  template <class T>
  Status Read(std::string_view key, T& into) {
    const toml::node* node = Take(key);
    if (node == nullptr) return Ok();
    if constexpr (std::is_same_v<T, std::size_t>) {
      auto value = node->value<std::int64_t>();
      if (!value || *value < 0) return Bad(*node, std::string(key) + " must be a whole number");
      into = static_cast<std::size_t>(*value);
    } else {
      auto value = node->value_exact<T>();
      if (!value) return Bad(*node, std::string(key) + (std::is_same_v<T, bool> ? " must be true or false"
                                                                                : " must be a text in quotes"));
      into = *value;
    }
    return Ok();
  }
  Status Read(std::string_view key, std::vector<std::string>& into) {
    const toml::node* node = Take(key);
    if (node == nullptr) return Ok();
    if (!node->is_array()) return Bad(*node, std::string(key) + " must be a list of texts");
    for (const auto& item : *node->as_array()) {
      auto value = item.value_exact<std::string>();
      if (!value) return Bad(item, std::string(key) + " must be a list of texts");
      into.push_back(*value);
    }
    return Ok();
  }
  Status Read(std::string_view key, std::map<std::string, std::string>& into) {
    const toml::node* node = Take(key);
    if (node == nullptr) return Ok();
    if (!node->is_table()) return Bad(*node, std::string(key) + " must be a table of texts");
    for (const auto& [name, item] : *node->as_table()) {
      auto value = item.value_exact<std::string>();
      if (!value) return Bad(item, std::string(key) + " must be a table of texts");
      into[std::string(name.str())] = *value;
    }
    return Ok();
  }
  Status Read(std::string_view key, Endpoint& into) {
    std::string text;
    CHECK_OK(Read(key, text));
    if (text.empty()) return Ok();
    auto endpoint = ParseEndpoint(text);
    if (!endpoint) return Bad(*table_.get(key), std::string(key) + " must be HOST:PORT");
    into = *endpoint;
    return Ok();
  }
  // One of a few words; gives the index of the word.
  Status Choose(std::string_view key, std::initializer_list<std::string_view> words, std::size_t& into) {
    std::string text;
    CHECK_OK(Read(key, text));
    if (text.empty()) return Ok();
    std::size_t index = 0;
    for (auto word : words) {
      if (word == text) {
        into = index;
        return Ok();
      }
      ++index;
    }
    std::string all;
    for (auto word : words) all += (all.empty() ? "\"" : " or \"") + std::string(word) + "\"";
    return Bad(*table_.get(key), std::string(key) + " must be " + all);
  }
  const toml::node* Take(std::string_view key) {
    taken_.emplace(key);
    return table_.get(key);
  }
  Status Finish() const {
    for (const auto& [key, node] : table_)
      if (!taken_.contains(key.str()))
        return Error{errors::SettingUnknown, name_ + ": " + std::string(key.str()),
                     Place{std::string(file_), key.source().begin.line, key.source().begin.column}};
    return Ok();
  }

 private:
  const toml::table& table_;
  std::string_view file_;
  std::string name_;
  std::set<std::string, std::less<>> taken_;
};

Status ReadTls(Section& section, TlsSettings& tls) {
  CHECK_OK(section.Read("tls_cert", tls.certificate_file));
  CHECK_OK(section.Read("tls_key", tls.key_file));
  CHECK_OK(section.Read("client_ca", tls.client_authority_file));
  return section.Read("client_names", tls.client_names);
}

Status ReadFeed(const toml::table& table, std::string_view file, FeedSettings& feed) {
  Section section(table, file, "[[feed]]");
  std::size_t acknowledge = feed.acknowledge_on_commit ? 1 : 0, mssante = 0;
  CHECK_OK(section.Read("name", feed.name));
  CHECK_OK(section.Read("listen", feed.listen));
  CHECK_OK(section.Choose("ack", {"processed", "commit"}, acknowledge));
  feed.acknowledge_on_commit = acknowledge == 1;
  CHECK_OK(section.Read("profile", feed.profile));
  CHECK_OK(section.Choose("mssante", {"warn", "refuse"}, mssante));
  feed.refuses_mssante = mssante == 1;
  CHECK_OK(section.Read("charset", feed.charset));
  CHECK_OK(section.Read("timezone", feed.timezone));
  CHECK_OK(section.Read("peers", feed.peers));
  CHECK_OK(ReadTls(section, feed.tls));
  CHECK_OK(section.Read("authorities", feed.authorities));
  CHECK_OK(section.Read("fictitious", feed.fictitious));
  CHECK_OK(section.Read("reply_to", feed.reply_to));
  CHECK_OK(section.Read("frame_mib_max", feed.frame_mib_max));
  // An AA on receipt would say "integrated" before anybody looked (safety rule 14).
  if (feed.acknowledge_on_commit && feed.profile.starts_with("CISIS_CDA_HL7_"))
    return Error{errors::SettingsUnsafe, "ack = \"commit\" with profile " + feed.profile, section.PlaceOf(table)};
  if (feed.frame_mib_max == 0 || feed.frame_mib_max > 128)
    return Error{errors::SettingInvalid, "frame_mib_max must be 1 to 128", section.PlaceOf(table)};
  return section.Finish();
}

Status ReadHttp(const toml::table& table, std::string_view file, HttpSettings& http) {
  Section section(table, file, "[http]");
  std::size_t access = 0;
  CHECK_OK(section.Read("listen", http.listen));
  CHECK_OK(section.Choose("access", {"token", "open"}, access));
  http.open = access == 1;
  CHECK_OK(section.Read("tls_cert", http.certificate_file));
  CHECK_OK(section.Read("tls_key", http.key_file));
  CHECK_OK(section.Read("fictitious", http.fictitious));
  CHECK_OK(section.Read("timezone", http.timezone));
  if (http.open && !http.listen.IsLoopback())
    return Error{errors::SettingsUnsafe, "access = \"open\" off loopback", section.PlaceOf(table)};
  if (!http.listen.IsLoopback() && http.certificate_file.empty())
    return Error{errors::SettingsUnsafe, "HTTP off loopback needs tls_cert and tls_key", section.PlaceOf(table)};
  return section.Finish();
}

Status ReadTarget(const toml::table& table, std::string_view file, TargetSettings& target) {
  Section section(table, file, "[[target]]");
  std::size_t kind = 0, write = 0, bytes = 0;
  CHECK_OK(section.Read("name", target.name));
  CHECK_OK(section.Choose("kind", {"fhir", "mllp", "http", "folder"}, kind));
  target.kind = std::array{"fhir", "mllp", "http", "folder"}[kind];
  CHECK_OK(section.Read("url", target.url));
  CHECK_OK(section.Choose("write", {"put", "post-if-none-exist"}, write));
  target.write = std::array{"put", "post-if-none-exist"}[write];
  CHECK_OK(section.Choose("bytes", {"original", "rewritten"}, bytes));
  target.rewrites = bytes == 1;
  CHECK_OK(section.Read("production", target.production));
  CHECK_OK(section.Read("dmp", target.dmp));
  CHECK_OK(section.Read("mail", target.mail));
  CHECK_OK(section.Read("messages", target.messages));
  CHECK_OK(section.Read("feeds", target.feeds));
  CHECK_OK(section.Read("units", target.units));
  CHECK_OK(section.Read("token_file", target.token_file));
  CHECK_OK(section.Read("ca", target.authority_file));
  CHECK_OK(section.Read("cert", target.certificate_file));
  CHECK_OK(section.Read("key", target.key_file));
  if (target.name.empty() || target.url.empty())
    return Error{errors::SettingInvalid, "[[target]] needs name and url", section.PlaceOf(table)};
  if (target.rewrites && target.kind != "mllp")
    return Error{errors::SettingInvalid, "bytes is of targets of kind mllp", section.PlaceOf(table)};
  return section.Finish();
}

Status ReadFolder(const toml::table& table, std::string_view file, FolderSettings& folder) {
  Section section(table, file, "[[folder]]");
  CHECK_OK(section.Read("name", folder.name));
  CHECK_OK(section.Read("path", folder.path));
  if (folder.name.empty() || folder.path.empty())
    return Error{errors::SettingInvalid, "[[folder]] needs name and path", section.PlaceOf(table)};
  return section.Finish();
}

Status ReadBench(const toml::table& table, std::string_view file, const Settings& settings, BenchSettings& bench) {
  Section section(table, file, "[bench]");
  CHECK_OK(section.Read("data", bench.data));
  CHECK_OK(section.Read("listen", bench.listen));
  CHECK_OK(section.Read("tls_cert", bench.certificate_file));
  CHECK_OK(section.Read("tls_key", bench.key_file));
  CHECK_OK(section.Read("value_sets", bench.value_sets));
  CHECK_OK(section.Read("schema", bench.schema));
  CHECK_OK(section.Read("examples", bench.examples));
  if (bench.data.empty()) return Error{errors::SettingInvalid, "[bench] needs data", section.PlaceOf(table)};
  if (bench.data == settings.data)
    return Error{errors::SettingsUnsafe, "[bench] data is the gateway's own folder", section.PlaceOf(table)};
  if (settings.environment == access::Environment::Production)
    return Error{errors::SettingsUnsafe, "a bench in production", section.PlaceOf(table)};
  if (!bench.listen.IsLoopback() && bench.certificate_file.empty())
    return Error{errors::SettingsUnsafe, "a bench off loopback needs tls_cert and tls_key", section.PlaceOf(table)};
  return section.Finish();
}

// Calls read(table) for each table of a [[name]] list.
Status ReadEach(Section& root, std::string_view key, const auto& read) {
  const toml::node* node = root.Take(key);
  if (node == nullptr) return Ok();
  if (!node->is_array_of_tables())
    return root.Bad(*node, std::string(key) + " must be written [[" + std::string(key) + "]]");
  for (const auto& item : *node->as_array()) CHECK_OK(read(*item.as_table()));
  return Ok();
}

Status ReadTable(Section& root, std::string_view key, const auto& read) {
  const toml::node* node = root.Take(key);
  if (node == nullptr) return Ok();
  if (!node->is_table()) return root.Bad(*node, std::string(key) + " must be written [" + std::string(key) + "]");
  return read(*node->as_table());
}

Status ReadFeeds(Section& root, std::string_view file, Settings& settings) {
  std::vector<FeedSettings> feeds;
  CHECK_OK(ReadTable(root, "mllp", [&](const toml::table& table) {
    return ReadFeed(table, file, feeds.emplace_back());
  }));
  CHECK_OK(ReadEach(root, "feed", [&](const toml::table& table) -> Status {
    FeedSettings feed;
    feed.name.clear();
    feed.listen.port = 0;
    CHECK_OK(ReadFeed(table, file, feed));
    if (feed.name.empty() || table.get("listen") == nullptr)
      return root.Bad(table, "[[feed]] needs name and listen");
    feeds.push_back(std::move(feed));
    return Ok();
  }));
  if (!feeds.empty()) settings.feeds = std::move(feeds);
  return Ok();
}

Status CheckEnvironment(const Settings& settings, bool stated, std::string_view file) {
  bool loopback = settings.http.listen.IsLoopback();
  for (const auto& feed : settings.feeds) loopback = loopback && feed.listen.IsLoopback();
  // Off loopback nobody may be left guessing which world this is (safety rule 10).
  if (!loopback && !stated)
    return Error{errors::SettingsUnsafe, "environment must be stated off loopback", {std::string(file)}};
  for (const auto& target : settings.targets)
    if (target.production && settings.environment == access::Environment::Test)
      return Error{errors::SettingsUnsafe, "a test environment with the production target " + target.name,
                   {std::string(file)}};
  return Ok();
}

Result<Settings> ReadRoot(const toml::table& table, std::string_view file) {
  Settings settings;
  Section root(table, file, "the configuration");
  std::size_t environment = 0;
  CHECK_OK(root.Read("data", settings.data));
  CHECK_OK(root.Choose("environment", {"test", "production"}, environment));
  settings.environment = environment == 1 ? access::Environment::Production : access::Environment::Test;
  CHECK_OK(root.Read("definitions", settings.definitions));
  CHECK_OK(ReadTable(root, "http", [&](const toml::table& t) { return ReadHttp(t, file, settings.http); }));
  CHECK_OK(ReadFeeds(root, file, settings));
  CHECK_OK(ReadEach(root, "folder", [&](const toml::table& t) {
    return ReadFolder(t, file, settings.folders.emplace_back());
  }));
  CHECK_OK(ReadEach(root, "target", [&](const toml::table& t) {
    return ReadTarget(t, file, settings.targets.emplace_back());
  }));
  CHECK_OK(ReadTable(root, "mapping", [&](const toml::table& t) -> Status {
    Section section(t, file, "[mapping]");
    CHECK_OK(section.Read("overlays", settings.overlays));
    return section.Finish();
  }));
  CHECK_OK(ReadTable(root, "store", [&](const toml::table& t) -> Status {
    Section section(t, file, "[store]");
    CHECK_OK(section.Read("free_mib_min", settings.free_mib_min));
    return section.Finish();
  }));
  CHECK_OK(ReadTable(root, "bench", [&](const toml::table& t) {
    return ReadBench(t, file, settings, settings.bench);
  }));
  CHECK_OK(root.Finish());
  CHECK_OK(CheckEnvironment(settings, table.get("environment") != nullptr, file));
  return settings;
}

}  // namespace

bool Endpoint::IsLoopback() const { return host.starts_with("127.") || host == "::1" || host == "localhost"; }

Result<Endpoint> ParseEndpoint(std::string_view text) {
  auto colon = text.rfind(':');
  Endpoint endpoint;
  if (colon == text.npos || colon == 0) return Error{errors::SettingInvalid, "HOST:PORT expected"};
  auto host = text.substr(0, colon), port = text.substr(colon + 1);
  if (host.starts_with('[') && host.ends_with(']')) host = host.substr(1, host.size() - 2);
  auto [end, wrong] = std::from_chars(port.data(), port.data() + port.size(), endpoint.port);
  if (wrong != std::errc() || end != port.data() + port.size())
    return Error{errors::SettingInvalid, "HOST:PORT expected"};
  endpoint.host = host;
  return endpoint;
}

Result<Settings> ParseSettings(std::string_view text, std::string_view file_name) {
  try {
    TRY(auto settings, ReadRoot(toml::parse(text, file_name), file_name));
    settings.digest = Sha256Hex(text);
    return settings;
  } catch (const toml::parse_error& wrong) {  // the library's only way to say so
    return Error{errors::SettingsUnreadable,
                 std::string(wrong.description()),
                 {std::string(file_name), wrong.source().begin.line, wrong.source().begin.column}};
  }
}

Result<Settings> LoadSettings(const std::optional<std::string>& file) {
  if (!file) return Settings{};
  std::ifstream in(*file, std::ios::binary);
  std::ostringstream text;
  text << in.rdbuf();
  if (!in) return Error{errors::SettingsUnreadable, "cannot open", {*file}};
  return ParseSettings(text.str(), *file);
}

}  // namespace passerelle::app
