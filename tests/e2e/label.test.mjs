// The bench from outside: verdicts in a form for machines, a run with a gateway of its own, evidence that is found out
// when it was touched, and what is answered to things that make no sense.

import assert from 'node:assert/strict';
import { spawn, spawnSync } from 'node:child_process';
import fs from 'node:fs';
import net from 'node:net';
import path from 'node:path';
import { test } from 'node:test';
import { binary, temporaryFolder } from './gateway.mjs';

const passerelle = (...words) => spawnSync(binary, words, { encoding: 'utf8', maxBuffer: 64 << 20 });
const examples = path.join(import.meta.dirname, '../../examples/labelling');
const example = (name) => path.join(examples, name);

test('check: exit codes, one line a file, the same verdicts on every run', () => {
  const good = passerelle('check', '--format', 'json', example('1-laboratory.hl7'), example('pulse.json'));
  assert.equal(good.status, 0, good.stderr);
  const lines = good.stdout.trim().split('\n').map((line) => JSON.parse(line));
  assert.equal(lines.length, 2);
  assert.ok(lines[0].results.every((r) => ['PASS', 'FAIL', 'WARN', 'N-A', 'INDETERMINATE', 'MANUAL'].includes(r.verdict)));
  assert.equal(passerelle('check', '--format', 'json', example('1-laboratory.hl7'), example('pulse.json')).stdout, good.stdout);
  assert.equal(passerelle('check', example('README.md')).status, 1);
  assert.equal(passerelle('check', example('nothing.hl7')).status, 3);
  assert.equal(passerelle('check', '--suite', 'nothing', example('ack.hl7')).status, 2);
  assert.equal(passerelle('check', '--format', 'pdf', example('ack.hl7')).status, 2);
});

test('a run with its own gateway leaves evidence that holds, until somebody touches it', (t) => {
  const folder = temporaryFolder();
  t.after(() => fs.rmSync(folder, { recursive: true }));
  const run = passerelle('label', 'run', '--product', 'Essai', '--version', '1', '--data', folder, '--suite', 'platform',
    '--format', 'json', example('1-imaging.hl7'), example('2-imaging-replaced.hl7'));
  const [first, second] = run.stdout.trim().split('\n').map((line) => JSON.parse(line));
  const of = (line, id) => line.results.find((r) => r.requirement === id)?.verdict;
  for (const id of ['HL7-07', 'HL7-08', 'CNF-02']) assert.equal(of(first, id), 'PASS', id);
  assert.equal(of(second, 'REP-06'), 'PASS');
  const verify = () => passerelle('label', 'verify', '--data', folder);
  assert.match(verify().stdout, /ledger: 2 entries hold/);
  const ledger = path.join(folder, 'ledger.ndjson');
  const text = fs.readFileSync(ledger, 'utf8');
  assert.ok(!text.includes('ESSAI-UN'));
  fs.writeFileSync(ledger, text.replace('"PASS"', '"WARN"'));
  assert.equal(verify().status, 1);
  assert.match(verify().stderr, /4302 LedgerBroken/);
  fs.writeFileSync(ledger, text.slice(0, text.indexOf('\n') + 1));
  assert.equal(verify().status, 1);
  // A broken ledger takes nothing more.
  const again = passerelle('label', 'run', '--product', 'Essai', '--version', '1', '--data', folder, example('1-imaging.hl7'));
  assert.equal(again.status, 1);
});

test('a run listens for a product, passes on what it sends and tells it the answer', async (t) => {
  const folder = temporaryFolder();
  t.after(() => fs.rmSync(folder, { recursive: true }));
  const bench = spawn(binary, ['label', 'run', '--product', 'Essai', '--version', '2', '--data', folder, '--suite', 'biology',
    '--listen', '127.0.0.1:0', '--seconds', '60']);
  let out = '';
  bench.stdout.on('data', (data) => { out += data; });
  const until = async (pattern) => {
    for (let i = 0; i < 200 && !pattern.test(out); ++i) await new Promise((resolve) => setTimeout(resolve, 50));
    assert.match(out, pattern);
    return pattern.exec(out);
  };
  const [, port] = await until(/send to mllp:\/\/127\.0\.0\.1:(\d+) for 60 seconds/);
  const sent = passerelle('send', '--to', `mllp://127.0.0.1:${port}`, example('1-laboratory.hl7'));
  assert.equal(sent.status, 0, sent.stdout + sent.stderr);
  const ended = new Promise((resolve) => bench.on('exit', resolve));
  bench.kill('SIGINT');
  await ended;
  assert.match(out, /message 1: 0 FAIL/);
  assert.match(passerelle('label', 'verify', '--data', folder).stdout, /ledger: 1 entries hold/);
});

test('a vendor whose product never comes, or speaks something else, is told', async (t) => {
  const folder = temporaryFolder();
  t.after(() => fs.rmSync(folder, { recursive: true }));
  const listen = (seconds) => spawn(binary, ['label', 'run', '--product', 'E', '--version', '1', '--data', folder, '--suite',
    'biology', '--listen', '127.0.0.1:0', '--seconds', String(seconds)]);
  const ending = (bench, then) => new Promise((resolve) => {
    let out = '', err = '', told = false;
    bench.stderr.on('data', (data) => { err += data; });
    bench.stdout.on('data', (data) => {
      out += data;
      const port = /mllp:\/\/127\.0\.0\.1:(\d+)/.exec(out)?.[1];
      if (port && !told) { told = true; then?.(Number(port)); }
    });
    bench.on('exit', (status) => resolve({ status, out, err }));
  });
  const nobody = await ending(listen(1));
  assert.equal(nobody.status, 1);
  assert.match(nobody.err, /nobody connected/);
  const say = (bytes) => (port) => net.connect(port, '127.0.0.1').on('error', () => {}).write(bytes);
  const tls = await ending(listen(2), say(Buffer.from([0x16, 3, 1, 2, 0, 1, 0, 1])));
  assert.equal(tls.status, 1);
  assert.match(tls.err, /somebody connected, but no message came/);
  const noise = await ending(listen(3), say('\x0bhello\x1c\r'));
  assert.equal(noise.status, 1);
  assert.match(noise.out, /message 1: not read/);
});

test('the bench refuses a gateway’s own folder, and a label without evidence', (t) => {
  const folder = temporaryFolder();
  t.after(() => fs.rmSync(folder, { recursive: true }));
  fs.writeFileSync(path.join(folder, 'access-token'), 'x');
  const run = passerelle('label', 'run', '--product', 'E', '--version', '1', '--data', folder, example('1-imaging.hl7'));
  assert.notEqual(run.status, 0);
  assert.match(run.stderr, /4306 ProductionRefused/);
  const own = path.join(folder, 'own');
  const grant = passerelle('label', 'grant', '--product', 'E', '--version', '1', '--data', own, '--suite', 'mail');
  assert.equal(grant.status, 1);
  assert.match(grant.stderr, /nothing was checked/);
});
