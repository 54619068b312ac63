import { useState } from "preact/hooks";
import { get, signIn } from "../api";
import { say } from "../words";

// After signing in the person is where he was: the page's address has not changed.
export function SignIn({ done }: { done: () => void }) {
  const [token, setToken] = useState("");
  const [wrong, setWrong] = useState(false);
  const submit = async () => {
    signIn(token.trim());
    try {
      await get("/api/messages?count=1");
      done();
    } catch {
      signIn("");
      setWrong(true);
    }
  };
  return (
    <main id="content" class="sign-in">
      <h1>Passerelle</h1>
      <form onSubmit={(e) => { e.preventDefault(); void submit(); }}>
        <label>{say("token")}<input type="password" autocomplete="off" value={token} onInput={(e) => setToken(e.currentTarget.value)} /></label>
        <p class="quiet">{say("token help")}</p>
        {wrong && <p role="alert" class="alert">{say("wrong token")}</p>}
        <button disabled={!token}>{say("sign in")}</button>
      </form>
    </main>
  );
}
