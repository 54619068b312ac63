import { useState } from "preact/hooks";
import { get, post, type Delivery } from "../api";
import { useLoaded, Waiting } from "../parts/load";
import { Table } from "../parts/table";
import { say } from "../words";

interface Group {
  cause: string;
  target: string;
  deliveries: Delivery[];
}

function group(deliveries: Delivery[]): Group[] {
  const groups = new Map<string, Group>();
  for (const delivery of deliveries) {
    const cause = delivery.cause ?? "";
    const key = `${delivery.target} ${cause}`;
    const one = groups.get(key) ?? { cause, target: delivery.target, deliveries: [] };
    one.deliveries.push(delivery);
    groups.set(key, one);
  }
  return [...groups.values()].sort((a, b) => b.deliveries.length - a.deliveries.length);
}

export function Parked() {
  const [told, setTold] = useState("");
  const loaded = useLoaded("parked", () => get<{ deliveries: Delivery[] }>("/api/deliveries?state=parked&count=500"), 5);
  // The dry run says how many it would be before anything moves.
  const replayAll = async (one: Group) => {
    const chosen = new URLSearchParams({ target: one.target, cause: one.cause });
    const dry = await post<{ would_replay: number }>(`/api/deliveries/replay?${chosen}&dry_run=true`);
    if (!confirm(say("confirm replay", dry.would_replay))) return;
    await post(`/api/deliveries/replay?${chosen}`);
    setTold(say("replayed"));
    loaded.again();
  };
  return (
    <Waiting loaded={loaded}>
      {(page) => (
        <>
          <p role="status">{told}</p>
          <Table
            caption={say("parked")}
            rows={group(page.deliveries)}
            columns={[
              { name: say("cause"), cell: (g) => g.cause },
              { name: say("target"), cell: (g) => g.target },
              { name: say("count"), cell: (g) => g.deliveries.length, class: "number" },
              { name: say("first"), cell: (g) => <a href={`#/message/${g.deliveries[0]?.message}`}>{g.deliveries[0]?.message}</a>, class: "number" },
              { name: say("last"), cell: (g) => <a href={`#/message/${g.deliveries.at(-1)?.message}`}>{g.deliveries.at(-1)?.message}</a>, class: "number" },
              { name: "", cell: (g) => <button onClick={() => replayAll(g)}>{say("replay all")}</button> },
            ]}
          />
        </>
      )}
    </Waiting>
  );
}
