import type { Finding } from "../api";
import { say, saySeverity } from "../words";
import { Badge } from "./badge";
import { Table } from "./table";

// With `choose`, a place leads to where it stands in the source.
export function Findings({ findings, choose }: { findings: Finding[]; choose?: (finding: Finding) => void }) {
  const place = (f: Finding) => <code>{f.place}{f.line ? ` (${f.line}:${f.column ?? 0})` : ""}</code>;
  return (
    <Table
      caption={say("findings")}
      rows={findings}
      columns={[
        { name: say("severity"), cell: (f) => <Badge kind={f.severity}>{saySeverity(f.severity)}</Badge> },
        { name: say("place"), cell: (f) => (choose && f.line ? <button class="link" onClick={() => choose(f)}>{place(f)}</button> : place(f)) },
        { name: say("text"), cell: (f) => <>{f.text} <small class="quiet">{f.rule}</small></> },
      ]}
    />
  );
}
