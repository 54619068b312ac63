// What a sender hears later, at his own listener.

import assert from 'node:assert/strict';
import fs from 'node:fs';
import http from 'node:http';
import path from 'node:path';
import { test } from 'node:test';
import { Sender, admission, gatewayFor, listener, plainToml, qualified, takenBy, temporaryFolder, waitFor } from './gateway.mjs';

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
  let asked = 0;
  const record = http.createServer((request, response) => {
    let body = '';
    request.on('data', (bytes) => (body += bytes)).on('end', () => {
      // Not willing at first: nothing is confirmed by that, and nothing refused.
      if (request.url.startsWith('/fhir') && ++asked <= 2) response.writeHead(503).end();
      else takenBy(response, JSON.parse(body));
    });
  });
  await new Promise((ready) => record.listen(0, '127.0.0.1', ready));
  t.after(() => (record.closeAllConnections(), record.close()));
  const toml = `${plainToml}reply_to = "mllp://127.0.0.1:${port}"\n` +
    `[[target]]\nname = "dmp"\nkind = "fhir"\ndmp = true\nurl = "http://127.0.0.1:${record.address().port}/fhir"\n` +
    `[[target]]\nname = "copy"\nkind = "fhir"\nurl = "http://127.0.0.1:${record.address().port}/copy"\n`;
  const gateway = await gatewayFor(t, { toml });
  const sender = await Sender.connect(gateway.mllp);
  const asks = 'OBX|1|CE|ACK_RECEPTION^x^MetaDMPMSS||Y||||||F\r';
  assert.match(await sender.send(qualified(1)), /MSA\|AA/);
  assert.match(await sender.send(qualified(2) + asks), /MSA\|AA/);
  await waitFor('the ZAM', () => heard.length > 0);
  await waitFor('both deliveries', async () =>
    (await gateway.rows('SELECT count(*) AS n FROM message WHERE state = 4'))[0].n === 2);
  assert.equal((await gateway.rows(`SELECT count(*) AS n FROM delivery WHERE target LIKE 'reply:%'`))[0].n, 1);
  assert.match(heard[0], /\|ZAM\^Z01\^ZAM_Z01\|[^]*\rOBX\|1\|CWE\|ACK_RECEPTION_DMP\^[^|]*\|Q2\|Y\^\^HL70136\|/);
  sender.close();
});

// Our own laboratory report, which may ask for a receipt and name whom it was mailed to.
const report = fs.readFileSync(path.resolve(import.meta.dirname, '../../examples/laboratory/1-report.hl7'), 'latin1');
const flagged = (message, code, value) => message.replace(new RegExp(`(\\|${code}\\^[^|]*\\|\\|)[YN]`), `$1${value}`);

test('what secure mail took is told with ZAM Z02 and the addresses it went to', async (t) => {
  const { heard, port } = await listener(t);
  const folder = temporaryFolder();
  t.after(() => fs.rmSync(folder, { recursive: true, force: true }));
  const toml = `${plainToml}reply_to = "mllp://127.0.0.1:${port}"\n` +
    `[[target]]\nname = "mail"\nkind = "folder"\nmail = true\nurl = "${folder}"\n`;
  const gateway = await gatewayFor(t, { toml });
  const sender = await Sender.connect(gateway.mllp);
  const recipient = 'PRT||UC||RCT^Result Copies To^participation|801234^DOC^ANNE||||||||||^NET^Internet^anne@mss.example\r';
  const asking = flagged(report, 'ACK_RECEPTION', 'Y').replace(/\rOBX\|2\|/, `\r${recipient}OBX|2|`);
  assert.match(await sender.send(asking), /MSA\|AA\|EX0101/);
  await waitFor('the ZAM', () => heard.length > 0);
  assert.match(heard[0], /\|ZAM\^Z02\^ZAM_Z01\|/);
  assert.match(heard[0], /ACK_RECEPTION_MSS[^|]*\|EX0101\|Y/);
  assert.match(heard[0], /anne@mss\.example/);
  assert.equal(fs.readdirSync(folder).length, 1);
  sender.close();
});

test('flags of secure mail that may not stand together: a finding, or with mssante = "refuse" an AE', async (t) => {
  const wrong = flagged(flagged(report, 'DESTMSSANTEPS', 'Y'), 'INVISIBLE_PATIENT', 'N');
  for (const [setting, answer] of [['', 'AA'], ['mssante = "refuse"\n', 'AE']]) {
    const gateway = await gatewayFor(t, { toml: plainToml + setting });
    const sender = await Sender.connect(gateway.mllp);
    assert.match(await sender.send(wrong), new RegExp(`MSA\\|${answer}\\|EX0101`));
    const message = await (await fetch(`${gateway.http}/messages/1`)).json();
    assert.match(JSON.stringify(message), /exchange-not-allowed|ExchangeNotAllowed/);
    sender.close();
  }
});
