#include "gateway/api/fhir/steps.h"

#include <array>

#include "gateway/api/fhir/interactions.h"
#include "gateway/api/fhir/terms.h"

namespace passerelle::api::fhir {

using node::Children;
using node::kNone;
using node::kRoot;
using node::NodeIndex;
using node::Tree;

namespace {

struct MethodRow {
  std::string_view method;
  int rank;
  bool body;
};
constexpr std::array kMethods = {
    MethodRow{"DELETE", 0, false}, MethodRow{"POST", 1, true}, MethodRow{"PUT", 2, true},
    MethodRow{"PATCH", 2, true},   MethodRow{"GET", 3, false}, MethodRow{"HEAD", 3, false},
};
const MethodRow* FindMethod(std::string_view method) {
  for (const auto& row : kMethods)
    if (row.method == method) return &row;
  return nullptr;
}

// "Type", "Type/id", "Type/id/_history/v", each with its query.
bool ReadAddress(std::string_view url, Step& step) {
  if (url.starts_with('/')) url.remove_prefix(1);
  auto mark = url.find('?');
  if (mark != url.npos) {
    step.conditional = true;
    step.condition = url.substr(mark + 1);
    url = url.substr(0, mark);
  }
  std::vector<std::string> parts;
  while (true) {
    auto slash = url.find('/');
    parts.push_back(PercentDecode(url.substr(0, slash), false));
    if (slash == url.npos) break;
    url.remove_prefix(slash + 1);
  }
  step.type = parts[0];
  if (parts.size() > 1) step.id = parts[1];
  if (parts.size() == 4 && parts[2] == "_history") step.version = parts[3];
  return parts.size() <= 2 || !step.version.empty();
}

Status CheckStep(const Request& request, Step& step) {
  const MethodRow* row = FindMethod(step.method);
  if (row == nullptr) return Error{errors::EntryInvalid, "request.method"};
  CHECK_OK(CheckType(request, step.type));
  if (row->body != step.resource.has_value())
    return Error{errors::EntryInvalid, row->body ? "a resource is missing" : "a resource is not wanted"};
  bool one = step.method == "GET" || step.method == "HEAD" || step.method == "POST" || step.conditional;
  if (!one && !IsId(step.id)) return Error{errors::EntryInvalid, "request.url names no resource"};
  if (step.method == "POST" && !step.id.empty())
    return Error{errors::EntryInvalid, "request.url of a POST is a type"};
  if (!row->body || step.method == "PATCH") return Ok();
  if (step.resource->name(kRoot) != step.type)
    return Error{errors::EntryInvalid, "another type than request.url"};
  std::string_view own = step.resource->ChildText(kRoot, "id");
  if (step.method == "PUT" && !step.conditional && own != step.id) return Error{errors::IdDisagrees};
  return CheckResource(request, *step.resource, step.issues);
}

Step ReadStep(const Request& request, const Tree& bundle, NodeIndex entry, std::size_t index) {
  Step step;
  step.index = index;
  step.full_url = bundle.ChildText(entry, "fullUrl");
  NodeIndex asked = bundle.Child(entry, "request");
  if (asked == kNone) {
    step.refusal = Error{errors::EntryInvalid, "request is missing"};
    return step;
  }
  auto text = [&](std::string_view name) { return std::string(bundle.ChildText(asked, name)); };
  step.method = text("method");
  step.if_match = text("ifMatch");
  step.if_none_match = text("ifNoneMatch");
  step.if_none_exist = text("ifNoneExist");
  if (auto mark = step.if_none_exist.find('?'); mark != step.if_none_exist.npos)
    step.if_none_exist.erase(0, mark + 1);
  if (NodeIndex resource = bundle.Child(entry, "resource"); resource != kNone)
    step.resource = bundle.Extract(resource);
  if (!ReadAddress(LocalReference(request, text("url")), step)) {
    step.refusal = Error{errors::EntryInvalid, "request.url"};
    return step;
  }
  if (auto checked = CheckStep(request, step); !checked) step.refusal = checked.error();
  return step;
}

// "http://a/fhir/Patient/1" -> "http://a/fhir/"; empty for what is no RESTful address.
std::string_view RootOf(std::string_view full_url) {
  if (!full_url.starts_with("http")) return {};
  auto last = full_url.rfind('/');
  if (last == full_url.npos || last == 0) return {};
  auto before = full_url.rfind('/', last - 1);
  return before == full_url.npos ? std::string_view() : full_url.substr(0, before + 1);
}

bool IsUrn(std::string_view text) { return text.starts_with("urn:uuid:") || text.starts_with("urn:oid:"); }

}  // namespace

int RankOf(std::string_view method) {
  const MethodRow* row = FindMethod(method);
  return row == nullptr ? 0 : row->rank;
}

Error InEntry(Error error, std::size_t index) {
  std::string place = "Bundle.entry[" + std::to_string(index) + "]";
  error.place.path = error.place.path.empty() ? place : place + ".resource." + error.place.path;
  error.place.line = error.place.column = 0;
  return error;
}

Result<std::vector<Step>> ReadSteps(const Request& request, const Tree& bundle) {
  std::vector<Step> steps;
  for (NodeIndex entry : Children(bundle, kRoot))
    if (bundle.name(entry) == "entry") steps.push_back(ReadStep(request, bundle, entry, steps.size()));
  return steps;
}

std::optional<std::string> Names::Find(std::string_view text, std::string_view root) const {
  auto hash = text.find('#');
  std::string_view url = text.substr(0, hash),
                   fragment = hash == text.npos ? std::string_view() : text.substr(hash);
  if (url.empty()) return std::nullopt;
  auto it = targets_.find(url);
  // A relative reference is relative to where its entry stands (R4, 2.36.4.1).
  if (it == targets_.end() && !root.empty()) it = targets_.find(std::string(root) + std::string(url));
  if (it == targets_.end()) return std::nullopt;
  return it->second + std::string(fragment);
}

Status Names::Rewrite(Tree& resource, std::string_view full_url) const {
  std::string_view root = RootOf(full_url);
  for (NodeIndex i = 0; i < resource.size(); ++i) {
    node::Node& n = resource[i];
    if (n.kind == node::Kind::Xhtml) {
      RewriteNarrative(resource, i);
    } else if (n.kind == node::Kind::String && !n.text.empty()) {
      bool reference = resource.name(i) == "reference";
      if (!reference && !IsUrn(n.text) && n.text.find("://") == n.text.npos) continue;
      if (auto target = Find(n.text, reference ? root : std::string_view())) {
        n.text = resource.Keep(*target);
      } else if (reference && IsUrn(n.text)) {
        return Error{errors::ReferenceUnresolved, {}, {resource.Path(i)}};
      }
    }
  }
  return Ok();
}

// Attributes href and src of the narrative's elements (R4, 3.1.0.11.2).
void Names::RewriteNarrative(Tree& resource, NodeIndex div) const {
  std::string_view text = resource[div].text;
  std::string out;
  std::size_t copied = 0;
  for (std::size_t at = text.find("=\"urn:"); at != text.npos; at = text.find("=\"urn:", at + 1)) {
    auto end = text.find('"', at + 2);
    if (end == text.npos) break;
    auto target = Find(text.substr(at + 2, end - at - 2), {});
    if (!target) continue;
    out.append(text, copied, at + 2 - copied);
    out += *target;
    copied = end;
  }
  if (copied == 0) return;
  out.append(text, copied);
  resource[div].text = resource.Keep(out);
}

}  // namespace passerelle::api::fhir
