// Messages, newest first: filters in the address, further pages by key, what comes in on top. An identifier of a patient
// never stands in an address: it stays in this tab until he is signed out, and goes in the body of a search.

import { useState } from "preact/hooks";
import { get, keep, post, recall, type FoundMessages, type MessagePage } from "../api";
import { Badge } from "../parts/badge";
import { useEvents } from "../parts/follow";
import { useLoaded, Waiting } from "../parts/load";
import { Table } from "../parts/table";
import { go, type Query } from "../route";
import { say, sayState, when, type Word } from "../words";

const states = ["kept", "stored", "refused", "withheld", "delivered", "parked"];
const formats = ["hl7v2", "cda", "fhir"];
const texts: { name: string; word: Word }[] = [
  { name: "control_id", word: "control id" }, { name: "event", word: "event" }, { name: "feed", word: "feed" },
  { name: "finding", word: "finding" },
];
const days: { name: string; word: Word }[] = [{ name: "since", word: "since" }, { name: "until", word: "until" }];

interface Page {
  messages: MessagePage["messages"];
  older: string | null; // `before` of the next page
}

async function pageOf(query: Query, patient: string): Promise<Page> {
  if (patient) {
    const { before, ...filters } = query;
    const body = { ...filters, patient, ...(before && { before: Number(before) }) };
    const { messages, next } = await post<FoundMessages>("/api/messages/_search", JSON.stringify(body));
    return { messages, older: next === null ? null : String(next) };
  }
  const { messages, next } = await get<MessagePage>(`/api/messages?${new URLSearchParams(query)}`);
  return { messages, older: next && new URLSearchParams(next.split("?")[1]).get("before") };
}

export function Messages({ query }: { query: Query }) {
  const [live, setLive] = useState(true);
  const [away, setAway] = useState(false);
  const [patient, setPatient] = useState(() => recall("patient"));
  const loaded = useLoaded(`messages ${new URLSearchParams(query)} ${patient}`, () => pageOf(query, patient));
  // Each search for a patient is noted in the audit log: only what the user asked for, never by itself.
  useEvents(live && !patient && !query.before ? "/api/events" : null, () => loaded.again(), (lost) => {
    if (away && !lost) loaded.again();
    setAway(lost);
  });
  const choose = (name: string, value: string) => {
    const next = { ...query, [name]: value };
    delete next.before;
    if (!value) delete next[name];
    go("messages", next);
  };
  const seek = (identifier: string) => {
    keep("patient", identifier); // a page further down is shown again after a reload
    setPatient(identifier);
    choose("before", "");
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
        {texts.map(({ name, word }) => (
          <label>{say(word)}<input type="search" value={query[name] ?? ""} onChange={(e) => choose(name, e.currentTarget.value)} /></label>
        ))}
        {days.map(({ name, word }) => (
          <label>{say(word)}<input type="date" value={query[name] ?? ""} onChange={(e) => choose(name, e.currentTarget.value)} /></label>
        ))}
        <label>
          {say("patient identifier")}
          <input type="search" autocomplete="off" title={say("not in the address")} value={patient}
            onChange={(e) => seek(e.currentTarget.value.trim())} />
        </label>
        <label class="check"><input type="checkbox" checked={live} onChange={(e) => setLive(e.currentTarget.checked)} /> {say("live")}</label>
      </form>
      {away && <p role="alert" class="alert">{say("lost")}</p>}
      <Waiting loaded={loaded}>
        {(page) => (
          <>
            <Table
              caption={say("messages")}
              rows={page.messages}
              columns={[
                { name: "№", cell: (m) => <a href={`#/message/${m.seq}`}>{m.seq}</a>, class: "number" },
                { name: say("time"), cell: (m) => when(m.received), class: "nowrap" },
                { name: say("feed"), cell: (m) => m.feed },
                { name: say("event"), cell: (m) => <>{m.event} <small class="quiet">{m.format}</small></>, class: "nowrap" },
                { name: say("control id"), cell: (m) => <code>{m.control_id ?? ""}</code> },
                { name: say("state"), cell: (m) => <Badge kind={m.state}>{sayState(m.state)}</Badge> },
                { name: say("answer"), cell: (m) => m.ack },
                { name: say("cause"), cell: (m) => m.cause && <span class="quiet">{m.cause_text}</span> },
              ]}
            />
            <nav class="pages" aria-label={say("messages")}>
              {query.before && <a href={`#/messages?${new URLSearchParams(Object.entries(query).filter(([name]) => name !== "before"))}`}>{say("newest")}</a>}
              {page.older && <a href={`#/messages?${new URLSearchParams({ ...query, before: page.older })}`}>{say("older")}</a>}
            </nav>
          </>
        )}
      </Waiting>
    </>
  );
}
