import { useState } from "preact/hooks";
import { get, type MessagePage } from "../api";
import { Badge } from "../parts/findings";
import { useLoaded, Waiting } from "../parts/load";
import { Table } from "../parts/table";
import { go, type Query } from "../route";
import { say, sayState, when } from "../words";

const states = ["kept", "stored", "refused", "withheld", "delivered", "parked"];
const formats = ["hl7v2", "cda", "fhir"];

export function Messages({ query }: { query: Query }) {
  const [live, setLive] = useState(true);
  const path = `/api/messages?${new URLSearchParams(query)}`;
  const loaded = useLoaded(path + live, () => get<MessagePage>(path), live && !query.before ? 2 : 0);
  const choose = (name: string, value: string) => {
    const next = { ...query, [name]: value };
    delete next.before;
    if (!value) delete next[name];
    go("messages", next);
  };
  const select = (name: string, label: string, values: string[], word: (v: string) => string) => (
    <label>
      {label}
      <select value={query[name] ?? ""} onChange={(e) => choose(name, e.currentTarget.value)}>
        <option value="">{say("any")}</option>
        {values.map((v) => <option value={v}>{word(v)}</option>)}
      </select>
    </label>
  );
  return (
    <>
      <form class="filters" onSubmit={(e) => e.preventDefault()}>
        {select("state", say("state"), states, sayState)}
        {select("format", say("format"), formats, (v) => v)}
        <label>
          {say("control id")}
          <input value={query.control_id ?? ""} onChange={(e) => choose("control_id", e.currentTarget.value)} />
        </label>
        <label class="check"><input type="checkbox" checked={live} onChange={(e) => setLive(e.currentTarget.checked)} /> {say("live")}</label>
      </form>
      <Waiting loaded={loaded}>
        {(page) => (
          <>
            <Table
              caption={say("messages")}
              rows={page.messages}
              rowClass={(m) => m.state}
              columns={[
                { name: "№", cell: (m) => <a href={`#/message/${m.seq}`}>{m.seq}</a>, class: "number" },
                { name: say("time"), cell: (m) => when(m.received) },
                { name: say("format"), cell: (m) => m.format },
                { name: say("event"), cell: (m) => m.event ?? "" },
                { name: say("control id"), cell: (m) => <code>{m.control_id ?? ""}</code> },
                { name: say("state"), cell: (m) => <Badge kind={m.state}>{sayState(m.state)}</Badge> },
                { name: say("answer"), cell: (m) => m.ack },
              ]}
            />
            <nav class="pages" aria-label={say("messages")}>
              {query.before && <a href={`#/messages?${new URLSearchParams({ ...query, before: "" })}`}>{say("newest")}</a>}
              {page.next && <a href={`#/messages?${page.next.split("?")[1] ?? ""}`}>{say("older")}</a>}
            </nav>
          </>
        )}
      </Waiting>
    </>
  );
}
