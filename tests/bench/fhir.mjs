// The record over REST under load: node tests/bench/fhir.mjs [RESOURCES] [SECONDS]. Starts build/passerelle on a free port with
// a folder of its own, fills it by transactions of 100 entries, then reads and searches from 8 connections. One JSON line each.

import http from 'node:http';
import { Gateway, plainToml } from '../e2e/gateway.mjs';

const [resources = 100_000, seconds = 5] = process.argv.slice(2).map(Number);
const gateway = await new Gateway({ toml: plainToml }).start();
const base = new URL(`${gateway.http}/fhir`);
const agent = new http.Agent({ keepAlive: true, maxSockets: 64 });

const call = (method, path, body) =>
  new Promise((done, failed) => {
    const headers = { accept: 'application/fhir+json', ...(body && { 'content-type': 'application/fhir+json' }) };
    const request = http.request(`${base.origin}/fhir${path}`, { method, agent, headers }, (response) => {
      let text = '';
      response.on('data', (chunk) => (text += chunk)).on('end', () => done({ status: response.statusCode, text }));
    });
    request.on('error', failed).end(body);
  });

function summary(name, times, elapsed, more = {}) {
  times.sort((a, b) => a - b);
  const at = (share) => +times[Math.min(times.length - 1, Math.floor(times.length * share))].toFixed(2);
  console.log(JSON.stringify({ name, count: times.length, per_second: Math.round(times.length / elapsed), p50_ms: at(0.5),
    p99_ms: at(0.99), ...more }));
}

// Runs `work(i)` from `connections` at once until `until()` says stop; gives the time of each.
async function run(name, connections, until, work, more) {
  const times = [];
  const begun = performance.now();
  let next = 0;
  await Promise.all(Array.from({ length: connections }, async () => {
    while (!until(next)) {
      const i = next++;
      const from = performance.now();
      const { status, text } = await work(i);
      if (status >= 300) throw new Error(`${name}: ${status} ${text.slice(0, 300)}`);
      times.push(performance.now() - from);
    }
  }));
  summary(name, times, (performance.now() - begun) / 1000, more);
}

const patients = Math.ceil(resources / 100);
const transaction = (p) => JSON.stringify({ resourceType: 'Bundle', type: 'transaction', entry: [
  { resource: { resourceType: 'Patient', id: `p${p}`, identifier: [{ system: 'urn:oid:1.2.250.1.999.1', value: `${p}` }],
      name: [{ family: `ESSAI${p % 1000}`, given: ['CAMILLE'] }], birthDate: '1980-01-01', gender: 'female' },
    request: { method: 'PUT', url: `Patient/p${p}` } },
  ...Array.from({ length: 99 }, (_, i) => ({ request: { method: 'PUT', url: `Observation/o${p}-${i}` },
    resource: { resourceType: 'Observation', id: `o${p}-${i}`, status: 'final', subject: { reference: `Patient/p${p}` },
      code: { coding: [{ system: 'http://loinc.org', code: `${1000 + i}-1` }] }, effectiveDateTime: '2026-03-01T10:00:00Z',
      valueQuantity: { value: i, unit: 'g/dL', system: 'http://unitsofmeasure.org', code: 'g/dL' } } }))] });

await run('transaction of 100 entries', 4, (i) => i >= patients, (i) => call('POST', '', transaction(i)),
  { resources: patients * 100 });
const any = () => Math.floor(Math.random() * patients);
for (const connections of [1, 8]) {
  const timed = () => {
    const end = performance.now() + seconds * 1000;
    return () => performance.now() > end;
  };
  const measure = (name, path) => run(`${name}, ${connections} connections`, connections, timed(), () => call('GET', path()));
  await measure('read', () => `/Observation/o${any()}-${any() % 99}`);
  await measure('search by patient, 20 of 99', () => `/Observation?patient=p${any()}`);
  await measure('search by identifier', () => `/Patient?identifier=urn:oid:1.2.250.1.999.1%7C${any()}`);
  await measure('search by patient and code', () => `/Observation?patient=p${any()}&code=http://loinc.org%7C10${10 + (any() % 80)}-1`);
  await measure('search by code, 20 of all patients', () => `/Observation?code=http://loinc.org%7C10${10 + (any() % 80)}-1`);
  await measure('all observations, newest first', () => '/Observation?_sort=-_lastUpdated');
}
console.log(JSON.stringify({ name: 'resident memory', mib: Math.round(gateway.residentMiB()) }));
agent.destroy();
await gateway.remove();
