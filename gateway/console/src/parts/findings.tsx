import type { Finding } from "../api";
import { say } from "../words";
import { Table } from "./table";

export const Badge = ({ kind, children }: { kind: string; children: string }) => <span class={`badge ${kind}`}>{children}</span>;

export function Findings({ findings }: { findings: Finding[] }) {
  return (
    <Table
      caption={say("findings")}
      rows={findings}
      columns={[
        { name: say("severity"), cell: (f) => <Badge kind={f.severity}>{f.severity}</Badge> },
        { name: say("place"), cell: (f) => <code>{f.place}{f.line ? ` (${f.line}:${f.column ?? 0})` : ""}</code> },
        { name: say("text"), cell: (f) => <>{f.text} <small class="quiet">{f.rule}</small></> },
      ]}
    />
  );
}
