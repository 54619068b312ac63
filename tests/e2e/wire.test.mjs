// What a sender can do on the wire, and what he hears.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Sender, acknowledged, admission, gatewayFor, plainToml, sleep, waitFor } from './gateway.mjs';

const states = ['kept', 'stored', 'refused', 'withheld', 'delivered', 'parked'];
const journal = async (gateway) =>
  (await gateway.rows('SELECT seq, state, cause, control_id AS id, body_bytes AS bytes FROM message ORDER BY seq')).map(
    (row) => ({ ...row, state: states[row.state] }));
const refused = (gateway) =>
  waitFor('a refused message', async () => (await journal(gateway)).find(({ state }) => state === 'refused'));

test('several messages in one read and one message in many reads are each answered in order', async (t) => {
  const gateway = await gatewayFor(t);
  const sender = await Sender.connect(gateway.mllp);
  const [first, second] = [sender.answer(), sender.answer()];
  sender.raw(`\x0b${admission('M1')}\x1c\r\x0b${admission('M2')}\x1c\r`);
  assert.match(await first, /MSA\|AA\|M1\r/);
  assert.match(await second, /MSA\|AA\|M2\r/);
  const third = sender.answer();
  for (const byte of `\x0b${admission('M3')}\x1c\r`) {
    sender.raw(byte);
    await sleep(0);
  }
  assert.match(await third, /MSA\|AA\|M3\r/);
  sender.close();
});

test('the acknowledgement swaps sender and receiver and carries version and character set', async (t) => {
  const gateway = await gatewayFor(t);
  const sender = await Sender.connect(gateway.mllp);
  const ack = await sender.send(admission('M1'));
  assert.match(ack, /^MSH\|\^~\\&\|PASSERELLE\|DOSSIER\|SIH\|HOPITAL\|\d{14}\.\d{3}\+0000\|\|ACK\^A01\^ACK\|\w+\|P\|2\.5\^FRA\^2\.11\|/);
  assert.match(ack, /\|UNICODE UTF-8\rMSA\|AA\|M1\r$/);
  sender.close();
});

test('garbage between frames costs no message', async (t) => {
  const gateway = await gatewayFor(t);
  const sender = await Sender.connect(gateway.mllp);
  sender.raw('GET / HTTP/1.1\r\n\r\n\x00\x00\x1c\x1c\r\r');
  assert.equal(acknowledged(await sender.send(admission('M1'))), 'AA');
  sender.close();
});

test('a frame that is cut off is kept, refused and never read as a message', async (t) => {
  const gateway = await gatewayFor(t);
  const sender = await Sender.connect(gateway.mllp);
  const cut = admission('CUT').split('PV1')[0];
  sender.raw(`\x0b${cut}`);
  await sleep(50);
  sender.close();
  const row = await refused(gateway);
  assert.equal(row.id, 'CUT');
  assert.equal(row.bytes, cut.length);
  assert.match(row.cause, /^3101 FrameIncomplete/);
});

test('a new frame inside an unfinished one is answered on its own', async (t) => {
  const gateway = await gatewayFor(t);
  const sender = await Sender.connect(gateway.mllp);
  const [first, second] = [sender.answer(), sender.answer()];
  sender.raw(`\x0b${admission('M1').slice(0, 150)}\x0b${admission('M2')}\x1c\r`);
  assert.match(await first, /MSA\|AR\|M1\r[^]*3101/);
  assert.match(await second, /MSA\|AA\|M2\r/);
  sender.close();
});

test('a frame of 17 MiB is refused with AR, its beginning kept as evidence, the connection closed', async (t) => {
  const gateway = await gatewayFor(t);
  const sender = await Sender.connect(gateway.mllp);
  const ack = await sender.send(admission('BIG') + 'OBX|1|ED|||' + 'A'.repeat(17 << 20));
  assert.match(ack, /MSA\|AR\|BIG\r[^]*1001|3001/);
  await sender.closed;
  const row = await refused(gateway);
  assert.equal(row.id, 'BIG');
  assert.equal(row.bytes, 64 * 1024);
  const next = await Sender.connect(gateway.mllp);
  assert.equal(acknowledged(await next.send(admission('M2'))), 'AA');
  next.close();
});

test('bytes without an MSH segment are kept and refused with 100', async (t) => {
  const gateway = await gatewayFor(t);
  const sender = await Sender.connect(gateway.mllp);
  const ack = await sender.send('PID|1||4711\r');
  assert.match(ack, /MSA\|AE\rERR\|[^\r]*\|100\^/);
  assert.equal((await refused(gateway)).bytes, 12);
  sender.close();
});

test('a repeat gets the first acknowledgement byte for byte and changes nothing', async (t) => {
  const gateway = await gatewayFor(t);
  const sender = await Sender.connect(gateway.mllp);
  const first = await sender.send(admission('M1'));
  await sleep(20);
  assert.equal(await sender.send(admission('M1')), first);
  assert.equal((await journal(gateway)).length, 1);
  await gateway.kill();
  await gateway.start();
  const again = await Sender.connect(gateway.mllp);
  assert.equal(await again.send(admission('M1')), first);
  assert.equal((await journal(gateway)).length, 1);
  again.close();
});

test('two repeats that arrive while the first is decided wait for it', async (t) => {
  const gateway = await gatewayFor(t);
  const senders = await Promise.all([1, 2, 3, 4].map(() => Sender.connect(gateway.mllp)));
  const answers = await Promise.all(senders.map((sender) => sender.send(admission('SAME'))));
  assert.equal(new Set(answers).size, 1);
  assert.equal((await gateway.rows('SELECT count(*) AS n FROM step'))[0].n, 1);
  senders.forEach((sender) => sender.close());
});

test('a batch is split: each message is kept and answered on its own, in one batch', async (t) => {
  const gateway = await gatewayFor(t);
  const sender = await Sender.connect(gateway.mllp);
  const answer = await sender.send(
    `FHS|^~\\&|||||||||F7\rBHS|^~\\&|||||||||B7\r${admission('B1')}${admission('B2')}BTS|2\rFTS|1\r`);
  assert.match(answer, /^FHS\|[^]*BHS\|\^~\\&\|{10}B7\r[^]*MSA\|AA\|B1\r[^]*MSA\|AA\|B2\rBTS\|2\rFTS\|1\r$/);
  assert.deepEqual((await journal(gateway)).map(({ id }) => id), ['B7', 'B1', 'B2']);
  sender.close();
});

test('an incoming acknowledgement is kept and never answered', async (t) => {
  const gateway = await gatewayFor(t);
  const sender = await Sender.connect(gateway.mllp);
  void sender.send('MSH|^~\\&|A|B|C|D|20260301||ACK^A01^ACK|A1|P|2.5\rMSA|AA|M1\r');
  await waitFor('the kept acknowledgement', async () => (await journal(gateway)).some(({ state }) => state === 'stored'));
  sender.waiting.length = 0;
  assert.match(await sender.send(admission('M2')), /MSA\|AA\|M2\r/);
  sender.close();
});

// MSH-15 and -16 of a message.
const asking = (message, accept, application) =>
  message.replace('|2.5^FRA^2.11|||', `|2.5^FRA^2.11|||${accept}|${application}`).replace('|||UNICODE', '|UNICODE');

test('MSH-15 and MSH-16 decide what is answered', async (t) => {
  const gateway = await gatewayFor(t);
  const sender = await Sender.connect(gateway.mllp);
  assert.match(await sender.send(asking(admission('E1'), 'AL', 'AL')), /MSA\|AA\|E1/);
  assert.match(await sender.send(asking(admission('E2'), 'AL', 'NE')), /MSA\|CA\|E2/);
  assert.match(await sender.send(asking(admission('E3'), 'NE', 'SU')), /MSA\|AA\|E3/);
  void sender.send(asking(admission('E4'), 'NE', 'ER'));
  void sender.send(asking(admission('E5'), 'NE', 'NE'));
  sender.waiting.length = 0;
  assert.match(await sender.send(admission('E6')), /MSA\|AA\|E6/);
  assert.equal((await journal(gateway)).length, 6);
  sender.close();
});

test('ack = "commit" answers on receipt: AA in original mode, CA in enhanced mode', async (t) => {
  const gateway = await gatewayFor(t, { toml: plainToml + 'ack = "commit"\n' });
  const sender = await Sender.connect(gateway.mllp);
  assert.match(await sender.send(admission('C1')), /MSA\|AA\|C1/);
  assert.match(await sender.send(asking(admission('C2'), 'AL', 'NE')), /MSA\|CA\|C2/);
  void sender.send(asking(admission('C3'), 'NE', 'NE'));
  sender.waiting.length = 0;
  assert.match(await sender.send(admission('C4')), /MSA\|AA\|C4/);
  await waitFor('all to be decided', async () => (await journal(gateway)).every(({ state }) => state !== 'kept'));
  sender.close();
});

test('a thousand idle connections cost little and hold up nobody', async (t) => {
  const gateway = await gatewayFor(t);
  const before = gateway.residentMiB();
  const idle = await Promise.all(Array.from({ length: 1000 }, () => Sender.connect(gateway.mllp)));
  const sender = await Sender.connect(gateway.mllp);
  const begun = performance.now();
  for (let i = 0; i < 20; ++i) assert.equal(acknowledged(await sender.send(admission(`I${i}`))), 'AA');
  const each = (performance.now() - begun) / 20;
  assert.ok(idle.every(({ open }) => open));
  const perConnection = ((gateway.residentMiB() - before) * 1024) / 1000;
  console.log(`# ${perConnection.toFixed(0)} KiB for each idle connection, ${each.toFixed(1)} ms for a message beside them`);
  assert.ok(perConnection < 100);
  [...idle, sender].forEach((one) => one.close());
});

// Messages are prepared side by side: none may forget what another brought at the same moment.
for (const ack of ['processed', 'commit'])
  test(`what many senders say of the same patients at once is all kept, acknowledged by ${ack}`, { timeout: 60_000 }, async (t) => {
    const gateway = await gatewayFor(t, { toml: `${plainToml}ack = "${ack}"\n` });
    const patients = ['P1', 'P2', 'P3'];
    const numbered = (patient, number) =>
      admission(`C${patient}N${number}`, patient).replace('^PI|', `^PI~${patient}N${number}^^^AUTRE&1.2.250.1.999.2&ISO^PI|`);
    const senders = await Promise.all(Array.from({ length: 8 }, () => Sender.connect(gateway.mllp)));
    await Promise.all(senders.map(async (sender, at) => {
      for (let round = 0; round < 6; ++round)
        for (const patient of patients)
          assert.match(acknowledged(await sender.send(numbered(patient, at * 10 + round))), /^[AC]A$/);
      sender.close();
    }));
    await waitFor('all to be decided', async () => (await journal(gateway)).every(({ state }) => state !== 'kept'));
    const rows = await gateway.rows(`SELECT json FROM version v JOIN resource r ON r.latest = v.key WHERE r.type = 'Patient'`);
    const known = rows.map(({ json }) => JSON.parse(json).identifier.map(({ value }) => value).sort());
    assert.deepEqual(known.map((values) => values.length), [49, 49, 49]);
    for (const [own] of known) assert.ok(patients.includes(own));
  });

test('a batch keeps its envelope beside its messages, and is told where its counts do not agree', async (t) => {
  const gateway = await gatewayFor(t);
  const sender = await Sender.connect(gateway.mllp);
  const batch = 'FHS|^~\\&|A||||||||F1\rBHS|^~\\&|A||||||||B1\r' + admission('B1') + admission('B2') + 'BTS|3\rFTS|1\r';
  const answer = await sender.send(batch);
  assert.match(answer, /\rMSA\|AA\|B1\r[^]*\rMSA\|AA\|B2\r/);
  assert.match(answer, /\rBTS\|2\|[^\r]*BTS-1/);
  const kept = await gateway.rows('SELECT m.format, m.control_id AS id, m.state, b.bytes FROM message m JOIN body b USING (seq) ORDER BY seq');
  assert.deepEqual(kept.map(({ format, state }) => [format, state]), [['hl7v2-batch', 1], ['hl7v2', 3], ['hl7v2', 3]]);
  const envelope = Buffer.from(kept[0].bytes).toString('latin1');
  assert.match(envelope, /^FHS\|[^\r]*\rBHS\|[^\r]*\rMSH\|[^\r]*\rMSH\|[^\r]*\rBTS\|3\rFTS\|1\r$/);
  const told = JSON.stringify(await (await fetch(`${gateway.http}/messages/1`)).json());
  assert.match(told, /BTS-1/);
  assert.equal(await sender.send(batch), answer);
  assert.equal((await gateway.rows('SELECT count(*) AS n FROM message'))[0].n, 3);
  sender.close();
});
