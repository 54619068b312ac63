#include "gateway/pipeline/store.h"

namespace passerelle::pipeline {

std::string JsonArray(const std::vector<std::string>& references) {
  std::string out = "[";
  for (const auto& reference : references) out += (out.size() > 1 ? ",\"" : "\"") + reference + "\"";
  return out + "]";
}

Result<std::unique_ptr<net::Source>> OpenPayload(View& view, const Delivery& delivery) {
  std::vector<std::unique_ptr<net::Source>> parts;
  std::size_t done = 0;
  for (const auto& insert : delivery.inserts) {
    parts.push_back(net::SourceOf(delivery.payload.substr(done, insert.at - done)));
    done = insert.at;
    TRY(auto piece, view.Open(insert.slice));
    parts.push_back(std::move(piece));
  }
  parts.push_back(net::SourceOf(delivery.payload.substr(done)));
  return net::Chain(std::move(parts));
}

Awaitable<Result<Receipt>> Store::Keep(Frame frame) {
  auto keeping = co_await Hand(std::make_shared<const Frame>(std::move(frame)), KeepWhen::AtOnce);
  if (!keeping) co_return keeping.error();
  co_return co_await (*keeping)->Done();
}

}  // namespace passerelle::pipeline
