// The record as the patient would see it. Searching goes by POST, so that no identifier stands in an address.

import { useState } from "preact/hooks";
import { get, post, type AuditRow, type Bundle, type Resource, type Session } from "../api";
import { useLoaded, Waiting } from "../parts/load";
import { Curve } from "../parts/curve";
import { Table } from "../parts/table";
import { say, when, type Word } from "../words";
import { auditColumns } from "./access";

const search = (type: string, parameters: Record<string, string>) =>
  post<Bundle>(`/fhir/${type}/_search`, new URLSearchParams(parameters).toString(), "application/x-www-form-urlencoded");

const resourcesOf = (bundle: Bundle) => (bundle.entry ?? []).flatMap((entry) => (entry.resource ? [entry.resource] : []));

interface Concept {
  text?: string;
  coding?: { display?: string; code?: string }[];
}
function conceptText(concept: unknown): string {
  const { text, coding } = (concept ?? {}) as Concept;
  return text ?? coding?.find((c) => c.display)?.display ?? coding?.[0]?.code ?? "";
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

// What each part of the record lists: its resource type, where its name and its date stand.
const parts: { word: Word; type: string; name: (r: Resource) => string; date: (r: Resource) => unknown }[] = [
  { word: "documents", type: "DocumentReference", name: (r) => conceptText(r.type) || String(r.description ?? ""), date: (r) => r.date },
  { word: "results", type: "Observation", name: (r) => conceptText(r.code), date: (r) => r.effectiveDateTime },
  { word: "medications", type: "MedicationRequest", name: (r) => conceptText(r.medicationCodeableConcept), date: (r) => r.authoredOn },
  { word: "allergies", type: "AllergyIntolerance", name: (r) => conceptText(r.code), date: (r) => r.onsetDateTime ?? r.recordedDate },
  { word: "conditions", type: "Condition", name: (r) => conceptText(r.code), date: (r) => r.onsetDateTime ?? r.recordedDate },
  { word: "immunizations", type: "Immunization", name: (r) => conceptText(r.vaccineCode), date: (r) => r.occurrenceDateTime },
  { word: "family history", type: "FamilyMemberHistory", name: (r) => conceptText(r.relationship), date: (r) => r.date },
];

// Results of one kind in the order of time, where there are at least two numbers.
function curves(observations: Resource[]): { name: string; points: { at: number; value: number }[] }[] {
  const series = new Map<string, { at: number; value: number }[]>();
  for (const one of observations) {
    const quantity = one.valueQuantity as Quantity | undefined;
    const at = Date.parse(String(one.effectiveDateTime ?? ""));
    if (quantity?.value === undefined || Number.isNaN(at)) continue;
    const name = `${conceptText(one.code)} (${quantity.unit ?? ""})`;
    series.set(name, [...(series.get(name) ?? []), { at, value: Number(quantity.value) }]);
  }
  return [...series].filter(([, points]) => points.length > 1).map(([name, points]) => ({ name, points: points.sort((a, b) => a.at - b.at) }));
}

interface PatientView {
  masks: { document: string; hidden_from: string[] }[];
  reads: AuditRow[];
}
const readers: Record<string, Word> = { professional: "professionals", patient: "the patient", representative: "representatives" };
const referenceOf = (r: Resource) => `${r.resourceType}/${r.id ?? ""}`;

function Section({ part, rows, masks }: { part: (typeof parts)[number]; rows: Resource[]; masks: Map<string, string[]> }) {
  const masked = rows.some((r) => masks.has(referenceOf(r)));
  return (
    <section>
      <h2>{say(part.word)} <small>{rows.length}</small></h2>
      <Table
        caption={say(part.word)}
        rows={rows}
        columns={[
          { name: say("title"), cell: (r) => <strong>{part.name(r)}</strong> },
          { name: say("value"), cell: valueText },
          { name: say("date"), cell: (r) => when(part.date(r) as string), class: "nowrap" },
          { name: say("status"), cell: (r) => String(r.status ?? "") },
          ...(masked ? [{ name: say("masked from"), cell: (r: Resource) => (masks.get(referenceOf(r)) ?? []).map((reader) => (readers[reader] ? say(readers[reader]) : reader)).join(", ") }] : []),
        ]}
      />
    </section>
  );
}

function PatientRecord({ id }: { id: string }) {
  const loaded = useLoaded(`record ${id}`, async () => {
    const [patient, view, ...bundles] = await Promise.all([
      get<Resource>(`/fhir/Patient/${id}`), get<PatientView>(`/api/patients/${id}`),
      ...parts.map((part) => search(part.type, { patient: `Patient/${id}`, _count: "100" })),
    ]);
    return { patient, view, lists: bundles.map(resourcesOf) };
  });
  return (
    <Waiting loaded={loaded}>
      {({ patient, view, lists }) => {
        const masks = new Map(view.masks.map((mask) => [mask.document, mask.hidden_from]));
        const drawn = curves(lists[1] ?? []);
        return (
          <>
            <dl class="facts">
              <dt>{say("name")}</dt><dd><strong>{nameOf(patient)}</strong></dd>
              <dt>{say("born")}</dt><dd>{String(patient.birthDate ?? "–")}</dd>
            </dl>
            {drawn.length > 0 && <h2>{say("curves")}</h2>}
            <div class="curves">{drawn.map((curve) => <Curve name={curve.name} points={curve.points} />)}</div>
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
            { name: say("born"), cell: (r) => String(r.birthDate ?? "") },
          ]}
        />
      )}
    </>
  );
}
