#include "gateway/labelling/mail.h"

#include <algorithm>

#include "fhir_model/base/digest.h"

namespace passerelle::labelling {
namespace {

constexpr std::size_t kPartsMax = 1000;
constexpr int kDepthMax = 16;

struct Field {
  std::string name, value;
};

std::string Lower(std::string_view text) {
  std::string out(text);
  std::transform(out.begin(), out.end(), out.begin(),
                 [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
  return out;
}

std::string_view Trim(std::string_view text) {
  auto begin = text.find_first_not_of(" \t\r\n");
  if (begin == text.npos) return {};
  return text.substr(begin, text.find_last_not_of(" \t\r\n") - begin + 1);
}

// The header's fields; `bytes` moves behind the empty line.
std::vector<Field> ReadFields(std::string_view& bytes) {
  std::vector<Field> fields;
  while (!bytes.empty()) {
    auto end = bytes.find('\n');
    auto line = bytes.substr(0, end);
    bytes = end == bytes.npos ? std::string_view() : bytes.substr(end + 1);
    if (Trim(line).empty()) break;
    if ((line[0] == ' ' || line[0] == '\t') && !fields.empty()) {
      fields.back().value += " ";
      fields.back().value += Trim(line);
      continue;
    }
    auto colon = line.find(':');
    if (colon == line.npos) continue;
    fields.push_back({Lower(Trim(line.substr(0, colon))), std::string(Trim(line.substr(colon + 1)))});
  }
  return fields;
}

std::string ValueOf(const std::vector<Field>& fields, std::string_view name) {
  for (const auto& field : fields)
    if (field.name == name) return field.value;
  return {};
}

// name="value" or name=value in a header field.
std::string Parameter(std::string_view value, std::string_view name) {
  auto at = Lower(value).find(std::string(name) + "=");
  if (at == std::string::npos) return {};
  value.remove_prefix(at + name.size() + 1);
  if (value.starts_with('"')) return std::string(value.substr(1, value.find('"', 1) - 1));
  return std::string(Trim(value.substr(0, value.find(';'))));
}

void Add(node::Tree& tree, node::NodeIndex parent, std::string_view name, std::string_view text) {
  if (!text.empty()) tree.Append(parent, tree.NameOf(tree.Keep(name)), node::Kind::String, tree.Keep(text));
}

// The bytes of a part; nothing where its base64 is broken.
std::string Decoded(std::string_view encoding, std::string_view body) {
  if (Lower(Trim(encoding)) != "base64") return std::string(body);
  auto bytes = DecodeBase64(Trim(body));
  return bytes ? *std::move(bytes) : std::string();
}

void AddParts(Mail& mail, const std::vector<Field>& fields, std::string_view body, int depth) {
  auto& tree = mail.tree;
  auto content = ValueOf(fields, "content-type");
  auto type = Lower(Trim(std::string_view(content).substr(0, content.find(';'))));
  auto part = tree.Append(node::kRoot, tree.NameOf("part"), node::Kind::Element);
  Add(tree, part, "type", type.empty() ? "text/plain" : type);
  auto filename = Parameter(ValueOf(fields, "content-disposition"), "filename");
  if (filename.empty()) filename = Parameter(content, "name");
  Add(tree, part, "filename", filename);
  if (Lower(filename).ends_with(".zip"))
    mail.archives.push_back({part, Decoded(ValueOf(fields, "content-transfer-encoding"), body)});
  auto boundary = Parameter(content, "boundary");
  if (!type.starts_with("multipart/") || boundary.empty() || depth > kDepthMax) return;
  std::string mark = "--" + boundary;
  for (auto at = body.find(mark); at != body.npos && tree.CountChildren(node::kRoot) < kPartsMax;) {
    auto begin = body.find('\n', at), next = body.find(mark, at + mark.size());
    if (body.substr(at + mark.size()).starts_with("--") || begin == body.npos || next == body.npos ||
        begin > next)
      break;
    auto inner = body.substr(begin + 1, next - begin - 1);
    auto inner_fields = ReadFields(inner);
    AddParts(mail, inner_fields, inner, depth + 1);
    at = next;
  }
}

}  // namespace

bool LooksLikeMail(std::string_view bytes) {
  auto head = Lower(bytes.substr(0, 8192));
  bool sender = head.starts_with("from:") || head.find("\nfrom:") != head.npos;
  return sender && (head.find("\nsubject:") != head.npos || head.find("\nmessage-id:") != head.npos ||
                    head.find("\nmime-version:") != head.npos);
}

bool IsWhole(std::string_view bytes) {
  bool header_ends = bytes.find("\n\n") != bytes.npos || bytes.find("\r\n\r\n") != bytes.npos;
  auto fields = ReadFields(bytes);
  auto boundary = Parameter(ValueOf(fields, "content-type"), "boundary");
  return header_ends && (boundary.empty() || bytes.find("--" + boundary + "--") != bytes.npos);
}

Mail ReadMail(std::string_view bytes) {
  Mail mail{node::Tree(node::Format::Fhir), {}};
  mail.tree[node::kRoot].name = mail.tree.NameOf("mail");
  auto fields = ReadFields(bytes);
  for (const auto& field : fields) Add(mail.tree, node::kRoot, field.name, field.value);
  AddParts(mail, fields, bytes, 0);
  return mail;
}

}  // namespace passerelle::labelling
