// A message with a scan of 100 MB costs no memory to speak of, and the scan is read back byte for byte.

import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { once } from 'node:events';
import fs from 'node:fs';
import http from 'node:http';
import path from 'node:path';
import { test } from 'node:test';
import { acknowledged, admission, gatewayFor, listener, qualified, Sender, takenBy, temporaryFolder, waitFor } from './gateway.mjs';
import { hashOf, pieces, scanHash, scanned, sendLarge } from './large.mjs';

const toml = `
[http]
listen = "127.0.0.1:0"
access = "open"
[[feed]]
name = "mllp"
listen = "127.0.0.1:0"
frame_mib_max = 128
`;
const megabyte = 1e6;
const aboveIdleMiBMax = 32;

// The most memory the process ever had, file-backed pages included, in MiB.
const peakMiB = (gateway) => +fs.readFileSync(`/proc/${gateway.child.pid}/status`, 'utf8').match(/VmHWM:\s+(\d+)/)[1] / 1024;

const spooled = (gateway) => fs.readdirSync(path.join(gateway.folder, 'data', 'spool'));

async function onlyBinary(gateway) {
  const found = await gateway.rows("SELECT id FROM resource WHERE type = 'Binary'");
  assert.equal(found.length, 1);
  return `${gateway.http}/fhir/Binary/${found[0].id}`;
}

test('a scan of 100 MB: at most 32 MiB above idle from the wire to the reader', async (t) => {
  const gateway = await gatewayFor(t, { toml });
  const sender = await Sender.connect(gateway.mllp);
  assert.equal(await sendLarge(sender, scanned('WARM'), 1000, 'WARM'), 'AA');
  const idle = peakMiB(gateway);

  assert.equal(await sendLarge(sender, scanned('L1'), 100 * megabyte, 'L1'), 'AA');
  const binary = await onlyBinary(gateway);
  const document = await hashOf(binary);
  assert.deepEqual(document, { status: 200, type: 'application/pdf', bytes: 100 * megabyte, hash: scanHash('L1', 100 * megabyte) });
  assert.equal((await hashOf(binary, { accept: 'application/fhir+json' })).status, 200);
  const [{ seq, sha256 }] = await gateway.rows('SELECT seq, lower(hex(sha256)) AS sha256 FROM message ORDER BY seq DESC LIMIT 1');
  assert.equal((await hashOf(`${gateway.http}/api/messages/${seq}/source`)).hash, sha256);
  const above = peakMiB(gateway) - idle;
  console.log(`# ${above.toFixed(1)} MiB above ${idle.toFixed(1)} MiB`);
  assert.ok(above < aboveIdleMiBMax, `${above} MiB above idle`);
  assert.deepEqual(spooled(gateway), []);

  // The repeat is told from a new message, and after a restart all is still there.
  assert.equal(await sendLarge(sender, scanned('L1'), 100 * megabyte, 'L1'), 'AA');
  assert.equal((await gateway.rows('SELECT count(*) AS n FROM message'))[0].n, 2);
  await gateway.stop();
  await gateway.start();
  assert.deepEqual(await hashOf(await onlyBinary(gateway)), document);
});

test('a large frame whose connection ends is kept as a beginning and refused; its file is gone', async (t) => {
  const gateway = await gatewayFor(t, { toml });
  const sender = await Sender.connect(gateway.mllp);
  sender.raw('\x0b');
  for (const piece of pieces(scanned('CUT'), 5 * megabyte, 'CUT')) sender.socket.write(piece);
  await waitFor('the file', () => spooled(gateway).length === 1);
  sender.socket.end();
  const [message] = await waitFor('the refusal', async () => {
    const rows = await gateway.rows("SELECT body_bytes, control_id, state FROM message WHERE state = 2");
    return rows.length && rows;
  });
  assert.deepEqual({ ...message }, { body_bytes: 64 * 1024, control_id: 'CUT', state: 2 });
  assert.deepEqual(spooled(gateway), []);
  assert.equal(acknowledged(await (await Sender.connect(gateway.mllp)).send(admission('NEXT'))), 'AA');
});

test('the same large message by POST /inbox gives the same document', async (t) => {
  const gateway = await gatewayFor(t, { toml });
  const body = Buffer.concat([...pieces(scanned('P1'), 8 * megabyte, 'P1')]);
  const posted = await fetch(`${gateway.http}/inbox`, { method: 'POST', body });
  assert.equal(posted.status, 200);
  assert.equal((await hashOf(await onlyBinary(gateway))).hash, scanHash('P1', 8 * megabyte));
  const sender = await Sender.connect(gateway.mllp);
  assert.equal(await sendLarge(sender, scanned('P1'), 8 * megabyte, 'P1'), 'AA');  // from another sender: read again
  await onlyBinary(gateway);
  assert.deepEqual((await gateway.rows("SELECT version FROM resource WHERE type = 'Binary'")).map(({ version }) => version), [1]);
});

// Keeps the bodies it is sent; answers as a FHIR server where they are Bundles.
async function taker(t) {
  const bodies = [];
  const server = http.createServer(async (request, response) => {
    const body = Buffer.concat(await Array.fromAsync(request));
    bodies.push(body);
    if (body[0] === '{'.charCodeAt(0)) takenBy(response, JSON.parse(body));
    else response.end();
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  t.after(() => server.close());
  return { bodies, url: `http://127.0.0.1:${server.address().port}` };
}

test('a scan goes on to targets of every kind, and costs no memory there either', async (t) => {
  const [fhir, plain, system, folder] = [await taker(t), await taker(t), await listener(t), temporaryFolder()];
  t.after(() => fs.rmSync(folder, { recursive: true }));
  const gateway = await gatewayFor(t, { toml: `${toml}
[[target]]
name = "record"
kind = "fhir"
url = "${fhir.url}"
[[target]]
name = "plain"
kind = "http"
url = "${plain.url}"
[[target]]
name = "system"
kind = "mllp"
url = "mllp://127.0.0.1:${system.port}"
[[target]]
name = "files"
kind = "folder"
url = "${folder}"
` });
  const [size, person] = [12 * megabyte, qualified(7)];
  const sender = await Sender.connect(gateway.mllp);
  assert.equal(await sendLarge(sender, scanned('WARM', person), 1000, 'WARM'), 'AA');
  const delivered = (n) => waitFor(`${n} deliveries`, async () => (await gateway.rows("SELECT id FROM delivery WHERE state = 'delivered'")).length === n, 60_000);
  await delivered(4);
  const idle = peakMiB(gateway);
  assert.equal(await sendLarge(sender, scanned('F1', person), size, 'F1'), 'AA');
  await delivered(8);
  const above = peakMiB(gateway) - idle;
  console.log(`# ${above.toFixed(1)} MiB above idle`);
  assert.ok(above < aboveIdleMiBMax, `${above} MiB above idle`);

  const hash = (bytes) => createHash('sha256').update(bytes).digest('hex');
  const sent = hash(Buffer.concat([...pieces(scanned('F1', person), size, 'F1')]));
  assert.equal(hash(plain.bodies[1]), sent);
  assert.equal(hash(fs.readFileSync(path.join(folder, fs.readdirSync(folder).sort()[1]))), sent);
  assert.equal(hash(Buffer.from(system.heard[1], 'latin1')), sent);
  const binary = JSON.parse(fhir.bodies[1]).entry.find(({ resource }) => resource.resourceType === 'Binary');
  assert.equal(hash(Buffer.from(binary.resource.data, 'base64')), scanHash('F1', size));
});
