// A message of a bench run: what arrived, what was answered, what came out at the target.

import { useEffect, useMemo, useRef } from "preact/hooks";
import { callBytes, download, get, type Bundle, type Finding } from "../api";
import { say } from "../words";
import { JsonTree } from "./json_tree";
import { useLoaded, Waiting } from "./load";
import { carriedDocument, readSource, type Source } from "./source";
import { SourceView } from "./source_view";

interface Brought {
  answer: string | null;
  deliveries: Bundle[];
}
const nothing = new Set<never>();

function Text({ source, findings = [] }: { source: Source; findings?: Finding[] }) {
  return <SourceView source={source} lines={[]} lit={nothing} point={() => undefined} findings={findings} goTo={findings[0] ?? null} />;
}

interface Props {
  run: string;
  number: number;
  sha256: string;
  findings: Finding[]; // what is to be seen in it, the first at once
  close: () => void;
}

export function Exchange({ run, number, sha256, findings, close }: Props) {
  const path = `/api/bench/runs/${run}`;
  const loaded = useLoaded(`${path} ${number}`, async () => {
    const [bytes, brought] = await Promise.all([callBytes(`${path}/inputs/${sha256}`), get<Brought>(`${path}/messages/${number}`)]);
    return { bytes, brought };
  });
  const card = useRef<HTMLElement>(null);
  useEffect(() => card.current?.scrollIntoView({ block: "nearest" }), [number, findings]);
  return (
    <section class="card" aria-label={say("show message", number)} ref={card}>
      <p class="actions">
        <strong>{say("show message", number)}</strong>
        <button onClick={() => void download(`${path}/inputs/${sha256}`, sha256)}>{say("download source")}</button>
        <button onClick={close}>{say("close")}</button>
      </p>
      <Waiting loaded={loaded}>{({ bytes, brought }) => <Sides bytes={bytes} brought={brought} findings={findings} />}</Waiting>
    </section>
  );
}

function Sides({ bytes, brought, findings }: { bytes: Uint8Array; brought: Brought; findings: Finding[] }) {
  const source = useMemo(() => readSource(bytes, []), [bytes]);
  const document = useMemo(() => {
    const carried = carriedDocument(bytes);
    return carried && readSource(carried, []);
  }, [bytes]);
  const inDocument = (finding: Finding) => document !== null && finding.place.startsWith("/");
  return (
    <div class="two">
      <section aria-label={say("arrived")}>
        <h3>{say("arrived")}</h3>
        <Text source={source} findings={findings.filter((f) => !inDocument(f))} />
        {document && <><h3>{say("carried document")}</h3><Text source={document} findings={findings.filter(inDocument)} /></>}
        {brought.answer !== null && <><h3>{say("answer")}</h3><pre>{brought.answer.replaceAll("\r", "\n")}</pre></>}
      </section>
      <section aria-label={say("at the target")}>
        <h3>{say("at the target")} <small>{brought.deliveries.length}</small></h3>
        {brought.deliveries.length === 0 ? <p class="empty">{say("nothing")}</p> : (
          <ul class="tree pane">
            {brought.deliveries.map((bundle, i) => <JsonTree value={bundle} path={`${bundle.resourceType} ${i + 1}`} lit={() => false} point={() => undefined} />)}
          </ul>
        )}
      </section>
    </div>
  );
}
