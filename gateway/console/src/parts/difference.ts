// What is different between two Bundles, element by element; resources are told apart by type and order.

import type { Bundle } from "../api";

export interface Change {
  path: string;
  before?: string;
  after?: string;
}

const ofTheStore = /(^|\.)(meta\.(versionId|lastUpdated)|id)$/; // differs without meaning anything

function leaves(value: unknown, path: string, into: Map<string, string>) {
  if (value === null || typeof value !== "object") {
    if (!ofTheStore.test(path)) into.set(path, String(value));
  } else if (Array.isArray(value)) value.forEach((item, i) => leaves(item, `${path}[${i}]`, into));
  else for (const [name, item] of Object.entries(value)) leaves(item, path ? `${path}.${name}` : name, into);
}

function flat(bundle: Bundle): Map<string, string> {
  const all = new Map<string, string>();
  const seen = new Map<string, number>();
  for (const { resource } of bundle.entry ?? []) {
    if (!resource) continue;
    const n = seen.get(resource.resourceType) ?? 0;
    seen.set(resource.resourceType, n + 1);
    leaves(resource, `${resource.resourceType}[${n}]`, all);
  }
  return all;
}

export function difference(before: Bundle, after: Bundle): Change[] {
  const [old, now] = [flat(before), flat(after)];
  const paths = new Set([...old.keys(), ...now.keys()]);
  return [...paths].filter((path) => old.get(path) !== now.get(path)).map((path) => ({ path, before: old.get(path), after: now.get(path) }));
}
