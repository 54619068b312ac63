// Evidence: requirement by message by verdict, beside the version before; how far the chain holds.

import { download, get } from "../api";
import { Badge, Verdict } from "../parts/badge";
import { useLoaded, Waiting } from "../parts/load";
import { Table } from "../parts/table";
import { go, type Query } from "../route";
import { say, when } from "../words";

interface Row {
  requirement: string;
  verdict: string;
  before: string | null;
  sentence?: string;
  weight?: string;
  verdicts: string[];
}
interface Matrix {
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
  labels?: { file: string; product?: string; version?: string; suite?: string; granted?: string; expires?: string; broken: string | null }[];
}

const shows = ["concerned", "all", "changed", "undone"] as const;
const takes: Record<string, (row: Row) => boolean> = {
  concerned: (row) => row.verdict !== "N-A",
  all: () => true,
  changed: (row) => row.before !== null && row.before !== row.verdict,
  undone: (row) => row.verdict === "FAIL" || row.verdict === "WARN" || row.verdict === "INDETERMINATE",
};

function Chain({ matrix }: { matrix: Matrix }) {
  return (
    <section class="card">
      <h2>{matrix.broken ? <Badge kind="FAIL">{say("chain broken")}</Badge> : <Badge kind="good">{say("verified", matrix.verified)}</Badge>}</h2>
      {matrix.broken && <p class="alert" role="alert">{say("verified", matrix.verified)}. {matrix.broken}</p>}
      {matrix.clock_set_back && <p class="quiet">{say("clock set back")}</p>}
      <dl class="facts">
        <dt>{say("last entry")}</dt><dd>{when(matrix.time)}</dd>
        <dt>{say("hash")}</dt><dd><code>{matrix.head}</code></dd>
      </dl>
      <p><code class="quiet">passerelle label verify --data …</code></p>
    </section>
  );
}

export function Evidence({ query }: { query: Query }) {
  const wanted = new URLSearchParams({ product: query.product ?? "", version: query.version ?? "" });
  const loaded = useLoaded(`evidence ${wanted}`, () => get<Matrix>(`/api/evidence?${wanted}`));
  const show = query.show ?? "concerned";
  const choose = (more: Query) => go("evidence", Object.fromEntries(Object.entries({ ...query, ...more }).filter(([, v]) => v)));
  return (
    <Waiting loaded={loaded}>
      {(matrix) => (
        <>
          <Chain matrix={matrix} />
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
                  { name: say("text"), cell: (r) => <>{r.sentence} <small class="quiet">{r.weight}</small></> },
                  { name: say("verdict"), cell: (r) => <Verdict verdict={r.verdict} /> },
                  ...(matrix.previous ? [{ name: matrix.previous, cell: (r: Row) => (r.before === null ? "–" : r.before === r.verdict ? <span class="quiet">{say("the same")}</span> : <Verdict verdict={r.before} />) }] : []),
                  ...matrix.inputs.map((input, i) => ({ name: `${say("message")} ${i + 1}`, cell: (r: Row) => (r.verdicts[i] ? <Verdict verdict={r.verdicts[i]!} /> : "–") })),
                ]}
              />
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
          {matrix.labels && matrix.labels.length > 0 && (
            <>
              <h2>{say("labels")}</h2>
              <Table
                caption={say("labels")}
                rows={matrix.labels}
                columns={[
                  { name: say("product"), cell: (l) => `${l.product ?? l.file} ${l.version ?? ""}` },
                  { name: say("suite"), cell: (l) => l.suite },
                  { name: say("granted"), cell: (l) => l.granted },
                  { name: say("expires"), cell: (l) => l.expires ?? "–" },
                  { name: say("state"), cell: (l) => (l.broken ? <Badge kind="FAIL">{l.broken}</Badge> : <Badge kind="good">{say("holds")}</Badge>) },
                ]}
              />
            </>
          )}
        </>
      )}
    </Waiting>
  );
}
