// A FHIR resource as a tree of lines, each with its path; the lit ones belong to what is pointed at on the other side.

import { useState } from "preact/hooks";

interface Props {
  value: unknown;
  path: string;
  name?: string;
  lit: (path: string) => boolean;
  point: (path: string | null) => void;
  open?: boolean;
}

const textShown = 2000; // of a text: megabytes in one line would hold the page up
const shown = 200; // children drawn at once; a large list grows on demand

const shorten = (text: string) => (text.length > textShown ? `${text.slice(0, textShown)}… (${text.length.toLocaleString()})` : text);

export function JsonTree({ value, path, name, lit, point, open = true }: Props) {
  const [isOpen, setOpen] = useState(open);
  const [limit, setLimit] = useState(shown);
  const label = name !== undefined && <span class="key">{name}: </span>;
  if (value === null || typeof value !== "object")
    return (
      <li class={lit(path) ? "lit" : ""} tabIndex={0} onMouseEnter={() => point(path)} onMouseLeave={() => point(null)}
        onFocus={() => point(path)} onBlur={() => point(null)}>
        {label}<span class={typeof value === "string" ? "text" : "number"}>{shorten(String(value))}</span>
      </li>
    );
  const entries = Array.isArray(value)
    ? value.map((item, i) => [`[${i}]`, item, `${path}[${i}]`] as const)
    : Object.entries(value).map(([key, item]) => [key, item, path ? `${path}.${key}` : key] as const);
  return (
    <li>
      <button class="fold" aria-expanded={isOpen} onClick={() => setOpen(!isOpen)}>
        {isOpen ? "▾" : "▸"} {name ?? path} <small class="quiet">{entries.length}</small>
      </button>
      {isOpen && (
        <ul>
          {entries.slice(0, limit).map(([key, item, at]) => (
            <JsonTree key={at} value={item} path={at} name={key} lit={lit} point={point} open={entries.length < 40} />
          ))}
          {entries.length > limit && <li><button onClick={() => setLimit(limit + shown)}>+{entries.length - limit}</button></li>}
        </ul>
      )}
    </li>
  );
}
