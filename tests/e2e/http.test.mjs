// What a client can do on the HTTP listener before any route is asked.

import assert from 'node:assert/strict';
import net from 'node:net';
import { test } from 'node:test';
import { admission, gatewayFor, plainToml, waitFor } from './gateway.mjs';

// Sends bytes as they are; gives all that comes back until the connection ends, or for a while.
async function raw(gateway, bytes, waitMs = 1_000) {
  const { hostname, port } = new URL(gateway.http);
  const socket = net.connect(port, hostname);
  let heard = '';
  socket.on('data', (chunk) => (heard += chunk.toString('latin1'))).on('error', () => {});
  socket.write(bytes, 'latin1');
  await Promise.race([new Promise((done) => socket.on('close', done)), new Promise((done) => setTimeout(done, waitMs))]);
  socket.destroy();
  return heard;
}
const status = (answer) => Number(answer.match(/^HTTP\/1\.1 (\d+)/)?.[1]);
const post = (headers, body) => `POST /inbox HTTP/1.1\r\nHost: x\r\n${headers}\r\n${body}`;

test('a body whose end can be read in two ways is refused, and no second request comes out of it', async (t) => {
  const gateway = await gatewayFor(t);
  const smuggled = 'GET /health/live HTTP/1.1\r\nHost: x\r\n\r\n';
  const ambiguous = {
    'both framings': post('Content-Length: 4\r\nTransfer-Encoding: chunked\r\n', `0\r\n\r\n${smuggled}`),
    'two lengths': post('Content-Length: 0\r\nContent-Length: 44\r\n', smuggled),
    'an unknown coding': post('Transfer-Encoding: identity\r\nContent-Length: 0\r\n', smuggled),
    'chunked not last': post('Transfer-Encoding: chunked, identity\r\n', `0\r\n\r\n${smuggled}`),
    'a folded header': post('Transfer-Encoding:\r\n chunked\r\nContent-Length: 0\r\n', smuggled),
    'no host': `GET /health/live HTTP/1.1\r\n\r\n${smuggled}`,
    'two hosts': `GET /health/live HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n${smuggled}`,
    'no HTTP': `\x16\x03\x01\x02\x00${smuggled}`,
  };
  for (const [name, bytes] of Object.entries(ambiguous)) {
    const answer = await raw(gateway, bytes);
    assert.equal(status(answer), 400, `${name}: ${answer.slice(0, 60)}`);
    assert.equal(answer.match(/HTTP\/1\.1 /g).length, 1, name);
    assert.match(answer, /OperationOutcome/, name);
  }
  assert.equal((await gateway.rows('SELECT count(*) AS n FROM message'))[0].n, 0);
  assert.equal((await fetch(`${gateway.http}/health/live`)).status, 200);
});

test('a body of 17 MiB is refused with 413 before it is read', async (t) => {
  const gateway = await gatewayFor(t);
  const answer = await raw(gateway, post(`Content-Length: ${17 << 20}\r\n`, ''));
  assert.equal(status(answer), 413);
});

test('headers beyond 16 KiB are refused', async (t) => {
  const gateway = await gatewayFor(t);
  assert.ok(status(await raw(gateway, post(`X-Long: ${'x'.repeat(20_000)}\r\n`, ''))) >= 400);
});

const inbox = (gateway, body, headers = {}) => fetch(`${gateway.http}/inbox`, { method: 'POST', body, headers });

test('a batch by HTTP is split, and its answer tells of all its messages', async (t) => {
  const gateway = await gatewayFor(t);
  const answer = await inbox(gateway, `BHS|^~\\&\r${admission('H1')}${admission('H2').replace('ADT^A01^ADT_A01', 'ZZZ^Z99')}BTS|2\r`);
  assert.equal(answer.status, 422);
  const outcome = await answer.json();
  assert.equal(outcome.resourceType, 'OperationOutcome');
  const rows = await gateway.rows("SELECT control_id AS id, state FROM message WHERE format = 'hl7v2' ORDER BY seq");
  assert.deepEqual(rows.map(({ id }) => id), ['H1', 'H2']);
  assert.notEqual(rows[0].state, rows[1].state);
});

test('what is no format is kept and refused with 415', async (t) => {
  const gateway = await gatewayFor(t);
  const answer = await inbox(gateway, 'hello');
  assert.equal(answer.status, 415);
  const [row] = await gateway.rows('SELECT state, cause, body_bytes AS bytes FROM message');
  assert.equal(row.state, 2);
  assert.equal(row.bytes, 5);
});

test('labels beside a document come with it', async (t) => {
  const gateway = await gatewayFor(t);
  assert.equal((await inbox(gateway, admission('H3'), { 'Passerelle-Labels': 'MASQUE_PS, INVISIBLE_PATIENT' })).status, 200);
  assert.equal((await gateway.rows('SELECT labels FROM message'))[0].labels, 'MASQUE_PS\nINVISIBLE_PATIENT\n');
});

test('without a token nobody gets past health', async (t) => {
  const gateway = await gatewayFor(t, { toml: plainToml.replace('access = "open"\n', '') });
  for (const path of ['/messages', '/fhir/Patient', '/deliveries'])
    assert.equal((await fetch(`${gateway.http}${path}`)).status, 401, path);
  assert.equal((await inbox(gateway, admission('H4'))).status, 401);
  await waitFor('readiness', async () => (await fetch(`${gateway.http}/health/ready`)).ok);
});
