// The bench: choose what is examined, get where to send; the runs there were.

import { useState } from "preact/hooks";
import { ApiError, get, post } from "../api";
import { VerdictBar, sayVerdict, verdicts } from "../parts/badge";
import { Trouble, useLoaded, Waiting } from "../parts/load";
import { Table } from "../parts/table";
import { go } from "../route";
import { say, when } from "../words";

export interface RunSummary {
  id: string;
  product: string;
  version: string;
  suite: string;
  owner: string;
  began: string;
  ended: string | null;
  message_count: number;
  counts: Record<string, number>;
}
interface Overview {
  suites: { id: string; title: string; requirements: number }[];
  runs: RunSummary[];
}

export const sayCounts = (counts: Record<string, number>) =>
  verdicts.filter((verdict) => counts[verdict] && verdict !== "N-A").map((verdict) => `${counts[verdict]} ${sayVerdict(verdict)}`).join(", ");

function Begin({ suites }: { suites: Overview["suites"] }) {
  const [order, setOrder] = useState({ product: "", version: "", suite: "" });
  const [error, setError] = useState<ApiError | null>(null);
  const [busy, setBusy] = useState(false);
  const field = (name: "product" | "version") => (
    <label>{say(name)}<input required value={order[name]} onInput={(e) => setOrder({ ...order, [name]: e.currentTarget.value })} /></label>
  );
  const begin = async () => {
    setBusy(true);
    setError(null);
    try {
      const run = await post<RunSummary>("/api/bench/runs", JSON.stringify({ ...order, suite: order.suite || suites[0]?.id }));
      go(`run/${run.id}`);
    } catch (reason) {
      setError(reason instanceof ApiError ? reason : new ApiError(500, String(reason)));
      setBusy(false);
    }
  };
  return (
    <section class="card">
      <h2>{say("begin a run")}</h2>
      <p class="quiet">{say("bench help")}</p>
      <form class="filters" onSubmit={(e) => { e.preventDefault(); void begin(); }}>
        {field("product")}
        {field("version")}
        <label>
          {say("suite")}
          <select value={order.suite || suites[0]?.id} onChange={(e) => setOrder({ ...order, suite: e.currentTarget.value })}>
            {suites.map((suite) => <option value={suite.id}>{suite.title} ({suite.requirements})</option>)}
          </select>
        </label>
        <button class="first" disabled={busy || !order.product || !order.version}>{say("open")}</button>
      </form>
      {error && <Trouble error={error} />}
    </section>
  );
}

export function Bench() {
  const loaded = useLoaded("bench", () => get<Overview>("/api/bench"), 5);
  return (
    <Waiting loaded={loaded}>
      {({ suites, runs }) => (
        <>
          <Begin suites={suites} />
          <h2>{say("runs")} <small>{runs.length}</small></h2>
          <Table
            caption={say("runs")}
            rows={runs}
            columns={[
              { name: say("product"), cell: (r) => <a href={`#/run/${r.id}`}>{r.product} {r.version}</a> },
              { name: say("suite"), cell: (r) => r.suite },
              { name: say("begun"), cell: (r) => when(r.began), class: "nowrap" },
              { name: say("state"), cell: (r) => (r.ended ? say("closed") : <strong>{say("open now")}</strong>) },
              { name: say("messages"), cell: (r) => r.message_count, class: "number" },
              { name: say("verdict"), cell: (r) => <><VerdictBar counts={r.counts} /><small class="quiet">{sayCounts(r.counts)}</small></> },
              { name: say("by"), cell: (r) => r.owner },
            ]}
          />
        </>
      )}
    </Waiting>
  );
}
