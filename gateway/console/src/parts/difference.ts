// What is different between two Bundles, element by element; resources are told apart by type and order.

import type { Bundle } from "../api";

export interface Change {
  path: string;
  before?: string;
  after?: string;
}

const ofTheStore = /(^|\.)(meta\.(versionId|lastUpdated)|id)$/; // differs without meaning anything

type Names = Map<string, string>; // of the Bundle's resources, by what refers to them

function leaves(value: unknown, path: string, names: Names, into: Map<string, string>) {
  if (value === null || typeof value !== "object") {
    if (!ofTheStore.test(path)) into.set(path, names.get(String(value)) ?? String(value));
  } else if (Array.isArray(value)) value.forEach((item, i) => leaves(item, `${path}[${i}]`, names, into));
  else for (const [name, item] of Object.entries(value)) leaves(item, `${path}.${name}`, names, into);
}

// A draft refers by "urn:uuid:…", the record by its own ids: what counts is which resource is meant.
function flat(bundle: Bundle): Map<string, string> {
  const names: Names = new Map();
  const counts = new Map<string, number>();
  const named = (bundle.entry ?? []).flatMap(({ fullUrl, resource }) => {
    if (!resource) return [];
    const n = counts.get(resource.resourceType) ?? 0;
    counts.set(resource.resourceType, n + 1);
    const name = `${resource.resourceType}[${n}]`;
    for (const reference of [fullUrl, `${resource.resourceType}/${resource.id}`]) if (reference) names.set(reference, name);
    return [{ name, resource }];
  });
  const all = new Map<string, string>();
  for (const { name, resource } of named) leaves(resource, name, names, all);
  return all;
}

export function difference(before: Bundle, after: Bundle): Change[] {
  const [old, now] = [flat(before), flat(after)];
  const paths = new Set([...old.keys(), ...now.keys()]);
  return [...paths].filter((path) => old.get(path) !== now.get(path)).map((path) => ({ path, before: old.get(path), after: now.get(path) }));
}
