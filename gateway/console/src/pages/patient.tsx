// The record as the patient would see it. Searching goes by POST, so that no identifier stands in an address.

import { useState } from "preact/hooks";
import { get, post, type Bundle, type Resource } from "../api";
import { useLoaded, Waiting } from "../parts/load";
import { Curve } from "../parts/curve";
import { Table } from "../parts/table";
import { say, when, type Word } from "../words";

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

interface AuditRow {
  at: string;
  who: string;
  action: string;
  resource: string;
  purpose: string;
}

function PatientRecord({ id }: { id: string }) {
  const loaded = useLoaded(`record ${id}`, async () => {
    const bundles = await Promise.all(parts.map((part) => search(part.type, { patient: `Patient/${id}`, _count: "100" })));
    return bundles.map(resourcesOf);
  });
  const audit = useLoaded(`audit ${id}`, () => get<{ entries: AuditRow[] }>(`/api/audit?patient=${id}`));
  return (
    <>
      <Waiting loaded={loaded}>
        {(lists) => (
          <>
            {curves(lists[1] ?? []).map((curve) => <Curve name={curve.name} points={curve.points} />)}
            {parts.map((part, i) => (
              <section>
                <h3>{say(part.word)} <small class="quiet">{lists[i]?.length ?? 0}</small></h3>
                <Table
                  caption={say(part.word)}
                  rows={lists[i] ?? []}
                  columns={[
                    { name: say("title"), cell: part.name },
                    { name: say("value"), cell: valueText },
                    { name: say("date"), cell: (r) => when(part.date(r) as string) },
                    { name: say("status"), cell: (r) => String(r.status ?? "") },
                  ]}
                />
              </section>
            ))}
          </>
        )}
      </Waiting>
      <h3>{say("who read")}</h3>
      <Waiting loaded={audit}>
        {(page) => (
          <Table
            caption={say("who read")}
            rows={page.entries}
            columns={[
              { name: say("time"), cell: (a) => when(a.at) },
              { name: say("who"), cell: (a) => a.who },
              { name: say("action"), cell: (a) => a.action },
              { name: say("resource"), cell: (a) => <code>{a.resource}</code> },
              { name: say("purpose"), cell: (a) => a.purpose },
            ]}
          />
        )}
      </Waiting>
    </>
  );
}

interface HumanName {
  family?: string;
  given?: string[];
}

export function Patient({ id }: { id: string }) {
  const [found, setFound] = useState<Resource[] | null>(null);
  const [identifier, setIdentifier] = useState("");
  const [system, setSystem] = useState("");
  const find = async () => setFound(resourcesOf(await search("Patient", { identifier: system ? `${system}|${identifier}` : identifier })));
  if (id) return <PatientRecord id={id} />;
  return (
    <>
      <form class="filters" onSubmit={(e) => { e.preventDefault(); void find(); }}>
        <label>{say("identifier")}<input value={identifier} autocomplete="off" onInput={(e) => setIdentifier(e.currentTarget.value)} /></label>
        <label>{say("system")}<input value={system} autocomplete="off" onInput={(e) => setSystem(e.currentTarget.value)} /></label>
        <button disabled={!identifier}>{say("search")}</button>
      </form>
      <p class="quiet">{say("search help")}</p>
      {found && (
        <Table
          caption={say("patient")}
          rows={found}
          columns={[
            { name: say("name"), cell: (r) => <a href={`#/patient/${r.id}`}>{((r.name as HumanName[]) ?? []).map((n) => `${n.family ?? ""} ${(n.given ?? []).join(" ")}`).join(", ") || r.id}</a> },
            { name: say("born"), cell: (r) => String(r.birthDate ?? "") },
          ]}
        />
      )}
    </>
  );
}
