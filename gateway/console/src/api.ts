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
  csrf?: string;
}

let token = sessionStorage.getItem("token") ?? "";
let csrf = "";

export function useToken(next: string) {
  token = next;
  if (next) sessionStorage.setItem("token", next);
  else sessionStorage.removeItem("token");
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
  csrf = "";
}

// A sentence out of an OperationOutcome or an error object.
function sentenceOf(body: unknown, fallback: string): string {
  const outcome = body as { issue?: { details?: { text?: string }; diagnostics?: string }[]; reason?: string };
  const issue = outcome?.issue?.[0];
  return issue?.details?.text ?? issue?.diagnostics ?? outcome?.reason ?? fallback;
}

export async function call<T>(path: string, init: RequestInit = {}): Promise<T> {
  const headers = new Headers(init.headers);
  headers.set("Accept", "application/json");
  if (token) headers.set("Authorization", `Bearer ${token}`);
  else if (csrf && init.method && init.method !== "GET") headers.set("X-CSRF-Token", csrf);
  let response: Response;
  try {
    response = await fetch(path, { ...init, headers, cache: "no-store" });
  } catch {
    throw new ApiError(0, "");
  }
  const text = await response.text();
  let body: unknown = null;
  try {
    body = text ? JSON.parse(text) : null;
  } catch {
    body = text;
  }
  if (!response.ok) throw new ApiError(response.status, sentenceOf(body, response.statusText));
  return body as T;
}

export const get = <T>(path: string) => call<T>(path);
export const post = <T>(path: string, body = "", type = "application/json") =>
  call<T>(path, { method: "POST", body, headers: { "Content-Type": type } });

export interface MessageRow {
  seq: number;
  received: string;
  format: string;
  control_id: string | null;
  state: string;
  ack: string;
  feed?: string;
  event?: string;
  cause?: string;
}
export interface MessagePage {
  messages: MessageRow[];
  next: string | null;
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
export interface Attempt {
  at: string;
  outcome: string;
  http_status: number;
  cause: string | null;
}
export interface Delivery {
  id: number;
  message: number;
  target: string;
  state: string;
  cause: string | null;
  attempts: number;
  next_try: string | null;
  tries?: Attempt[];
}
export interface Message extends MessageRow {
  sha256: string;
  sender?: string;
  findings: Finding[];
  ledger: Ledger | null;
  resources: string[];
  deliveries: Delivery[];
  answer?: string;
}
export interface FeedStatus {
  name: string;
  kind: string;
  address: string;
  tls: boolean;
  authenticated: boolean;
  connections: number;
  certificate_days: number | null;
}
export interface NowState {
  ready: boolean;
  reason?: string;
  counts: Record<string, number>;
  feeds: FeedStatus[];
  targets: FeedStatus[];
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
