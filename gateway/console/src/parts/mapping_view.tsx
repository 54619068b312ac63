// Source on the left, FHIR on the right: pointing at one side lights up what it became or came from on the other, and tells
// by which row of the tables.

import { useEffect, useMemo, useRef, useState } from "preact/hooks";
import type { Bundle, Finding, Ledger, LedgerLine, Resource } from "../api";
import { say } from "../words";
import { JsonTree } from "./json_tree";
import { readSource } from "./source";
import { SourceView } from "./source_view";

const shownLines = 500;

// "Patient.name[0].family" names an element of the n-th Patient of the Bundle: "Patient", "Patient[1]", ...
function nameResources(bundle: Bundle | null): { name: string; resource: Resource }[] {
  const seen = new Map<string, number>();
  return (bundle?.entry ?? []).flatMap(({ resource }) => {
    if (!resource) return [];
    const n = seen.get(resource.resourceType) ?? 0;
    seen.set(resource.resourceType, n + 1);
    return [{ name: n === 0 ? resource.resourceType : `${resource.resourceType}[${n}]`, resource }];
  });
}

const plain = (target: string) => target.replace(/^(\w+)\[0\]/, "$1");

function Places({ lines, lit, point }: { lines: LedgerLine[]; lit: Set<LedgerLine>; point: (lines: LedgerLine[]) => void }) {
  const [limit, setLimit] = useState(shownLines);
  return (
    <ul class="lines pane">
      {lines.slice(0, limit).map((line) => (
        <li tabIndex={0} class={`${line.fate}${lit.has(line) ? " lit" : ""}`} onMouseEnter={() => point([line])} onMouseLeave={() => point([])}
          onFocus={() => point([line])} onBlur={() => point([])}>
          <code>{line.place}</code> <small class="quiet">{line.reason ?? line.row ?? say("unmapped")}</small>
        </li>
      ))}
      {lines.length > limit && <li><button onClick={() => setLimit(limit + shownLines)}>+{lines.length - limit}</button></li>}
    </ul>
  );
}

interface Props {
  ledger: Ledger | null;
  bundle: Bundle | null;
  bytes?: Uint8Array | null;
  findings?: Finding[];
  goTo?: Finding | null;
}

export function MappingView({ ledger, bundle, bytes = null, findings = [], goTo = null }: Props) {
  const [pointed, setPointed] = useState<LedgerLine[]>([]);
  const [target, setTarget] = useState<string | null>(null);
  const [listed, setListed] = useState(false);
  const sides = useRef<HTMLDivElement>(null);
  const resources = useMemo(() => nameResources(bundle), [bundle]);
  const lines = ledger?.lines ?? [];
  const source = useMemo(() => (bytes ? readSource(bytes, lines) : null), [bytes, ledger]);
  // What lights up may stand beyond the edge of its side; the page itself stays, or the pointer would leave what it is on.
  useEffect(() => {
    const pane = sides.current?.querySelector(target ? ".lines" : ".tree");
    const lit = (target || pointed.length > 0) && pane?.querySelector(".lit");
    if (!pane || !lit) return;
    const [box, at] = [pane.getBoundingClientRect(), lit.getBoundingClientRect()];
    if (at.top < box.top || at.bottom > box.bottom) pane.scrollTop += at.top - box.top - box.height / 3;
  }, [pointed, target]);
  const litTargets = useMemo(() => new Set(pointed.flatMap((line) => (line.targets ?? []).map(plain))), [pointed]);
  const origins = target === null ? [] : lines.filter((line) => (line.targets ?? []).some((t) => plain(t) === target));
  const about = target === null ? pointed : origins;
  const lit = new Set(about);
  // What was pointed at last stays lit: one can go and look at the other side.
  const fromSource = (found: LedgerLine[]) => {
    if (found.length === 0) return;
    setTarget(null);
    setPointed(found);
  };
  const fromTree = (path: string | null) => {
    if (path === null) return;
    setPointed([]);
    setTarget(path);
  };
  const asList = listed || source === null;
  return (
    <>
      <div class="two" ref={sides}>
        <section aria-label={say("source")}>
          <h2>{say("source")} {ledger && <small>{say("mapped")} {ledger.mapped} · {say("dropped")} {ledger.dropped} · {say("unmapped")} {ledger.unmapped}</small>}</h2>
          {source && <p class="actions"><button aria-pressed={!listed} onClick={() => setListed(false)}>{say("text view")}</button><button aria-pressed={listed} onClick={() => setListed(true)}>{say("places")}</button></p>}
          {asList ? <Places lines={lines} lit={lit} point={fromSource} />
            : <SourceView source={source} lines={lines} lit={lit} point={fromSource} findings={findings} goTo={goTo} />}
        </section>
        <section aria-label={say("record")}>
          <h2>{say("record")} <small>{resources.length} {say("resources word")}</small></h2>
          {source && <p class="actions quiet">{say("point help")}</p>}
          <ul class="tree pane">
            {resources.map(({ name, resource }) => (
              <JsonTree key={name} value={resource} path={name} lit={(path) => litTargets.has(path) || path === target} point={fromTree} open={resources.length < 20 || [...litTargets].some((t) => t.startsWith(`${name}.`))} />
            ))}
          </ul>
        </section>
      </div>
      <p class="mapping" aria-live="off">
        {about.slice(0, 3).map((line) => <span><code>{line.place}</code> → <code>{(line.targets ?? []).join(", ") || say(line.fate)}</code> <code>{line.row ?? line.reason ?? ""}</code><br /></span>)}
        {about.length > 3 && `+${about.length - 3}`}
      </p>
    </>
  );
}
