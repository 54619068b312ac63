import { useState } from "preact/hooks";
import { call, get, post } from "../api";
import { useLoaded, Waiting } from "../parts/load";
import { Table } from "../parts/table";
import { say, when } from "../words";

interface Account {
  name: string;
  role: string;
}

const accountColumns = () => [
  { name: say("name"), cell: (account: Account) => account.name },
  { name: say("role"), cell: (account: Account) => account.role },
];

interface AuditRow {
  id: number;
  at: string;
  who: string;
  action: string;
  resource: string;
  purpose: string;
}

const roles = ["feed", "operator", "vendor", "auditor", "care", "patient", "admin"];

function Tokens() {
  const [name, setName] = useState("");
  const [role, setRole] = useState("operator");
  const [made, setMade] = useState("");
  const tokens = useLoaded("tokens", () => get<{ tokens: Account[] }>("/api/tokens"));
  const issue = async () => {
    const answer = await post<{ token: string }>("/api/tokens", JSON.stringify({ name, role }));
    setMade(answer.token);
    tokens.again();
  };
  const revoke = async (token: Account) => {
    await call(`/api/tokens/${encodeURIComponent(token.name)}`, { method: "DELETE" });
    tokens.again();
  };
  return (
    <>
      <form class="filters" onSubmit={(e) => { e.preventDefault(); void issue(); }}>
        <label>{say("name")}<input value={name} onInput={(e) => setName(e.currentTarget.value)} /></label>
        <label>{say("role")}<select value={role} onChange={(e) => setRole(e.currentTarget.value)}>{roles.map((r) => <option>{r}</option>)}</select></label>
        <button disabled={!name}>{say("issue")}</button>
      </form>
      {made && <p role="status">{say("new token")} <code>{made}</code></p>}
      <Waiting loaded={tokens}>
        {(page) => <Table caption={say("tokens")} rows={page.tokens} columns={[
          ...accountColumns(),
          { name: "", cell: (t: Account) => <button onClick={() => void revoke(t)}>{say("revoke")}</button> },
        ]} />}
      </Waiting>
    </>
  );
}

export function Access() {
  const users = useLoaded("users", () => get<{ users: Account[] }>("/api/users"));
  const audit = useLoaded("audit", () => get<{ entries: AuditRow[] }>("/api/audit"));
  return (
    <>
      <h2>{say("tokens")}</h2>
      <Tokens />
      <h2>{say("users")}</h2>
      <Waiting loaded={users}>{(page) => <Table caption={say("users")} rows={page.users} columns={accountColumns()} />}</Waiting>
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
