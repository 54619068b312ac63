#pragma once
// A label: a signed statement that binds a product's version to a suite, the tables that decided and the
// verdicts, and says where in the evidence they stand. It is verified offline with the public key alone.

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "fhir_model/base/result.h"
#include "fhir_model/base/signature.h"
#include "gateway/labelling/ledger.h"

namespace passerelle::labelling {

// A requirement that is not blocking and did not pass, let go with a reason that the label shows.
struct Waiver {
  std::string requirement, reason;
};

struct Label {
  std::string id;  // of product, version, suite and verdicts: the same evidence gives the same label
  std::string product, version, suite, suite_digest, tables;
  std::string verdicts_root;  // Merkle root over the verdicts of all inputs
  std::string ledger_head;
  std::size_t ledger_entries = 0;
  std::string granted, expires;  // dates
  std::string url;               // where it is published
  std::vector<Waiver> waivers;
  std::vector<std::string> open;  // requirements of the suite that no machine decides: others must
};

// Merkle root over "input requirement verdict" lines, sorted. With the path of one line a holder can show
// that verdict and no other.
std::string VerdictsRoot(const std::vector<LedgerEntry>& entries);
struct MerkleStep {
  std::string hash;
  bool left = false;  // the sister stands on the left
};
std::optional<std::vector<MerkleStep>> VerdictPath(const std::vector<LedgerEntry>& entries,
                                                   std::string_view line);
bool VerdictPathHolds(std::string_view root, std::string_view line, const std::vector<MerkleStep>& path);

// What the ledger holds of this product, version and suite as a label; LabelInvalid, with the reason, where a
// requirement failed, an automatic one was not decided, what the suite wants shown was not, nothing was
// checked, or the suite or tables changed in between. Waivers stand for requirements that did not pass; one
// of a blocking requirement, without a reason, or of what passed is refused.
Result<Label> LabelFrom(std::string_view ledger, std::string_view product, std::string_view version,
                        std::string_view suite, const requirements::Catalogue& catalogue,
                        std::vector<Waiver> waivers = {});

// What a label may say of its end: nothing, or a day ("2028-12-31") that is not before `granted`. LabelInvalid.
Status CheckExpiry(std::string_view expires, std::string_view granted);

std::string SignLabel(const SigningKey& key, const Label& label);
Result<Label> OpenLabel(std::string_view public_key, std::string_view jws);

// A signed list of the ids of labels that were withdrawn.
std::string SignRevocations(const SigningKey& key, const std::vector<std::string>& ids,
                            std::string_view time);

Result<std::vector<std::string>> OpenRevocations(std::string_view public_key, std::string_view jws);

// Everything at once: signature, validity on `date`, that it is not revoked, and, with a ledger, that its
// verdicts are those of the ledger. LabelInvalid says which does not hold.
struct LabelProof {
  std::string_view jws, public_key;
  std::string_view revocations;  // a signed list, or nothing
  std::string_view ledger;       // or nothing
  std::string date;
};
Result<Label> VerifyLabel(const LabelProof& proof);

}  // namespace passerelle::labelling
