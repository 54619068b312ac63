// What a sender hears later, at his own listener.

import assert from 'node:assert/strict';
import http from 'node:http';
import net from 'node:net';
import { test } from 'node:test';
import { Sender, admission, gatewayFor, plainToml, qualified, takenBy, waitFor } from './gateway.mjs';

// A sender's own listener: keeps what it is sent, answers messages with AA.
async function listener(t) {
  const heard = [];
  const sockets = new Set();
  const server = net.createServer((socket) => {
    sockets.add(socket);
    let buffer = '';
    socket.on('data', (bytes) => {
      buffer += bytes.toString('latin1');
      for (let end; (end = buffer.indexOf('\x1c\r')) >= 0; ) {
        const message = buffer.slice(buffer.indexOf('\x0b') + 1, end);
        buffer = buffer.slice(end + 2);
        heard.push(message);
        const id = message.split('|')[9];
        if (!message.includes('|ACK')) socket.write(`\x0bMSH|^~\\&|X|X|Y|Y|20260101||ACK|1|P|2.5\rMSA|AA|${id}\r\x1c\r`);
      }
    });
    socket.on('error', () => {});
  });
  await new Promise((ready) => server.listen(0, '127.0.0.1', ready));
  t.after(() => (server.close(), sockets.forEach((socket) => socket.destroy())));
  return { heard, port: server.address().port };
}

const enhanced = (message, accept, application) =>
  message.replace('|2.5^FRA^2.11|||', `|2.5^FRA^2.11|||${accept}|${application}`).replace('|||UNICODE', '|UNICODE');

test('two phases: CA on receipt, the application acknowledgement at the sender\'s listener', async (t) => {
  const { heard, port } = await listener(t);
  const toml = plainToml + `ack = "commit"\nreply_to = "mllp://127.0.0.1:${port}"\n`;
  const gateway = await gatewayFor(t, { toml });
  const sender = await Sender.connect(gateway.mllp);
  assert.match(await sender.send(enhanced(admission('P1'), 'AL', 'AL')), /MSA\|CA\|P1/);
  await waitFor('the application acknowledgement', () => heard.some((message) => /MSA\|AA\|P1\r/.test(message)));
  sender.close();
});

test('what was acknowledged on receipt and then refused is parked, alerted, and told with ZAM N', async (t) => {
  const { heard, port } = await listener(t);
  const toml = plainToml + `ack = "commit"\nreply_to = "mllp://127.0.0.1:${port}"\n`;
  const gateway = await gatewayFor(t, { toml });
  const sender = await Sender.connect(gateway.mllp);
  const unknown = enhanced(admission('P2'), 'AL', 'ER').replace('ADT^A01^ADT_A01', 'ZZZ^Z99^ZZZ_Z99') +
    'OBX|1|CE|ACK_RECEPTION^x^MetaDMPMSS||Y||||||F\r';
  assert.match(await sender.send(unknown), /MSA\|CA\|P2/);
  await waitFor('two replies', () => heard.length === 2);
  assert.ok(heard.some((message) => /MSA\|AE\|P2\rERR\|[^\r]*\|201\^/.test(message)));
  assert.ok(heard.some((message) => /\|ZAM\^Z01\^ZAM_Z01\|[^]*\|P2\|N\^\^HL70136\|[^]*\rERR\|/.test(message)));
  assert.match(gateway.errors, /ALERT message 1 of feed mllp/);
  assert.equal((await gateway.rows('SELECT state FROM message'))[0].state, 5);
  sender.close();
});

test('what the record store confirms is told with ZAM Y, if the message asks for it', async (t) => {
  const { heard, port } = await listener(t);
  const record = http.createServer((request, response) => {
    let body = '';
    request.on('data', (bytes) => (body += bytes)).on('end', () => takenBy(response, JSON.parse(body)));
  });
  await new Promise((ready) => record.listen(0, '127.0.0.1', ready));
  t.after(() => (record.closeAllConnections(), record.close()));
  const toml = `${plainToml}reply_to = "mllp://127.0.0.1:${port}"\n` +
    `[[target]]\nname = "dmp"\nkind = "fhir"\ndmp = true\nurl = "http://127.0.0.1:${record.address().port}/fhir"\n`;
  const gateway = await gatewayFor(t, { toml });
  const sender = await Sender.connect(gateway.mllp);
  const asks = 'OBX|1|CE|ACK_RECEPTION^x^MetaDMPMSS||Y||||||F\r';
  assert.match(await sender.send(qualified(1)), /MSA\|AA/);
  assert.match(await sender.send(qualified(2) + asks), /MSA\|AA/);
  await waitFor('the ZAM', () => heard.length > 0);
  await waitFor('both deliveries', async () =>
    (await gateway.rows('SELECT count(*) AS n FROM message WHERE state = 4'))[0].n === 2);
  assert.equal(heard.length, 1);
  assert.match(heard[0], /\|ZAM\^Z01\^ZAM_Z01\|[^]*\rOBX\|1\|CWE\|ACK_RECEPTION_DMP\^[^|]*\|Q2\|Y\^\^HL70136\|/);
  sender.close();
});
