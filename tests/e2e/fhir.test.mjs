// The record over REST, judged by a client that we did not write; and beside a server that we did not write.

import assert from 'node:assert/strict';
import fs from 'node:fs';
import path from 'node:path';
import { test } from 'node:test';
import { Client } from 'fhir-kit-client';
import { gatewayFor, waitFor } from './gateway.mjs';
import { medplumFor } from './medplum.mjs';

const system = 'urn:oid:1.2.250.1.999.1';
const patient = (value, family) => ({ resourceType: 'Patient', identifier: [{ system, value }], name: [{ family }] });
const clientOf = (gateway) => new Client({ baseUrl: `${gateway.http}/fhir` });
const refused = (status) => (error) => error.response?.status === status;

test('fhir-kit-client writes, reads, searches and goes back in time', async (t) => {
  const client = clientOf(await gatewayFor(t));
  const made = await client.create({ resourceType: 'Patient', body: patient('1', 'ESSAIA') });
  assert.match(made.id, /^[0-9a-f-]{36}$/);
  assert.equal(made.meta.versionId, '1');
  const changed = await client.update({ resourceType: 'Patient', id: made.id, body: { ...made, active: true } });
  assert.equal(changed.meta.versionId, '2');
  assert.equal((await client.read({ resourceType: 'Patient', id: made.id })).active, true);
  const first = await client.vread({ resourceType: 'Patient', id: made.id, version: '1' });
  assert.equal(first.active, undefined);
  const history = await client.history({ resourceType: 'Patient', id: made.id });
  assert.deepEqual(history.entry.map((entry) => entry.resource.meta.versionId), ['2', '1']);

  await client.create({ resourceType: 'Patient', body: patient('2', 'ESSAIB') });
  const searchParams = { identifier: `${system}|1` };
  const options = { postSearch: true };
  const found = await client.search({ resourceType: 'Patient', searchParams, options });
  assert.deepEqual(found.entry.map((entry) => entry.resource.id), [made.id]);
  const page = await client.search({ resourceType: 'Patient', searchParams: { _count: 1 } });
  assert.equal(page.total, 2);
  const next = await client.nextPage({ bundle: page });
  assert.equal(next.entry[0].resource.name[0].family, 'ESSAIB');

  const patched = await client.patch({ resourceType: 'Patient', id: made.id,
    jsonPatch: [{ op: 'replace', path: '/name/0/family', value: 'ESSAIC' }] });
  assert.equal(patched.name[0].family, 'ESSAIC');
  await client.delete({ resourceType: 'Patient', id: made.id });
  await assert.rejects(client.read({ resourceType: 'Patient', id: made.id }), refused(410));
  const metadata = await client.capabilityStatement();
  assert.equal(metadata.fhirVersion, '4.0.1');
});

test('fhir-kit-client carries out transactions and batches', async (t) => {
  const client = clientOf(await gatewayFor(t));
  const fullUrl = 'urn:uuid:6e5c1b1c-7b0e-4f3c-9d5e-0f6a1b2c3d4e';
  const observation = { resourceType: 'Observation', status: 'final', code: { text: 'x' }, subject: { reference: fullUrl } };
  const body = { resourceType: 'Bundle', type: 'transaction', entry: [
    { resource: observation, request: { method: 'POST', url: 'Observation' } },
    { fullUrl, resource: patient('1', 'ESSAIA'),
      request: { method: 'POST', url: 'Patient', ifNoneExist: `identifier=${system}|1` } }] };
  const done = await client.transaction({ body });
  assert.deepEqual(done.entry.map((entry) => entry.response.status), ['201', '201']);
  const [, id] = done.entry[1].response.location.split('/');
  const { entry } = await client.search({ resourceType: 'Observation', searchParams: { patient: id, _include: 'Observation:subject' } });
  assert.equal(entry[0].resource.subject.reference, `Patient/${id}`);
  assert.equal(entry[1].search.mode, 'include');
  const again = await client.transaction({ body });
  assert.deepEqual(again.entry.map((e) => e.response.status), ['201', '200']);
  body.entry[0].resource.subject.reference = 'urn:uuid:00000000-0000-4000-8000-000000000000';
  await assert.rejects(client.transaction({ body }), refused(422));
  const batch = await client.batch({ body: { resourceType: 'Bundle', type: 'batch', entry: [
    { request: { method: 'GET', url: `Patient/${id}` } }, { request: { method: 'GET', url: 'Patient/nobody' } }] } });
  assert.deepEqual(batch.entry.map((e) => e.response.status), ['200', '404']);
});

// The same requests to both; compared is what a client relies on, not ids, times or words.
test('Medplum answers as we do', async (t) => {
  const gateway = await gatewayFor(t);
  const medplum = await medplumFor(t);
  const ask = async (base, method, path, body) => {
    const answer = await fetch(base + path, { method, body: body && JSON.stringify(body),
      headers: { 'content-type': 'application/fhir+json', accept: 'application/fhir+json' } });
    const text = await answer.text();
    return { status: answer.status, body: text ? JSON.parse(text) : null };
  };
  const both = async (...request) => {
    const answers = await Promise.all([ask(`${gateway.http}/fhir`, ...request), ask(medplum.url, ...request)]);
    const summary = ({ status, body }) => [status, body?.resourceType, body?.total,
      body?.entry?.map((entry) => entry.response?.status?.slice(0, 3) ?? entry.resource?.name?.[0].family).sort()];
    assert.deepEqual(summary(answers[0]), summary(answers[1]), request.slice(0, 2).join(' '));
    return answers[0].body;
  };
  for (const [value, family] of [['1', 'ESSAIA'], ['2', 'ESSAIB'], ['3', 'ESSAIA']])
    await both('POST', '/Patient', patient(value, family));
  await both('GET', `/Patient?identifier=${system}|2&_total=accurate`);
  await both('GET', '/Patient?family=essaia&_total=accurate');
  await both('GET', '/Patient?family:contains=ssaia&_total=accurate');
  await both('GET', '/Patient?name=ESSAIB&_total=accurate');
  await both('GET', '/Patient?_id=nobody&_total=accurate');
  await both('GET', '/Patient/00000000-0000-4000-8000-000000000000');
  await both('POST', '/', { resourceType: 'Bundle', type: 'batch', entry: [
    { resource: patient('4', 'ESSAID'), request: { method: 'POST', url: 'Patient' } },
    { request: { method: 'GET', url: 'Patient/00000000-0000-4000-8000-000000000000' } }] });
  await both('GET', '/Patient?family=ESSAID&_total=accurate');
});

// A patient whose INS is qualified, as the gate wants him.
const qualified = {
  resourceType: 'Patient',
  extension: [{ url: 'https://hl7.fr/ig/fhir/core/StructureDefinition/fr-core-identity-reliability',
    extension: [{ url: 'identityStatus', valueCoding: { code: 'VALI',
      system: 'https://hl7.fr/ig/fhir/core/CodeSystem/fr-core-cs-v2-0445' } }] }],
  identifier: [{ system: 'urn:oid:1.2.250.1.213.1.4.10', value: '279035121518989' }, { system, value: '77' }],
  name: [{ use: 'official', family: 'ESSAIZ', given: ['CAMILLE'] }], gender: 'female', birthDate: '1979-03-01',
};

// A Bundle of him and one result.
function bundle() {
  const fullUrl = 'urn:uuid:0d7e6d0a-54a9-4a5c-8f0b-2f3f8c1d9a10';
  const observation = { resourceType: 'Observation', status: 'final', code: { text: 'x' }, subject: { reference: fullUrl },
    identifier: [{ system, value: 'o-77' }] };
  return JSON.stringify({ resourceType: 'Bundle', type: 'transaction', entry: [
    { fullUrl, resource: qualified, request: { method: 'POST', url: 'Patient' } },
    { fullUrl: 'urn:uuid:0d7e6d0a-54a9-4a5c-8f0b-2f3f8c1d9a11', resource: observation,
      request: { method: 'POST', url: 'Observation' } }] });
}

const ways = [{ way: '/fhir', times: 1 }, { way: '/inbox', times: 2 }];  // what comes to the inbox again is a repeat
for (const { way, times } of ways)
  test(`what comes by ${way} reaches Medplum once, in one transaction`, async (t) => {
    const medplum = await medplumFor(t, { status: (number) => (number === 1 ? 503 : 0) });
    const toml = `[http]\nlisten = "127.0.0.1:0"\naccess = "open"\n[mllp]\nlisten = "127.0.0.1:0"\n` +
      `[[target]]\nname = "medplum"\nkind = "fhir"\nurl = "${medplum.url}"\nwrite = "post-if-none-exist"\n`;
    const gateway = await gatewayFor(t, { toml });
    const headers = { 'content-type': 'application/fhir+json' };
    for (let i = 0; i < times; ++i) {
      const answer = await fetch(gateway.http + way, { method: 'POST', body: bundle(), headers });
      assert.equal(answer.status, 200, await answer.text());
    }
    const states = async () => (await (await fetch(`${gateway.http}/deliveries`)).json()).deliveries;
    const [delivery] = await waitFor('the delivery', async () => {
      const all = await states();
      return all.length && all.every(({ state }) => state !== 'owed') ? all : null;
    }, 20_000);
    assert.equal(delivery.state, 'delivered', JSON.stringify(delivery));
    assert.equal((await states()).length, 1);
    const sent = medplum.requests.filter(({ method, path }) => method === 'POST' && path === '/');
    assert.equal(sent.length, 2);  // the first was answered with 503
    assert.equal(sent[1].body.type, 'transaction');
    const patients = await medplum.repository.searchResources({ resourceType: 'Patient' });
    const observations = await medplum.repository.searchResources({ resourceType: 'Observation' });
    assert.deepEqual(patients.map((p) => p.name[0].family), ['ESSAIZ']);
    assert.equal(observations[0].subject.reference, `Patient/${patients[0].id}`);
  });

// The examples are of real INS roots and people who do not exist.
test('the official French examples pass the running gateway and come back equal modulo meta', async (t) => {
  const root = path.resolve(import.meta.dirname, '../../../shared/packages-fr');
  if (!fs.existsSync(root)) return t.skip('../shared/packages-fr is not there');
  const toml = `[http]\nlisten = "127.0.0.1:0"\naccess = "open"\nfictitious = true\n[mllp]\nlisten = "127.0.0.1:0"\n`;
  const gateway = await gatewayFor(t, { toml });
  const headers = { 'content-type': 'application/fhir+json', accept: 'application/fhir+json' };
  const send = (method, where, body) =>
    fetch(`${gateway.http}/fhir${where}`, { method, headers, body: JSON.stringify(body) });
  // What two transactions refer to and do not bring.
  const ins = { system: 'urn:oid:1.2.250.1.213.1.4.8', value: '123456789012345' };
  await send('PUT', '/Patient/needed', { resourceType: 'Patient', id: 'needed', identifier: [ins] });
  await send('PUT', '/DocumentReference/doc-x-id', { resourceType: 'DocumentReference', id: 'doc-x-id', status: 'current',
    content: [{ attachment: { title: 'x' } }] });
  const files = fs.readdirSync(root, { recursive: true }).filter((name) => /[\\/]example[\\/][^\\/]+\.json$/.test(name));
  let seen = 0;
  for (const name of files.sort()) {
    const resource = JSON.parse(fs.readFileSync(path.join(root, name)));
    if (!resource.resourceType) continue;  // of a logical model
    ++seen;
    const whole = resource.resourceType === 'Bundle' && ['transaction', 'batch'].includes(resource.type);
    const where = `/${resource.resourceType}/${resource.id}`;
    const answer = whole ? await send('POST', '', resource) : await send('PUT', where, resource);
    assert.ok(answer.ok, `${name}: ${answer.status} ${await answer.text()}`);
    if (whole) continue;  // its entries are compared in tests/gateway/api/examples_test.cpp
    const read = await (await fetch(`${gateway.http}/fhir${where}?_format=json`)).json();
    delete read.meta;
    delete resource.meta;
    assert.deepEqual(read, resource, name);
  }
  assert.ok(seen > 80, `${seen} examples`);
});
