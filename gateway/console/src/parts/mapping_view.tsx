// Source on the left, FHIR on the right: pointing at one side lights up what it became or came from on the other.

import { useEffect, useMemo, useRef, useState } from "preact/hooks";
import type { Bundle, Ledger, LedgerLine, Resource } from "../api";
import { say } from "../words";
import { JsonTree } from "./json_tree";

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

export function MappingView({ ledger, bundle }: { ledger: Ledger | null; bundle: Bundle | null }) {
  const [source, setSource] = useState<LedgerLine | null>(null);
  const [target, setTarget] = useState<string | null>(null);
  const [limit, setLimit] = useState(shownLines);
  const sides = useRef<HTMLDivElement>(null);
  // What lights up may stand beyond the edge of its side.
  useEffect(() => {
    const side = source ? ".tree" : ".lines";
    if (source || target) sides.current?.querySelector(`${side} .lit`)?.scrollIntoView({ block: "nearest" });
  }, [source, target]);
  const resources = useMemo(() => nameResources(bundle), [bundle]);
  const lines = ledger?.lines ?? [];
  const litTargets = new Set(source?.targets ?? []);
  const isLit = (line: LedgerLine) => target !== null && (line.targets ?? []).some((t) => t === target);
  return (
    <div class="two" ref={sides}>
      <section aria-label={say("source")}>
        <h3>{say("source")}</h3>
        {ledger && <p class="quiet">{ledger.mapped} {say("mapped")}, {ledger.dropped} {say("dropped")}, {ledger.unmapped} {say("unmapped")}</p>}
        <ul class="lines">
          {lines.slice(0, limit).map((line) => (
            <li tabIndex={0} class={`${line.fate}${isLit(line) ? " lit" : ""}`} onMouseEnter={() => setSource(line)} onMouseLeave={() => setSource(null)}
              onFocus={() => setSource(line)} onBlur={() => setSource(null)}>
              <code>{line.place}</code> <small class="quiet">{line.reason ?? line.row ?? say("unmapped")}</small>
            </li>
          ))}
          {lines.length > limit && <li><button onClick={() => setLimit(limit + shownLines)}>+{lines.length - limit}</button></li>}
        </ul>
      </section>
      <section aria-label={say("record")}>
        <h3>{say("record")}</h3>
        <ul class="tree">
          {resources.map(({ name, resource }) => (
            <JsonTree key={name} value={resource} path={name} lit={(path) => litTargets.has(path)} point={setTarget} open={resources.length < 20} />
          ))}
        </ul>
      </section>
    </div>
  );
}
