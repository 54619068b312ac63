// What may leave, leaves exactly once: to a second gateway, to a target that is down, slow or answers rubbish.

import assert from 'node:assert/strict';
import http from 'node:http';
import { test } from 'node:test';
import { Sender, acknowledged, admission, gatewayFor, listener, plainToml, qualified, sleep, takenBy, waitFor } from './gateway.mjs';

const target = (url, more = '') => `${plainToml}[[target]]\nname = "store"\nkind = "fhir"\nurl = "${url}"\n${more}`;
const states = ['kept', 'stored', 'refused', 'withheld', 'delivered', 'parked'];
const messages = async (gateway) =>
  (await gateway.rows('SELECT seq, state, cause FROM message ORDER BY seq')).map((row) => ({ ...row, state: states[row.state] }));
const patients = (gateway) => gateway.rows(
  "SELECT r.id AS id, count(*) AS n FROM version v JOIN resource r ON r.key = v.resource WHERE r.type = 'Patient' GROUP BY r.key");

async function deliver(gateway, first, count) {
  const sender = await Sender.connect(gateway.mllp);
  for (let i = first; i < first + count; ++i) assert.equal(acknowledged(await sender.send(qualified(i))), 'AA');
  sender.close();
}

test('a second gateway receives each message once, though both are killed and restarted in between', async (t) => {
  const second = await gatewayFor(t);
  const fixed = `${plainToml.replace('[http]\nlisten = "127.0.0.1:0"', `[http]\nlisten = "${new URL(second.http).host}"`)}`;
  second.toml = fixed;
  const first = await gatewayFor(t, { toml: target(`${second.http}/fhir`) });
  const count = 60;
  for (let i = 0; i < count; i += 6) {
    await deliver(first, i, 6);
    await sleep(i % 4 ? 5 : 40);
    const victims = [[first], [second], [first, second]][(i / 6) % 3];
    await Promise.all(victims.map((victim) => victim.kill()));
    for (const victim of victims) await victim.start();
  }
  await waitFor('all to be delivered', async () => (await messages(first)).every(({ state }) => state === 'delivered'), 60_000);
  const there = await patients(second);
  assert.equal(there.length, count);
  assert.deepEqual(there.filter(({ n }) => n !== 1), []);
  assert.deepEqual(new Set(there.map(({ id }) => id)), new Set((await patients(first)).map(({ id }) => id)));
});

test('a patient whose identity is not qualified does not leave', async (t) => {
  const second = await gatewayFor(t);
  const first = await gatewayFor(t, { toml: target(`${second.http}/fhir`) });
  const sender = await Sender.connect(first.mllp);
  assert.equal(acknowledged(await sender.send(admission('U1'))), 'AA');
  sender.close();
  const [message] = await messages(first);
  assert.equal(message.state, 'withheld');
  assert.equal(message.cause, 'gate.ins-not-qualified');
  assert.equal((await patients(second)).length, 0);
});

// A FHIR server that does as it is told.
async function server(t, answer = (response, n, bundle) => takenBy(response, bundle)) {
  const got = [];
  const listening = http.createServer((request, response) => {
    let body = '';
    request.on('data', (bytes) => (body += bytes)).on('end', () => {
      got.push({ path: request.url, headers: request.headers, body: JSON.parse(body) });
      answer(response, got.length, got.at(-1).body);
    });
  });
  await new Promise((ready) => listening.listen(0, '127.0.0.1', ready));
  t.after(() => (listening.closeAllConnections(), listening.close()));
  return { got, url: `http://127.0.0.1:${listening.address().port}/fhir` };
}

test('a target that answers rubbish or 503 is tried again until it takes the message', async (t) => {
  const { got, url } = await server(t, (response, n, bundle) => {
    if (n === 1) return response.end('<html>hello</html>');
    if (n === 2) return response.writeHead(503).end();
    takenBy(response, bundle);
  });
  const gateway = await gatewayFor(t, { toml: target(url) });
  await deliver(gateway, 1, 1);
  await waitFor('the delivery', async () => (await messages(gateway))[0].state === 'delivered', 20_000);
  assert.equal(got.length, 3);
  assert.equal(got[0].path, '/fhir');
  assert.equal(got[0].body.type, 'transaction');
  assert.deepEqual(got[0].body, got[2].body);
});

test('content that is refused is parked with its cause while others go on, and goes out when it is replayed', async (t) => {
  let mended = false;
  const { got, url } = await server(t, (response, n, bundle) => {
    const poison = bundle.entry[0].resource.identifier.some(({ value }) => value === 'Q1');
    if (poison && !mended) return response.writeHead(422).end();
    takenBy(response, bundle);
  });
  const gateway = await gatewayFor(t, { toml: target(url) });
  await deliver(gateway, 1, 2);
  await waitFor('both to be settled', async () =>
    (await messages(gateway)).map(({ state }) => state).join() === 'parked,delivered', 20_000);
  assert.match((await messages(gateway))[0].cause, /store: 4102 TargetRefused/);
  mended = true;
  const replay = await fetch(`${gateway.http}/deliveries/replay`, { method: 'POST' });
  assert.ok(replay.ok, String(replay.status));
  await waitFor('the replay', async () => (await messages(gateway))[0].state === 'delivered', 20_000);
});

test('a target that is down holds up nobody, and gets everything when it is back', async (t) => {
  const { url } = await server(t);
  const gone = http.createServer().listen(0, '127.0.0.1');
  await new Promise((ready) => gone.on('listening', ready));
  const { port } = gone.address();
  await new Promise((closed) => gone.close(closed));
  const toml = `${target(url)}[[target]]\nname = "gone"\nkind = "fhir"\nurl = "http://127.0.0.1:${port}/fhir"\n`;
  const gateway = await gatewayFor(t, { toml });
  await deliver(gateway, 1, 8);
  await waitFor('the one that is there', async () =>
    (await gateway.rows("SELECT count(*) AS n FROM delivery WHERE target = 'store' AND state = 'delivered'"))[0].n === 8);
  assert.deepEqual((await messages(gateway)).map(({ state }) => state), Array(8).fill('stored'));
  const back = http.createServer((request, response) => {
    let body = '';
    request.on('data', (bytes) => (body += bytes)).on('end', () => takenBy(response, JSON.parse(body)));
  });
  await new Promise((ready) => back.listen(port, '127.0.0.1', ready));
  t.after(() => (back.closeAllConnections(), back.close()));
  await waitFor('the one that came back', async () =>
    (await messages(gateway)).every(({ state }) => state === 'delivered'), 30_000);
});

test('messages are passed on by type, feed and unit, as bytes and in order', async (t) => {
  const second = await gatewayFor(t);
  const toml = `${plainToml}[[target]]\nname = "his"\nkind = "mllp"\nurl = "mllp://127.0.0.1:${second.mllp}"\n` +
    'messages = ["ADT^A01"]\nfeeds = ["mllp"]\nunits = ["CARDIO"]\n' +
    `[[target]]\nname = "none"\nkind = "mllp"\nurl = "mllp://127.0.0.1:${second.mllp}"\nunits = ["NEURO"]\n`;
  const first = await gatewayFor(t, { toml });
  const sender = await Sender.connect(first.mllp);
  for (const id of ['T1', 'T2', 'T3']) assert.equal(acknowledged(await sender.send(admission(id, 'SAME'))), 'AA');
  sender.close();
  await waitFor('three messages', async () => (await messages(second)).length === 3);
  assert.deepEqual((await second.rows('SELECT control_id AS id FROM message ORDER BY seq')).map(({ id }) => id), ['T1', 'T2', 'T3']);
  assert.equal((await first.rows("SELECT count(*) AS n FROM delivery WHERE target = 'none'"))[0].n, 0);
});

test('a target gets messages as they came, or in the form that every receiver reads', async (t) => {
  const original = await listener(t), rewritten = await listener(t);
  const toml = `${plainToml}[[target]]\nname = "a"\nkind = "mllp"\nurl = "mllp://127.0.0.1:${original.port}"\n` +
    `[[target]]\nname = "b"\nkind = "mllp"\nbytes = "rewritten"\nurl = "mllp://127.0.0.1:${rewritten.port}"\n`;
  const gateway = await gatewayFor(t, { toml });
  const sender = await Sender.connect(gateway.mllp);
  const message = 'MSH#:*?!#A#B#####ADT:A28#R1#P#2.5######8859/1\nEVN##20240306\nPID#1##7:::H##ZO\xc9:Anne*L|b:Anne\n';
  assert.match(await sender.send(message), /R1/);
  await waitFor('both', () => original.heard.length === 1 && rewritten.heard.length === 1);
  assert.equal(original.heard[0], message);
  assert.equal(Buffer.from(rewritten.heard[0], 'latin1').toString('utf8'),
    'MSH|^~\\&|A|B|||||ADT^A28|R1|P|2.5||||||UNICODE UTF-8\rEVN||20240306\r' +
    'PID|1||7^^^H||ZO\u00c9^Anne~L\\F\\b^Anne\r');
  sender.close();
});
