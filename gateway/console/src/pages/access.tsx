import { get } from "../api";
import { useLoaded, Waiting } from "../parts/load";
import { Table } from "../parts/table";
import { say, when } from "../words";

interface TokenRow {
  name: string;
  role: string;
  created?: string;
}
interface AuditRow {
  id: number;
  at: string;
  who: string;
  action: string;
  resource: string;
  purpose: string;
}

export function Access() {
  const tokens = useLoaded("tokens", () => get<{ tokens: TokenRow[] }>("/api/tokens"));
  const audit = useLoaded("audit", () => get<{ entries: AuditRow[] }>("/api/audit"));
  return (
    <>
      <h2>{say("tokens")}</h2>
      <Waiting loaded={tokens}>
        {(page) => (
          <Table caption={say("tokens")} rows={page.tokens} columns={[
            { name: say("name"), cell: (t) => t.name },
            { name: say("role"), cell: (t) => t.role },
          ]} />
        )}
      </Waiting>
      <h2>{say("audit")}</h2>
      <Waiting loaded={audit}>
        {(page) => (
          <Table caption={say("audit")} rows={page.entries} columns={[
            { name: say("time"), cell: (a) => when(a.at) },
            { name: say("who"), cell: (a) => a.who },
            { name: say("action"), cell: (a) => a.action },
            { name: say("resource"), cell: (a) => <code>{a.resource}</code> },
            { name: say("purpose"), cell: (a) => a.purpose },
          ]} />
        )}
      </Waiting>
    </>
  );
}
