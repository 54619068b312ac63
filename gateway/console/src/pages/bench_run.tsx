// One run of the bench: where to send, each requirement as it turns green or red, what was found, the reports.

import { useMemo, useRef, useState } from "preact/hooks";
import { call, download, get, post, type Finding } from "../api";
import { sayVerdict, Verdict, VerdictBar, verdicts } from "../parts/badge";
import { useAttempt } from "../parts/attempt";
import { Exchange } from "../parts/exchange";
import { useEvents } from "../parts/follow";
import { Trouble, useLoaded, Waiting } from "../parts/load";
import { Table } from "../parts/table";
import type { Query } from "../route";
import { say, when } from "../words";
import { sayCounts, type RunSummary, type Scenario } from "./bench";

interface Result {
  requirement: string;
  verdict: string;
  place: string;
  line?: number;
  column?: number;
  expected: string;
  found: string;
  repair: string;
  cause?: string;
  sentence?: string;
  tree?: string;
}
interface RunMessage {
  name: string;
  passed_on: boolean;
  ack: string | null;
  bytes: number;
  deliveries: number;
  judged: { results: Result[]; sha256: string; format: string; error?: string } | null;
}
interface Requirement {
  id: string;
  sentence: string;
  weight: string;
  means: string;
}
interface Run extends RunSummary {
  changes: number;
  host: string;
  port: number | null;
  certificate: string | null;
  scenario?: Scenario;
  requirements: Requirement[];
  messages: RunMessage[];
}

const gravity = (verdict: string) => verdicts.length - verdicts.indexOf(verdict as (typeof verdicts)[number]);

// The worst that each requirement came to; what was not asked yet is not there.
export function worstOf(messages: { judged: { results: Result[] } | null }[]): Map<string, string> {
  const worst = new Map<string, string>();
  for (const message of messages)
    for (const { requirement, verdict } of message.judged?.results ?? []) {
      const known = worst.get(requirement);
      if (!known || gravity(verdict) > gravity(known)) worst.set(requirement, verdict);
    }
  return worst;
}

const reports = [
  { format: "junit", name: "JUnit", file: "xml" }, { format: "sarif", name: "SARIF", file: "sarif" },
  { format: "trl", name: "GITB TRL", file: "trl.xml" }, { format: "convergence", name: "Convergence (xlsx)", file: "xlsx" },
  { format: "html", name: "HTML", file: "html" },
];

function Connect({ run, send }: { run: Run; send: (body: BodyInit) => void }) {
  const [text, setText] = useState("");
  const files = useRef<HTMLInputElement>(null);
  const take = (list: FileList | null | undefined) => { for (const file of Array.from(list ?? [])) send(file); };
  return (
    <section class="card" onDragOver={(e) => e.preventDefault()} onDrop={(e) => { e.preventDefault(); take(e.dataTransfer?.files); }}>
      <h2>{say("send here")}</h2>
      <div class="connect">
        <span>{run.certificate ? "MLLP, TLS" : "MLLP"} <b>{run.host}:{run.port}</b></span>
        {run.certificate && <button onClick={() => void navigator.clipboard.writeText(run.certificate ?? "")}>{say("copy certificate")}</button>}
        <code class="quiet">passerelle send --to {run.certificate ? "mllps" : "mllp"}://{run.host}:{run.port} FILE</code>
      </div>
      <form onSubmit={(e) => { e.preventDefault(); send(text.replace(/\r?\n/g, text.startsWith("MSH") ? "\r" : "\n")); setText(""); }}>
        <label for="message" class="quiet">{say("or drop")}</label>
        <textarea id="message" rows={3} spellcheck={false} value={text} onInput={(e) => setText(e.currentTarget.value)} />
        <p class="actions">
          <button disabled={!text}>{say("send")}</button>
          <button type="button" onClick={() => files.current?.click()}>{say("choose files")}</button>
          <input ref={files} type="file" multiple class="hidden" tabIndex={-1} aria-hidden="true" onChange={(e) => take(e.currentTarget.files)} />
        </p>
      </form>
    </section>
  );
}

function Tiles({ run, chosen, choose }: { run: Run; chosen: string; choose: (id: string) => void }) {
  const worst = worstOf(run.messages);
  return (
    <ul class="tiles" aria-label={say("requirements")}>
      {run.requirements.map((requirement) => {
        const verdict = worst.get(requirement.id);
        return (
          <li>
            <button key={verdict} class={`${verdict ?? ""} new`} aria-pressed={requirement.id === chosen} title={`${requirement.sentence} ${verdict ? sayVerdict(verdict) : say("waiting")}`}
              onClick={() => choose(requirement.id === chosen ? "" : requirement.id)}>
              {requirement.id}<span class="hidden"> {verdict ? sayVerdict(verdict) : say("waiting")}</span>
            </button>
          </li>
        );
      })}
    </ul>
  );
}

const placeOf = (r: Result) => `${r.place}${r.line ? ` (${r.line}:${r.column ?? 0})` : ""}`;
const asFinding = (r: Result): Finding => ({ severity: "error", rule: r.requirement, place: r.place, line: r.line, column: r.column, text: r.found || r.expected });

// Findings, the gravest first; of one requirement, all that it came to. Each place leads to where it stands.
function Results({ run, chosen, show }: { run: Run; chosen: string; show: (shown: Shown) => void }) {
  const rows = run.messages.flatMap((message, i) => (message.judged?.results ?? []).map((result) => ({ ...result, message: i + 1 })))
    .filter((row) => (chosen ? row.requirement === chosen : row.verdict === "FAIL" || row.verdict === "WARN"))
    .sort((a, b) => gravity(b.verdict) - gravity(a.verdict));
  const sentences = new Map(run.requirements.map((requirement) => [requirement.id, requirement.sentence]));
  return (
    <Table
      caption={say("findings")}
      rows={rows}
      columns={[
        { name: say("requirement"), cell: (r) => <strong class="nowrap">{r.requirement}</strong> },
        { name: say("verdict"), cell: (r) => <Verdict verdict={r.verdict} /> },
        { name: say("message"), cell: (r) => r.message, class: "number" },
        { name: say("place"), cell: (r) => r.place && <button class="link" onClick={() => show({ number: r.message, findings: [asFinding(r)] })}><code>{placeOf(r)}</code></button> },
        { name: say("text"), cell: (r) => (
          <>
            {r.sentence ?? sentences.get(r.requirement)}
            {r.expected && <div><span class="quiet">{say("expected")}</span> <code>{r.expected}</code></div>}
            {r.found && <div><span class="quiet">{say("found")}</span> <code>{r.found}</code></div>}
            {r.cause && <div class="quiet">{r.cause}</div>}
            {r.repair && <div><span class="quiet">{say("repair")}</span> {r.repair}</div>}
          </>
        ) },
      ]}
    />
  );
}

// What the scenario wants next: its steps, those that were sent already first.
function Steps({ scenario, sent }: { scenario: Scenario; sent: number }) {
  return (
    <section class="card">
      <h2>{scenario.title}</h2>
      <ol class="steps">
        {scenario.steps.map((step, i) => (
          <li class={i < sent ? "done" : i === sent ? "next" : ""} aria-current={i === sent ? "step" : undefined}>
            <code>{step.file}</code> <span class="quiet">
              {[step.given ? say("given") : "", step.ack.length > 0 ? say("expects answer", step.ack.join(", ")) : "",
                step.deliveries === null ? "" : say("expects deliveries", step.deliveries, step.within_seconds)].filter(Boolean).join("; ")}
            </span>
          </li>
        ))}
      </ol>
    </section>
  );
}

function MessageTable({ run, show }: { run: Run; show: (number: number) => void }) {
  return (
    <Table
      caption={say("messages")}
      rows={run.messages.map((message, i) => ({ ...message, number: i + 1 }))}
      columns={[
        { name: "№", cell: (m) => (m.judged ? <button class="link" aria-label={say("show message", m.number)} onClick={() => show(m.number)}>{m.number}</button> : m.number), class: "number" },
        { name: say("format"), cell: (m) => m.judged?.format ?? "…" },
        { name: say("answer"), cell: (m) => m.ack ?? (m.passed_on ? say("no answer") : "–") },
        { name: say("deliveries"), cell: (m) => (m.passed_on ? m.deliveries : "–"), class: "number" },
        { name: say("state"), cell: (m) => (m.judged ? m.judged.error ?? say("judged") : say("being judged")) },
        { name: say("bytes"), cell: (m) => m.judged && <button class="link" onClick={() => void download(`/api/bench/runs/${run.id}/inputs/${m.judged?.sha256}`, `${m.judged?.sha256}.bin`)}>{m.bytes}</button>, class: "number" },
      ]}
    />
  );
}

// A message that is looked at, and what is to be seen in it.
interface Shown {
  number: number;
  findings: Finding[];
}

// What the address asks for: a requirement, and what it came to in an input.
function asked(run: Run, query: Query): Shown | null {
  const at = run.messages.findIndex((message) => message.judged !== null && message.judged.sha256 === query.input);
  if (at < 0) return null;
  const results = run.messages[at]?.judged?.results.filter((r) => r.requirement === query.requirement && r.place) ?? [];
  return { number: at + 1, findings: results.map(asFinding) };
}

export function BenchRun({ id, query }: { id: string; query: Query }) {
  const [chosen, setChosen] = useState(query.requirement ?? "");
  const [looked, setLooked] = useState<Shown | null>(null);
  const [away, setAway] = useState(false);
  const { error, run: attempt } = useAttempt();
  const path = `/api/bench/runs/${encodeURIComponent(id)}`;
  const loaded = useLoaded(path, () => get<Run>(path));
  const run = loaded.value;
  useEvents(run && !run.ended ? `${path}/events` : null, () => loaded.again(), setAway, run?.changes);
  const send = (body: BodyInit) =>
    attempt(() => call(`${path}/messages`, { method: "POST", body, headers: { "Content-Type": "application/octet-stream" } }).then(loaded.again));
  const shown = useMemo(() => looked ?? (run && asked(run, query)), [looked, run, query.input, query.requirement]);
  const message = shown && run?.messages[shown.number - 1];
  const worst = worstOf(run?.messages ?? []);
  const counts: Record<string, number> = {};
  for (const verdict of worst.values()) counts[verdict] = (counts[verdict] ?? 0) + 1;
  return (
    <Waiting loaded={loaded}>
      {(value) => (
        <>
          {away && <p role="alert" class="alert">{say("lost")}</p>}
          {error && <Trouble error={error} />}
          <dl class="facts">
            <dt>{say("product")}</dt><dd>{value.product} {value.version}</dd>
            <dt>{say("suite")}</dt><dd>{value.suite}</dd>
            <dt>{say("begun")}</dt><dd>{when(value.began)}</dd>
            <dt>{say("state")}</dt><dd>{value.ended ? `${say("closed")} ${when(value.ended)}` : say("open now")}</dd>
          </dl>
          {value.scenario && <Steps scenario={value.scenario} sent={value.messages.length} />}
          {!value.ended && <Connect run={value} send={send} />}
          <h2>{say("requirements")} <small role="status">{sayCounts(counts) || say("waiting for a message")}</small></h2>
          <VerdictBar counts={counts} />
          <p />
          <Tiles run={value} chosen={chosen} choose={setChosen} />
          <h2>{chosen || say("findings")}</h2>
          <Results run={value} chosen={chosen} show={setLooked} />
          <h2>{say("messages")}</h2>
          {shown && message?.judged && <Exchange run={id} number={shown.number} sha256={message.judged.sha256} findings={shown.findings} close={() => setLooked({ number: 0, findings: [] })} />}
          <MessageTable run={value} show={(number) => setLooked({ number, findings: [] })} />
          <h2>{say("reports")}</h2>
          <p class="actions">
            {reports.map((report) => <button onClick={() => void download(`${path}/report?format=${report.format}`, `passerelle-${id}.${report.file}`)}>{report.name}</button>)}
            {!value.ended && <button class="first" onClick={() => attempt(() => post(`${path}/close`).then(loaded.again))}>{say("close run")}</button>}
          </p>
          {!value.ended && <p class="quiet">{say("close help")}</p>}
        </>
      )}
    </Waiting>
  );
}
