// Reading ER7 into the tree: structure, delimiters, character sets, escapes, and time that stays linear.

#include "mappers/hl7v2/reader.h"

#include <catch2/catch.hpp>
#include <ctime>
#include <string>

#include "mappers/hl7v2/errors.h"
#include "mappers/hl7v2/rules.h"

namespace passerelle::hl7v2 {
namespace {

using node::kNone;
using node::kRoot;
using node::NodeIndex;
using node::Tree;
using namespace std::string_literals;

const std::string kHeader = "MSH|^~\\&|GAM|CHU-X|DPI|CHU-X|20240306111154||ADT^A01^ADT_A01|3975|D|2.5\r";

Tree Read(const std::string& bytes, Issues* issues = nullptr) {
  Issues own;
  auto tree = Parse(bytes, {}, issues != nullptr ? *issues : own);
  if (!tree) FAIL(tree.error().Text());
  return std::move(*tree);
}

// The text at "PID-5.1" of the first segment of that name.
std::string At(const Tree& tree, std::string_view segment, std::string_view field, std::string_view part = {}) {
  NodeIndex at = tree.Child(tree.Child(kRoot, segment), field);
  if (at != kNone && !part.empty()) at = tree.Child(at, part);
  return at == kNone ? "(none)" : std::string(tree[at].text);
}

bool Says(const Issues& issues, const RuleInfo& rule) {
  for (const Issue& issue : issues.all())
    if (issue.rule->id == rule.id) return true;
  return false;
}

const ErrorInfo* Refusal(const std::string& bytes) {
  Issues issues;
  auto tree = Parse(bytes, {}, issues);
  return tree ? nullptr : tree.error().info;
}

TEST_CASE("segments, fields, repetitions, components and sub-components", "[reader]") {
  Tree tree = Read(kHeader + "PID|1||000003^^^CHU-X&000897406&N^PI~2790^^^INS&1.2&ISO^INS||PAT-TROIS^DOMINIQUE\r");
  CHECK(tree.name(kRoot) == "ADT_A01");
  CHECK(At(tree, "MSH", "MSH-1") == "|");
  CHECK(At(tree, "MSH", "MSH-2") == "^~\\&");
  CHECK(At(tree, "MSH", "MSH-9", "MSH-9.2") == "A01");
  NodeIndex pid = tree.Child(kRoot, "PID");
  NodeIndex first = tree.Child(pid, "PID-3"), second = tree.NextOfName(first);
  REQUIRE(second != kNone);
  CHECK(tree.NextOfName(second) == kNone);
  CHECK(tree.ChildText(first, "PID-3.1") == "000003");
  NodeIndex authority = tree.Child(second, "PID-3.4");
  CHECK(tree.ChildText(authority, "PID-3.4.2") == "1.2");
  CHECK(tree[authority].position == 4);
  CHECK(tree.Path(tree.Child(authority, "PID-3.4.3")) == "PID-3[2].4.3");
  CHECK(tree.Child(pid, "PID-2") == kNone);
  CHECK(tree.Child(first, "PID-3.2") == kNone);
}

TEST_CASE("text is a slice of the source and knows its offset", "[reader]") {
  Tree tree = Read(kHeader + "PID|1||000003\r");
  NodeIndex field = tree.Child(tree.Child(kRoot, "PID"), "PID-3");
  auto source = tree.source();
  CHECK(tree[field].text.data() == source.data() + source.find("000003"));
  CHECK(tree[field].line == source.find("000003") + 1);
  CHECK(tree.PlaceOf(field).line == 2);
  CHECK(tree.PlaceOf(field).column == 8);
}

TEST_CASE("a document of 8 MB in OBX-5 is not copied", "[reader]") {
  std::string document(8u << 20, 'A');
  Tree tree = Read(kHeader + "OBX|1|ED|X^^LN||^TEXT^XML^Base64^" + document + "\r");
  NodeIndex value = tree.Child(tree.Child(kRoot, "OBX"), "OBX-5");
  CHECK(tree.ChildText(value, "OBX-5.5").size() == document.size());
  CHECK(tree.arena_bytes() < 1024);
}

TEST_CASE("what is empty has no node, and a lone component is its field", "[reader]") {
  Tree tree = Read(kHeader + "PID|  |^^|&&|A^^|B&|^~^|\"\"|~C\rZZZ|||\r");
  NodeIndex pid = tree.Child(kRoot, "PID");
  CHECK(tree.CountChildren(pid) == 4);
  CHECK(At(tree, "PID", "PID-4") == "A");
  CHECK(At(tree, "PID", "PID-4", "PID-4.1") == "A");
  CHECK(At(tree, "PID", "PID-5") == "B");
  CHECK(At(tree, "PID", "PID-7") == kNull);
  CHECK(At(tree, "PID", "PID-8") == "C");
  CHECK(tree.CountChildren(tree.Child(kRoot, "ZZZ")) == 0);
}

TEST_CASE("sub-components without a component stand below the first component", "[reader]") {
  Tree tree = Read(kHeader + "PV1|1|I|CHU-X&0008&N\r");
  NodeIndex location = tree.Child(tree.Child(kRoot, "PV1"), "PV1-3");
  NodeIndex component = tree.Child(location, "PV1-3.1");
  REQUIRE(component != kNone);
  CHECK(tree.ChildText(component, "PV1-3.1.2") == "0008");
}

TEST_CASE("segment ends of every kind, and blank lines", "[reader]") {
  for (std::string end : {"\r", "\n", "\r\n", "\n\r\n\n"}) {
    std::string header = kHeader.substr(0, kHeader.size() - 1);
    Tree tree = Read("\n" + header + end + "EVN||2024" + end + "PID|1" + end + end);
    CHECK(tree.CountChildren(kRoot) == 3);
    CHECK(At(tree, "EVN", "EVN-2") == "2024");
  }
  CHECK(Read(kHeader + "EVN||2024\nPID|1\r\nPV1|1|I").CountChildren(kRoot) == 4);
}

TEST_CASE("a line without a segment's name belongs to the segment before", "[reader]") {
  Issues issues;
  Tree tree = Read(kHeader + "NTE|1||first line\rsecond, (line)\r\nFIN\rPID|1\r", &issues);
  CHECK(At(tree, "NTE", "NTE-3") == "first line\rsecond, (line)\r\nFIN");
  CHECK(At(tree, "PID", "PID-1") == "1");
  CHECK(Says(issues, rules::ContinuationLine));
}

TEST_CASE("a line of text behind a segment without fields", "[reader]") {
  for (std::string line : {"x", "xy", "xyz", "some text", "PI|"}) {
    Issues issues;
    Tree tree = Read(kHeader + "EVN\r" + line + "\rPID|1||17", &issues);
    CHECK(tree.CountChildren(kRoot) == 3);
    CHECK(At(tree, "PID", "PID-3") == "17");
    CHECK(Says(issues, rules::ContinuationLine));
  }
  CHECK(Read(kHeader + "EVN\rx").CountChildren(kRoot) == 2);
}

TEST_CASE("a segment's name in lower case", "[reader]") {
  Issues issues;
  Tree tree = Read(kHeader + "pid|1||17\r", &issues);
  CHECK(At(tree, "PID", "PID-3") == "17");
  CHECK(Says(issues, rules::SegmentNameCase));
}

TEST_CASE("delimiters are those of the message", "[reader]") {
  Tree hash = Read("MSH#:*?!#A#B#####ADT:A01#1#P#2.5\rPID#1##a:b!c*d?F?\r");
  NodeIndex id = hash.Child(hash.Child(kRoot, "PID"), "PID-3");
  CHECK(hash.ChildText(hash.Child(id, "PID-3.2"), "PID-3.2.2") == "c");
  CHECK(hash[hash.NextOfName(id)].text == "d#");

  Tree truncation = Read("MSH|^~\\&#|A|B|||||ADT^A01|1|P|2.7\rPID|1||a#b\r");
  CHECK(At(truncation, "PID", "PID-3") == "a#b");

  Issues issues;
  Tree no_escape = Read("MSH|^~&|A|B|||||ADT^A01|1|P|2.3\rPID|1||a&b\\T\\c\r", &issues);
  NodeIndex first = no_escape.Child(no_escape.Child(no_escape.Child(kRoot, "PID"), "PID-3"), "PID-3.1");
  CHECK(no_escape.ChildText(first, "PID-3.1.2") == "b\\T\\c");
  CHECK(Says(issues, rules::DelimitersShort));

  Tree two = Read("MSH|^~|A|B|||||ADT^A01|1|P|2.3\rPID|1||a&b\\T\\~c\r");
  CHECK(At(two, "PID", "PID-3") == "a&b\\T\\");
}

TEST_CASE("delimiters that cannot be told are an error with its place", "[reader]") {
  CHECK(Refusal("MSH||A|B\r") == &errors::DelimitersMissing);
  CHECK(Refusal("MSH\r") == &errors::DelimitersMissing);
  CHECK(Refusal("MSH|^~\\^|A|B\r") == &errors::DelimitersInvalid);
  CHECK(Refusal("MSH|^~\\|||A|B\r") == nullptr);
  CHECK(Refusal("MSH|^~\\&#!%|A|B\r") == &errors::DelimitersInvalid);
  CHECK(Refusal("MSH|AB\\&|A|B\r") == &errors::DelimitersInvalid);
  CHECK(Refusal("MSHA^~\\&AB\r") == &errors::DelimitersInvalid);
  CHECK(Refusal("MSH") == &errors::DelimitersMissing);
}

TEST_CASE("bytes that are no message", "[reader]") {
  CHECK(Refusal("") == &errors::HeaderMissing);
  CHECK(Refusal("PID|1\r") == &errors::HeaderMissing);
  CHECK(Refusal("<ClinicalDocument/>") == &errors::HeaderMissing);
  CHECK(Refusal("FHS|^~\\&|A\rMSH|^~\\&|A\r") == &errors::BatchNotMessage);
}

TEST_CASE("U+02DC as repetition separator, by a named tolerance", "[reader]") {
  Issues issues;
  Tree tree = Read("MSH|^\xCB\x9C\\&|A|B|||||ORU^R01|1|P|2.5\rPID|1||17^^^X&1.2&ISO\xCB\x9C" "18~19\r", &issues);
  NodeIndex id = tree.Child(tree.Child(kRoot, "PID"), "PID-3");
  CHECK(tree.ChildText(tree.Child(id, "PID-3.4"), "PID-3.4.2") == "1.2");
  NodeIndex second = tree.NextOfName(id);
  CHECK(tree[second].text == "18");
  CHECK(tree[tree.NextOfName(second)].text == "19");
  CHECK(Says(issues, rules::TildeLookalike));
}

TEST_CASE("U+02DC is text where MSH-2 does not name it", "[reader]") {
  Tree tree = Read(kHeader + "PID|1||17\xCB\x9C" "18\r");
  CHECK(At(tree, "PID", "PID-3") == "17\xCB\x9C" "18");
}

TEST_CASE("bytes around and inside the message", "[reader]") {
  Issues issues;
  Tree tree = Read("\xEF\xBB\xBF" + kHeader + "PID|1||1\0007\r\x1C\r"s, &issues);
  CHECK(At(tree, "PID", "PID-3") == "17");
  CHECK(Says(issues, rules::ByteOrderMark));
  CHECK(Says(issues, rules::NulBytes));
  CHECK(Read("\x0B" + kHeader + "PID|1\r\x1C").CountChildren(kRoot) == 2);
}

std::string WithCharset(const std::string& name) {
  return "MSH|^~\\&|A|B|||||ADT^A01|1|P|2.5||||||" + name + "\rPID|1||||";
}

TEST_CASE("character sets by MSH-18", "[reader][charset]") {
  CHECK(At(Read(WithCharset("8859/1") + "ZO\xC9\r"), "PID", "PID-5") == "ZO\u00C9");
  CHECK(At(Read(WithCharset("8859/15") + "\xA4\r"), "PID", "PID-5") == "\u20AC");
  CHECK(At(Read(WithCharset("8859/1") + "\xA4\r"), "PID", "PID-5") == "\u00A4");
  CHECK(At(Read(WithCharset("WINDOWS-1252") + "L\x92\x80\r"), "PID", "PID-5") == "L\u2019\u20AC");
  CHECK(At(Read(WithCharset("UNICODE UTF-8") + "ZO\u00C9\r"), "PID", "PID-5") == "ZO\u00C9");
  CHECK(At(Read(WithCharset("8859/1~UNICODE UTF-8") + "ZO\xC9\r"), "PID", "PID-5") == "ZO\u00C9");
}

TEST_CASE("character sets that are not what MSH-18 says", "[reader][charset]") {
  Issues issues;
  CHECK(At(Read(WithCharset("UNICODE UTF-8") + "ZO\xC9 \u00C9\r", &issues), "PID", "PID-5") == "ZO\u00C9 \u00C9");
  CHECK(Says(issues, rules::CharsetNotUtf8));
  Issues lie;
  CHECK(At(Read(WithCharset("8859/1") + "ZO\u00C9\r", &lie), "PID", "PID-5") == "ZO\u00C9");
  CHECK(Says(lie, rules::CharsetIsUtf8));
  Issues unknown;
  CHECK(At(Read(WithCharset("EBCDIC") + "ZO\u00C9\r", &unknown), "PID", "PID-5") == "ZO\u00C9");
  CHECK(Says(unknown, rules::CharsetUnknown));
}

TEST_CASE("the feed's character set stands above MSH-18", "[reader][charset]") {
  Issues issues;
  ReadOptions options;
  options.charset = Charset::Latin9;
  auto tree = Parse(WithCharset("8859/1") + "\xA4\r", options, issues);
  REQUIRE(tree);
  CHECK(At(*tree, "PID", "PID-5") == "\u20AC");
}

TEST_CASE("UTF-16 with and without a byte order mark", "[reader][charset]") {
  std::string text = WithCharset("UNICODE") + "ZO\u00C9 \U0001F600\r";
  for (Charset wide : {Charset::Utf16Le, Charset::Utf16Be}) {
    std::string bytes = EncodeText(text, wide);
    CHECK(At(Read(bytes), "PID", "PID-5") == "ZO\u00C9 \U0001F600");
    CHECK(At(Read(EncodeText("\uFEFF" + text, wide)), "PID", "PID-5") == "ZO\u00C9 \U0001F600");
  }
  CHECK(Refusal(EncodeText(text, Charset::Utf16Le) + "\xD8") == &errors::EncodingMalformed);
}

std::string Decoded(const std::string& text, Issues* issues = nullptr) {
  return At(Read(WithCharset("UNICODE UTF-8") + text + "\r", issues), "PID", "PID-5");
}

TEST_CASE("escape sequences", "[reader][escape]") {
  CHECK(Decoded("a\\F\\\\S\\\\T\\\\R\\\\E\\b") == "a|^&~\\b");
  CHECK(Decoded("a\\.br\\b\\.sp+2\\c\\.sk3\\d\\.in+4\\e\\.ce\\f\\.fi\\\\.nf\\g") == "a\nb\n\nc   de\nfg");
  CHECK(Decoded("\\H\\bold\\N\\") == "bold");
  CHECK(Decoded("\\X41\\\\x\\") == "A\\x\\");
  CHECK(Decoded("\\XC3\\\\XA9\\") == "\u00E9");
  CHECK(Decoded("\\Xc3a9\\") == "\u00E9");
  CHECK(Decoded("\\P\\") == "#");
  CHECK(At(Read(WithCharset("8859/1") + "\\XE9\\\r"), "PID", "PID-5") == "\u00E9");
}

TEST_CASE("escape sequences that mean nothing are kept", "[reader][escape]") {
  Issues issues;
  CHECK(Decoded("a\\Zxx\\b\\X4\\c", &issues) == "a\\Zxx\\b\\X4\\c");
  CHECK(Says(issues, rules::EscapeUnknown));
  Issues path;
  CHECK(Decoded("C:\\data\\file \\T\\ \\\\host\\", &path) == "C:\\data\\file & \\\\host\\");
  CHECK(Says(path, rules::EscapeUnmatched));
  Issues shift;
  CHECK(Decoded("\\C2842\\x\\M2442\\", &shift) == "\\C2842\\x\\M2442\\");
  CHECK(Says(shift, rules::EscapeCharset));
}

TEST_CASE("text values keep delimiters that nobody escaped", "[reader]") {
  for (std::string type : {"TX", "FT", "ST"}) {
    Issues issues;
    Tree tree = Read(kHeader + "OBX|1|" + type + "|X||<b>a & b</b> ^ c~d|g/L\r", &issues);
    NodeIndex value = tree.Child(tree.Child(kRoot, "OBX"), "OBX-5");
    CHECK(tree[value].text == "<b>a & b</b> ^ c");
    CHECK(tree[tree.NextOfName(value)].text == "d");
    CHECK(At(tree, "OBX", "OBX-6") == "g/L");
    CHECK(Says(issues, rules::TextDelimiters));
  }
  CHECK(At(Read(kHeader + "OBX|1|CE|X||a^b\r"), "OBX", "OBX-5", "OBX-5.2") == "b");
}

TEST_CASE("fields beyond any version are read, names nobody knows stay in the tree", "[reader]") {
  Tree tree = Read(kHeader + "ZQX|a^b\rPID" + std::string(300, '|') + "last\r");
  CHECK(At(tree, "ZQX", "ZQX-1", "ZQX-1.2") == "b");
  CHECK(node::Find("ZQX-1.2") == 0);
  CHECK(At(tree, "PID", "PID-300") == "last");
}

TEST_CASE("more values than the limit allows", "[reader]") {
  ReadOptions options;
  options.limits.values_max = 1000;
  for (char c : {'|', '~', '^', '&'}) {
    std::string bytes = kHeader + "PID|";
    for (int i = 0; i < 5000; ++i) bytes += std::string("a") + c;
    Issues issues;
    auto tree = Parse(bytes, options, issues);
    REQUIRE_FALSE(tree);
    CHECK(tree.error().info->name == "InputTooManyValues");
  }
}

// Processor time for n repetitions of `unit`, the best of three runs: what else the machine does is no matter.
double SecondsFor(const std::string& before, const std::string& unit, std::size_t bytes) {
  std::string text = kHeader + before;
  while (text.size() < bytes) text += unit;
  double best = 1e9;
  for (int run = 0; run < 3; ++run) {
    Issues issues;
    ReadOptions options;
    options.limits = kFileLimits;
    auto begin = std::clock();
    auto tree = Parse(text, options, issues);
    best = std::min(best, static_cast<double>(std::clock() - begin) / CLOCKS_PER_SEC);
    CHECK(tree);
  }
  return best;
}

TEST_CASE("time stays linear whatever the bytes are", "[reader][linear]") {
  struct { const char *before, *unit; } shapes[] = {
      {"PID|1||", "A~"},   {"PID|1||", "A^"},    {"PID|1||", "A&"},  {"PID", "|A"},        {"PID|", "\\"},
      {"PID|", "\\X41\\"}, {"PID|", "\\Zq\\~"},  {"PID|", "\\q~"},   {"NTE|1||", "a\r"},   {"NTE|1||", "a^\r\n\r\n"},
      {"", "ZZ1|a\r"},     {"", "pid|a\r"},      {"", "MSH|^~\\&|\r"}, {"PID|1||", " "},  {"PID|1||", "^"},
      {"OBX|1|TX|X||", "a&b~"}, {"", "\r"},      {"PID|1||", "A^B&C~"}};
  for (const auto& shape : shapes) {
    INFO(shape.before << " " << shape.unit);
    double small = SecondsFor(shape.before, shape.unit, 100'000);
    double large = SecondsFor(shape.before, shape.unit, 1'000'000);
    CHECK(large < 40 * small + 0.05);
  }
}

}  // namespace
}  // namespace passerelle::hl7v2
