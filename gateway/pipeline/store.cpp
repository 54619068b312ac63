#include "gateway/pipeline/store.h"

namespace passerelle::pipeline {

std::string JsonArray(const std::vector<std::string>& references) {
  std::string out = "[";
  for (const auto& reference : references) out += (out.size() > 1 ? ",\"" : "\"") + reference + "\"";
  return out + "]";
}

Awaitable<Result<Receipt>> Store::Keep(Frame frame) {
  auto keeping = co_await Hand(std::make_shared<const Frame>(std::move(frame)), KeepWhen::AtOnce);
  if (!keeping) co_return keeping.error();
  co_return co_await (*keeping)->Done();
}

}  // namespace passerelle::pipeline
