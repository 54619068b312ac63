// Who may do what: people, tokens, certificates, and what was done.

import { useState } from "preact/hooks";
import { ApiError, call, get, post, type AuditRow, type FeedStatus, type Session } from "../api";
import { Badge } from "../parts/badge";
import { Trouble, useLoaded, Waiting } from "../parts/load";
import { Table } from "../parts/table";
import { say, sayAction, sayPurpose, sayRole, when, type Word } from "../words";

interface Account {
  name: string;
  role: string;
  patient: string | null;
  representative: boolean;
  may_delete: boolean;
  created?: string;
}

const roles: { role: string; word: Word }[] = [
  { role: "operator", word: "role operator" }, { role: "vendor", word: "role vendor" }, { role: "auditor", word: "role auditor" },
  { role: "care", word: "role care" }, { role: "patient", word: "role patient" }, { role: "admin", word: "role admin" }, { role: "feed", word: "role feed" },
];

const accountColumns = () => [
  { name: say("name"), cell: (account: Account) => <strong>{account.name}</strong> },
  { name: say("role"), cell: (account: Account) => sayRole(account.role) },
  { name: say("rights"), cell: (account: Account) => (
    <span class="quiet">
      {[account.patient, account.representative && say("representative"), account.may_delete && say("may delete")].filter(Boolean).join(", ")}
    </span>
  ) },
];

// What a person and a token have in common; `secret` stands between.
function AccountForm({ send, action, password }: { send: (account: Record<string, unknown>) => Promise<unknown>; action: string; password?: boolean }) {
  const empty = { name: "", role: "operator", password: "", patient: "", may_delete: false };
  const [fields, setFields] = useState(empty);
  const [error, setError] = useState<ApiError | null>(null);
  const set = (more: Partial<typeof empty>) => setFields({ ...fields, ...more });
  const submit = () => {
    setError(null);
    const { patient, ...rest } = fields;
    send({ ...rest, ...(fields.role === "patient" ? { patient } : {}) }).then(() => setFields(empty), setError);
  };
  return (
    <form class="filters" onSubmit={(e) => { e.preventDefault(); submit(); }}>
      <label>{say("name")}<input value={fields.name} autocomplete="off" onInput={(e) => set({ name: e.currentTarget.value })} /></label>
      <label>{say("role")}
        <select value={fields.role} onChange={(e) => set({ role: e.currentTarget.value })}>
          {roles.filter((r) => !password || r.role !== "feed").map((r) => <option value={r.role}>{sayRole(r.role)} – {say(r.word)}</option>)}
        </select>
      </label>
      {fields.role === "patient" && <label>{say("patient")}<input value={fields.patient} placeholder="Patient/…" onInput={(e) => set({ patient: e.currentTarget.value })} /></label>}
      {password && <label>{say("password")}<input type="password" autocomplete="new-password" minLength={12} value={fields.password} onInput={(e) => set({ password: e.currentTarget.value })} /></label>}
      <label class="check"><input type="checkbox" checked={fields.may_delete} onChange={(e) => set({ may_delete: e.currentTarget.checked })} /> {say("may delete")}</label>
      <button disabled={!fields.name || (password && fields.password.length < 12)}>{action}</button>
      {error && <Trouble error={error} />}
    </form>
  );
}

function Users({ session }: { session: Session }) {
  const [error, setError] = useState<ApiError | null>(null);
  const users = useLoaded("users", () => get<{ users: Account[] }>("/api/users"));
  const put = ({ name, ...rest }: Record<string, unknown>) =>
    call(`/api/users/${encodeURIComponent(String(name))}`, { method: "PUT", body: JSON.stringify(rest) }).then(users.again);
  const remove = (user: Account) => {
    if (confirm(say("confirm remove", user.name)))
      call(`/api/users/${encodeURIComponent(user.name)}`, { method: "DELETE" }).then(users.again, setError);
  };
  return (
    <section>
      <h2>{say("users")}</h2>
      <AccountForm send={put} action={say("add user")} password />
      {error && <Trouble error={error} />}
      <Waiting loaded={users}>
        {(page) => <Table caption={say("users")} rows={page.users} columns={[
          ...accountColumns(),
          { name: "", cell: (u: Account) => u.name !== session.name && <button onClick={() => remove(u)}>{say("remove")}</button>, class: "act" },
        ]} />}
      </Waiting>
    </section>
  );
}

function Tokens() {
  const [made, setMade] = useState("");
  const tokens = useLoaded("tokens", () => get<{ tokens: Account[] }>("/api/tokens"));
  const issue = (account: Record<string, unknown>) => post<{ token: string }>("/api/tokens", JSON.stringify(account)).then((answer) => {
    setMade(answer.token);
    tokens.again();
  });
  const revoke = (token: Account) => void call(`/api/tokens/${encodeURIComponent(token.name)}`, { method: "DELETE" }).then(tokens.again);
  return (
    <section>
      <h2>{say("tokens")}</h2>
      <AccountForm send={issue} action={say("issue")} />
      {made && <p role="status" class="card">{say("new token")}<br /><code>{made}</code></p>}
      <Waiting loaded={tokens}>
        {(page) => <Table caption={say("tokens")} rows={page.tokens} columns={[
          ...accountColumns(),
          { name: say("issued"), cell: (t: Account) => when(t.created) },
          { name: "", cell: (t: Account) => <button onClick={() => revoke(t)}>{say("revoke")}</button>, class: "act" },
        ]} />}
      </Waiting>
    </section>
  );
}

function Certificates() {
  const now = useLoaded("certificates", () => get<{ feeds: FeedStatus[]; targets: FeedStatus[] }>("/api/now"));
  const kind = (days: number | null) => (days === null ? "warning" : days < 30 ? "error" : "good");
  return (
    <section>
      <h2>{say("certificates")}</h2>
      <Waiting loaded={now}>
        {({ feeds, targets }) => <Table caption={say("certificates")} rows={[...feeds, ...targets]} columns={[
          { name: say("name"), cell: (f) => <strong>{f.name}</strong> },
          { name: say("address"), cell: (f) => <code>{f.address}</code> },
          { name: "TLS", cell: (f) => (f.tls ? say("yes") : say("no")) },
          { name: say("peer"), cell: (f) => (f.authenticated ? say("authenticated") : say("unauthenticated")) },
          { name: say("valid for"), cell: (f) => <Badge kind={kind(f.certificate_days)}>{f.certificate_days === null ? say("no certificate") : say("days", f.certificate_days)}</Badge> },
        ]} />}
      </Waiting>
    </section>
  );
}

const shortened = (text: string) => (text.length > 160 ? `${text.slice(0, 160)}…` : text);

export const auditColumns = () => [
  { name: say("time"), cell: (a: AuditRow) => when(a.at), class: "nowrap" },
  { name: say("who"), cell: (a: AuditRow) => a.who, class: "nowrap" },
  { name: say("action"), cell: (a: AuditRow) => sayAction(a.action) },
  { name: say("resource"), cell: (a: AuditRow) => <code>{shortened(a.resource || (a.message === null ? "" : `message ${a.message}`))}</code> },
  { name: say("purpose"), cell: (a: AuditRow) => <span title={a.purpose}>{sayPurpose(a.purpose)}</span> },
];

function Audit() {
  const [before, setBefore] = useState("");
  const audit = useLoaded(`audit ${before}`, () => get<{ entries: AuditRow[]; next: string | null }>(`/api/audit?count=50${before}`));
  return (
    <section>
      <h2>{say("audit")}</h2>
      <Waiting loaded={audit}>
        {(page) => (
          <>
            <Table caption={say("audit")} rows={page.entries} columns={auditColumns()} />
            <nav class="pages" aria-label={say("audit")}>
              {before && <button class="link" onClick={() => setBefore("")}>{say("newest")}</button>}
              {page.next && <button class="link" onClick={() => setBefore(`&before=${page.entries.at(-1)?.id}`)}>{say("older")}</button>}
            </nav>
          </>
        )}
      </Waiting>
    </section>
  );
}

export function Access({ session }: { session: Session }) {
  const isAdmin = session.role === "admin";
  return (
    <>
      {isAdmin && <Users session={session} />}
      {isAdmin && <Tokens />}
      <Certificates />
      <Audit />
    </>
  );
}
