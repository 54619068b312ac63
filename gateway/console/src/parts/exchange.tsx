// A message of a bench run: what arrived, what was answered, what came out at the target.

import { useMemo } from "preact/hooks";
import { callBytes, download, get, type Bundle } from "../api";
import { say } from "../words";
import { JsonTree } from "./json_tree";
import { useLoaded, Waiting } from "./load";
import { readSource, type Source } from "./source";
import { SourceView } from "./source_view";

interface Brought {
  answer: string | null;
  deliveries: Bundle[];
}
const nothing = new Set<never>();

function Text({ source }: { source: Source }) {
  return <SourceView source={source} lines={[]} lit={nothing} point={() => undefined} findings={[]} goTo={null} />;
}

export function Exchange({ run, number, sha256, close }: { run: string; number: number; sha256: string; close: () => void }) {
  const path = `/api/bench/runs/${run}`;
  const loaded = useLoaded(`${path} ${number}`, async () => {
    const [bytes, brought] = await Promise.all([callBytes(`${path}/inputs/${sha256}`), get<Brought>(`${path}/messages/${number}`)]);
    return { bytes, brought };
  });
  return (
    <section class="card" aria-label={say("show message", number)}>
      <p class="actions">
        <strong>{say("show message", number)}</strong>
        <button onClick={() => void download(`${path}/inputs/${sha256}`, sha256)}>{say("download source")}</button>
        <button onClick={close}>{say("close")}</button>
      </p>
      <Waiting loaded={loaded}>{({ bytes, brought }) => <Sides bytes={bytes} brought={brought} />}</Waiting>
    </section>
  );
}

function Sides({ bytes, brought }: { bytes: Uint8Array; brought: Brought }) {
  const source = useMemo(() => readSource(bytes, []), [bytes]);
  return (
    <div class="two">
      <section aria-label={say("arrived")}>
        <h3>{say("arrived")}</h3>
        <Text source={source} />
        {brought.answer !== null && <><h3>{say("answer")}</h3><pre>{brought.answer.replaceAll("\r", "\n")}</pre></>}
      </section>
      <section aria-label={say("at the target")}>
        <h3>{say("at the target")} <small>{brought.deliveries.length}</small></h3>
        <ul class="tree pane">
          {brought.deliveries.map((bundle, i) => <JsonTree value={bundle} path={`${bundle.resourceType} ${i + 1}`} lit={() => false} point={() => undefined} />)}
        </ul>
      </section>
    </div>
  );
}
