// The bench: choose what is examined, get where to send; the runs there were.

import { useState } from "preact/hooks";
import { get, post } from "../api";
import { useAttempt } from "../parts/attempt";
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
// What a scenario wants to be sent, in order, and what it expects of each.
export interface Scenario {
  id: string;
  suite: string;
  title: string;
  steps: { file: string; given: boolean; ack: string[]; deliveries: number | null; within_seconds: number }[];
}
interface Overview {
  suites: { id: string; title: string; requirements: number }[];
  scenarios: Scenario[];
  runs: RunSummary[];
}

export const sayCounts = (counts: Record<string, number>) =>
  verdicts.filter((verdict) => counts[verdict] && verdict !== "N-A").map((verdict) => `${sayVerdict(verdict)} ${counts[verdict]}`).join(" · ");

function Begin({ suites, scenarios }: Overview) {
  const [order, setOrder] = useState({ product: "", version: "", suite: "", scenario: "" });
  const { busy, error, run } = useAttempt();
  const suite = order.suite || suites[0]?.id;
  const field = (name: "product" | "version") => (
    <label>{say(name)}<input required value={order[name]} onInput={(e) => setOrder({ ...order, [name]: e.currentTarget.value })} /></label>
  );
  const begin = async () => go(`run/${(await post<RunSummary>("/api/bench/runs", JSON.stringify({ ...order, suite }))).id}`);
  return (
    <section class="card">
      <h2>{say("begin a run")}</h2>
      <p class="quiet">{say("bench help")}</p>
      <form class="filters" onSubmit={(e) => { e.preventDefault(); run(begin); }}>
        {field("product")}
        {field("version")}
        <label>
          {say("suite")}
          <select value={suite} onChange={(e) => setOrder({ ...order, suite: e.currentTarget.value, scenario: "" })}>
            {suites.map((suite) => <option value={suite.id}>{suite.title} ({suite.requirements})</option>)}
          </select>
        </label>
        <label>
          {say("scenario")}
          <select value={order.scenario} onChange={(e) => setOrder({ ...order, scenario: e.currentTarget.value })}>
            <option value="">{say("no scenario")}</option>
            {scenarios.filter((one) => one.suite === suite).map((one) => <option value={one.id}>{one.title}</option>)}
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
      {(overview) => (
        <>
          <Begin {...overview} />
          <h2>{say("runs")} <small>{overview.runs.length}</small></h2>
          <Table
            caption={say("runs")}
            rows={overview.runs}
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
