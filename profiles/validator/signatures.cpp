// Signatures of Bundles in application/jose: whether they can be read, and whether what they carry is the
// Bundle. The signature's own bytes are not verified: there is no certificate to trust.

#include <algorithm>

#include "fhir_model/base/digest.h"
#include "fhir_model/base/signature.h"
#include "fhir_model/json/json.h"
#include "fhir_model/path/date_time.h"
#include "profiles/validator/families.h"

namespace passerelle::validator {

using node::kNone;
using node::kRoot;
using node::NodeIndex;
using node::Tree;

namespace {

// The parts of a compact JWS, still encoded.
struct Jws {
  std::string_view header, payload;
};

std::optional<Jws> SplitJws(std::string_view text) {
  auto first = text.find('.'), second = text.find('.', first == text.npos ? first : first + 1);
  if (second == text.npos || text.find('.', second + 1) != text.npos) return std::nullopt;
  return Jws{text.substr(0, first), text.substr(first + 1, second - first - 1)};
}

std::optional<Tree> Decoded(std::string_view part, const spec::Definitions* definitions) {
  auto text = DecodeBase64Url(part);
  if (!text) return std::nullopt;
  auto tree = json::Parse(*std::move(text), kFileLimits, definitions);
  if (!tree) return std::nullopt;
  return *std::move(tree);
}

// Whether two writings may be of one moment, as far as both say it: JAdES knows whole seconds only.
bool MayBeOneMoment(std::string_view a, std::string_view b) {
  auto x = path::DateTime::Parse(a), y = path::DateTime::Parse(b);
  if (!x || !y) return true;  // others count seconds since 1970
  if (x->fraction_digits == 0 || y->fraction_digits == 0) x->nanoseconds = y->nanoseconds = 0;
  return path::DateTime::Compare(*x, *y).value_or(0) == 0;
}

// "application/jose" of "Application/JOSE; charset=utf-8".
std::string MediaType(std::string_view format) {
  format = format.substr(0, format.find(';'));
  while (format.ends_with(' ')) format.remove_suffix(1);
  std::string type(format);
  for (char& c : type)
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
  return type;
}

// Two writings of the same resource, their properties in any order.
class Comparison {
 public:
  Comparison(const Tree& a, const Tree& b) : a_(a), b_(b) {}
  // The first child of `i` that `j` does not have alike: its place in `a`, or i itself; kNone when there is
  // none.
  NodeIndex Difference(NodeIndex i, NodeIndex j) const {
    auto left = Sorted(a_, i), right = Sorted(b_, j);
    for (std::size_t k = 0; k < std::max(left.size(), right.size()); ++k) {
      if (k == left.size()) return i;
      if (k == right.size() || a_.name(left[k]) != b_.name(right[k])) return left[k];
      const auto &one = a_[left[k]], &other = b_[right[k]];
      if (one.text != other.text || a_.NameText(one.resource) != b_.NameText(other.resource)) return left[k];
      NodeIndex below = Difference(left[k], right[k]);
      if (below != kNone) return below;
    }
    return kNone;
  }

 private:
  // A signature covers neither itself nor what a server gives a document: its id and meta.
  static bool Counts(const Tree& tree, NodeIndex parent, NodeIndex child) {
    if (tree.name(parent) != "Bundle" || tree[parent].parent != kNone) return true;
    std::string_view name = tree.name(child);
    return name != "id" && name != "meta" && name != "signature";
  }
  static std::vector<NodeIndex> Sorted(const Tree& tree, NodeIndex parent) {
    std::vector<NodeIndex> children;
    for (NodeIndex child : node::Children(tree, parent))
      if (Counts(tree, parent, child)) children.push_back(child);
    std::stable_sort(children.begin(), children.end(),
                     [&](NodeIndex x, NodeIndex y) { return tree.name(x) < tree.name(y); });
    return children;
  }

  const Tree& a_;
  const Tree& b_;
};

// Whether the payload is the whole Bundle in JSON: other canonicalizations leave parts out, and XML writes
// narratives otherwise.
bool IsWholeJson(std::string_view target_format) {
  constexpr std::string_view kJson[] = {"", "application/fhir+json", "application/json", "text/json"};
  if (std::find(std::begin(kJson), std::end(kJson), MediaType(target_format)) == std::end(kJson))
    return false;
  auto hash = target_format.find('#');
  return hash == target_format.npos || target_format.substr(hash) == "#document";
}

void CheckPayload(Run& run, NodeIndex bundle, std::string_view payload) {
  auto carried = Decoded(payload, &run.engine.definitions());
  if (!carried) return run.Report(rules::SignaturePayload, bundle);
  NodeIndex at = Comparison(run.tree, *carried).Difference(bundle, kRoot);
  if (at != kNone) run.Report(rules::SignatureOther, bundle, {run.tree.Path(at)});
}

}  // namespace

void CheckSignature(Run& run, NodeIndex bundle) {
  const Tree& tree = run.tree;
  NodeIndex signature = tree.Child(bundle, "signature");
  if (signature == kNone || MediaType(tree.ChildText(signature, "sigFormat")) != "application/jose") return;
  std::string_view data = run.Text(signature, run.words.data);
  if (data.empty()) return;
  auto bytes = DecodeBase64(data);
  if (!bytes) {  // said as such elsewhere; who reads the signature finds nothing that could be looked at
    if (SplitJws(data)) run.Report(rules::SignatureBare, bundle);
    return;
  }
  auto jws = SplitJws(*bytes);
  auto header = jws ? Decoded(jws->header, nullptr) : std::nullopt;
  if (!header) return run.Report(rules::SignatureUnreadable, bundle);
  std::string_view when = tree.ChildText(signature, "when"), signed_at = header->ChildText(kRoot, "sigT");
  if (!MayBeOneMoment(signed_at, when)) run.Report(rules::SignatureTime, bundle, {signed_at, when});
  // What is signed within another resource is not looked at.
  const bool json = !tree.source().starts_with('<') && IsWholeJson(tree.ChildText(signature, "targetFormat"));
  if (json && bundle == kRoot && !jws->payload.empty()) CheckPayload(run, bundle, jws->payload);
}

}  // namespace passerelle::validator
