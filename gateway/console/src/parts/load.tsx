// What a screen shows while it waits, when it may not, and when the gateway is away.

import { useCallback, useEffect, useRef, useState } from "preact/hooks";
import type { ComponentChildren } from "preact";
import { ApiError } from "../api";
import { say } from "../words";

export interface Loaded<T> {
  value: T | null;
  error: ApiError | null;
  again: () => void;
}

// Loads now, when `key` changes, and every `seconds` (0: once). A lost connection is tried again. What was asked last is
// shown, in whatever order the answers come.
export function useLoaded<T>(key: string, load: () => Promise<T>, seconds = 0): Loaded<T> {
  const [state, setState] = useState<{ value: T | null; error: ApiError | null }>({ value: null, error: null });
  const timer = useRef(0);
  const turn = useRef(0);
  const run = useCallback(() => {
    const mine = ++turn.current;
    const isLast = () => mine === turn.current;
    window.clearTimeout(timer.current);
    const plan = (wait: number) => {
      if (isLast() && wait > 0) timer.current = window.setTimeout(go, wait * 1000);
    };
    const go = () => {
      load().then(
        (value) => {
          if (isLast()) setState({ value, error: null });
          plan(seconds);
        },
        (reason) => {
          const error = reason instanceof ApiError ? reason : new ApiError(500, String(reason));
          if (isLast()) setState((old) => ({ value: old.value, error }));
          plan(error.status === 0 ? 2 : seconds);
        },
      );
    };
    go();
    return () => {
      ++turn.current;
      window.clearTimeout(timer.current);
    };
  }, [key, seconds]);
  useEffect(run, [run]);
  return { ...state, again: run };
}

export function Waiting<T>({ loaded, children }: { loaded: Loaded<T>; children: (value: T) => ComponentChildren }) {
  const { value, error } = loaded;
  return (
    <>
      {error && <Trouble error={error} again={loaded.again} />}
      {value !== null ? children(value) : !error && <p class="quiet">{say("loading")}</p>}
    </>
  );
}

export function Trouble({ error, again }: { error: ApiError; again?: () => void }) {
  if (error.status === 401) return null; // the sign-in form is coming
  const text = error.status === 0 ? say("lost") : error.status === 403 ? say("denied") : error.message;
  return (
    <p role="alert" class="alert">
      {text} {again && error.status !== 0 && <button onClick={again}>{say("retry")}</button>}
    </p>
  );
}
