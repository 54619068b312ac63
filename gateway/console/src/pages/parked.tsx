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
    const key = `${delivery.target} ${delivery.cause}`;
    const one = groups.get(key) ?? { cause: delivery.cause, target: delivery.target, deliveries: [] };
    one.deliveries.push(delivery);
    groups.set(key, one);
  }
  return [...groups.values()].sort((a, b) => b.deliveries.length - a.deliveries.length);
}

export function Parked() {
  const [told, setTold] = useState("");
  const loaded = useLoaded("parked", () => get<{ deliveries: Delivery[] }>("/api/deliveries?state=parked"), 5);
  const replayAll = async (one: Group) => {
    if (!confirm(say("confirm replay", one.deliveries.length))) return;
    for (const delivery of one.deliveries) await post(`/api/deliveries/${delivery.id}/replay`);
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
              { name: say("first"), cell: (g) => <a href={`#/message/${g.deliveries[0]?.seq}`}>{g.deliveries[0]?.seq}</a>, class: "number" },
              { name: say("last"), cell: (g) => <a href={`#/message/${g.deliveries.at(-1)?.seq}`}>{g.deliveries.at(-1)?.seq}</a>, class: "number" },
              { name: "", cell: (g) => <button onClick={() => replayAll(g)}>{say("replay all")}</button> },
            ]}
          />
        </>
      )}
    </Waiting>
  );
}
