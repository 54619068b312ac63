// Now: one sentence on what to do, then each way in and out, what needs somebody first.

import { useEffect, useRef, useState } from "preact/hooks";
import { get, type FeedStatus, type NowState } from "../api";
import { Badge } from "../parts/badge";
import { Spark } from "../parts/chart";
import { useEvents } from "../parts/follow";
import { useLoaded, Waiting } from "../parts/load";
import { Table } from "../parts/table";
import { ago, language, say, sayState } from "../words";

const refreshSeconds = 5;
const patienceMs = 5 * 60_000; // until a delivery that waits is worth a look

// What to do, the most urgent first; with where to do it.
function advice(now: NowState): { text: string; kind: string; page?: string } {
  const soon = [...now.feeds, ...now.targets].filter((f) => f.certificate_days !== null && f.certificate_days < 30);
  if (!now.ready) return { text: `${say("not ready")} ${now.reason ?? ""}`, kind: "error" };
  if (now.counts["deliveries.parked"] || now.counts["messages.parked"]) return { text: say("look at parked"), kind: "warning", page: "parked" };
  const waiting = now.targets.find((target) => target.owed && target.owed_since && Date.parse(now.at) - Date.parse(target.owed_since) > patienceMs);
  if (waiting) return { text: say("waits", waiting.name, waiting.owed ?? 0, ago(waiting.owed_since, now.at)), kind: "warning", page: "messages?state=stored" };
  if (soon[0]) return { text: say("certificate ends", soon[0].name, soon[0].certificate_days ?? 0), kind: "warning" };
  if (now.counts["messages.refused"]) return { text: say("look at refused"), kind: "warning", page: "messages?state=refused" };
  return { text: say("all is well"), kind: "good" };
}

const states = ["kept", "stored", "delivered", "withheld", "parked", "refused"];
const sum = (values: number[] | undefined) => (values ?? []).reduce((all, one) => all + one, 0);
const urgency = (f: FeedStatus) => (f.parked ?? 0) * 1e6 + (f.owed ?? 0) + ((f.certificate_days ?? 99) < 30 ? 1e9 : 0) + (f.authenticated ? 0 : 0.5);
const sorted = (all: FeedStatus[]) => [...all].sort((a, b) => urgency(b) - urgency(a));
const days = (f: FeedStatus) => (f.certificate_days === null ? "–" : f.certificate_days < 30 ? <Badge kind="error">{f.certificate_days}</Badge> : f.certificate_days);
const peer = (f: FeedStatus) => <Badge kind={f.authenticated ? "good" : "warning"}>{f.authenticated ? say("authenticated") : say("unauthenticated")}</Badge>;

function Feeds({ feeds }: { feeds: FeedStatus[] }) {
  return (
    <Table caption={say("feeds")} rows={sorted(feeds)} columns={[
      { name: say("name"), cell: (f) => <strong>{f.name}</strong> },
      { name: say("address"), cell: (f) => <code>{f.address}</code> },
      { name: say("peer"), cell: peer },
      { name: say("per minute"), cell: (f) => <>{f.per_second && <Spark values={f.per_second} label={say("per minute")} />} {sum(f.per_second)}</>, class: "number" },
      { name: say("p99"), cell: (f) => (f.p99_ms == null ? "–" : `≤ ${f.p99_ms.toLocaleString(language)} ms`), class: "number" },
      { name: say("connections"), cell: (f) => f.connections, class: "number" },
      { name: say("certificate days"), cell: days, class: "number" },
    ]} />
  );
}

function Targets({ targets, at }: { targets: FeedStatus[]; at: string }) {
  return (
    <Table caption={say("targets")} rows={sorted(targets)} columns={[
      { name: say("name"), cell: (f) => <strong>{f.name}</strong> },
      { name: say("address"), cell: (f) => <code>{f.kind} {f.address}</code> },
      { name: say("peer"), cell: peer },
      { name: say("backlog"), cell: (f) => f.owed ?? 0, class: "number" },
      { name: say("oldest"), cell: (f) => ago(f.owed_since, at), class: "number" },
      { name: say("parked"), cell: (f) => (f.parked ? <a href="#/parked"><Badge kind="parked">{f.parked}</Badge></a> : 0), class: "number" },
      { name: say("certificate days"), cell: days, class: "number" },
    ]} />
  );
}

export function Now() {
  const [away, setAway] = useState(false);
  const loaded = useLoaded("now", () => get<NowState>("/api/now"), refreshSeconds);
  const last = useRef(0);
  // A flood of messages is looked at once a second.
  useEvents("/api/events", () => {
    if (Date.now() - last.current < 1000) return;
    last.current = Date.now();
    loaded.again();
  }, setAway);
  useEffect(() => { if (!away) loaded.again(); }, [away]);
  return (
    <Waiting loaded={loaded}>
      {(now) => {
        const first = advice(now);
        return (
          <>
            <p role="status" class={`advice ${first.kind}`}>{first.page ? <a href={`#/${first.page}`}>{first.text}</a> : first.text}</p>
            <dl class="counts">
              {states.map((state) => {
                const count = now.counts[`messages.${state}`] ?? 0;
                return <div class={count > 0 && /parked|refused/.test(state) ? "bad" : ""}><dt>{sayState(state)}</dt><dd>{count.toLocaleString(language)}</dd></div>;
              })}
            </dl>
            <h2>{say("feeds")}</h2>
            <Feeds feeds={now.feeds} />
            <h2>{say("targets")}</h2>
            <Targets targets={now.targets} at={now.at} />
          </>
        );
      }}
    </Waiting>
  );
}
