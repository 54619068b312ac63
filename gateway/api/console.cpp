// The console's files, as they were built into the binary.

#include "gateway/api/answers.h"
#include "gateway/api/errors.h"
#include "gateway/api/handlers.h"

namespace passerelle::api {
namespace {

constexpr std::string_view kPage = "/index.html";
// Everything from here and nothing from elsewhere; no inline script, no frame around us.
constexpr std::string_view kPolicy =
    "default-src 'self'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'; object-src 'none'";

const Asset* FindAsset(std::span<const Asset> assets, std::string_view path) {
  for (const Asset& asset : assets)
    if (asset.path == path) return &asset;
  return nullptr;
}

net::HttpResponse AssetAnswer(const Request& request, const Asset& asset) {
  net::HttpResponse response;
  response.headers.Set("ETag", std::string(asset.etag));
  response.headers.Set("Cache-Control", asset.immutable ? "public, max-age=31536000, immutable" : "no-cache");
  response.headers.Set("Content-Security-Policy", std::string(kPolicy));
  response.headers.Set("X-Content-Type-Options", "nosniff");
  response.headers.Set("Referrer-Policy", "no-referrer");
  response.headers.Set("Vary", "Accept-Encoding");
  if (request.http.headers.Get("If-None-Match") == asset.etag) {
    response.status = 304;
    return response;
  }
  response.headers.Set("Content-Type", std::string(asset.content_type));
  bool brotli =
      !asset.brotli.empty() && request.http.headers.Get("Accept-Encoding").find("br") != std::string::npos;
  if (brotli) response.headers.Set("Content-Encoding", "br");
  response.body = brotli ? asset.brotli : asset.bytes;
  return response;
}

}  // namespace

Awaitable<Response> ConsolePage(Request& request) {
  const Asset* page = FindAsset(request.services.console, kPage);
  if (page == nullptr)
    co_return TextAnswer(200, "text/plain;charset=utf-8", "This gateway was built without its console.\n");
  co_return AssetAnswer(request, *page);
}

Awaitable<Response> ConsoleFile(Request& request) {
  const Asset* file = FindAsset(request.services.console, "/" + request.caught.at(0));
  if (file == nullptr) co_return Error{errors::RouteUnknown};
  co_return AssetAnswer(request, *file);
}

}  // namespace passerelle::api
