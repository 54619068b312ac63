#include "mappers/hl7v2/names.h"

#include <algorithm>
#include <atomic>
#include <memory>
#include <string>

namespace passerelle::hl7v2 {
namespace {

constexpr std::string_view kSegments[] = {
    "ABS", "ACC", "ADD", "ADJ", "AFF", "AIG", "AIL", "AIP", "AIS", "AL1", "APR", "ARQ", "ARV", "AUT", "BHS", "BLC",
    "BLG", "BPO", "BPX", "BTS", "BTX", "BUI", "CDM", "CDO", "CER", "CM0", "CM1", "CM2", "CNS", "CON", "CSP", "CSR",
    "CSS", "CTD", "CTI", "CTR", "DB1", "DEV", "DG1", "DMI", "DON", "DPS", "DRG", "DSC", "DSP", "DST", "ECD", "ECR",
    "EDU", "EQL", "EQP", "EQU", "ERQ", "ERR", "EVN", "FAC", "FHS", "FT1", "FTS", "GOL", "GP1", "GP2", "GT1", "IAM",
    "IAR", "IIM", "ILT", "IN1", "IN2", "IN3", "INV", "IPC", "IPR", "ISD", "ITM", "IVC", "IVT", "LAN", "LCC", "LCH",
    "LDP", "LOC", "LRL", "MCP", "MFA", "MFE", "MFI", "MRG", "MSA", "MSH", "NCK", "NDS", "NK1", "NPU", "NSC", "NST",
    "NTE", "OBR", "OBX", "ODS", "ODT", "OH1", "OH2", "OH3", "OH4", "OM1", "OM2", "OM3", "OM4", "OM5", "OM6", "OM7",
    "OMC", "ORC", "ORG", "OVR", "PAC", "PCE", "PCR", "PD1", "PDA", "PDC", "PEO", "PES", "PID", "PKG", "PM1", "PMT",
    "PR1", "PRA", "PRB", "PRC", "PRD", "PRT", "PSG", "PSH", "PSL", "PSS", "PTH", "PV1", "PV2", "PYE", "QAK", "QID",
    "QPD", "QRD", "QRF", "QRI", "RCP", "RDF", "RDT", "REL", "RF1", "RFI", "RGS", "RMI", "ROL", "RQ1", "RQD", "RXA",
    "RXC", "RXD", "RXE", "RXG", "RXO", "RXR", "RXV", "SAC", "SCD", "SCH", "SCP", "SDD", "SFT", "SGH", "SGT", "SHP",
    "SID", "SLT", "SPM", "SPR", "STF", "STZ", "TCC", "TCD", "TQ1", "TQ2", "TXA", "UAC", "UB1", "UB2", "URD", "URS",
    "VAR", "VND", "VTQ", "ZBE", "ZFA", "ZFD", "ZFM", "ZFP", "ZFS", "ZFV"};
static_assert(std::is_sorted(std::begin(kSegments), std::end(kSegments)));

// Larger positions than any version of the standard has need not be fast.
constexpr std::uint32_t kFieldMax = 127, kComponentMax = 31, kSubcomponentMax = 15;
constexpr std::uint32_t kGlobalNamesMax = 24'000;
constexpr std::uint32_t kSlots = 1u << 14;

// A direct-mapped memory of names found before: slots hold key and id at once, so readers need no lock.
struct Memory {
  std::unique_ptr<std::atomic<std::uint64_t>[]> slots{new std::atomic<std::uint64_t>[kSlots]()};
  std::atomic<std::uint32_t> interned{0};
};

Memory& The() {
  static Memory* memory = new Memory;  // never destroyed, as the vocabulary itself
  return *memory;
}

std::uint32_t LetterCode(char c) {
  return c >= 'A' && c <= 'Z' ? static_cast<std::uint32_t>(c - 'A') : static_cast<std::uint32_t>(c - '0') + 26;
}

// All of a position in 32 bits; never 0, since the field or the segment's letters say something for real names.
std::uint32_t KeyOf(const Position& p) {
  std::uint32_t letters =
      (LetterCode(p.segment[0]) * 36 + LetterCode(p.segment[1])) * 36 + LetterCode(p.segment[2]);
  return letters << 16 | p.field << 9 | p.component << 4 | p.subcomponent;
}

std::string TextOf(const Position& p) {
  std::string text(p.segment.begin(), p.segment.end());
  if (p.field != 0) text.append("-").append(std::to_string(p.field));
  if (p.component != 0) text.append(".").append(std::to_string(p.component));
  if (p.subcomponent != 0) text.append(".").append(std::to_string(p.subcomponent));
  return text;
}

node::NameId GlobalName(const std::string& text) {
  if (node::NameId known = node::Find(text)) return known;
  auto& memory = The();
  if (!IsKnownSegment(std::string_view(text).substr(0, 3)) || memory.interned.load() >= kGlobalNamesMax) return 0;
  memory.interned.fetch_add(2);
  node::Intern(text + ".1");  // so that whoever asks for the first component of a lone one finds it
  return node::Intern(text);
}

}  // namespace

bool IsKnownSegment(std::string_view name) {
  return std::binary_search(std::begin(kSegments), std::end(kSegments), name);
}

node::NameId NameOf(node::Tree& tree, const Position& p) {
  if (p.field > kFieldMax || p.component > kComponentMax || p.subcomponent > kSubcomponentMax)
    return tree.NameOf(TextOf(p));
  std::uint32_t key = KeyOf(p);
  auto& slot = The().slots[(key * 2654435761u) >> 18];
  std::uint64_t held = slot.load(std::memory_order_acquire);
  if (held >> 32 == key && held != 0) return static_cast<node::NameId>(held);
  auto text = TextOf(p);
  node::NameId id = GlobalName(text);
  if (id == 0) return tree.NameOf(text);
  slot.store(std::uint64_t{key} << 32 | id, std::memory_order_release);
  return id;
}

}  // namespace passerelle::hl7v2
