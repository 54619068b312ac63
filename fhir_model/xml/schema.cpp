#include "fhir_model/xml/schema.h"

#include <libxml/parser.h>
#include <libxml/xmlschemas.h>

#include <fstream>

#include "fhir_model/base/limits.h"
#include "fhir_model/xml/errors.h"
#include "fhir_model/xml/reader.h"

namespace passerelle::xml {

struct Schema::Parsed {
  std::unique_ptr<xmlSchema, decltype(&xmlSchemaFree)> schema{nullptr, xmlSchemaFree};
  std::string root_name;
};

namespace {

using Document = std::unique_ptr<xmlDoc, decltype(&xmlFreeDoc)>;

// Down to the element that the error is about, or that bears the attribute.
std::vector<std::uint32_t> PathOf(xmlNodePtr node) {
  std::vector<std::uint32_t> path;
  while (node && node->type != XML_ELEMENT_NODE) node = node->parent;
  for (; node && node->parent && node->parent->type == XML_ELEMENT_NODE; node = node->parent) {
    std::uint32_t before = 0;
    for (auto* other = node->prev; other; other = other->prev) before += other->type == XML_ELEMENT_NODE;
    path.push_back(before);
  }
  return {path.rbegin(), path.rend()};
}

// In libxml2 2.9 the error is not const.
void Collect(void* problems, xmlErrorPtr error) {
  std::string text = error->message ? error->message : "";
  while (text.ends_with('\n')) text.pop_back();
  static_cast<std::vector<SchemaProblem>*>(problems)->push_back(
      {error->line > 0 ? static_cast<std::uint32_t>(error->line) : 0, std::move(text),
       PathOf(static_cast<xmlNodePtr>(error->node))});
}

void Ignore(void*, xmlErrorPtr) {}

xmlNodePtr Find(xmlNodePtr node, std::string_view name) {
  for (; node; node = node->next) {
    if (node->type != XML_ELEMENT_NODE) continue;
    if (name == reinterpret_cast<const char*>(node->name)) return node;
    if (auto* found = Find(node->children, name)) return found;
  }
  return nullptr;
}

// Takes a wrapper from around the element of that name.
void Unwrap(xmlDocPtr document, std::string_view name) {
  auto* root = xmlDocGetRootElement(document);
  if (!root || name == reinterpret_cast<const char*>(root->name)) return;
  auto* found = Find(root, name);
  if (!found) return;
  if (auto* old = xmlDocSetRootElement(document, found)) {
    xmlReconciliateNs(document, found);
    xmlFreeNode(old);
  }
}

}  // namespace

Result<Schema> Schema::Load(const std::string& path, std::string_view root_name) {
  bool there = std::ifstream(path).good();  // libxml2 would tell standard error
  auto* context = there ? xmlSchemaNewParserCtxt(path.c_str()) : nullptr;
  if (!context) return Error{errors::SchemaUnreadable, path};
  xmlSchemaSetParserStructuredErrors(context, Ignore, nullptr);
  auto parsed = std::make_shared<Parsed>();
  parsed->schema.reset(xmlSchemaParse(context));
  xmlSchemaFreeParserCtxt(context);
  if (!parsed->schema) return Error{errors::SchemaUnreadable, path};
  parsed->root_name = root_name;
  Schema schema;
  schema.parsed_ = std::move(parsed);
  return schema;
}

std::vector<SchemaProblem> Schema::Validate(std::string_view bytes) const {
  // The reader's rules first: decoding, no DOCTYPE, the limits.
  node::Tree text(node::Format::Cda);
  if (auto adopted = AdoptXml(text, std::string(bytes), kFileLimits); !adopted)
    return {{adopted.error().place.line, adopted.error().info->en.data(), {}}};
  auto source = text.source();
  std::vector<SchemaProblem> problems;
  std::unique_ptr<xmlParserCtxt, decltype(&xmlFreeParserCtxt)> parser(xmlNewParserCtxt(), xmlFreeParserCtxt);
  Document document(
      xmlCtxtReadMemory(
          parser.get(), source.data(), static_cast<int>(source.size()), nullptr, "UTF-8",
          XML_PARSE_NONET | XML_PARSE_HUGE | XML_PARSE_BIG_LINES | XML_PARSE_NOERROR | XML_PARSE_NOWARNING),
      xmlFreeDoc);
  if (!document) {
    if (auto* error = xmlCtxtGetLastError(parser.get())) Collect(&problems, error);
    if (problems.empty()) problems.push_back({0, "not well-formed", {}});
    return problems;
  }
  Unwrap(document.get(), parsed_->root_name);
  auto* context = xmlSchemaNewValidCtxt(parsed_->schema.get());
  xmlSchemaSetValidStructuredErrors(context, Collect, &problems);
  int verdict = xmlSchemaValidateDoc(context, document.get());
  xmlSchemaFreeValidCtxt(context);
  if (verdict != 0 && problems.empty()) problems.push_back({0, "not valid", {}});
  return problems;
}

}  // namespace passerelle::xml
