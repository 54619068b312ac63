// The record as the patient would see it. Searching goes by POST, so that no identifier stands in an address.

import { useMemo, useState } from "preact/hooks";
import { download, get, post, type AuditRow, type Bundle, type Resource, type Session } from "../api";
import { useAttempt } from "../parts/attempt";
import { Trouble, useLoaded, Waiting } from "../parts/load";
import { Curve, type Measured } from "../parts/curve";
import { Table } from "../parts/table";
import { say, saySex, sayStatus, when, type Word } from "../words";
import { auditColumns } from "./access";

const search = (type: string, parameters: Record<string, string>) =>
  post<Bundle>(`/fhir/${type}/_search`, new URLSearchParams(parameters).toString(), "application/x-www-form-urlencoded");

const resourcesOf = (bundle: Bundle) => (bundle.entry ?? []).flatMap((entry) => (entry.resource ? [entry.resource] : []));

interface Coding {
  system?: string;
  code?: string;
  display?: string;
}
interface Concept {
  text?: string;
  coding?: Coding[];
}
function conceptText(concept: unknown): string {
  const { text, coding } = (concept ?? {}) as Concept;
  return text ?? coding?.find((c) => c.display)?.display ?? coding?.[0]?.code ?? "";
}
// What a result is of: its text may be the whole line of a report, the value included.
function resultName(r: Resource): string {
  const { coding } = (r.code ?? {}) as Concept;
  return coding?.find((c) => c.display)?.display ?? conceptText(r.code);
}

interface Quantity {
  value?: number | string;
  unit?: string;
}
function valueText(resource: Resource): string {
  const quantity = resource.valueQuantity as Quantity | undefined;
  if (quantity) return `${quantity.value ?? ""} ${quantity.unit ?? ""}`;
  return conceptText(resource.valueCodeableConcept) || String(resource.valueString ?? resource.valueDateTime ?? "");
}

interface Dosage {
  text?: string;
}
// A medicine is named in its own element, in a resource beside it, or only in the words of its dosage.
const medicineName = (r: Resource): string =>
  conceptText(r.medicationCodeableConcept) || ((r.medicationReference as { display?: string } | undefined)?.display ?? "");
const dosage = (r: Resource): string => ((r.dosageInstruction ?? r.dosage ?? []) as Dosage[]).map((d) => d.text).filter(Boolean).join("; ");

interface Part {
  word: Word;
  types: string[];
  name: (r: Resource) => string;
  value: (r: Resource) => string;
  date: (r: Resource) => unknown;
}
// What each part of the record lists: its resource types, where its name, its value and its date stand.
const parts: Part[] = [
  { word: "documents", types: ["DocumentReference"], name: (r) => conceptText(r.type) || String(r.description ?? ""), value: () => "", date: (r) => r.date },
  { word: "results", types: ["Observation"], name: resultName, value: valueText, date: (r) => r.effectiveDateTime },
  { word: "medications", types: ["MedicationRequest", "MedicationStatement"], name: medicineName, value: dosage, date: (r) => r.authoredOn ?? r.effectiveDateTime },
  { word: "allergies", types: ["AllergyIntolerance"], name: (r) => conceptText(r.code), value: () => "", date: (r) => r.onsetDateTime ?? r.recordedDate },
  { word: "conditions", types: ["Condition"], name: (r) => conceptText(r.code), value: () => "", date: (r) => r.onsetDateTime ?? r.recordedDate },
  { word: "immunizations", types: ["Immunization"], name: (r) => conceptText(r.vaccineCode), value: () => "", date: (r) => r.occurrenceDateTime },
  { word: "family history", types: ["FamilyMemberHistory"], name: (r) => conceptText(r.relationship), value: () => "", date: (r) => r.date },
];

interface Limits {
  low?: Quantity;
  high?: Quantity;
}
function usualRange(r: Resource): [number, number] | undefined {
  const { low, high } = ((r.referenceRange ?? []) as Limits[])[0] ?? {};
  return low?.value !== undefined && high?.value !== undefined ? [Number(low.value), Number(high.value)] : undefined;
}

// Results of one kind in the order of time, where there are at least two numbers. One kind is one code and unit.
function curves(observations: Resource[]): Measured[] {
  const kinds = new Map<string, Measured>();
  for (const one of observations) {
    const { value, unit = "" } = (one.valueQuantity ?? {}) as Quantity;
    const at = String(one.effectiveDateTime ?? "");
    if (value === undefined || Number.isNaN(Date.parse(at))) continue;
    const coding = ((one.code ?? {}) as Concept).coding?.[0];
    const key = `${coding?.system ?? ""}|${coding?.code ?? resultName(one)}|${unit}`;
    const known: Measured = kinds.get(key) ?? { name: resultName(one), unit, range: usualRange(one), points: [] };
    known.points.push({ at, value: Number(value) });
    kinds.set(key, known);
  }
  const drawn = [...kinds.values()].filter(({ points }) => points.length > 1);
  for (const { points } of drawn) points.sort((a, b) => Date.parse(a.at) - Date.parse(b.at));
  return drawn;
}

interface PatientView {
  masks: { document: string; hidden_from: string[] }[];
  reads: AuditRow[];
}
const readers: Record<string, Word> = { professional: "professionals", patient: "the patient", representative: "representatives" };
const referenceOf = (r: Resource) => `${r.resourceType}/${r.id ?? ""}`;

interface Content {
  attachment?: { url?: string; contentType?: string; title?: string };
}
const extensions: Record<string, string> = { "application/pdf": "pdf", "text/xml": "xml", "application/xml": "xml", "application/dicom": "dcm" };

// The document itself, saved: what a stranger made is never run here.
function OpenDocument({ document }: { document: Resource }) {
  const attachment = ((document.content ?? []) as Content[]).find((content) => content.attachment?.url?.startsWith("Binary/"))?.attachment;
  const { error, run } = useAttempt();
  if (!attachment?.url) return null;
  const save = () => download(`/fhir/${attachment.url}`, `document.${extensions[attachment.contentType ?? ""] ?? "bin"}`);
  return <>{error && <Trouble error={error} />}<button onClick={() => run(save)}>{say("download source")}</button></>;
}

function Section({ part, rows, masks }: { part: Part; rows: Resource[]; masks: Map<string, string[]> }) {
  const masked = rows.some((r) => masks.has(referenceOf(r)));
  const drawn = useMemo(() => (part.word === "results" ? curves(rows) : []), [rows]);
  const hidden = (r: Resource) => (masks.get(referenceOf(r)) ?? []).map((reader) => (readers[reader] ? say(readers[reader]) : reader)).join(", ");
  return (
    <section>
      <h2>{say(part.word)} <small>{rows.length}</small></h2>
      {drawn.length > 0 && <div class="curves">{drawn.map((kind) => <Curve {...kind} />)}</div>}
      <Table
        caption={say(part.word)}
        rows={rows}
        columns={[
          { name: say("title"), cell: (r) => <strong>{part.name(r) || <span class="quiet">{say("not named")}</span>}</strong> },
          ...(rows.some(part.value) ? [{ name: say("value"), cell: part.value }] : []),
          { name: say("date"), cell: (r) => when(part.date(r) as string), class: "nowrap" },
          { name: say("status"), cell: (r) => sayStatus(String(r.status ?? "")) },
          ...(masked ? [{ name: say("masked from"), cell: hidden }] : []),
          ...(part.word === "documents" ? [{ name: "", cell: (r: Resource) => <OpenDocument document={r} />, class: "act" }] : []),
        ]}
      />
    </section>
  );
}

// Dates of any precision, what has none last.
const newestFirst = (a: unknown, b: unknown) => String(b ?? "").localeCompare(String(a ?? ""));

// What was found to be wrong is no part of the record; nor is a heading without a value a result.
const holds = (r: Resource) => r.status !== "entered-in-error" &&
  (r.resourceType !== "Observation" || valueText(r) !== "" || resultName(r) !== "");

function PatientRecord({ id }: { id: string }) {
  const loaded = useLoaded(`record ${id}`, async () => {
    const of = (type: string) => search(type, { patient: `Patient/${id}`, _count: "100" }).then(resourcesOf);
    const [patient, view, ...lists] = await Promise.all([
      get<Resource>(`/fhir/Patient/${id}`), get<PatientView>(`/api/patients/${id}`),
      ...parts.map(async (part) => (await Promise.all(part.types.map(of))).flat().filter(holds).sort((a, b) => newestFirst(part.date(a), part.date(b)))),
    ]);
    return { patient, view, lists };
  });
  return (
    <Waiting loaded={loaded}>
      {({ patient, view, lists }) => {
        const masks = new Map(view.masks.map((mask) => [mask.document, mask.hidden_from]));
        return (
          <>
            <dl class="facts">
              <dt>{say("name")}</dt><dd><strong>{nameOf(patient)}</strong></dd>
              <dt>{say("born")}</dt><dd>{when(patient.birthDate as string) || "–"}</dd>
              <dt>{say("sex")}</dt><dd>{saySex(String(patient.gender ?? "")) || "–"}</dd>
              <dt>{say("identifiers")}</dt><dd>{identifiersOf(patient).map((value) => <code>{value} </code>)}</dd>
            </dl>
            {parts.map((part, i) => ((lists[i]?.length ?? 0) > 0 ? <Section part={part} rows={lists[i] ?? []} masks={masks} /> : null))}
            <p class="quiet">{say("nothing about")} {parts.filter((_, i) => !lists[i]?.length).map((part) => say(part.word).toLowerCase()).join(", ") || "–"}</p>
            <h2>{say("who read")} <small>{view.reads.length}</small></h2>
            <Table caption={say("who read")} rows={view.reads} columns={auditColumns()} />
          </>
        );
      }}
    </Waiting>
  );
}

interface HumanName {
  family?: string;
  given?: string[];
}

const identifiersOf = (r: Resource) => ((r.identifier as { value?: string }[]) ?? []).flatMap(({ value }) => (value ? [value] : []));
const nameOf = (r: Resource) => ((r.name as HumanName[]) ?? []).map((n) => `${n.family ?? ""} ${(n.given ?? []).join(" ")}`).join(", ") || r.id;

export function Patient({ id, session }: { id: string; session: Session }) {
  const [found, setFound] = useState<Resource[] | null>(null);
  const [identifier, setIdentifier] = useState("");
  const [system, setSystem] = useState("");
  const find = async () => setFound(resourcesOf(await search("Patient", { identifier: system ? `${system}|${identifier}` : identifier })));
  const own = session.role === "patient" ? (session.patient ?? "").replace("Patient/", "") : "";
  if (id || own) return <PatientRecord id={id || own} />;
  return (
    <>
      <form class="filters" onSubmit={(e) => { e.preventDefault(); void find(); }}>
        <label>{say("identifier")}<input value={identifier} autocomplete="off" onInput={(e) => setIdentifier(e.currentTarget.value)} /></label>
        <label>{say("system")}<input value={system} autocomplete="off" onInput={(e) => setSystem(e.currentTarget.value)} /></label>
        <button class="first" disabled={!identifier}>{say("search")}</button>
      </form>
      <p class="quiet">{say("search help")}</p>
      {found && (
        <Table
          caption={say("patient")}
          rows={found}
          columns={[
            { name: say("name"), cell: (r) => <a href={`#/patient/${r.id}`}>{nameOf(r)}</a> },
            { name: say("born"), cell: (r) => when(r.birthDate as string) },
          ]}
        />
      )}
    </>
  );
}
