// Now: one sentence on what to do, then each way in and out, what needs somebody first.

import { useEffect, useRef, useState } from "preact/hooks";
import { get, type FeedStatus, type NowState } from "../api";
import { Badge } from "../parts/badge";
import { Spark } from "../parts/chart";
import { useEvents } from "../parts/follow";
import { useLoaded, Waiting } from "../parts/load";
import { Table } from "../parts/table";
import { ago, language, say, sayState, sayWay } from "../words";

const refreshSeconds = 5;
const patienceMs = 5 * 60_000; // until a delivery that waits is worth a look
const renewalDays = 30;

const endsSoon = (f: FeedStatus) => f.certificate_days !== null && f.certificate_days < renewalDays;
const waitsLong = (f: FeedStatus, at: string) => f.owed > 0 && f.owed_since !== null && Date.parse(at) - Date.parse(f.owed_since) > patienceMs;
const most = (all: FeedStatus[], of: (f: FeedStatus) => number) => [...all].sort((a, b) => of(b) - of(a)).find((f) => of(f) > 0);
const number = (value: number) => value.toLocaleString(language);

interface Advice {
  text: string;
  kind: "good" | "warning" | "error";
  page?: string;
}

// What to do, the most urgent first; with where to do it.
function advice(now: NowState): Advice {
  if (!now.ready) return { text: `${say("not ready")} ${now.reason ?? ""}`, kind: "error" };
  const parked = most(now.targets, (target) => target.parked);
  if (parked) return { text: say("look at parked", number(parked.parked), parked.name), kind: "error", page: "parked" };
  const waiting = now.targets.find((target) => target.state === "down" || waitsLong(target, now.at));
  if (waiting) return { text: say("waits", waiting.name, number(waiting.owed), ago(waiting.owed_since, now.at)), kind: "error", page: "messages?state=stored" };
  const ending = [...now.feeds, ...now.targets].find(endsSoon);
  if (ending) return { text: say("certificate ends", ending.name, ending.certificate_days ?? 0), kind: "error", page: "access" };
  if (now.refused_lately) return { text: say("look at refused", number(now.refused_lately)), kind: "warning", page: "messages?state=refused" };
  return { text: say("all is well"), kind: "good" };
}

// How much a way in or out needs somebody: the highest stands first, and above zero it is red.
function urgency(f: FeedStatus, at: string): number {
  const reasons = [f.state === "closed", f.state === "down", f.parked > 0, endsSoon(f), waitsLong(f, at)];
  return reasons.reduce((sum, holds, i) => sum + (holds ? 2 ** (reasons.length - i) : 0), 0);
}
const calm = (f: FeedStatus) => (f.state === "retrying" ? 1 : 0) + (f.owed > 0 ? 1 : 0);

const wayKinds: Record<string, string> = { up: "good", retrying: "warning", down: "error", closed: "error" };
const nil = (value: string) => <span class="nil">{value}</span>; // on a narrow screen it goes without saying
const alarming = (value: string, holds: boolean) => (holds ? <Badge kind="error">{value}</Badge> : value);

// A folder has nobody at its other end.
function Peer({ way }: { way: FeedStatus }) {
  if (way.kind === "folder") return <span class="quiet">{say("local folder")}</span>;
  return (
    <>
      <Badge kind={way.authenticated ? "good" : "warning"}>{way.authenticated ? say("authenticated") : say("unauthenticated")}</Badge>
      {way.connections > 0 && <div class="quiet small">{say("connected", number(way.connections))}</div>}
    </>
  );
}

function Ways({ title, ways, at }: { title: string; ways: FeedStatus[]; at: string }) {
  const sorted = [...ways].sort((a, b) => urgency(b, at) - urgency(a, at) || calm(b) - calm(a));
  return (
    <section>
      <h2>{title}</h2>
      <div class="ways">
        <Table caption={title} rows={sorted} columns={[
          { name: say("name"), cell: (f) => <><strong>{f.name}</strong><div><code class="quiet">{f.address}</code></div></> },
          { name: say("state"), cell: (f) => <><Badge kind={wayKinds[f.state] ?? ""}>{sayWay(f.state)}</Badge>{f.cause_text && <div class="quiet small">{f.cause_text}</div>}</> },
          { name: say("peer"), cell: (f) => <Peer way={f} /> },
          { name: say("per minute"), cell: (f) => <><Spark values={f.per_second} label={say("per minute")} /> {number(f.per_second.reduce((all, one) => all + one, 0))}</>, class: "number" },
          { name: say("p99"), cell: (f) => (f.p99_ms === null ? nil("–") : `≤ ${number(f.p99_ms)} ms`), class: "number" },
          { name: say("backlog"), cell: (f) => (f.owed ? number(f.owed) : nil("0")), class: "number" },
          { name: say("oldest"), cell: (f) => (f.owed_since ? alarming(ago(f.owed_since, at), waitsLong(f, at)) : nil("–")), class: "number" },
          { name: say("parked"), cell: (f) => (f.parked ? <a href="#/parked"><Badge kind="parked">{number(f.parked)}</Badge></a> : nil("0")), class: "number" },
          { name: say("certificate days"), cell: (f) => (f.certificate_days === null ? nil("–") : alarming(say("in days", f.certificate_days), endsSoon(f))), class: "number" },
        ]} />
      </div>
    </section>
  );
}

const states = ["kept", "stored", "delivered", "withheld", "parked", "refused"];

function Counts({ now }: { now: NowState }) {
  const isBad = (state: string) => (state === "refused" ? now.refused_lately > 0 : state === "parked" && (now.counts["messages.parked"] ?? 0) > 0);
  return (
    <dl class="counts">
      {states.map((state) => (
        <div class={isBad(state) ? "bad" : ""}>
          <dt>{sayState(state)}</dt>
          <dd><a href={`#/messages?state=${state}`}>{number(now.counts[`messages.${state}`] ?? 0)}</a></dd>
        </div>
      ))}
    </dl>
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
            <Counts now={now} />
            <Ways title={say("feeds")} ways={now.feeds} at={now.at} />
            <Ways title={say("targets")} ways={now.targets} at={now.at} />
          </>
        );
      }}
    </Waiting>
  );
}
