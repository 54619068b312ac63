// Pages are fragment routes: "#/messages?state=refused". Never an identifier or a trait stands in them.

import { useEffect, useState } from "preact/hooks";

export type Query = Record<string, string>;
export interface Route {
  page: string;
  rest: string;
  query: Query;
}

function read(): Route {
  const [path = "", search = ""] = location.hash.replace(/^#\/?/, "").split("?");
  const [page = "", ...rest] = path.split("/");
  return { page, rest: rest.join("/"), query: Object.fromEntries([...new URLSearchParams(search)].filter(([, v]) => v)) };
}

export function go(page: string, query: Query = {}) {
  const search = new URLSearchParams(query).toString();
  location.hash = `/${page}${search ? `?${search}` : ""}`;
}

export function useRoute(): Route {
  const [route, setRoute] = useState(read);
  useEffect(() => {
    const changed = () => setRoute(read());
    addEventListener("hashchange", changed);
    return () => removeEventListener("hashchange", changed);
  }, []);
  return route;
}
