import { get, type FeedStatus, type NowState } from "../api";
import { Badge } from "../parts/findings";
import { useLoaded, Waiting } from "../parts/load";
import { Table } from "../parts/table";
import { say, sayState } from "../words";

// One sentence on what to do, the most urgent first.
function advice(now: NowState): { text: string; kind: string } {
  if (!now.ready) return { text: `${say("not ready")} ${now.reason ?? ""}`, kind: "error" };
  if (now.counts["deliveries.parked"] || now.counts["messages.parked"]) return { text: say("look at parked"), kind: "warning" };
  if (now.counts["messages.refused"]) return { text: say("look at refused"), kind: "warning" };
  return { text: say("all is well"), kind: "good" };
}

const columns = [
  { name: () => say("name"), cell: (f: FeedStatus) => <strong>{f.name}</strong> },
  { name: () => say("address"), cell: (f: FeedStatus) => <code>{f.kind} {f.address}</code> },
  { name: () => "TLS", cell: (f: FeedStatus) => <Badge kind={f.authenticated ? "good" : "warning"}>{f.authenticated ? say("authenticated") : say("unauthenticated")}</Badge> },
  { name: () => say("connections"), cell: (f: FeedStatus) => f.connections, class: "number" },
  { name: () => say("certificate days"), cell: (f: FeedStatus) => f.certificate_days ?? "–", class: "number" },
];

export function Now() {
  const loaded = useLoaded("now", () => get<NowState>("/api/now"), 2);
  return (
    <Waiting loaded={loaded}>
      {(now) => {
        const first = advice(now);
        const named = columns.map((c) => ({ ...c, name: c.name() }));
        const red = (f: FeedStatus) => Number(f.authenticated);
        return (
          <>
            <p role="status" class={`advice ${first.kind}`}>{first.text}</p>
            <dl class="counts">
              {Object.entries(now.counts).map(([name, count]) => (
                <div class={count > 0 && /parked|refused/.test(name) ? "bad" : ""}>
                  <dt>{name.split(".").map((part) => sayState(part)).join(" ")}</dt>
                  <dd>{count}</dd>
                </div>
              ))}
            </dl>
            <h2>{say("feeds")}</h2>
            <Table caption={say("feeds")} columns={named} rows={[...now.feeds].sort((a, b) => red(a) - red(b))} />
            <h2>{say("targets")}</h2>
            <Table caption={say("targets")} columns={named} rows={now.targets} />
          </>
        );
      }}
    </Waiting>
  );
}
