// The gateway's JSON API, as docs/openapi.json describes it. Every failure is one of three: not signed in, not allowed,
// or a sentence to show.

export class ApiError extends Error {
  constructor(readonly status: number, message: string) {
    super(message);
  }
}

// Who is signed in: by a session cookie that no script can read, with the word that changes must carry; or by an access
// token kept for this tab alone.
export interface Session {
  name: string;
  role: string;
  patient?: string | null;
  csrf?: string;
}

let token = sessionStorage.getItem("token") ?? "";
let csrf = "";

// What this tab alone knows, over a reload: an access token, an identifier that may stand in no address.
export function recall(name: string): string {
  return sessionStorage.getItem(name) ?? "";
}
export function keep(name: string, value: string) {
  if (value) sessionStorage.setItem(name, value);
  else sessionStorage.removeItem(name);
}

export function useToken(next: string) {
  token = next;
  keep("token", next);
}

const remember = (session: Session) => {
  csrf = session.csrf ?? "";
  return session;
};

// The session of this browser, or null when nobody is signed in.
export async function whoAmI(): Promise<Session | null> {
  try {
    return remember(await get<Session>("/api/session"));
  } catch (reason) {
    if (reason instanceof ApiError && reason.status === 401) {
      useToken("");
      return null;
    }
    throw reason;
  }
}

export const signIn = async (name: string, password: string) =>
  remember(await post<Session>("/api/session", JSON.stringify({ name, password })));
export const signInFirst = async (first: string, name: string, password: string) =>
  remember(await post<Session>("/api/session/first", JSON.stringify({ token: first, name, password })));

export async function signOut() {
  if (!token) await call("/api/session", { method: "DELETE" });
  useToken("");
  keep("patient", "");
  csrf = "";
}

// A sentence out of an OperationOutcome or an error object.
function sentenceOf(body: unknown, fallback: string): string {
  const outcome = body as { issue?: { details?: { text?: string }; diagnostics?: string }[]; reason?: string };
  const issue = outcome?.issue?.[0];
  return issue?.details?.text ?? issue?.diagnostics ?? outcome?.reason ?? fallback;
}

// The answer's bytes; an ApiError where it is none, with the status 0 where nothing answers.
async function ask(path: string, init: RequestInit = {}): Promise<Response> {
  const headers = new Headers(init.headers);
  headers.set("Accept-Language", document.documentElement.lang);
  if (!headers.has("Accept")) headers.set("Accept", "application/json");
  if (token) headers.set("Authorization", `Bearer ${token}`);
  else if (csrf && init.method && init.method !== "GET") headers.set("X-CSRF-Token", csrf);
  let response: Response;
  try {
    response = await fetch(path, { ...init, headers, cache: "no-store" });
  } catch {
    throw new ApiError(0, "");
  }
  // Whatever was asked for: who is not signed in any more signs in, and goes on where he was.
  if (response.status === 401 && !path.startsWith("/api/session")) dispatchEvent(new Event("expired"));
  if (!response.ok) throw new ApiError(response.status, sentenceOf(parsed(await response.text()), response.statusText));
  return response;
}

function parsed(text: string): unknown {
  try {
    return text ? JSON.parse(text) : null;
  } catch {
    return text;
  }
}

export const call = async <T>(path: string, init?: RequestInit): Promise<T> => parsed(await callRaw(path, init)) as T;

export async function callRaw(path: string, init?: RequestInit): Promise<string> {
  const response = await ask(path, init);
  try {
    return await response.text();
  } catch {
    throw new ApiError(0, "");
  }
}

export const callBytes = async (path: string) => new Uint8Array(await (await ask(path, { headers: { Accept: "*/*" } })).arrayBuffer());

// Saves an answer as a file; a link could not carry the tab's token.
export async function download(path: string, name: string) {
  const url = URL.createObjectURL(await (await ask(path, { headers: { Accept: "*/*" } })).blob());
  const link = document.createElement("a");
  link.href = url;
  link.download = name;
  link.click();
  setTimeout(() => URL.revokeObjectURL(url), 60_000);
}

export const get = <T>(path: string) => call<T>(path);
export const post = <T>(path: string, body = "", type = "application/json") =>
  call<T>(path, { method: "POST", body, headers: { "Content-Type": type } });

// Why something did not go on.
export interface Caused {
  cause: string | null; // stored: by which causes are told apart
  cause_text: string | null; // as it is said to a reader
}
export interface MessageRow extends Caused {
  seq: number;
  received: string;
  format: string | null;
  control_id: string | null;
  state: string;
  ack: string | null;
  feed: string;
  event: string | null;
}
export interface MessagePage {
  messages: MessageRow[];
  next: string | null;
}
export interface FoundMessages {
  messages: MessageRow[];
  next: number | null;
}
export interface Finding {
  severity: string;
  rule: string;
  place: string;
  line?: number;
  column?: number;
  text: string;
}
export interface LedgerLine {
  place: string;
  fate: "mapped" | "dropped" | "unmapped";
  targets?: string[];
  row?: string;
  reason?: string;
}
export interface Ledger {
  leaves: number;
  mapped: number;
  dropped: number;
  unmapped: number;
  lines: LedgerLine[];
}
export interface Attempt extends Caused {
  at: string;
  outcome: string;
  http_status: number;
}
export interface Delivery extends Caused {
  id: number;
  seq: number;
  target: string;
  state: string;
  next_try: string | null;
  attempts: Attempt[];
}
export interface Decision extends Caused {
  at: string;
  state: string;
  ack: string | null;
  answer: string | null;
  settings: string | null;
  resources: string[];
}
export interface Message extends MessageRow {
  sha256: string;
  sender: string;
  peer: { address: string; tls: boolean; certificate: string | null };
  attempts: number;
  findings: Finding[];
  ledger: Ledger | null;
  deliveries: Delivery[];
  decisions: Decision[];
  masked: boolean;
}
// A way in (a feed) or out (a target).
export interface FeedStatus {
  name: string;
  kind: string;
  address: string;
  state: string;
  cause_text: string | null; // why the last delivery did not go through
  tls: boolean;
  authenticated: boolean;
  connections: number;
  certificate_days: number | null;
  per_second: number[];
  p99_ms: number | null;
  owed: number;
  owed_since: string | null;
  parked: number;
  parked_since: string | null;
}
export interface NowState {
  ready: boolean;
  reason?: string;
  at: string;
  counts: Record<string, number>;
  refused_lately: number;
  feeds: FeedStatus[];
  targets: FeedStatus[];
}
export interface AuditRow {
  id: number;
  at: string;
  who: string;
  action: string;
  patient: string | null;
  resource: string;
  message: number | null; // of what a feed brought
  purpose: string;
}
export interface ConvertResult {
  format: string;
  event: string;
  refusal: string | null;
  findings: Finding[];
  bundle: Bundle | null;
  ledger: Ledger | null;
}

export interface Resource {
  resourceType: string;
  id?: string;
  [name: string]: unknown;
}
export interface Bundle {
  resourceType: "Bundle";
  entry?: { fullUrl?: string; resource?: Resource }[];
}
