import { useState } from "preact/hooks";
import { ApiError, signIn, signInFirst, useToken, whoAmI, type Session } from "../api";
import { language, say, setLanguage, type Word } from "../words";

// Three ways in: a name with its password, the token of the first start, an access token for this tab.
type Way = "user" | "first" | "token";
const ways: { way: Way; word: Word }[] = [
  { way: "user", word: "sign in" },
  { way: "first", word: "first start" },
  { way: "token", word: "token" },
];

// After signing in the person is where he was: the page's address has not changed.
export function SignIn({ done }: { done: (session: Session) => void }) {
  const [way, setWay] = useState<Way>("user");
  const [fields, setFields] = useState({ name: "", password: "", token: "" });
  const [wrong, setWrong] = useState("");
  const [, redraw] = useState(0);
  const other = language === "fr" ? "en" : "fr";
  const field = (key: keyof typeof fields, word: Word) => {
    const take = (e: { currentTarget: HTMLInputElement }) => setFields({ ...fields, [key]: e.currentTarget.value });
    return (
      <label>{say(word)}{key === "name" ? <input autocomplete="username" value={fields[key]} onInput={take} />
        : <input type="password" autocomplete="current-password" value={fields[key]} onInput={take} />}</label>
    );
  };
  const enter = async (): Promise<Session | null> => {
    if (way === "user") return signIn(fields.name, fields.password);
    if (way === "first") return signInFirst(fields.token.trim(), fields.name, fields.password);
    useToken(fields.token.trim());
    return whoAmI();
  };
  const submit = async () => {
    setWrong("");
    try {
      const session = await enter();
      if (session) done(session);
      else setWrong(say("wrong token"));
    } catch (reason) {
      setWrong(reason instanceof ApiError && reason.message ? reason.message : say("wrong token"));
    }
  };
  return (
    <main id="content" class="sign-in">
      <h1>Passerelle</h1>
      <p class="filters">
        {ways.map((one) => <button aria-pressed={one.way === way} onClick={() => setWay(one.way)}>{say(one.word)}</button>)}
      </p>
      <form onSubmit={(e) => { e.preventDefault(); void submit(); }}>
        {way !== "user" && field("token", "token")}
        {way !== "user" && <p class="quiet">{say("token help")}</p>}
        {way !== "token" && field("name", "user")}
        {way !== "token" && field("password", "password")}
        {wrong && <p role="alert" class="alert">{wrong}</p>}
        <p><button class="first">{say("sign in")}</button></p>
      </form>
      <p><button class="link" lang={other} onClick={() => { setLanguage(other); redraw((n) => n + 1); }}>{say("language")}</button></p>
    </main>
  );
}
