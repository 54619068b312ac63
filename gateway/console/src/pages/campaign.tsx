// The campaign: two years of labelling as figures and charts, each marked by where it comes from and leading to the runs
// behind it.

import { useEffect, useState } from "preact/hooks";
import { get, post } from "../api";
import { useAttempt } from "../parts/attempt";
import { Mark } from "../parts/badge";
import { Chart, tidy, type Series } from "../parts/chart";
import { Trouble, useLoaded, Waiting } from "../parts/load";
import { Table } from "../parts/table";
import { go, type Query } from "../route";
import { say, sayDossier, sayEvent, when, type Word } from "../words";
import type { ComponentChildren } from "preact";

interface Figure {
  name: string;
  value: string;
  mark: string;
  source: string;
  behind?: string; // which events it counts
}
interface Figures {
  running: { week?: number; weeks?: number; seed?: number; error?: string } | null;
  seed?: number;
  log_sha256?: string;
  products: number;
  bench_runs: number;
  field_messages: number;
  weeks: string[];
  series: Record<string, number[]>;
  kinds: { id: string; name: string; products: number; labelled: number[] }[];
  survival: [number, number][];
  top_failing: { requirement: string; runs: number }[];
  indicators: Figure[];
  residuals: Figure[];
  inputs: Figure[];
}
interface CampaignEvent {
  week: number;
  product?: string;
  couloir?: string;
  version?: number;
  event: string;
  from?: string;
  to?: string;
  answer?: string;
  run?: string;
  failed?: string[];
}

function Graph({ title, mark, children }: { title: string; mark: string; children: ComponentChildren }) {
  return <figure><figcaption>{title} <Mark mark={mark} /></figcaption>{children}</figure>;
}

// The share without a label at each whole week.
function survivalByWeek(pairs: [number, number][]): number[] {
  const last = pairs.at(-1)?.[0] ?? 0;
  let share = 1;
  let at = 0;
  return Array.from({ length: last + 1 }, (_, week) => {
    for (; at < pairs.length && pairs[at]![0] <= week; at++) share = pairs[at]![1];
    return share;
  });
}

const overTime: { word: Word; series: string; mark: string; event?: string }[] = [
  { word: "bench runs failed", series: "failed_runs", mark: "run" },
  { word: "refused in the field", series: "field_refused", mark: "run", event: "refused in the field" },
  { word: "documents fed", series: "documents_millions", mark: "model" },
];

function Charts({ figures }: { figures: Figures }) {
  const { series } = figures;
  const weeks = figures.weeks.map(when);
  const week = (more: Query) => (step: number) => go("campaign", { week: String(step), ...more });
  const fed = weeks.map((_, i) => {
    const all = (series.sites_fed?.[i] ?? 0) + (series.sites_silent?.[i] ?? 0);
    return all > 0 ? (series.sites_fed?.[i] ?? 0) / all : 0;
  });
  const survival = survivalByWeek(figures.survival);
  const labelled: Series[] = [{ name: say("labelled"), values: series.labelled ?? [] }, { name: say("open dossiers"), values: series.open ?? [], other: true }];
  const byKind: Series[] = figures.kinds.map((kind) => ({ name: kind.name, values: kind.labelled.map((n) => n / kind.products), tag: kind.id }));
  return (
    <div class="charts">
      <Graph title={say("labels over time")} mark="run"><Chart label={say("labels over time")} steps={weeks} series={labelled} pick={week({ event: "grant" })} /></Graph>
      <Graph title={say("share by kind")} mark="run">
        <Chart label={say("share by kind")} steps={weeks} series={byKind} top={1} percent pick={week({ event: "grant" })} />
      </Graph>
      <Graph title={say("survival")} mark="run">
        <Chart label={say("survival")} steps={survival.map((_, i) => say("week", i))} series={[{ name: say("without a label"), values: survival }]} top={1} percent stairs pick={() => go("campaign", { event: "grant" })} />
      </Graph>
      {overTime.map(({ word, series: name, mark, event }) => (
        <Graph title={say(word)} mark={mark}><Chart label={say(word)} steps={weeks} series={[{ name: "", values: series[name] ?? [] }]} pick={week(event ? { event } : {})} /></Graph>
      ))}
      <Graph title={say("share fed")} mark="model"><Chart label={say("share fed")} steps={weeks} series={[{ name: "", values: fed }]} top={1} percent pick={week({})} /></Graph>
    </div>
  );
}

const figureColumns = () => [
  { name: say("figure"), cell: (f: Figure) => f.name },
  { name: say("value"), cell: (f: Figure) => (f.behind ? <a href={`#/campaign?${f.behind}`}><strong>{f.value}</strong></a> : <strong>{f.value}</strong>) },
  { name: say("origin"), cell: (f: Figure) => <Mark mark={f.mark} /> },
  { name: say("source of it"), cell: (f: Figure) => <span class="quiet">{f.source}</span> },
];

function Runs({ query }: { query: Query }) {
  const search = new URLSearchParams(query);
  const loaded = useLoaded(`campaign events ${search}`, () => get<{ events: CampaignEvent[]; total: number }>(`/api/campaign/events?${search}`));
  const about = [query.week && say("week", query.week), query.event && sayEvent(query.event), query.requirement, query.product, query.couloir].filter(Boolean).join(", ");
  return (
    <section aria-label={say("runs behind")}>
      <p><a href="#/campaign">{say("back to figures")}</a></p>
      <Waiting loaded={loaded}>
        {({ events, total }) => (
          <>
            <h2>{about} <small>{total}</small></h2>
            <Table
              caption={say("runs behind")}
              rows={events}
              columns={[
                { name: say("week word"), cell: (e) => e.week, class: "number" },
                { name: say("product"), cell: (e) => <a href={`#/campaign?product=${e.product ?? ""}`}>{e.product}</a> },
                { name: say("kind"), cell: (e) => e.couloir },
                { name: say("version"), cell: (e) => e.version, class: "number" },
                { name: say("event"), cell: (e) => sayEvent(e.event) },
                { name: say("state"), cell: (e) => e.answer ?? (e.to ? <span>{sayDossier(e.from ?? "")} → {sayDossier(e.to)}</span> : "") },
                { name: say("failed"), cell: (e) => e.failed?.map((id) => <><a href={`#/campaign?requirement=${id}`}>{id}</a> </>) },
                { name: say("bench run"), cell: (e) => <code>{e.run}</code> },
              ]}
            />
          </>
        )}
      </Waiting>
    </section>
  );
}

// Starting a campaign, and how far the one that runs has come.
function Start({ running, begun }: { running: Figures["running"]; begun: () => void }) {
  const [order, setOrder] = useState({ weeks: 104, seed: 1 });
  const { busy, error, run } = useAttempt();
  const field = (name: keyof typeof order, least: number, most: number) => (
    <label>{say(name === "weeks" ? "weeks" : "seed word")}<input type="number" required min={least} max={most} value={order[name]} onInput={(e) => setOrder({ ...order, [name]: e.currentTarget.valueAsNumber })} /></label>
  );
  if (running?.weeks !== undefined)
    return (
      <section class="card">
        <p role="status">{say("campaign runs", running.week ?? 0, running.weeks, running.seed ?? 0)}</p>
        <progress aria-label={say("campaign")} max={running.weeks} value={running.week ?? 0} />
      </section>
    );
  return (
    <section class="card">
      <h2>{say("start campaign")}</h2>
      <p class="quiet">{say("start campaign help")}</p>
      {running?.error && <p role="alert" class="alert">{running.error}</p>}
      <form class="filters" onSubmit={(e) => { e.preventDefault(); run(() => post("/api/campaign", JSON.stringify(order)).then(begun)); }}>
        {field("weeks", 1, 520)}
        {field("seed", 0, 1e9)}
        <button class="first" disabled={busy || !order.weeks}>{say("start")}</button>
      </form>
      {error && <Trouble error={error} />}
    </section>
  );
}

export function Campaign({ query }: { query: Query }) {
  const [follows, setFollows] = useState(false);
  const loaded = useLoaded("campaign", () => get<Figures>("/api/campaign"), follows ? 2 : 0);
  const isRunning = loaded.value?.running?.weeks !== undefined;
  useEffect(() => setFollows(isRunning), [isRunning]);
  if (Object.keys(query).length > 0) return <Runs query={query} />;
  return (
    <Waiting loaded={loaded}>
      {(figures) => (figures.weeks.length === 0 ? <><Start running={figures.running} begun={loaded.again} /><p class="empty">{say("campaign help")}</p></> : (
        <>
          <p>{say("campaign says", figures.products, figures.bench_runs, figures.field_messages)}</p>
          <p class="quiet">{say("marks")} <Mark mark="fact" /> {say("fact help")}, <Mark mark="fit" /> {say("fit help")}, <Mark mark="model" /> {say("model help")}, <Mark mark="run" /> {say("counted help")}.</p>
          <Charts figures={figures} />
          <div class="two">
            <section>
              <h2>{say("by kind")} <Mark mark="run" /></h2>
              <Table caption={say("by kind")} rows={figures.kinds} columns={[
                { name: say("kind"), cell: (k) => <a href={`#/campaign?event=grant&couloir=${k.id}`}>{k.name}</a> },
                { name: say("labelled"), cell: (k) => `${k.labelled.at(-1) ?? 0} / ${k.products}`, class: "number" },
                { name: say("share"), cell: (k) => <div class="bar" title={`${k.labelled.at(-1) ?? 0} / ${k.products}`}><span class="fed" style={{ width: `${((k.labelled.at(-1) ?? 0) / k.products) * 100}%` }} /></div> },
              ]} />
            </section>
            <section>
              <h2>{say("fails most")} <Mark mark="run" /></h2>
              <Table caption={say("fails most")} rows={figures.top_failing.slice(0, 10)} columns={[
                { name: say("requirement"), cell: (r) => <a href={`#/campaign?requirement=${r.requirement}`}>{r.requirement}</a> },
                { name: say("runs"), cell: (r) => tidy(r.runs), class: "number" },
              ]} />
            </section>
          </div>
          <h2>{say("indicators")}</h2>
          <Table caption={say("indicators")} rows={figures.indicators} columns={figureColumns()} />
          <h2>{say("how well")}</h2>
          <Table caption={say("how well")} rows={figures.residuals} columns={figureColumns()} />
          <h2>{say("went in")}</h2>
          <Table caption={say("went in")} rows={figures.inputs} columns={figureColumns()} />
          <p class="quiet">{say("seed", figures.seed ?? 0)} <code>{figures.log_sha256}</code></p>
          <Start running={figures.running} begun={loaded.again} />
        </>
      ))}
    </Waiting>
  );
}
