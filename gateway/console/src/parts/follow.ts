// Follows server-sent events. An answer ends with what there is, and the next question goes on from there; a session's
// cookie or a tab's token goes with each, which EventSource could not send.

import { useEffect, useRef } from "preact/hooks";
import { ApiError, callRaw } from "../api";

export interface LiveEvent {
  id: number;
  name: string;
  data: unknown;
}

function parse(text: string): LiveEvent[] {
  return text.split("\n\n").flatMap((block) => {
    const field = (name: string) => block.match(new RegExp(`^${name}: (.*)$`, "m"))?.[1];
    const id = field("id");
    return id === undefined ? [] : [{ id: Number(id), name: field("event") ?? "", data: JSON.parse(field("data") ?? "null") as unknown }];
  });
}

const sleep = (ms: number) => new Promise((done) => setTimeout(done, ms));

async function backAgain(left: AbortSignal) {
  while (!left.aborted) {
    await sleep(1000);
    if (await callRaw("/health/live").then(() => true, () => false)) return;
  }
}

// Calls take(events) for each answer that brings some, from now on or from `after`, until the screen is left or `path` is
// null; lost(true) while the gateway is away. What came meanwhile is told when it is back.
export function useEvents(path: string | null, take: (events: LiveEvent[]) => void, lost: (away: boolean) => void, after?: number) {
  const latest = useRef({ take, lost });
  latest.current = { take, lost };
  useEffect(() => {
    if (path === null) return;
    const stop = new AbortController();
    const run = async () => {
      let last = after;
      while (!stop.signal.aborted) {
        try {
          const text = await callRaw(last === undefined ? path : `${path}?after=${last}`, { signal: stop.signal });
          const events = parse(text);
          last = events.at(-1)?.id ?? last;
          const news = events.filter((event) => event.name !== "start");
          if (news.length > 0) latest.current.take(news);
        } catch (reason) {
          if (stop.signal.aborted) return;
          const status = reason instanceof ApiError ? reason.status : 0;
          if (status >= 400 && status < 500) return;
          latest.current.lost(true);
          await backAgain(stop.signal);
          latest.current.lost(false);
        }
      }
    };
    void run();
    return () => stop.abort();
  }, [path]);
}
