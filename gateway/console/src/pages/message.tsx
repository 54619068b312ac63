import { useState } from "preact/hooks";
import { get, post, type Bundle, type Message as MessageData, type Resource } from "../api";
import { Badge, Findings } from "../parts/findings";
import { useLoaded, Waiting } from "../parts/load";
import { MappingView } from "../parts/mapping_view";
import { Table } from "../parts/table";
import { say, sayState, when } from "../words";

// The versions that the message wrote, as one Bundle.
async function written(message: MessageData): Promise<Bundle> {
  const resources = await Promise.all(message.resources.slice(0, 100).map((path) => get<Resource>(`/fhir/${path}`)));
  return { resourceType: "Bundle", entry: resources.map((resource) => ({ resource })) };
}

export function Message({ seq }: { seq: string }) {
  const [told, setTold] = useState("");
  const loaded = useLoaded(`message ${seq}`, async () => {
    const message = await get<MessageData>(`/api/messages/${encodeURIComponent(seq)}`);
    return { message, bundle: await written(message) };
  });
  const replay = async (id: number) => {
    await post(`/api/deliveries/${id}/replay`);
    setTold(say("replayed"));
    loaded.again();
  };
  return (
    <Waiting loaded={loaded}>
      {({ message, bundle }) => (
        <>
          <h2>{message.event ?? message.format} <code>{message.control_id}</code> <Badge kind={message.state}>{sayState(message.state)}</Badge></h2>
          <dl class="facts">
            <dt>{say("received")}</dt><dd>{when(message.received)}</dd>
            <dt>{say("feed")}</dt><dd>{message.feed}</dd>
            <dt>{say("answer")}</dt><dd>{message.ack}</dd>
            {message.cause && <><dt>{say("cause")}</dt><dd>{message.cause}</dd></>}
            <dt>{say("hash")}</dt><dd><code class="long">{message.sha256}</code></dd>
          </dl>
          <h3>{say("findings")}</h3>
          <Findings findings={message.findings} />
          <h3>{say("deliveries")}</h3>
          <p role="status">{told}</p>
          <Table
            caption={say("deliveries")}
            rows={message.deliveries}
            columns={[
              { name: say("target"), cell: (d) => d.target },
              { name: say("state"), cell: (d) => <Badge kind={d.state}>{sayState(d.state)}</Badge> },
              { name: say("cause"), cell: (d) => d.cause },
              { name: say("attempts"), cell: (d) => (d.tries ?? []).map((a) => <div>{when(a.at)} {a.outcome} {a.http_status || ""} {a.cause}</div>) },
              { name: "", cell: (d) => (d.state === "parked" ? <button onClick={() => replay(d.id)}>{say("replay")}</button> : null) },
            ]}
          />
          <MappingView ledger={message.ledger} bundle={bundle} />
        </>
      )}
    </Waiting>
  );
}
