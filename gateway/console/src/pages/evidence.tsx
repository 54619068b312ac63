// Evidence: requirement by message by verdict, beside the version before; how far the chain holds.

import { useState } from "preact/hooks";
import type { ComponentChildren } from "preact";
import { download, get, post } from "../api";
import { useAttempt } from "../parts/attempt";
import { Badge, Verdict } from "../parts/badge";
import { Trouble, useLoaded, Waiting } from "../parts/load";
import { Table } from "../parts/table";
import { go, type Query } from "../route";
import { say, sayMeans, sayWeight, when } from "../words";
import { Grant, Labels, type Label } from "./labels";

export interface Row {
  requirement: string;
  verdict: string;
  before: string | null;
  sentence?: string;
  weight?: string;
  means?: string; // what decides it
  verdicts: string[];
}
export interface Matrix {
  verified: number;
  broken: string | null;
  head: string | null;
  time: string | null;
  clock_set_back: boolean;
  products: { product: string; versions: string[] }[];
  product: string;
  version: string;
  previous: string | null;
  inputs: { run: string; sha256: string; suite: string; time: string }[];
  rows: Row[];
  labels?: Label[];
}
interface Replayed {
  inputs: {
    sha256: string;
    kept: boolean;
    altered: boolean; // since the run: it is no evidence any more
    same?: number;
    other_tables?: boolean;
    undecided?: Otherwise[]; // decided in one of both only
    different?: Otherwise[];
  }[];
}
interface Otherwise {
  requirement: string;
  before: string;
  now: string;
  why: string | null; // where it fails now, or what is missing to decide it
}

const shows = ["concerned", "all", "changed", "undone", "by a person"] as const;
const takes: Record<string, (row: Row) => boolean> = {
  concerned: (row) => row.verdict !== "N-A",
  all: () => true,
  changed: (row) => row.before !== null && row.before !== row.verdict,
  undone: (row) => row.verdict === "FAIL" || row.verdict === "WARN" || row.verdict === "INDETERMINATE",
  "by a person": (row) => row.verdict === "MANUAL",
};

function Chain({ matrix, takes }: { matrix: Matrix; takes: boolean }) {
  return (
    <section class="card">
      <h2>{matrix.broken ? <Badge kind="FAIL">{say("chain broken")}</Badge> : <Badge kind="good">{say("verified", matrix.verified)}</Badge>}</h2>
      {matrix.broken && <p class="alert" role="alert">{say("verified", matrix.verified)}. {matrix.broken}</p>}
      {matrix.clock_set_back && <p class="quiet">{say("clock set back")}</p>}
      <dl class="facts">
        <dt>{say("last entry")}</dt><dd>{when(matrix.time)}</dd>
        <dt>{say("hash")}</dt><dd><code>{matrix.head}</code></dd>
      </dl>
      {takes && matrix.verified > 0 && (
        <p class="actions">
          <button onClick={() => void download("/api/evidence/archive", "passerelle-evidence.zip")}>{say("take evidence")}</button>
          <button onClick={() => void download(`/api/evidence/archive?${versionOf(matrix)}`, "passerelle-evidence.zip")}>{say("take version", matrix.product, matrix.version)}</button>
          <code class="quiet">passerelle label verify --data …</code>
        </p>
      )}
    </section>
  );
}

// Each verdict of the version asked again, of what its run kept.
function Replay({ matrix, children }: { matrix: Matrix; children: ComponentChildren }) {
  const [replayed, setReplayed] = useState<Replayed | null>(null);
  const { busy, error, run } = useAttempt();
  const numbers = new Map(matrix.inputs.map((input, i) => [input.sha256, i + 1]));
  const inputs = replayed?.inputs ?? [];
  const rows = (of: (input: Replayed["inputs"][number]) => Otherwise[] | undefined) =>
    inputs.flatMap((input) => (of(input) ?? []).map((one) => ({ ...one, sha256: input.sha256 })));
  const different = rows((input) => input.different), undecided = rows((input) => input.undecided);
  const sum = (of: (input: Replayed["inputs"][number]) => number) => inputs.reduce((all, input) => all + of(input), 0);
  const altered = sum((i) => Number(i.altered)), gone = sum((i) => Number(!i.kept && !i.altered));
  return (
    <>
      <p class="actions">
        <button disabled={busy} onClick={() => run(async () => setReplayed(await post<Replayed>(`/api/evidence/replay?${versionOf(matrix)}`)))}>{say("replay verdicts")}</button>
        {children}
        {replayed && (
          <span role="status" class={different.length + altered > 0 ? "alert" : "told"}>
            {say("verdicts replayed", sum((i) => i.same ?? 0), different.length, undecided.length)}
            {inputs.some((input) => input.other_tables) && ` ${say("other tables")}`}
            {altered > 0 && ` ${say("input altered", altered)}`}
            {gone > 0 && ` ${say("input gone", gone)}`}
          </span>
        )}
      </p>
      {error && <Trouble error={error} />}
      {different.length + undecided.length > 0 && (
        <Table caption={say("replay verdicts")} rows={[...different, ...undecided]} columns={[
          { name: say("requirement"), cell: (d) => <strong>{d.requirement}</strong> },
          { name: say("message"), cell: (d) => numbers.get(d.sha256), class: "number" },
          { name: say("before"), cell: (d) => <Verdict verdict={d.before} /> },
          { name: say("after"), cell: (d) => <Verdict verdict={d.now} /> },
          { name: say("cause"), cell: (d) => d.why },
        ]} />
      )}
    </>
  );
}

// A verdict leads to the run, at the place in the message that it speaks of.
function Judged({ row, input, verdict }: { row: Row; input: Matrix["inputs"][number]; verdict: string | undefined }) {
  if (!verdict) return <>–</>;
  const place = new URLSearchParams({ requirement: row.requirement, input: input.sha256 });
  return <a class="plain" href={`#/run/${input.run}?${place}`}><Verdict verdict={verdict} /></a>;
}

const versionOf = ({ product, version }: { product: string; version: string }) => new URLSearchParams({ product, version }).toString();

export function Evidence({ query, role }: { query: Query; role: string }) {
  const wanted = new URLSearchParams({ product: query.product ?? "", version: query.version ?? "" });
  const loaded = useLoaded(`evidence ${wanted}`, () => get<Matrix>(`/api/evidence?${wanted}`));
  const mayJudge = role !== "vendor";
  const show = query.show ?? "concerned";
  const choose = (more: Query) => go("evidence", Object.fromEntries(Object.entries({ ...query, ...more }).filter(([, v]) => v)));
  return (
    <Waiting loaded={loaded}>
      {(matrix) => (
        <>
          <Chain matrix={matrix} takes={mayJudge} />
          {matrix.products.length === 0 ? <p class="empty">{say("evidence help")}</p> : (
            <>
              <form class="filters" onSubmit={(e) => e.preventDefault()}>
                <label>{say("product")}<select value={matrix.product} onChange={(e) => choose({ product: e.currentTarget.value, version: "" })}>{matrix.products.map((p) => <option>{p.product}</option>)}</select></label>
                <label>{say("version")}<select value={matrix.version} onChange={(e) => choose({ product: matrix.product, version: e.currentTarget.value })}>{matrix.products.find((p) => p.product === matrix.product)?.versions.map((v) => <option>{v}</option>)}</select></label>
                <label>{say("show")}<select value={show} onChange={(e) => choose({ show: e.currentTarget.value })}>{shows.map((s) => <option value={s}>{say(s)}</option>)}</select></label>
              </form>
              <p class="quiet">{matrix.previous ? say("compared", matrix.previous, matrix.rows.filter(takes.changed!).length) : say("no version before")}</p>
              <Table
                caption={say("evidence")}
                rows={matrix.rows.filter(takes[show] ?? takes.all!)}
                columns={[
                  { name: say("requirement"), cell: (r) => <strong class="nowrap">{r.requirement}</strong> },
                  { name: say("text"), cell: (r) => <>{r.sentence} <small class="quiet">{sayWeight(r.weight ?? "")}</small></> },
                  { name: say("test"), cell: (r) => <span class="quiet">{sayMeans(r.means ?? "")}</span> },
                  { name: say("verdict"), cell: (r) => <Verdict verdict={r.verdict} /> },
                  ...(matrix.previous ? [{ name: matrix.previous, cell: (r: Row) => (r.before === null ? "–" : r.before === r.verdict ? <span class="quiet nowrap">{say("the same")}</span> : <Verdict verdict={r.before} />) }] : []),
                  ...matrix.inputs.map((input, i) => ({ name: `${say("message")} ${i + 1}`, cell: (r: Row) => <Judged row={r} input={input} verdict={r.verdicts[i]} /> })),
                ]}
              />
              <Replay key={versionOf(matrix)} matrix={matrix}>{mayJudge && <Grant matrix={matrix} granted={loaded.again} />}</Replay>
              <h2>{say("messages")}</h2>
              <Table
                caption={say("messages")}
                rows={matrix.inputs.map((input, i) => ({ ...input, number: i + 1 }))}
                columns={[
                  { name: "№", cell: (i) => i.number, class: "number" },
                  { name: say("time"), cell: (i) => when(i.time), class: "nowrap" },
                  { name: say("suite"), cell: (i) => i.suite },
                  { name: say("bench run"), cell: (i) => <a href={`#/run/${i.run}`}>{i.run}</a> },
                  { name: say("hash"), cell: (i) => <button class="link" onClick={() => void download(`/api/bench/runs/${i.run}/inputs/${i.sha256}`, i.sha256)}><code>{i.sha256}</code></button> },
                ]}
              />
            </>
          )}
          {matrix.labels && matrix.labels.length > 0 && <Labels labels={matrix.labels} revoked={loaded.again} />}
        </>
      )}
    </Waiting>
  );
}
