// Who gets in: the standing token, the first sign-in, sessions, tokens for one purpose.

import assert from 'node:assert/strict';
import fs from 'node:fs';
import path from 'node:path';
import { test } from 'node:test';
import { gatewayFor } from './gateway.mjs';

const toml = `[http]\nlisten = "127.0.0.1:0"\n[mllp]\nlisten = "127.0.0.1:0"\n`;

test('nobody gets in without a token; the standing one is in a file that only its owner reads', async (t) => {
  const gateway = await gatewayFor(t, { toml });
  const file = path.join(gateway.folder, 'data', 'access-token');
  assert.equal(fs.statSync(file).mode & 0o777, 0o600);
  const authorization = `Bearer ${fs.readFileSync(file, 'utf8').trim()}`;
  for (const where of ['/messages', '/metrics', '/fhir/Patient', '/api/now']) {
    assert.equal((await fetch(gateway.http + where)).status, 401, where);
    assert.equal((await fetch(gateway.http + where, { headers: { authorization: 'Bearer guessed' } })).status, 401, where);
    assert.equal((await fetch(gateway.http + where, { headers: { authorization } })).status, 200, where);
  }
  for (const where of ['/', '/health/live', '/health/ready', '/fhir/metadata'])
    assert.equal((await fetch(gateway.http + where)).status, 200, where);

  const issued = await fetch(`${gateway.http}/api/tokens`, { method: 'POST', headers: { authorization },
    body: JSON.stringify({ name: 'laboratory', role: 'feed' }) });
  const { token } = await issued.json();
  const lab = { authorization: `Bearer ${token}` };
  assert.equal((await fetch(`${gateway.http}/fhir/Patient`, { headers: lab })).status, 403);
  assert.notEqual((await fetch(`${gateway.http}/inbox`, { method: 'POST', headers: lab, body: 'x' })).status, 403);
  await gateway.stop();
  await gateway.start();
  assert.equal((await fetch(`${gateway.http}/fhir/Patient`, { headers: lab })).status, 403);  // it is still known
});

test('the first start prints a token that makes the first admin, once', async (t) => {
  const gateway = await gatewayFor(t, { toml });
  const token = gateway.output.match(/first sign-in to the console, good once: (\w+)/)[1];
  const body = JSON.stringify({ token, name: 'ada', password: 'correct horse battery' });
  const made = await fetch(`${gateway.http}/api/session/first`, { method: 'POST', body });
  assert.equal(made.status, 200);
  const cookie = made.headers.get('set-cookie');
  assert.match(cookie, /HttpOnly; SameSite=Strict/);
  assert.equal((await fetch(`${gateway.http}/api/session/first`, { method: 'POST', body })).status, 401);
  const session = { cookie: cookie.split(';')[0] };
  assert.equal((await fetch(`${gateway.http}/api/now`, { headers: session })).status, 200);
  const replay = `${gateway.http}/deliveries/replay`;
  assert.equal((await fetch(replay, { method: 'POST', headers: session })).status, 403);
  const { csrf } = await made.json();
  assert.equal((await fetch(replay, { method: 'POST', headers: { ...session, 'x-csrf-token': csrf } })).status, 200);
  await gateway.stop();
  await gateway.start();
  assert.doesNotMatch(gateway.output, /first sign-in/);
  const again = await fetch(`${gateway.http}/api/session`, { method: 'POST',
    body: JSON.stringify({ name: 'ada', password: 'correct horse battery' }) });
  assert.equal(again.status, 200);
});
