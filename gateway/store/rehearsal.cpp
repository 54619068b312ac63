#include "gateway/store/rehearsal.h"

#include <algorithm>

#include "gateway/store/errors.h"

namespace passerelle::store {

using namespace pipeline;

namespace {

std::string Name(std::string_view type, std::string_view id) {
  return std::string(type) + "/" + std::string(id);
}

template <class... Cases>
struct Each : Cases... {
  using Cases::operator()...;
};

}  // namespace

Error Rehearsal::GivenUp() { return Error{errors::NotRehearsed}; }

bool Rehearsal::Holds(const Changes& changes) const {
  return std::none_of(seen_.begin(), seen_.end(), [&](ChangeKey key) { return changes.Since(key, commit_); });
}

Status Rehearsal::Play(Transaction& transaction, const Session& session) const {
  const Each play{
      [&](ReadyVersion* version) { return WriteVersion(session, *version); },
      [&](const Link& link) { return transaction.AddDerived(link.document, link.resource); },
      [&](const Decision& decision) { return transaction.Decide(decision.seq, decision.outcome); },
      [&](const Delivery& delivery) -> Status {
        TRY(auto id, transaction.Owe(delivery));
        (void)id;
        return Ok();
      },
      [&](const AuditEntry& entry) { return transaction.Audit(entry); },
  };
  for (const auto& act : acts_) CHECK_OK(std::visit(play, act));
  return Ok();
}

Result<std::optional<ResourceVersion>> Rehearsal::Read(std::string_view type, std::string_view id) {
  if (auto own = own_.find(Name(type, id)); own != own_.end()) return std::optional(own->second->made);
  seen_.push_back(ResourceChange(type, id));
  return view_->Read(type, id);
}

Result<std::optional<ResourceState>> Rehearsal::StateOf(std::string_view type, std::string_view id) {
  if (auto own = own_.find(Name(type, id)); own != own_.end())
    return std::optional(ResourceState{own->second->made.version, own->second->digest});
  seen_.push_back(ResourceChange(type, id));
  return view_->StateOf(type, id);
}

std::vector<ResourceVersion> Rehearsal::WithOwn(std::vector<ResourceVersion> found, std::string_view type,
                                                const std::function<bool(const TermEntry&)>& carries) {
  for (const auto& version : found) seen_.push_back(ResourceChange(type, version.id));
  for (const auto& [name, own] : own_) {
    if (own->made.type != type) continue;
    auto same = [&](const ResourceVersion& version) { return version.id == own->made.id; };
    auto at = std::find_if(found.begin(), found.end(), same);
    bool matches = std::any_of(own->entries.terms.begin(), own->entries.terms.end(), carries);
    if (at != found.end()) {
      if (matches) {
        *at = own->made;
      } else {
        found.erase(at);
      }
    } else if (matches) {
      found.push_back(own->made);
    }
  }
  return found;
}

// Whether exactly one value answers: a whole reference ("patient=Patient/1"), or the identifier of what is referred to
// without its system ("relatesto:identifier=urn:oid:1.2").
bool Rehearsal::IsPlain(std::string_view type, const SearchTerm& term) const {
  if (term.values.size() != 1) return false;
  std::string_view code = term.parameter, value = term.values[0], modifier;
  if (auto colon = code.find(':'); colon != code.npos) {
    modifier = code.substr(colon + 1);
    code = code.substr(0, colon);
  }
  if (session_.indexer.TypeOf(type, code) != "reference") return false;
  return modifier.empty() ? value.find('/') != value.npos
                          : modifier == "identifier" && value.find_first_of("|\\") == value.npos;
}

// One plain parameter, all matches on one page.
Result<SearchPage> Rehearsal::Search(std::string_view type, std::span<const SearchTerm> terms, int count_max,
                                     std::string_view page) {
  if (!page.empty() || terms.size() != 1 || !IsPlain(type, terms[0])) return GivenUp();
  const ParameterKey parameter = KeyOf(type, terms[0].parameter);
  const std::string& value = terms[0].values[0];
  seen_.push_back(TermChange(parameter, value));
  TRY(auto result, view_->Search(type, terms, count_max, page));
  if (!result.next.empty()) return GivenUp();
  result.matches = WithOwn(std::move(result.matches), type, [&](const TermEntry& term) {
    return term.parameter == parameter && term.value == value;
  });
  result.total = static_cast<std::int64_t>(result.matches.size());
  return result;
}

Result<std::vector<ResourceVersion>> Rehearsal::FindByIdentifier(std::string_view type,
                                                                 std::string_view system,
                                                                 std::string_view value) {
  const ParameterKey parameter = KeyOf(type, "identifier");
  seen_.push_back(TermChange(parameter, value));
  TRY(auto found, view_->FindByIdentifier(type, system, value));
  return WithOwn(std::move(found), type, [&](const TermEntry& term) {
    return term.parameter == parameter && term.value == value && (system.empty() || term.system == system);
  });
}

std::vector<std::string> Rehearsal::WithLinks(std::vector<std::string> found, std::string Link::* given,
                                              std::string Link::* asked, std::string_view name) const {
  for (const auto& link : links_)
    if (link.*given == name) found.push_back(link.*asked);
  std::sort(found.begin(), found.end());
  found.erase(std::unique(found.begin(), found.end()), found.end());
  return found;
}

Result<std::vector<std::string>> Rehearsal::DerivedFrom(std::string_view document) {
  seen_.push_back(DocumentChange(document));
  TRY(auto found, view_->DerivedFrom(document));
  return WithLinks(std::move(found), &Link::document, &Link::resource, document);
}

Result<std::vector<std::string>> Rehearsal::DocumentsOf(std::string_view resource) {
  seen_.push_back(DerivedChange(resource));
  TRY(auto found, view_->DocumentsOf(resource));
  return WithLinks(std::move(found), &Link::resource, &Link::document, resource);
}

Result<ResourceVersion> Rehearsal::Put(std::string_view type, std::string_view id, std::string_view json,
                                       std::string_view method, const std::optional<Content>& content) {
  std::string name = Name(type, id);
  if (own_.contains(name)) return GivenUp();
  seen_.push_back(ResourceChange(type, id));
  TRY(auto ready, MakeVersion(session_, type, id, json, method, content));
  if (ready.is_latest) return std::move(ready.made);
  auto& own = own_[std::move(name)] = std::make_unique<ReadyVersion>(std::move(ready));
  acts_.emplace_back(own.get());
  return own->made;
}

Status Rehearsal::AddDerived(std::string_view document, std::string_view resource) {
  Link link{std::string(document), std::string(resource)};
  links_.push_back(link);
  acts_.emplace_back(std::move(link));
  return Ok();
}

Status Rehearsal::Decide(Seq seq, const Outcome& outcome) {
  acts_.emplace_back(Decision{seq, outcome});
  return Ok();
}

Result<std::int64_t> Rehearsal::Owe(const Delivery& delivery) {
  acts_.emplace_back(delivery);
  return std::int64_t{0};
}

Status Rehearsal::Audit(const AuditEntry& entry) {
  acts_.emplace_back(entry);
  return Ok();
}

}  // namespace passerelle::store
