#pragma once
// A store in a folder of its own that goes away with it, a clock that is moved by hand, and coroutines run to
// their end.

#include <unistd.h>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/io_context.hpp>
#include <exception>
#include <filesystem>
#include <memory>
#include <string>

#include "gateway/store/sqlite.h"
#include "gateway/store/sqlite_store.h"

namespace passerelle::store {

struct TemporaryFolder {
  std::filesystem::path path;
  TemporaryFolder() {
    std::string pattern = (std::filesystem::temp_directory_path() / "passerelle-XXXXXX").string();
    path = ::mkdtemp(pattern.data());
  }
  ~TemporaryFolder() { std::filesystem::remove_all(path); }
  TemporaryFolder(const TemporaryFolder&) = delete;
  TemporaryFolder& operator=(const TemporaryFolder&) = delete;
};

// 2026-03-01T12:00:00Z until it is moved.
inline std::chrono::system_clock::time_point kNoon{std::chrono::seconds(1'772'366'400)};

template <class T>
T Await(boost::asio::io_context& context, Awaitable<T> awaitable) {
  std::optional<T> result;
  auto wait = [](Awaitable<T> inner, std::optional<T>& out) -> Awaitable<void> {
    out.emplace(co_await std::move(inner));
  };
  boost::asio::co_spawn(context, wait(std::move(awaitable), result), [](std::exception_ptr failure) {
    if (failure) std::rethrow_exception(failure);
  });
  context.restart();
  context.run();
  return std::move(*result);
}

struct Fixture {
  TemporaryFolder folder;
  std::chrono::system_clock::time_point now = kNoon;
  boost::asio::io_context context;
  std::vector<std::string> stops;
  std::unique_ptr<SqliteStore> store;

  Fixture() { Reopen(); }

  StoreOptions Options() {
    StoreOptions options;
    options.folder = folder.path;
    options.clock = [this] { return now; };
    options.fail_stop = [this](const Error& error) { stops.push_back(error.Text()); };
    options.free_mib_min = 1;
    return options;
  }
  void Reopen() {
    store.reset();
    auto opened = SqliteStore::Open(Options());
    if (!opened) throw std::runtime_error(opened.error().Text());
    store = *std::move(opened);
  }
  template <class T>
  T Wait(Awaitable<T> awaitable) {
    return Await(context, std::move(awaitable));
  }

  pipeline::Frame FrameOf(std::string bytes, std::string sender = "LAB") {
    pipeline::Frame frame;
    frame.feed = "mllp";
    frame.sender = std::move(sender);
    frame.peer = {"127.0.0.1", 4711, true, false, ""};
    frame.bytes = std::move(bytes);
    frame.received = IsoUtc(now);
    return frame;
  }
  Result<pipeline::Receipt> Keep(std::string bytes, std::string sender = "LAB") {
    return Wait(store->Keep(FrameOf(std::move(bytes), std::move(sender))));
  }
  Status Write(std::function<Status(pipeline::Transaction&)> work) {
    return Wait(store->Write(std::move(work), pipeline::Rerun::No));
  }
  // Runs SQL on the file behind the store's back.
  void Tamper(const std::string& sql) {
    store.reset();
    auto database = Database::Open(folder.path / "passerelle.db", Database::Mode::Write);
    if (!database || !(*database)->Execute(sql.c_str())) throw std::runtime_error("tampering failed");
  }
};

}  // namespace passerelle::store
