#include "fhir_model/xml/reader.h"

#include <libxml/parser.h>
#include <libxml/parserInternals.h>

#include <algorithm>
#include <cstring>
#include <deque>
#include <memory>

#include "fhir_model/base/errors.h"
#include "fhir_model/xml/errors.h"
#include "fhir_model/xml/xml.h"

namespace passerelle::xml {
namespace {

std::string_view View(const xmlChar* text) {
  return text == nullptr ? std::string_view() : std::string_view(reinterpret_cast<const char*>(text));
}

// Counts lines up to offsets that only grow.
class LineCounter {
 public:
  explicit LineCounter(std::string_view source) : source_(source) {}
  void MoveTo(std::size_t offset) {
    while (at_ < offset) {
      const void* hit = std::memchr(source_.data() + at_, '\n', offset - at_);
      if (hit == nullptr) break;
      at_ = static_cast<std::size_t>(static_cast<const char*>(hit) - source_.data()) + 1;
      line_start_ = at_;
      ++line_;
    }
    at_ = std::max(at_, offset);
  }
  std::uint32_t line() const { return line_; }
  std::uint32_t ColumnOf(std::size_t offset) const { return static_cast<std::uint32_t>(offset - line_start_) + 1; }

 private:
  std::string_view source_;
  std::size_t at_ = 0, line_start_ = 0;
  std::uint32_t line_ = 1;
};

struct Session {
  std::string_view source;
  Events& events;
  xmlParserCtxtPtr context = nullptr;
  LineCounter lines;
  std::size_t text_begin = 0;  // where the character data since the last tag starts
  std::size_t text_bytes = 0;  // how much of it came
  std::string_view slice;      // it, as long as it is one piece of the source
  std::string pieces;          // else it
  std::vector<Attribute> attributes;
  std::deque<std::string> decoded;  // attribute values that needed it
  std::vector<Declaration> declarations;

  Session(std::string_view text, Events& receiver) : source(text), events(receiver), lines(text) {}

  bool InSource(const char* at) const { return at >= source.data() && at < source.data() + source.size(); }
  std::size_t Position() const {
    return static_cast<std::size_t>(reinterpret_cast<const char*>(context->input->cur) - source.data());
  }
  // Of the tag that ends before `offset`: attribute values hold no '<'.
  std::size_t TagBegin(std::size_t offset) const {
    const void* open = memrchr(source.data(), '<', offset);
    return open == nullptr ? 0 : static_cast<std::size_t>(static_cast<const char*>(open) - source.data());
  }

  void AddText(const char* text, std::size_t size) {
    text_bytes += size;
    if (pieces.empty() && InSource(text)) {
      if (slice.empty()) {
        slice = {text, size};
        return;
      }
      if (slice.data() + slice.size() == text) {
        slice = {slice.data(), slice.size() + size};
        return;
      }
    }
    pieces.append(slice).append(text, size);
    slice = {};
  }

  void FlushText(std::size_t tag_begin) {
    if (text_bytes == 0) return;
    std::string_view raw = source.substr(text_begin, tag_begin - text_begin);
    bool plain = raw.size() == text_bytes;  // a reference, a comment or a CDATA section would make it longer
    events.Text(plain ? raw : slice.empty() ? std::string_view(pieces) : slice, plain || !slice.empty());
    text_bytes = 0;
    slice = {};
    pieces.clear();
  }

  void StopIfFailed() {
    if (events.error()) xmlStopParser(context);
  }
};

Session& Of(void* context) { return *static_cast<Session*>(static_cast<xmlParserCtxtPtr>(context)->_private); }

// As long as entities are not replaced, and they never are, libxml2 gives an ampersand in an attribute as "&#38;".
std::string WithAmpersands(std::string_view value) {
  constexpr std::string_view escaped = "&#38;";
  std::string out;
  for (std::size_t at = 0; at < value.size();) {
    std::size_t hit = std::min(value.find(escaped, at), value.size());
    out.append(value.substr(at, hit - at));
    if (hit < value.size()) out += '&';
    at = hit + escaped.size();
  }
  return out;
}

void OnStart(void* context, const xmlChar* name, const xmlChar* prefix, const xmlChar* uri, int declaration_count,
             const xmlChar** declarations, int attribute_count, int, const xmlChar** attributes) {
  Session& s = Of(context);
  if (s.events.error()) return;
  std::size_t end = s.Position();
  std::size_t begin = s.TagBegin(end);
  s.FlushText(begin);
  s.attributes.clear();
  s.declarations.clear();
  for (int i = 0; i < declaration_count; ++i)
    s.declarations.push_back({View(declarations[2 * i]), View(declarations[2 * i + 1])});
  if (!s.decoded.empty()) s.decoded.clear();
  for (int i = 0; i < attribute_count; ++i) {
    const xmlChar** a = attributes + 5 * i;
    std::string_view value(reinterpret_cast<const char*>(a[3]), static_cast<std::size_t>(a[4] - a[3]));
    bool in_source = s.InSource(value.data());
    if (!in_source && value.find('&') != value.npos) value = s.decoded.emplace_back(WithAmpersands(value));
    s.attributes.push_back({View(a[0]), View(a[2]), value, in_source});
  }
  s.lines.MoveTo(begin);
  s.events.Start({View(name), View(prefix), View(uri), s.attributes, s.declarations, begin, s.lines.line(),
                  s.lines.ColumnOf(begin)});
  s.text_begin = end + (end < s.source.size() && s.source[end] == '/' ? 2 : 1);
  s.StopIfFailed();
}

void OnEnd(void* context, const xmlChar*, const xmlChar*, const xmlChar*) {
  Session& s = Of(context);
  if (s.events.error()) return;
  std::size_t end = s.Position();
  std::size_t begin = s.TagBegin(end);
  s.FlushText(begin);
  s.events.End(begin, end);
  s.text_begin = end;
  s.StopIfFailed();
}

void OnText(void* context, const xmlChar* text, int size) {
  Of(context).AddText(reinterpret_cast<const char*>(text), static_cast<std::size_t>(size));
}

void OnError(void*, xmlErrorPtr) {}  // the context keeps it

xmlSAXHandler Handler() {
  xmlSAXHandler sax{};
  sax.initialized = XML_SAX2_MAGIC;
  sax.startElementNs = OnStart;
  sax.endElementNs = OnEnd;
  sax.characters = OnText;
  sax.ignorableWhitespace = OnText;
  sax.cdataBlock = OnText;
  sax.serror = OnError;
  return sax;
}

// A DOCTYPE can only stand before the root element, among comments and processing instructions.
std::optional<std::size_t> FindDoctype(std::string_view text) {
  std::size_t at = 0;
  while ((at = text.find('<', at)) != text.npos && at + 1 < text.size()) {
    if (text.substr(at).starts_with("<!--")) {
      at = text.find("-->", at + 4);
    } else if (text[at + 1] == '?') {
      at = text.find("?>", at + 2);
    } else {
      return text[at + 1] == '!' ? std::optional(at) : std::nullopt;
    }
    if (at == text.npos) break;
  }
  return std::nullopt;
}

// XML 1.0, 2.11.
void NormaliseLineEnds(std::string& text) {
  if (text.find('\r') == text.npos) return;
  std::size_t to = 0;
  for (std::size_t from = 0; from < text.size();) {
    std::size_t end = std::min(text.find('\r', from), text.size());
    std::memmove(text.data() + to, text.data() + from, end - from);
    to += end - from;
    if (end < text.size() && (end + 1 == text.size() || text[end + 1] != '\n')) text[to++] = '\n';
    from = end + 1;
  }
  text.resize(to);
}

// The text is UTF-8 now, whatever it declares.
void BlankDeclaration(std::string& text) {
  if (!text.starts_with("<?xml") || text.size() < 6 || std::strchr(" \t\n", text[5]) == nullptr) return;
  auto end = text.find("?>");
  if (end == text.npos) return;
  std::replace_if(
      text.begin(), text.begin() + static_cast<std::ptrdiff_t>(end) + 2, [](char c) { return c != '\n'; },
      ' ');
}

struct ContextCloser {
  void operator()(xmlParserCtxtPtr context) const { xmlFreeParserCtxt(context); }
};

}  // namespace

Status AdoptXml(node::Tree& tree, std::string bytes, const Limits& limits) {
  if (bytes.size() > limits.input_bytes_max)
    return Error{errors::InputTooLarge, std::to_string(bytes.size()) + " bytes"};
  TRY(std::string text, DecodeXml(std::move(bytes)));
  NormaliseLineEnds(text);
  if (auto at = FindDoctype(text)) {
    auto lines = std::count(text.begin(), text.begin() + static_cast<std::ptrdiff_t>(*at), '\n');
    auto start = text.rfind('\n', *at);
    auto column = *at - (start == text.npos ? 0 : start + 1) + 1;
    return Error{errors::XmlDoctypeRefused,
                 {},
                 {{}, static_cast<std::uint32_t>(lines) + 1, static_cast<std::uint32_t>(column)}};
  }
  BlankDeclaration(text);
  tree.AdoptSource(std::move(text));
  return Ok();
}

Status Read(std::string_view source, Events& events) {
  static const bool initialised = (xmlInitParser(), true);
  (void)initialised;
  if (auto nul = source.find('\0'); nul != source.npos)
    return Error{errors::XmlMalformed, "a NUL character, byte " + std::to_string(nul + 1)};
  auto all_blank = [](char c) { return std::strchr(" \t\n\r", c) != nullptr && c != '\0'; };
  if (source.size() > static_cast<std::size_t>(INT32_MAX) || std::all_of(source.begin(), source.end(), all_blank))
    return Error{errors::XmlMalformed, "no element", {{}, 1, 1}};
  // Leading blanks, as the declaration leaves them, are no XML for libxml2 but harmless: pass over them.
  auto first = std::find_if_not(source.begin(), source.end(), all_blank);
  std::string_view content(first, source.end());

  std::unique_ptr<xmlParserCtxt, ContextCloser> context(xmlNewParserCtxt());
  if (context == nullptr) return Error{errors::InternalFault, "no XML context"};
  // HUGE: the limits on size, depth and values are ours. There is no DTD, so no entity can grow.
  xmlCtxtUseOptions(context.get(), XML_PARSE_NONET | XML_PARSE_HUGE);
  *context->sax = Handler();
  Session session(source, events);
  session.context = context.get();
  session.lines.MoveTo(static_cast<std::size_t>(content.data() - source.data()));
  context->_private = &session;
  // A stream without a buffer of its own: libxml2 reads our bytes where they are, up to their closing NUL.
  xmlParserInputPtr input =
      xmlNewStringInputStream(context.get(), reinterpret_cast<const xmlChar*>(content.data()));
  if (input == nullptr) return Error{errors::InternalFault, "no XML input"};
  inputPush(context.get(), input);
  xmlParseDocument(context.get());

  if (events.error()) return *events.error();
  if (context->wellFormed == 0 || context->nsWellFormed == 0 || context->lastError.level == XML_ERR_FATAL) {
    const xmlError& e = context->lastError;
    std::string detail = e.message == nullptr ? std::string() : std::string(e.message);
    detail.resize(std::min(detail.find('\n'), detail.size()));
    std::uint32_t blank_lines = static_cast<std::uint32_t>(std::count(source.begin(), first, '\n'));
    return Error{errors::XmlMalformed, std::move(detail),
                 {{}, static_cast<std::uint32_t>(std::max(e.line, 1)) + blank_lines,
                  static_cast<std::uint32_t>(std::max(e.int2, 1))}};
  }
  return Ok();
}

bool IsElement(std::string_view text) {
  struct Ignore : Events {
    void Start(const StartTag&) override {}
    void End(std::size_t, std::size_t) override {}
    void Text(std::string_view, bool) override {}
  } ignore;
  if (text.empty() || text.front() != '<' || FindDoctype(text)) return false;
  const std::string ended(text);
  return Read(ended, ignore).has_value();
}

}  // namespace passerelle::xml
