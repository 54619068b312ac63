#include "gateway/labelling/input.h"

#include <algorithm>
#include <array>

#include "fhir_model/base/digest.h"
#include "fhir_model/base/limits.h"
#include "fhir_model/json/json.h"
#include "fhir_model/xml/xml.h"
#include "gateway/labelling/archive.h"
#include "gateway/labelling/errors.h"
#include "gateway/labelling/mail.h"
#include "mappers/cda/cda.h"
#include "mappers/hl7v2/reader.h"
#include "mappers/normalise/normalise.h"

namespace passerelle::labelling {
namespace {

using requirements::Kind;
using requirements::Subject;

constexpr std::array<std::string_view, 7> kFormats = {"unknown", "hl7v2",    "cda",    "fhir",
                                                      "mail",    "metadata", "archive"};

InputFormat FormatOf(std::string_view bytes) {
  if (LooksLikeZip(bytes)) return InputFormat::Archive;
  if (bytes.substr(0, 4096).find("SubmitObjectsRequest") != bytes.npos) return InputFormat::Metadata;
  switch (normalise::Detect(bytes)) {
    case normalise::Format::Hl7v2: return InputFormat::Hl7v2;
    case normalise::Format::Cda: return InputFormat::Cda;
    case normalise::Format::Fhir: return InputFormat::Fhir;
    case normalise::Format::Unknown: break;
  }
  return LooksLikeMail(bytes) ? InputFormat::Mail : InputFormat::Unknown;
}

// Keeps a tree with its bytes and gives the subject.
Subject& Keep(Input& input, Kind kind, node::Tree tree, std::string_view bytes) {
  input.trees.push_back(std::make_unique<node::Tree>(std::move(tree)));
  Subject subject;
  subject.kind = kind;
  subject.tree = input.trees.back().get();
  subject.bytes = bytes;
  input.run.subjects.push_back(std::move(subject));
  return input.run.subjects.back();
}

std::string_view KeepBytes(Input& input, std::string bytes) {
  input.bytes.push_back(std::make_unique<std::string>(std::move(bytes)));
  return *input.bytes.back();
}

void Unreadable(Input& input, Kind kind, const Error& error) {
  input.run.unreadable.push_back({kind, error.Text(), error.info->name, error.place});
  if (!input.refusal) input.refusal = error;
}

void ReadDocument(Input& input, std::string_view bytes, const node::Tree* carrier_tree,
                  node::NodeIndex carrier) {
  Issues issues;
  auto tree = cda::Parse(std::string(bytes), kFileLimits, issues);
  if (!tree) return Unreadable(input, Kind::Document, tree.error());
  auto& subject = Keep(input, Kind::Document, *std::move(tree), bytes);
  subject.carrier_tree = carrier_tree;
  subject.carrier = carrier;
}

// Documents are the ED values of OBX that are XML, or say so; what stands beside them (mail bodies) is not.
bool CarriesDocument(const node::Tree& message, node::NodeIndex obx) {
  if (message.ChildText(obx, "OBX-2") != "ED") return false;
  auto code = message.Child(obx, "OBX-3");
  auto what = code == node::kNone ? node::kNone : message.Child(code, "OBX-3.1");
  auto label = code == node::kNone ? std::string_view() : message.ChildText(code, "OBX-3.2");
  return what != node::kNone && !message[what].text.starts_with("CORPSMAIL") && !label.starts_with("XDM/");
}

void ReadCarried(Input& input, const node::Tree& message) {
  int count = 0;
  for (auto segment : node::Children(message, node::kRoot)) {
    if (message.name(segment) != "OBX" || !CarriesDocument(message, segment)) continue;
    auto value = message.Child(segment, "OBX-5");
    auto data = value == node::kNone ? std::string_view() : message.ChildText(value, "OBX-5.5");
    if (data.empty()) continue;
    ++count;
    auto bytes = DecodeBase64(data);
    if (!bytes) {
      input.run.unreadable.push_back({Kind::Document, "its base64 does not decode"});
      continue;
    }
    if (!cda::LooksLikeCda(*bytes)) {
      input.run.unreadable.push_back({Kind::Document, "what OBX-5 carries is no CDA document"});
      continue;
    }
    ReadDocument(input, KeepBytes(input, *std::move(bytes)), &message, segment);
  }
  int number = 0;
  for (auto& subject : input.run.subjects)
    if (subject.kind == Kind::Document && count > 1) subject.name = "document " + std::to_string(++number);
}

void ReadMessage(Input& input, std::string_view bytes) {
  Issues issues;
  hl7v2::ReadOptions options;
  options.limits = kFileLimits;
  auto tree = hl7v2::Parse(std::string(bytes), options, issues);
  if (!tree) return Unreadable(input, Kind::Message, tree.error());
  auto msh = tree->Child(node::kRoot, "MSH");
  auto type = msh == node::kNone ? node::kNone : tree->Child(msh, "MSH-9");
  auto first = type == node::kNone ? node::kNone : tree->Child(type, "MSH-9.1");
  bool ack = first != node::kNone && (*tree)[first].text == "ACK";
  if (msh != node::kNone) input.control_id = tree->ChildText(msh, "MSH-10");
  // A file that was cut short mostly ends within a segment: what is missing behind it cannot pass.
  constexpr std::string_view kCut = "its last segment has no end: it may have been cut short";
  bool cut = !bytes.ends_with('\r') && !bytes.ends_with('\n') && !bytes.ends_with('\x1c');
  if (cut) input.run.unreadable.push_back({ack ? Kind::Ack : Kind::Message, std::string(kCut)});
  const auto* kept = Keep(input, ack ? Kind::Ack : Kind::Message, *std::move(tree), bytes).tree;
  if (!ack) ReadCarried(input, *kept);
  // Documents are judged together with their message.
  auto is_document = [](const Subject& subject) { return subject.kind == Kind::Document; };
  if (cut && std::any_of(input.run.subjects.begin(), input.run.subjects.end(), is_document))
    input.run.unreadable.push_back({Kind::Document, "the message around it may have been cut short"});
}

void ReadFhir(Input& input, std::string_view bytes, const Reader& reader) {
  auto start = bytes.find_first_not_of("\xEF\xBB\xBF \t\r\n");
  bool is_xml = start != bytes.npos && bytes[start] == '<';
  if (is_xml && !reader.definitions) return;
  auto tree = is_xml ? xml::ParseFhir(std::string(bytes), kFileLimits, *reader.definitions)
                     : json::Parse(std::string(bytes), kFileLimits, reader.definitions);
  if (!tree) return Unreadable(input, Kind::Fhir, tree.error());
  Keep(input, Kind::Fhir, *std::move(tree), bytes);
}

// CDA documents in the Binaries of a Bundle.
void ReadBinaries(Input& input) {
  const node::Tree* bundle = nullptr;
  for (const auto& subject : input.run.subjects)
    if (subject.kind == Kind::Fhir) bundle = subject.tree;
  if (!bundle) return;
  static const auto binary = node::Intern("Binary");
  for (node::NodeIndex i = 0; i < bundle->size(); ++i) {
    if ((*bundle)[i].resource != binary) continue;
    auto bytes = DecodeBase64(bundle->ChildText(i, "data"));
    if (bytes && cda::LooksLikeCda(*bytes))
      ReadDocument(input, KeepBytes(input, *std::move(bytes)), nullptr, node::kNone);
  }
}

void KeepMetadata(Input& input, Result<node::Tree> tree, std::string_view bytes) {
  if (!tree) return Unreadable(input, Kind::Archive, tree.error());
  Keep(input, Kind::Archive, *std::move(tree), bytes);
}

// An IHE_XDM.zip: each submission's metadata with the files around them, and the documents.
std::optional<Error> ReadArchive(Input& input, std::string_view bytes) {
  auto files = ReadZip(bytes);
  if (!files) return files.error();
  if (std::ranges::none_of(*files, IsMetadata, &ZipFile::name))
    return Error{errors::ArchiveRefused, "it has no IHE_XDM/SUBSET.../METADATA.XML"};
  for (const auto& file : *files)
    if (IsMetadata(file.name)) KeepMetadata(input, ReadMetadata(file, *files), KeepBytes(input, file.bytes));
  for (auto& file : *files)
    if (!IsMetadata(file.name) && cda::LooksLikeCda(file.bytes))
      ReadDocument(input, KeepBytes(input, std::move(file.bytes)), nullptr, node::kNone);
  return std::nullopt;
}

void ReadMailWithArchives(Input& input, std::string_view bytes) {
  auto mail = ReadMail(bytes);
  for (const auto& archive : mail.archives) {
    auto fault = ReadArchive(input, KeepBytes(input, archive.bytes));
    if (!fault) continue;
    input.run.unreadable.push_back({Kind::Archive, fault->Text(), fault->info->name, fault->place});
    mail.tree.Append(archive.part, mail.tree.NameOf("fault"), node::Kind::String,
                     mail.tree.Keep(fault->detail));
  }
  Keep(input, Kind::Mail, std::move(mail.tree), bytes);
  if (!IsWhole(bytes)) input.run.unreadable.push_back({Kind::Mail, "it may have been cut short"});
}

void MakeDraft(Input& input, std::string_view bytes, const Reader& reader) {
  if (!reader.draft) return;
  if (auto draft = reader.draft(std::string(bytes), input.digest))
    Keep(input, Kind::Draft, *std::move(draft), {});
}

}  // namespace

std::string_view InputFormatName(InputFormat format) { return kFormats[static_cast<std::size_t>(format)]; }

std::unique_ptr<Input> ReadInput(std::string given, const Reader& reader) {
  auto input = std::make_unique<Input>();
  input->run.mode = reader.mode;
  input->run.subjects.reserve(8);
  input->digest = Sha256Hex(given);
  auto bytes = KeepBytes(*input, std::move(given));
  input->format = FormatOf(bytes);
  switch (input->format) {
    case InputFormat::Hl7v2: ReadMessage(*input, bytes); break;
    case InputFormat::Cda: ReadDocument(*input, bytes, nullptr, node::kNone); break;
    case InputFormat::Fhir:
      ReadFhir(*input, bytes, reader);
      ReadBinaries(*input);
      break;
    case InputFormat::Mail: ReadMailWithArchives(*input, bytes); break;
    case InputFormat::Metadata: KeepMetadata(*input, ReadMetadata(std::string(bytes)), bytes); break;
    case InputFormat::Archive:
      if (auto fault = ReadArchive(*input, bytes)) Unreadable(*input, Kind::Archive, *fault);
      break;
    case InputFormat::Unknown: break;
  }
  bool maps = input->format == InputFormat::Hl7v2 || input->format == InputFormat::Cda;
  if (maps && !input->refusal) MakeDraft(*input, bytes, reader);
  return input;
}

namespace {

// What somebody may have taken for a message, by how it begins.
struct Mistaken {
  std::string_view begin, what;
};
constexpr Mistaken kMistaken[] = {
    {"%PDF-", "a PDF alone: show the CDA document or the message that carries it"},
    {"\x89PNG", "an image: show the CDA document or the message that carries it"},
    {"\xFF\xD8\xFF", "an image: show the CDA document or the message that carries it"},
    {"{\\rtf", "a text for a word processor: show the CDA document or the message that carries it"}};

}  // namespace

std::string WhyUnread(const Input& input) {
  if (input.refusal) return input.refusal->Text();
  if (input.format != InputFormat::Unknown) return "";
  std::string_view bytes = *input.bytes.front();
  if (bytes.find_first_not_of(" \t\r\n") == bytes.npos) return "it is empty";
  for (const auto& row : kMistaken)
    if (bytes.starts_with(row.begin)) return "it is " + std::string(row.what);
  return "neither HL7 v2, CDA, FHIR, mail nor XDM archive or metadata";
}

void AddTree(Input& input, Kind kind, node::Tree tree, std::string bytes) {
  auto kept = KeepBytes(input, std::move(bytes));
  Keep(input, kind, std::move(tree), kept);
}

}  // namespace passerelle::labelling
