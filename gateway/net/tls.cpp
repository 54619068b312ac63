#include "gateway/net/tls.h"

#include <openssl/pem.h>
#include <openssl/x509v3.h>

#include "gateway/net/errors.h"

namespace passerelle::net {
namespace {

namespace ssl = boost::asio::ssl;

// TLS 1.2 and 1.3 with forward secrecy only (BCP 195).
constexpr const char* kCiphers = "ECDHE+AESGCM:ECDHE+CHACHA20";

Result<std::shared_ptr<TlsContext>> Make(const TlsFiles& files, bool server) {
  auto tls = std::make_shared<TlsContext>();
  tls->names = files.names;
  boost::system::error_code wrong;
  auto bad = [&](const std::string& file) { return Error{errors::TlsUnusable, wrong.message(), {file}}; };
  auto& context = tls->context;
  context.set_options(ssl::context::default_workarounds | ssl::context::no_sslv2 | ssl::context::no_sslv3 |
                      ssl::context::no_tlsv1 | ssl::context::no_tlsv1_1);
  SSL_CTX_set_cipher_list(context.native_handle(), kCiphers);
  SSL_CTX_set_options(context.native_handle(), SSL_OP_NO_RENEGOTIATION);
  if (!files.certificate.empty()) {
    context.use_certificate_chain_file(files.certificate, wrong);
    if (wrong) return bad(files.certificate);
    context.use_private_key_file(files.key, ssl::context::pem, wrong);
    if (wrong) return bad(files.key);
  } else if (server) {
    return Error{errors::TlsUnusable, "a server needs a certificate"};
  }
  if (!files.authority.empty()) {
    context.load_verify_file(files.authority, wrong);
    if (wrong) return bad(files.authority);
  } else if (!server) {
    context.set_default_verify_paths(wrong);
  }
  bool verify = !server || !files.authority.empty();
  context.set_verify_mode(verify ? ssl::verify_peer | ssl::verify_fail_if_no_peer_cert : ssl::verify_none, wrong);
  return tls;
}

}  // namespace

Result<std::shared_ptr<TlsContext>> MakeServerTls(const TlsFiles& files) { return Make(files, true); }
Result<std::shared_ptr<TlsContext>> MakeClientTls(const TlsFiles& files) { return Make(files, false); }

std::optional<int> CertificateDaysLeft(const std::string& pem_file) {
  if (pem_file.empty()) return std::nullopt;
  std::unique_ptr<BIO, int (*)(BIO*)> in(BIO_new_file(pem_file.c_str(), "r"), BIO_free);
  if (!in) return std::nullopt;
  std::unique_ptr<X509, void (*)(X509*)> certificate(PEM_read_bio_X509(in.get(), nullptr, nullptr, nullptr), X509_free);
  int days = 0, seconds = 0;
  if (!certificate || ASN1_TIME_diff(&days, &seconds, nullptr, X509_get0_notAfter(certificate.get())) == 0)
    return std::nullopt;
  return days;
}

std::string CertificateName(SSL* handle) {
  X509* certificate = SSL_get1_peer_certificate(handle);
  if (certificate == nullptr) return {};
  std::string name;
  auto* names = static_cast<GENERAL_NAMES*>(X509_get_ext_d2i(certificate, NID_subject_alt_name, nullptr, nullptr));
  for (int i = 0; names != nullptr && name.empty() && i < sk_GENERAL_NAME_num(names); ++i) {
    const GENERAL_NAME* one = sk_GENERAL_NAME_value(names, i);
    if (one->type == GEN_DNS || one->type == GEN_EMAIL || one->type == GEN_URI)
      name.assign(reinterpret_cast<const char*>(ASN1_STRING_get0_data(one->d.ia5)),
                  static_cast<std::size_t>(ASN1_STRING_length(one->d.ia5)));
  }
  if (names != nullptr) GENERAL_NAMES_free(names);
  if (name.empty()) {
    char common[256] = {};
    X509_NAME_get_text_by_NID(X509_get_subject_name(certificate), NID_commonName, common, sizeof common);
    name = common;
  }
  X509_free(certificate);
  return name;
}

}  // namespace passerelle::net
