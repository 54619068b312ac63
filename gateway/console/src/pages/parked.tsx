// What waits for a person, by cause: see a sample, mend it, see what a replay would do, replay in order.

import { useState } from "preact/hooks";
import { ApiError, get, post, type Caused } from "../api";
import { Trouble, useLoaded, Waiting } from "../parts/load";
import { Table } from "../parts/table";
import { say } from "../words";

interface Group extends Caused {
  target: string;
  count: number;
  first_message: number;
  last_message: number;
}

export function Parked() {
  const [told, setTold] = useState("");
  const [error, setError] = useState<ApiError | null>(null);
  const [planned, setPlanned] = useState<{ group: Group; count: number } | null>(null);
  const loaded = useLoaded("parked", () => get<{ groups: Group[] }>("/api/parked"), 5);
  const path = ({ target, cause }: Group, more: string) => `/api/deliveries/replay?${new URLSearchParams({ target, cause: cause ?? "" })}${more}`;
  // The dry run says how many it would be before anything moves.
  const plan = (group: Group) => {
    setTold("");
    setError(null);
    post<{ would_replay: number }>(path(group, "&dry_run=true")).then((dry) => setPlanned({ group, count: dry.would_replay }), setError);
  };
  const replay = (group: Group) => post<{ replayed: number }>(path(group, "")).then((done) => {
    setTold(say("replayed", done.replayed));
    setPlanned(null);
    loaded.again();
  }, setError);
  const message = (seq: number) => (seq > 0 ? <a href={`#/message/${seq}`}>{seq}</a> : "–");
  return (
    <>
      <p class="quiet">{say("parked help")}</p>
      <p role="status" class="told">{told}</p>
      {error && <Trouble error={error} />}
      {planned && (
        <section class="card">
          <p><strong>{say("would replay", planned.count)}</strong> {planned.group.target}: {planned.group.cause_text}</p>
          <p class="actions"><button class="first" onClick={() => void replay(planned.group)}>{say("replay all")}</button><button onClick={() => setPlanned(null)}>{say("cancel")}</button></p>
        </section>
      )}
      <Waiting loaded={loaded}>
        {(page) => (
          <Table
            caption={say("parked")}
            rows={[...page.groups].sort((a, b) => b.count - a.count)}
            columns={[
              { name: say("cause"), cell: (g) => g.cause_text },
              { name: say("target"), cell: (g) => g.target },
              { name: say("count"), cell: (g) => g.count, class: "number" },
              { name: say("first"), cell: (g) => message(g.first_message), class: "number" },
              { name: say("last"), cell: (g) => message(g.last_message), class: "number" },
              { name: "", cell: (g) => <button onClick={() => plan(g)}>{say("dry run")}</button>, class: "act" },
            ]}
          />
        )}
      </Waiting>
    </>
  );
}
