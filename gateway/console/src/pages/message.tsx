// One message: its way from the wire to the targets, its source beside what it became, trying it again.

import { useState } from "preact/hooks";
import { ApiError, callBytes, download, get, post, type Bundle, type ConvertResult, type Finding, type Message as MessageData } from "../api";
import { Badge } from "../parts/badge";
import { difference } from "../parts/difference";
import { Findings } from "../parts/findings";
import { Trouble, useLoaded, Waiting } from "../parts/load";
import { MappingView } from "../parts/mapping_view";
import { Table } from "../parts/table";
import { instant, language, say, sayState, when } from "../words";

interface Opened {
  message: MessageData;
  bytes: Uint8Array | null;
  bundle: Bundle | null;
}

async function open(seq: string, role: string): Promise<Opened> {
  const path = `/api/messages/${encodeURIComponent(seq)}`;
  const message = await get<MessageData>(path);
  if (message.masked || role === "auditor") return { message, bytes: null, bundle: null };
  const [bytes, bundle] = await Promise.all([callBytes(`${path}/source`), get<Bundle>(`${path}/written`)]);
  return { message, bytes, bundle };
}

// Everything that happened, in the order of time.
function Way({ message, replay }: { message: MessageData; replay: (delivery: number) => void }) {
  const good = (state: string) => (state === "refused" || state === "parked" ? "bad" : state === "delivered" || state === "stored" ? "good" : "");
  const decided = message.decisions.map((d) => ({ at: d.at, kind: good(d.state), what: <><Badge kind={d.state}>{sayState(d.state)}</Badge> {d.ack && <span class="quiet">{say("answer")} {d.ack}</span>} {d.cause_text}</> }));
  const tried = message.deliveries.flatMap((d) => d.attempts.map((a) => ({
    at: a.at, kind: good(a.outcome), what: <>{d.target}: <Badge kind={a.outcome}>{sayState(a.outcome)}</Badge> {a.http_status ? <span class="quiet">HTTP {a.http_status}</span> : null} {a.cause_text}</>,
  })));
  const from = [message.feed, message.sender !== message.feed && message.sender, message.peer.address, message.peer.tls ? "TLS" : say("unauthenticated")];
  return (
    <ol class="way">
      <li class="good"><time>{instant(message.received)}</time> {say("received")} <span class="quiet">{from.filter(Boolean).join(", ")}</span></li>
      {[...decided, ...tried].sort((a, b) => a.at.localeCompare(b.at)).map((step) => <li class={step.kind}><time>{instant(step.at)}</time> <span>{step.what}</span></li>)}
      {message.deliveries.filter((d) => d.state !== "delivered").map((d) => (
        <li class={good(d.state)}>
          <span>{d.target}: <Badge kind={d.state}>{sayState(d.state)}</Badge> {d.state === "owed" && d.next_try && <span class="quiet">{say("next try")} {when(d.next_try)}</span>}</span>
          {d.state === "parked" && <button onClick={() => replay(d.id)}>{say("replay")}</button>}
        </li>
      ))}
    </ol>
  );
}

function Reveal({ seq, done }: { seq: string; done: () => void }) {
  const [reason, setReason] = useState("");
  const [error, setError] = useState<ApiError | null>(null);
  const reveal = () => post(`/api/messages/${seq}/reveal`, JSON.stringify({ reason })).then(done, setError);
  return (
    <form class="card" onSubmit={(e) => { e.preventDefault(); void reveal(); }}>
      <h2>{say("masked here")}</h2>
      <p class="quiet">{say("reveal help")}</p>
      <p class="filters"><label>{say("reason")}<input size={40} minLength={8} value={reason} onInput={(e) => setReason(e.currentTarget.value)} /></label> <button disabled={reason.length < 8}>{say("reveal")}</button></p>
      {error && <Trouble error={error} />}
    </form>
  );
}

interface Comparison {
  title: string;
  before: Bundle;
  after: Bundle;
}

function Difference({ title, before, after }: Comparison) {
  const changes = difference(before, after);
  return (
    <section class="card change" aria-label={title}>
      <h2>{title} <small>{changes.length}</small></h2>
      {changes.length === 0 ? <p class="told">{say("no difference")}</p> : (
        <Table caption={title} rows={changes.slice(0, 300)} columns={[
          { name: say("place"), cell: (c) => <code>{c.path}</code> },
          { name: say("before"), cell: (c) => <del>{c.before}</del> },
          { name: say("after"), cell: (c) => <ins>{c.after}</ins> },
        ]} />
      )}
    </section>
  );
}

function Again({ opened, reload }: { opened: Opened; reload: () => void }) {
  const { message, bundle } = opened;
  const path = `/api/messages/${message.seq}`;
  const [error, setError] = useState<ApiError | null>(null);
  const [told, setTold] = useState("");
  const [sandbox, setSandbox] = useState<ConvertResult | null>(null);
  const [compared, setCompared] = useState<Comparison | null>(null);
  const attempts = message.decisions.filter((d) => d.resources.length > 0).length;
  const attempt = (work: () => Promise<void>) => { setError(null); setTold(""); work().catch(setError); };
  const inSandbox = async () => {
    const made = await post<ConvertResult>(`${path}/sandbox`);
    setSandbox(made);
    setCompared(made.bundle && bundle ? { title: say("sandbox differs"), before: bundle, after: made.bundle } : null);
  };
  const previous = async () => {
    const before = await get<Bundle>(`${path}/written?attempt=${attempts - 1}`);
    setCompared({ title: say("replay differs"), before, after: bundle ?? { resourceType: "Bundle" } });
  };
  const forReal = async () => {
    if (!confirm(say("confirm real"))) return;
    const after = await post<MessageData>(`${path}/replay`);
    setTold(after.attempts > message.attempts ? say("tried anew", sayState(after.state)) : say("answer stands"));
    reload();
  };
  return (
    <>
      <p class="actions">
        <button onClick={() => attempt(inSandbox)}>{say("try in sandbox")}</button>
        <button onClick={() => attempt(forReal)}>{say("replay for real")}</button>
        {attempts > 1 && <button onClick={() => attempt(previous)}>{say("compare replay")}</button>}
        <button onClick={() => void download(`${path}/source`, `message-${message.seq}`)}>{say("download source")}</button>
        <span role="status" class="told">{told}</span>
      </p>
      {error && <Trouble error={error} />}
      {sandbox && <p>{say("in the sandbox")} <Badge kind={sandbox.refusal ? "refused" : "good"}>{sandbox.refusal ?? say("accepted")}</Badge> <span class="quiet">{sandbox.findings.length} {say("findings")}</span></p>}
      {compared && <Difference {...compared} />}
    </>
  );
}

export function Message({ seq, role }: { seq: string; role: string }) {
  const [goTo, setGoTo] = useState<Finding | null>(null);
  const loaded = useLoaded(`message ${seq}`, () => open(seq, role));
  const replay = (id: number) => void post(`/api/deliveries/${id}/replay`).then(() => loaded.again());
  return (
    <Waiting loaded={loaded}>
      {(opened) => {
        const { message, bytes, bundle } = opened;
        const answer = message.decisions.filter((d) => d.answer).at(-1)?.answer;
        return (
          <>
            <dl class="facts">
              <dt>{say("state")}</dt><dd><Badge kind={message.state}>{sayState(message.state)}</Badge> {message.cause_text}</dd>
              <dt>{say("event")}</dt><dd>{message.event ?? "–"} <span class="quiet">{message.format}</span></dd>
              <dt>{say("control id")}</dt><dd><code>{message.control_id ?? "–"}</code></dd>
              <dt>{say("hash")}</dt><dd><code title={message.sha256}>{message.sha256.slice(0, 16)}…</code></dd>
            </dl>
            <Way message={message} replay={replay} />
            {message.masked && role === "operator" && <Reveal seq={seq} done={loaded.again} />}
            {bytes && <Again opened={opened} reload={loaded.again} />}
            {message.findings.length > 0 && (
              <>
                <h2>{say("findings")} <small>{message.findings.length}</small></h2>
                <Findings findings={message.findings} choose={bytes ? (finding) => setGoTo({ ...finding }) : undefined} />
              </>
            )}
            <MappingView ledger={message.ledger} bundle={bundle} bytes={bytes} findings={message.findings} goTo={goTo} />
            {answer && <><h2>{say("acknowledgement")} <small>{message.ack}</small></h2><pre lang={language}>{answer.replaceAll("\r", "\n")}</pre></>}
          </>
        );
      }}
    </Waiting>
  );
}
