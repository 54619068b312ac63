// The bytes of a message as rows that can be shown a few at a time, and where the ledger's places stand in them.

import type { LedgerLine } from "../api";

export interface Piece {
  text: string;
  place?: string; // of HL7 v2: the field, "PID-3"
  column?: number; // of a field's first byte
}
export interface Row {
  line: number; // counted from 1, as findings do
  column: number; // of its first character
  pieces: Piece[];
}
export interface Source {
  kind: "hl7v2" | "xml" | "other";
  rows: Row[];
  rowOf: Map<LedgerLine, number>; // where what the ledger speaks of stands
}

const shownOfField = 240, shownOfRow = 400;

// Columns count bytes: the character of a text in which the byte stands, when the text begins with byte 1.
export function characterAt(text: string, byte: number): number {
  let at = 1;
  for (let i = 0; i < text.length; i++) {
    const code = text.charCodeAt(i);
    at += code < 0x80 ? 1 : code < 0x800 || (code >= 0xd800 && code < 0xe000) ? 2 : 3; // two of each pair of surrogates
    if (at > byte) return i;
  }
  return text.length - 1;
}

export function decode(bytes: Uint8Array): string {
  try {
    return new TextDecoder("utf-8", { fatal: true }).decode(bytes);
  } catch {
    return new TextDecoder("windows-1252").decode(bytes);
  }
}

const cut = (text: string) => (text.length > shownOfField ? `${text.slice(0, shownOfField)}… (${text.length.toLocaleString()})` : text);

const encoder = new TextEncoder();
const bytesOf = (text: string) => (/^[\x00-\x7f]*$/.test(text) ? text.length : encoder.encode(text).length);

function segmentRows(text: string): Row[] {
  const separator = text[3] ?? "|";
  return text.split(/\r\n|\r|\n/).flatMap((segment, i) => {
    if (!segment) return [];
    const name = segment.slice(0, 3);
    const fields = segment.split(separator);
    const first = name === "MSH" ? 1 : 0; // MSH-1 is the separator itself
    let column = 1;
    const pieces = fields.flatMap((field, n): Piece[] => {
      const piece = n === 0 ? { text: field } : { text: cut(field), place: `${name}-${n + first}`, column };
      column += bytesOf(field) + 1;
      return n === 0 ? [piece] : [{ text: separator }, piece];
    });
    return [{ line: i + 1, column: 1, pieces }];
  });
}

function textRows(text: string): Row[] {
  return text.split(/\r\n|\r|\n/).flatMap((line, i) => {
    const rows: Row[] = [];
    for (let at = 0; at === 0 || at < line.length; at += shownOfRow)
      rows.push({ line: i + 1, column: at + 1, pieces: [{ text: line.slice(at, at + shownOfRow) }] });
    return rows;
  });
}

// The ledger goes through a message in order; segments of one name are told apart by that.
function placeSegments(rows: Row[], lines: LedgerLine[]): Map<LedgerLine, number> {
  const found = new Map<LedgerLine, number>();
  let at = -1, label = "", field = 0;
  for (const line of lines) {
    const match = line.place.match(/^(([A-Z][A-Z0-9]{2})(?:\[\d+\])?)-(\d+)/);
    if (!match) continue;
    const [, labelled, name, number] = match;
    if (labelled !== label || Number(number) < field) {
      const isNext = (row: Row) => row.pieces[0]?.text === name;
      const next = rows.findIndex((row, i) => i > at && isNext(row));
      at = next >= 0 ? next : rows.findIndex(isNext);
    }
    [label, field] = [labelled!, Number(number)];
    found.set(line, at);
  }
  return found;
}

// Elements by their path, each step with its number among those of its name.
function placeElements(text: string, rows: Row[], lines: LedgerLine[]): Map<LedgerLine, number> {
  const lineOf = new Map<string, number>();
  const open: { path: string; seen: Map<string, number> }[] = [{ path: "", seen: new Map() }];
  let line = 1, counted = 0;
  for (const tag of text.matchAll(/<!--[^]*?-->|<!\[CDATA\[[^]*?\]\]>|<\?[^]*?\?>|<(\/?)([\w.:-]+)(?:[^<>"']|"[^"]*"|'[^']*')*?(\/?)>/g)) {
    for (; counted < tag.index; counted++) if (text.charCodeAt(counted) === 10) line++;
    const name = tag[2]?.replace(/^.*:/, "");
    if (!name) continue;
    if (tag[1]) {
      if (open.length > 1) open.pop();
      continue;
    }
    const parent = open.at(-1)!;
    const number = (parent.seen.get(name) ?? 0) + 1;
    parent.seen.set(name, number);
    const path = `${parent.path}/${name}[${number}]`;
    lineOf.set(path, line);
    if (!tag[3]) open.push({ path, seen: new Map() });
  }
  const firstRow = new Map<number, number>();
  rows.forEach((row, i) => { if (!firstRow.has(row.line)) firstRow.set(row.line, i); });
  const found = new Map<LedgerLine, number>();
  for (const entry of lines) {
    const path = entry.place.replace(/\/@.*$/, "").replace(/\/([^/[\]]+)(?=\/|$)/g, "/$1[1]");
    const row = firstRow.get(lineOf.get(path) ?? -1);
    if (row !== undefined) found.set(entry, row);
  }
  return found;
}

const mappedBytesMax = 2 << 20; // of an XML that is gone through for its places

export function readSource(bytes: Uint8Array, lines: LedgerLine[]): Source {
  const text = decode(bytes);
  if (/^\ufeff?(MSH|FHS|BHS)/.test(text)) {
    const rows = segmentRows(text.replace(/^\ufeff/, ""));
    return { kind: "hl7v2", rows, rowOf: placeSegments(rows, lines) };
  }
  const rows = textRows(text);
  const isXml = /^\ufeff?\s*</.test(text);
  return { kind: isXml ? "xml" : "other", rows, rowOf: isXml && text.length <= mappedBytesMax ? placeElements(text, rows, lines) : new Map() };
}

// The first document that a message of HL7 v2 carries in an OBX-5, decoded; null where there is none.
export function carriedDocument(bytes: Uint8Array): Uint8Array<ArrayBuffer> | null {
  const text = decode(bytes);
  const carried = /^MSH/.test(text) && text.match(/[\r\n]OBX\|(?:[^|\r\n]*\|){4}[^|\r\n]*\^Base64\^([A-Za-z0-9+/=]+)/i)?.[1];
  if (!carried) return null;
  try {
    const document = Uint8Array.from(atob(carried), (c) => c.charCodeAt(0));
    return /^\s*</.test(decode(document.slice(0, 100))) ? document : null;
  } catch {
    return null;
  }
}

// "PID-3[2].4.1" stands in the field "PID-3".
export const fieldOf = (place: string): string => place.match(/^([A-Z][A-Z0-9]{2})(?:\[\d+\])?-(\d+)/)?.slice(1).join("-") ?? "";
