#pragma once
// Run: one input through a program. Private to this room.

#include <array>
#include <cstddef>
#include <map>
#include <memory_resource>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <utility>
#include <vector>

#include "fhir_model/path/path.h"
#include "mappers/convert/structure.h"
#include "mappers/engine/account.h"
#include "mappers/engine/finder.h"
#include "mappers/engine/output.h"

namespace passerelle::engine {

// How a link of a narrative to what has an ID in the document begins.
inline constexpr std::string_view kInnerLink = " href=\"#";

class Run : private path::Services {
 public:
  Run(std::shared_ptr<const Program::Compiled> program, const node::Tree& source, const MapOptions& options,
      Issues& issues);
  Result<Draft> Go();

 private:
  // What a row works with: the node in hand, the element in hand (kNone: none), the map it is of.
  struct Hand {
    node::NodeIndex node = node::kRoot;
    node::NodeIndex element = node::kNone;
  };
  // One thing a source found: a node, or a value that stands at the node in hand.
  struct Found {
    node::NodeIndex node;
    std::string_view value;
    bool is_value = false;
  };
  struct Text {
    std::string_view text;
    node::NodeIndex leaf = node::kNone;
  };
  struct Made {
    node::NodeIndex resource = node::kNone, source = node::kNone;
    std::uint32_t slot = kNoNumber;
    const std::vector<std::uint32_t>* identities = nullptr;
    std::uint32_t same_as = kNoNumber;  // merged into
    std::string id;
    std::uint8_t id_state = 0;  // 1: being made, 2: done
    bool gone = false, contained = false;
  };
  struct Pending {
    node::NodeIndex reference;  // the Reference element
    node::NodeIndex source;
    std::uint32_t slot = kNoNumber, made = kNoNumber;  // nearest of a slot, or a resource known already
  };
  // To undo an attempt that came to nothing.
  struct Attempt {
    Output::Mark output;
    std::size_t uses, drops, pending;
    std::uint64_t content;
  };

  // run.cpp: rows
  bool RunRows(const Rows& rows, const Hand& hand);
  bool RunRow(const Row& row, const Hand& hand, std::vector<node::NodeIndex>& taken, bool chain_took);
  bool RunBlock(const Row& row, const Hand& hand, bool chain_took);
  bool RunJoined(const Row& row, const Hand& hand, std::vector<node::NodeIndex>& taken);
  bool RunOn(const Row& row, const Found& found, const Hand& hand);
  template <class Work>
  void ForEachFound(const Row& row, const Hand& hand, const std::vector<node::NodeIndex>& taken,
                    const Work& work);
  bool Fill(const Row& row, node::NodeIndex base, const Found& found);
  bool FillValue(const Row& row, node::NodeIndex base, const Found& found);
  bool PutText(const Row& row, node::NodeIndex base, const Found& found, const Text& value,
               std::string_view text);
  bool SaysAgain(node::NodeIndex parent, const TargetStep& step, const Text& value, std::string_view text,
                 const Row& row);
  bool FillElement(const Row& row, node::NodeIndex base, const Found& found);
  bool IsFilled(const Row& row, node::NodeIndex element);
  bool FillByMap(const Row& row, node::NodeIndex element, node::NodeIndex node);
  bool MakeAndFill(const Row& row, const Found& found);
  bool FillNearest(const Row& row, const Found& found);
  bool RunMap(std::uint32_t map, node::NodeIndex node, node::NodeIndex element);
  std::uint32_t RunResourceMap(std::uint32_t map, node::NodeIndex node, std::uint32_t slot = kNoNumber);
  bool Apply(const Row& row, node::NodeIndex base, node::NodeIndex node);
  bool Contain(const Row& row, std::uint32_t map, node::NodeIndex element, node::NodeIndex node);
  std::uint32_t Choose(const Maps& maps, node::NodeIndex node);
  bool IsPartOfAnother(node::NodeIndex node, const Maps& templates);
  std::uint32_t Best(node::NodeIndex node, spec::ShapeId shape, std::uint32_t slot = kNoNumber);
  void AddTemplates(node::NodeIndex node, Maps& maps);
  void RunDocument();

  Attempt Begin() const;
  void Undo(const Attempt& attempt, node::NodeIndex made);
  std::uint32_t Make(std::uint32_t slot, node::NodeIndex source);
  void Unmake(std::uint32_t made);
  std::uint32_t NearestMade(std::uint32_t slot, node::NodeIndex from, node::NodeIndex except);
  node::NodeIndex ResourceOf(node::NodeIndex element) const;
  void Refer(node::NodeIndex element, const Pending& pending);
  void Note(node::NodeIndex source, node::NodeIndex element, const Row& row);
  bool Spend();

  // values.cpp: texts, codes, structured converters
  class StructureSink;
  Text ValueAt(node::NodeIndex node) const;
  Text TextAt(node::NodeIndex node);
  std::string_view CharactersOf(node::NodeIndex node);
  node::NodeIndex Referenced(std::string_view target);
  bool Convert(const Row& row, const Found& found, Text& value, std::string& out);
  bool Join(const Row& row, const std::vector<Text>& texts, std::string& out);
  bool RunsBackwards(node::NodeIndex element, std::string_view text, node::NodeIndex leaf);
  bool ConvertText(const Row& row, const Text& value, std::string& out);
  void Report(const RuleInfo& rule, node::NodeIndex node,
              std::initializer_list<std::string_view> arguments = {});
  bool Settle(convert::Outcome outcome, const RuleInfo& unreadable, node::NodeIndex leaf);
  void NoteNull(const Found& found);
  bool SystemAt(const Found& found, Text& value, std::string& out);
  void KeepIfNotOfSystem(const Text& system, std::string& out);
  bool NationalAt(const Row& row, const Found& found, Text& value, std::string& out);
  const CodeLine* LineFor(const CodeMap& codes, std::string_view code, std::string_view system) const;
  const CodeLine* MapCode(const Row& row, const Found& found, Text& code, const RuleInfo& unmapped);
  bool PutCoded(const Row& row, node::NodeIndex element, const Found& found);
  const CodeLine* PutMappedFirst(const Row& row, node::NodeIndex element, node::NodeIndex node);
  void SettleSent(const Row& row, const CodeLine& line, node::NodeIndex concept_element);
  bool HasCoding(node::NodeIndex concept_element, std::string_view system, std::string_view code) const;
  bool PutCoding(node::NodeIndex element, std::string_view system, std::string_view code,
                 std::string_view display, node::NodeIndex leaf, const Row& row);
  void PutChild(node::NodeIndex element, node::NameId name, std::string_view text, node::NodeIndex leaf,
                const Row& row);
  node::NodeIndex OpenChild(node::NodeIndex element, node::NameId name);
  bool IsSet(node::NodeIndex element, node::NameId name) const;
  void NoteSame(node::NodeIndex element, node::NameId name, std::string_view text, node::NodeIndex leaf,
                const Row& row);
  bool PutNarrative(const Row& row, node::NodeIndex element, node::NodeIndex node);
  bool PutStructure(const Row& row, node::NodeIndex element, node::NodeIndex node);

  // conditions.cpp
  void EvaluateSource(const Row& row, const Hand& hand);
  bool Holds(std::uint32_t condition, node::NodeIndex node, node::NodeIndex hand = node::kNone);
  node::NodeIndex StartOf(const Source& source, node::NodeIndex node) const;
  std::int8_t Decide(const std::vector<Operation>& operations, node::NodeIndex node, node::NodeIndex hand);
  std::int8_t Operate(const Operation& operation, node::NodeIndex node, node::NodeIndex hand);
  bool Variable(std::string_view name, std::vector<path::Item>& out) override;
  void External(std::uint32_t slot, const path::Item& focus, std::vector<path::Item>& out) override;

  // everywhere.cpp: what no row has used
  class Rest;
  void RunEverywhere();
  bool StandsIn(const Source& source, node::NodeIndex node) const;
  void KeepRest();
  void Keep(std::uint32_t owner, std::string_view way, node::NodeIndex hand, bool is_leaf);

  // finish.cpp: identities, references, what is empty
  void Finish();
  void MakeId(std::uint32_t made);
  bool Identify(std::uint32_t made, const Identity& identity, std::string& authority, std::string& key);
  bool AddPart(std::uint32_t made, const IdentityPart& part, bool alone, std::string& authority,
               std::string& key);
  bool AddElementPart(node::NodeIndex element, bool alone, std::string& authority, std::string& key);
  std::uint32_t ReferredOrNearest(std::uint32_t made, std::uint32_t slot);
  void ResolveReferences();
  bool IsReferredTwice(node::NodeIndex element, std::string_view urn, std::string_view id) const;
  void WriteReferences();
  std::uint32_t Standing(std::uint32_t number) const;
  void Merge(std::uint32_t made, std::uint32_t into);
  void MergeElement(node::NodeIndex from, node::NodeIndex into);
  void NoteMerged(node::NodeIndex from, node::NodeIndex into);
  void LinkNarratives();
  std::string LinkTo(std::string_view id, const std::pmr::unordered_map<node::NodeIndex, std::uint32_t>& made_of);
  void PutPatientsFirst();

  const std::shared_ptr<const Program::Compiled> program_;
  const Program::Compiled& p_;
  const node::Tree& source_;
  const MapOptions& options_;
  Issues& issues_;
  std::optional<convert::Zone> zone_;
  Draft draft_;
  // Of what ends with the run: the first of it on the stack, and all freed at once.
  std::array<std::byte, 16 * 1024> room_;
  std::pmr::monotonic_buffer_resource memory_{room_.data(), room_.size()};
  std::shared_ptr<Account> account_;
  Output output_;
  Finder finder_;
  std::vector<Made> made_;
  std::pmr::unordered_map<std::uint64_t, std::uint32_t> made_by_{&memory_};          // (map, node)
  std::pmr::unordered_map<spec::ShapeId, Finder::Candidates> candidates_{&memory_};  // made, by type
  std::vector<Pending> pending_;
  std::vector<node::NodeIndex> linked_;  // narratives with links within the document
  // At the end: what each resource refers to, sorted by resource; those made by identity; those without, by
  // type.
  std::vector<std::pair<node::NodeIndex, std::uint32_t>> references_;
  std::pmr::unordered_map<std::string_view, std::uint32_t> by_id_{&memory_};
  std::pmr::unordered_map<node::NameId, std::uint32_t> unnamed_{&memory_};
  std::vector<std::pair<std::uint32_t, node::NodeIndex>> open_;  // maps that run, with their nodes
  std::vector<node::NodeIndex> touched_;                         // what an expression asked for
  // Stacks: who adds takes off again.
  std::vector<node::NodeIndex> operands_;
  std::vector<Found> found_;
  // CDA: elements by their ID, once asked for
  std::pmr::unordered_map<std::string_view, node::NodeIndex> ids_{&memory_};
  bool ids_known_ = false;
  const Finder::Below* below_ = nullptr;  // the node in hand of the rows that run
  std::string scratch_;
  bool recording_ = false;
  node::NodeIndex focus_ = node::kRoot;  // where a condition's or expression's names are looked for
  node::NodeIndex value_in_hand_ = node::kNone;  // whose parts CX.4 means in them
  node::NodeIndex last_put_ = node::kNone;
  std::uint32_t contained_ = 0;
  bool containing_ = false;  // a contained resource is being filled
  std::uint64_t content_ = 0;  // values that came of the source
  std::uint32_t conditional_ = 0;
  std::uint64_t steps_left_;
  bool spent_ = false;
};

// The message map that the event of `message` (MSH-9) has, else kNoNumber.
std::uint32_t FindEvent(const Program::Compiled& program, const node::Tree& message);

}  // namespace passerelle::engine
