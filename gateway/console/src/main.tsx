import { render } from "preact";
import { useEffect, useState } from "preact/hooks";
import { signOut, whoAmI, type Session } from "./api";
import { SignIn } from "./parts/sign_in";
import { Access } from "./pages/access";
import { Convert } from "./pages/convert";
import { Message } from "./pages/message";
import { Messages } from "./pages/messages";
import { Now } from "./pages/now";
import { Parked } from "./pages/parked";
import { Patient } from "./pages/patient";
import { useRoute, type Route } from "./route";
import { language, say, setLanguage, type Word } from "./words";
import type { ComponentChild } from "preact";

// The screens, in the order of the menu; one without a word is reached from another.
const pages: { page: string; word?: Word; title: Word; show: (route: Route) => ComponentChild }[] = [
  { page: "now", word: "now", title: "now", show: () => <Now /> },
  { page: "messages", word: "messages", title: "messages", show: (route) => <Messages query={route.query} /> },
  { page: "message", title: "messages", show: (route) => <Message key={route.rest} seq={route.rest} /> },
  { page: "parked", word: "parked", title: "parked", show: () => <Parked /> },
  { page: "convert", word: "convert", title: "convert", show: () => <Convert /> },
  { page: "patient", word: "patient", title: "patient", show: (route) => <Patient key={route.rest} id={route.rest} /> },
  { page: "access", word: "access", title: "access", show: () => <Access /> },
];

function App() {
  const route = useRoute();
  const [, redraw] = useState(0);
  const [session, setSession] = useState<Session | null | undefined>(undefined);
  useEffect(() => {
    whoAmI().then(setSession, () => setSession(null));
    const expired = () => setSession(null);
    addEventListener("expired", expired);
    return () => removeEventListener("expired", expired);
  }, []);
  if (session === undefined) return <p class="quiet">{say("loading")}</p>;
  if (session === null) return <SignIn done={setSession} />;
  const current = pages.find((p) => p.page === route.page);
  return (
    <>
      <a class="skip" href="#content" onClick={(e) => { e.preventDefault(); document.getElementById("content")?.focus(); }}>{say("skip")}</a>
      <header>
        <strong>Passerelle</strong>
        <nav aria-label={say("menu")}>
          {pages.filter((p) => p.word).map((p) => (
            <a href={`#/${p.page}`} aria-current={p.page === route.page ? "page" : undefined}>{say(p.word!)}</a>
          ))}
        </nav>
        <span>
          <button lang={language === "fr" ? "en" : "fr"} onClick={() => { setLanguage(language === "fr" ? "en" : "fr"); redraw((n) => n + 1); }}>{say("language")}</button>
          <button onClick={() => { void signOut().finally(() => setSession(null)); }}>{say("sign out")} <small>{session.name}</small></button>
        </span>
      </header>
      <main id="content" tabIndex={-1}>
        <h1>{say(current?.title ?? "missing")}</h1>
        {current ? current.show(route) : null}
      </main>
    </>
  );
}

render(<App />, document.getElementById("app")!);
