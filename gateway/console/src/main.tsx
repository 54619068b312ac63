import { render } from "preact";
import { useEffect, useRef, useState } from "preact/hooks";
import { signOut, whoAmI, type Session } from "./api";
import { SignIn } from "./parts/sign_in";
import { Access } from "./pages/access";
import { Bench } from "./pages/bench";
import { BenchRun } from "./pages/bench_run";
import { Campaign } from "./pages/campaign";
import { Convert } from "./pages/convert";
import { Evidence } from "./pages/evidence";
import { Message } from "./pages/message";
import { Messages } from "./pages/messages";
import { Now } from "./pages/now";
import { Parked } from "./pages/parked";
import { Patient } from "./pages/patient";
import { useRoute, type Route } from "./route";
import { language, say, sayRole, setLanguage, type Word } from "./words";
import type { ComponentChild } from "preact";

// The screens, in the order of the menu, each with the roles that the server lets see it; one without a group is reached
// from another screen.
interface Page {
  page: string;
  group?: Word;
  title: Word;
  roles: string[];
  show: (route: Route, session: Session) => ComponentChild;
}
const watchers = ["operator", "auditor", "admin"], examiners = ["vendor", "auditor", "admin"];
const pages: Page[] = [
  { page: "now", group: "operate", title: "now", roles: watchers, show: () => <Now /> },
  { page: "messages", group: "operate", title: "messages", roles: watchers, show: (route) => <Messages query={route.query} /> },
  { page: "message", title: "message", roles: watchers, show: (route, { role }) => <Message key={route.rest} seq={route.rest} role={role} /> },
  { page: "parked", group: "operate", title: "parked", roles: ["operator", "admin"], show: () => <Parked /> },
  { page: "convert", group: "operate", title: "convert", roles: ["operator", "vendor", "auditor", "admin"], show: () => <Convert /> },
  { page: "patient", group: "the record", title: "patient", roles: ["care", "patient", "admin"], show: (route, session) => <Patient key={route.rest} id={route.rest} session={session} /> },
  { page: "bench", group: "labelling", title: "bench", roles: examiners, show: () => <Bench /> },
  { page: "run", title: "bench run", roles: examiners, show: (route) => <BenchRun key={route.rest} id={route.rest} query={route.query} /> },
  { page: "evidence", group: "labelling", title: "evidence", roles: examiners, show: (route, { role }) => <Evidence query={route.query} role={role} /> },
  { page: "campaign", group: "labelling", title: "campaign", roles: ["auditor", "admin"], show: (route) => <Campaign query={route.query} /> },
  { page: "access", group: "administer", title: "access", roles: ["auditor", "admin"], show: (_, session) => <Access session={session} /> },
];
const groups: Word[] = ["operate", "the record", "labelling", "administer"];

function Menu({ session, current }: { session: Session; current: string }) {
  const seen = pages.filter((page) => page.roles.includes(session.role));
  const bar = useRef<HTMLElement>(null);
  useEffect(() => bar.current?.querySelector("[aria-current]")?.scrollIntoView({ block: "nearest", inline: "center" }), [current]);
  return (
    <nav aria-label={say("menu")} ref={bar}>
      {groups.filter((group) => seen.some((page) => page.group === group)).map((group) => (
        <div>
          <h2>{say(group)}</h2>
          {seen.filter((page) => page.group === group).map((page) => (
            <a href={`#/${page.page}`} aria-current={page.page === current ? "page" : undefined}>{say(page.title)}</a>
          ))}
        </div>
      ))}
    </nav>
  );
}

function App() {
  const route = useRoute();
  const [, redraw] = useState(0);
  const [session, setSession] = useState<Session | null | undefined>(undefined);
  useEffect(() => {
    const look = () => { whoAmI().then(setSession, () => setTimeout(look, 1500)); };
    look();
    const expired = () => setSession(null);
    addEventListener("expired", expired);
    return () => removeEventListener("expired", expired);
  }, []);
  if (session === undefined) return <main><p class="quiet">{say("loading")}</p></main>;
  if (session === null) return <SignIn done={setSession} />;
  const home = pages.find((page) => page.group && page.roles.includes(session.role));
  const wanted = route.page === "" ? home : pages.find((page) => page.page === route.page);
  const title = say(wanted?.title ?? "missing");
  document.title = `${title} – Passerelle`;
  return (
    <>
      <a class="skip" href="#content" onClick={(e) => { e.preventDefault(); document.getElementById("content")?.focus(); }}>{say("skip")}</a>
      <header>
        <strong>Passerelle</strong>
        <Menu session={session} current={wanted?.page === "run" ? "bench" : wanted?.page === "message" ? "messages" : wanted?.page ?? ""} />
        <div class="me">
          <span>{session.name} · {sayRole(session.role)}</span>
          <button lang={language === "fr" ? "en" : "fr"} onClick={() => { setLanguage(language === "fr" ? "en" : "fr"); redraw((n) => n + 1); }}>{say("language")}</button>
          <button onClick={() => { void signOut().finally(() => setSession(null)); }}>{say("sign out")}</button>
        </div>
      </header>
      <main id="content" tabIndex={-1} key={language}>
        <h1>{title}{route.page === "message" || route.page === "run" ? <small>{route.rest}</small> : null}</h1>
        {!wanted ? null : wanted.roles.includes(session.role) ? wanted.show(route, session) : <p class="alert" role="alert">{say("denied")}</p>}
      </main>
    </>
  );
}

render(<App />, document.getElementById("app")!);
