// The source of a message, row by row, only those in sight drawn, so that sixteen megabytes open like one line. Fields light
// up with what is pointed at; where a finding is, the row and the field are marked.

import { useEffect, useRef, useState } from "preact/hooks";
import type { Finding, LedgerLine } from "../api";
import { say } from "../words";
import { characterAt, fieldOf, type Row, type Source } from "./source";

const rowHeight = 20, around = 20;

interface Props {
  source: Source;
  lines: LedgerLine[];
  lit: Set<LedgerLine>;
  point: (lines: LedgerLine[]) => void;
  findings: Finding[];
  goTo: Finding | null;
}

// Of a document that a message carries, lines are counted in the document: the field that carries it is shown.
const carrier = (source: Source): number => {
  for (const [line, row] of source.rowOf) if (/^OBX-5.*\/ClinicalDocument/.test(line.place)) return row;
  return -1;
};

const rowOfFinding = (source: Source, finding: Finding): number => {
  if (source.kind === "hl7v2" && !fieldOf(finding.place) && finding.place.startsWith("/")) return carrier(source);
  const of = source.rows.findIndex((row) => row.line === finding.line);
  if (of < 0) return -1;
  const column = finding.column ?? 1;
  for (let i = of; ; i++) if (source.rows[i + 1]?.line !== finding.line || (source.rows[i + 1]?.column ?? 0) > column) return i;
};

// The text with the byte marked that a finding points at; `from` is the column at which the text begins.
function Marked({ text, from, findings }: { text: string; from: number; findings: Finding[] }) {
  const column = findings.map((f) => f.column ?? 0).find((c) => c >= from);
  const at = column === undefined ? -1 : characterAt(text, column - from + 1);
  if (at < 0 || at >= text.length) return <>{text}</>;
  return <>{text.slice(0, at)}<mark class="byte">{text[at]}</mark>{text.slice(at + 1)}</>;
}

export function SourceView({ source, lines, lit, point, findings, goTo }: Props) {
  const pane = useRef<HTMLDivElement>(null);
  const [top, setTop] = useState(0);
  const show = (row: number) => {
    const at = row * rowHeight, box = pane.current;
    if (box && row >= 0 && (at < box.scrollTop || at > box.scrollTop + box.clientHeight - 2 * rowHeight)) box.scrollTop = at - box.clientHeight / 3;
  };
  const byRow = new Map<number, LedgerLine[]>();
  for (const line of lines) {
    const row = source.rowOf.get(line);
    if (row !== undefined) byRow.set(row, [...(byRow.get(row) ?? []), line]);
  }
  const marked = new Map<number, Finding[]>();
  for (const finding of findings) {
    if (finding.severity === "information" && finding.place !== goTo?.place) continue; // a note is no fault until it is asked for
    const row = rowOfFinding(source, finding);
    if (row >= 0) marked.set(row, [...(marked.get(row) ?? []), finding]);
  }
  const first = [...lit].map((line) => source.rowOf.get(line)).find((row) => row !== undefined);
  useEffect(() => { if (first !== undefined) show(first); }, [first]);
  useEffect(() => { if (goTo) show(rowOfFinding(source, goTo)); }, [goTo]);
  const from = Math.max(0, Math.floor(top / rowHeight) - around);
  const shown = source.rows.slice(from, from + 60 + 2 * around);
  const draw = (row: Row, number: number) => {
    const here = byRow.get(number) ?? [], faults = marked.get(number) ?? [];
    const inField = (place?: string) => here.filter((line) => fieldOf(line.place) === place);
    const whole = source.kind !== "hl7v2";
    return (
      <div class={`row${faults.length ? " offending-line" : ""}${whole && here.some((line) => lit.has(line)) ? " lit" : ""}`} title={faults.map((f) => f.text).join("\n") || undefined}
        onMouseEnter={whole ? () => point(here) : undefined}>
        <span class="no">{row.column === 1 ? row.line : ""}</span>
        {row.pieces.map((piece) => (piece.place === undefined ? <Marked text={piece.text} from={row.column} findings={whole ? faults : []} /> : (
          <span class={`field${inField(piece.place).some((line) => lit.has(line)) ? " lit" : ""}${faults.some((f) => fieldOf(f.place) === piece.place) ? " offending" : ""}`}
            title={piece.place} onMouseEnter={() => point(inField(piece.place))}><Marked text={piece.text} from={piece.column ?? 1} findings={faults.filter((f) => fieldOf(f.place) === piece.place)} /></span>
        )))}
      </div>
    );
  };
  return (
    <div class="pane source" ref={pane} tabIndex={0} role="group" aria-label={say("source")} onScroll={(e) => setTop(e.currentTarget.scrollTop)}>
      <div style={{ height: from * rowHeight }} />
      {shown.map((row, i) => draw(row, from + i))}
      <div style={{ height: Math.max(0, source.rows.length - from - shown.length) * rowHeight }} />
    </div>
  );
}
