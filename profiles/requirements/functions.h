#pragma once
// Functions that requirements may call beside those of FHIRPath, and the services an evaluation runs with.
//
// A Host is made for one subject of one run and used by one thread. What it could not know (a value set that
// is not here, a service that is not wired) it notes in `missing`: an evaluation that missed something has no
// verdict.

#include <deque>
#include <map>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "fhir_model/path/path.h"
#include "profiles/requirements/run.h"

namespace passerelle::requirements {

// The names, for path::CompileOptions.
std::vector<std::string_view> FunctionNames();

// Where the elements of one tree are, by name, templateId and ID: found once, asked by many checks.
class TreeIndex {
 public:
  explicit TreeIndex(const node::Tree& tree);
  const std::vector<node::NodeIndex>& Named(std::string_view name) const;
  const std::vector<node::NodeIndex>& Templated(std::string_view oid) const;
  const std::vector<node::NodeIndex>& Resources(std::string_view type) const;
  bool HasId(std::string_view id) const { return ids_.contains(id); }

 private:
  std::unordered_map<node::NameId, std::vector<node::NodeIndex>> by_name_, by_type_;
  std::unordered_map<std::string_view, std::vector<node::NodeIndex>> by_template_, ids_;
  const node::Tree* tree_;
};

// What the validator says, by the node it says it of.
using ErrorsByNode = std::map<node::NodeIndex, std::string>;

class Host : public path::Services {
 public:
  Host(const Run& run, const World& world) : run_(run), world_(world) {}
  void Enter(const Subject& subject) { subject_ = &subject; }

  bool Variable(std::string_view name, std::vector<path::Item>& out) override;
  void External(std::uint32_t slot, const path::Item& focus, std::vector<path::Item>& out) override;
  Status Call(std::string_view function, std::span<const path::Item> focus,
              std::span<const std::span<const path::Item>> arguments, std::vector<path::Item>& out) override;
  std::string Now() override { return world_.now; }

  // What the last evaluations missed; empty: nothing.
  const std::string& missing() const { return missing_; }
  void Forget() { missing_.clear(); }

  // For the functions.
  const Run& run() const { return run_; }
  const World& world() const { return world_; }
  const Subject& subject() const { return *subject_; }
  const TreeIndex& IndexOf(const node::Tree& tree);
  path::Item Keep(std::string text);
  void Miss(std::string what) {
    if (missing_.empty()) missing_ = std::move(what);
  }
  // Schema errors of the subject, found once.
  const std::vector<SchemaError>* SchemaErrors(const node::Tree& tree);
  const ErrorsByNode* ResourceErrors(const node::Tree& tree);

 private:
  const Run& run_;
  const World& world_;
  const Subject* subject_ = nullptr;
  std::string missing_;
  std::deque<std::string> kept_;
  std::map<const node::Tree*, TreeIndex> indexes_;
  std::map<const node::Tree*, std::optional<std::vector<SchemaError>>> schema_;
  std::map<const node::Tree*, std::optional<ErrorsByNode>> resource_;
};

}  // namespace passerelle::requirements
