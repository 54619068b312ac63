// What makes no sense gets a clear answer from the bench: no PASS, no label, and nothing of the evidence is lost.

import assert from 'node:assert/strict';
import { spawn, spawnSync } from 'node:child_process';
import crypto from 'node:crypto';
import fs from 'node:fs';
import net from 'node:net';
import path from 'node:path';
import { test } from 'node:test';
import { benchToml } from './console.mjs';
import { Gateway, Sender, acknowledged, binary, temporaryFolder } from './gateway.mjs';

const passerelle = (...words) => spawnSync(binary, words, { encoding: 'utf8', maxBuffer: 64 << 20 });
const examples = path.join(import.meta.dirname, '../../examples/labelling');
const example = (name) => path.join(examples, name);

function folderOf(t) {
  const folder = temporaryFolder();
  t.after(() => fs.rmSync(folder, { recursive: true }));
  return folder;
}

// The verdicts on bytes as a file, and what is said of it as a whole.
function check(t, name, bytes) {
  const file = path.join(folderOf(t), name);
  fs.writeFileSync(file, bytes);
  const run = passerelle('check', '--format', 'json', file);
  const line = JSON.parse(run.stdout);
  const count = (verdict) => line.results.filter((r) => r.verdict === verdict).length;
  return { status: run.status, error: line.error ?? '', count, results: line.results };
}

test('an empty file is said to be empty, and nothing passes', (t) => {
  for (const bytes of ['', ' \r\n\n']) {
    const verdicts = check(t, 'empty.hl7', bytes);
    assert.equal(verdicts.status, 1);
    assert.equal(verdicts.error, 'it is empty');
    assert.equal(verdicts.count('PASS'), 0);
  }
});

test('a PDF is said to be one, and nothing passes', (t) => {
  const verdicts = check(t, 'report.hl7', '%PDF-1.4\n1 0 obj\n<<>>\nendobj\ntrailer\n<<>>\n%%EOF\n');
  assert.equal(verdicts.status, 1);
  assert.match(verdicts.error, /PDF/);
  assert.equal(verdicts.count('PASS'), 0);
});

test('a message of another country fails where it says so, and nothing passes', (t) => {
  const message = ['MSH|^~\\&|LAB|HOSPITAL|EHR|CLINIC|20260105||ORU^R01^ORU_R01|1|P|2.5.1|||AL|NE|USA',
    'PID|1||123^^^HOSPITAL^MR||DOE^JOHN||19700101|M', 'OBR|1|||24323-8^CMP^LN', 'OBX|1|NM|2345-7^Glucose^LN||95|mg/dL|||||F'];
  const verdicts = check(t, 'american.hl7', message.join('\r') + '\r');
  assert.equal(verdicts.status, 1);
  const country = verdicts.results.find((r) => r.place === 'MSH-17');
  assert.deepEqual([country.verdict, country.expected, country.found], ['FAIL', 'FRA', 'USA']);
  assert.equal(verdicts.count('PASS'), 0);
  const document = check(t, 'american.xml', '<?xml version="1.0"?><ClinicalDocument xmlns="urn:hl7-org:v3"><realmCode code="US"/>' +
    '<typeId root="2.16.840.1.113883.1.3" extension="POCD_HD000040"/><id root="2.16.840.1.113883.19.5"/></ClinicalDocument>');
  assert.equal(document.status, 1);
  assert.equal(document.results.find((r) => r.found === 'US').requirement, 'HDR-02');
  assert.equal(document.count('PASS'), 0);
});

test('a scenario that names an unknown requirement is refused with its line before anything is sent', (t) => {
  const folder = folderOf(t), scenario = path.join(folder, 'own.scn');
  fs.writeFileSync(scenario, 'scenario own suite biology\n  en Own\n  fr Propre\n  send 1-laboratory.hl7\n    expect ack AA\n  check INS-99\n');
  const run = passerelle('label', 'run', '--product', 'E', '--version', '1', '--data', path.join(folder, 'bench'),
    '--scenario', scenario, '--examples', examples);
  assert.equal(run.status, 2);
  assert.match(run.stderr, /ScenarioSyntax.*INS-99.*line 6/);
  assert.ok(!fs.existsSync(path.join(folder, 'bench', 'ledger.ndjson')));
});

// Evidence that some version of the bench could have written: lines chained and signed anew after `change`.
class Evidence {
  constructor(folder) {
    this.folder = folder;
    this.ledger = path.join(folder, 'ledger.ndjson');
  }
  run(version = '1', suite = 'device', file = 'pulse.json') {
    return passerelle('label', 'run', '--product', 'Essai', '--version', version, '--data', this.folder, '--suite', suite, example(file));
  }
  grant(version = '1', suite = 'device') {
    return passerelle('label', 'grant', '--product', 'Essai', '--version', version, '--data', this.folder, '--suite', suite);
  }
  verify(...labels) {
    return passerelle('label', 'verify', '--data', this.folder, ...labels);
  }
  lines() {
    return fs.readFileSync(this.ledger, 'utf8').trimEnd().split('\n');
  }
  rewrite(change) {
    let head = '0'.repeat(64);
    const lines = this.lines().map((line) => {
      const content = change(line).replace(/,"hash":"[0-9a-f]{64}"\}$/, '').replace(/"previous":"[0-9a-f]{64}"/, `"previous":"${head}"`);
      head = crypto.createHash('sha256').update(head + content).digest('hex');
      return `${content},"hash":"${head}"}`;
    });
    fs.writeFileSync(this.ledger, lines.join('\n') + '\n');
    const [header] = fs.readFileSync(path.join(this.folder, 'ledger.head'), 'utf8').split('.');
    const payload = Buffer.from(JSON.stringify({ entries: lines.length, head })).toString('base64url');
    const seed = Buffer.from(fs.readFileSync(path.join(this.folder, 'bench-key'), 'utf8'), 'base64url');
    const pkcs8 = Buffer.concat([Buffer.from('302e020100300506032b657004220420', 'hex'), seed]);
    const key = crypto.createPrivateKey({ key: pkcs8, format: 'der', type: 'pkcs8' });
    const signature = crypto.sign(null, Buffer.from(`${header}.${payload}`), key).toString('base64url');
    fs.writeFileSync(path.join(this.folder, 'ledger.head'), `${header}.${payload}.${signature}`);
  }
}

const label = (granted) => granted.stdout.trim();

test('a suite that changed after the run gives no label, and the old evidence stays', (t) => {
  const evidence = new Evidence(folderOf(t));
  assert.equal(evidence.run().status, 0);
  evidence.rewrite((line) => line.replace(/"suiteDigest":"[0-9a-f]{64}"/, `"suiteDigest":"${'5'.repeat(64)}"`));
  assert.match(evidence.verify().stdout, /1 entries hold/);
  const refused = evidence.grant();
  assert.equal(refused.status, 1);
  assert.match(refused.stderr, /suite or tables changed after the run: run again/);
  assert.equal(evidence.run().status, 0);
  assert.equal(evidence.grant().status, 0);
  assert.equal(evidence.lines().length, 2);
});

test('a ledger with one byte flipped, anywhere, is found broken, gives no label and takes no more', (t) => {
  const evidence = new Evidence(folderOf(t));
  evidence.run();
  const whole = fs.readFileSync(evidence.ledger);
  for (let at = 0; at < whole.length; at += Math.ceil(whole.length / 25)) {
    const flipped = Buffer.from(whole);
    flipped[at] ^= 1;
    fs.writeFileSync(evidence.ledger, flipped);
    const verdict = evidence.verify();
    assert.equal(verdict.status, 1, `byte ${at}`);
    assert.match(verdict.stderr, /4302 LedgerBroken.*line \d/);
  }
  assert.equal(evidence.grant().status, 1);
  assert.equal(evidence.run().status, 1);
  fs.writeFileSync(evidence.ledger, whole);
  assert.equal(evidence.verify().status, 0);
  fs.rmSync(evidence.ledger);
  assert.match(evidence.run().stderr, /LedgerBroken.*gone/);
});

test('a verdict is replayed of the bytes it was about; one that is written otherwise, or of other bytes, is told', (t) => {
  const evidence = new Evidence(folderOf(t));
  evidence.run();
  const replay = (...files) => passerelle('label', 'replay', '--data', evidence.folder, ...files);
  const again = replay();
  assert.equal(again.status, 0, again.stdout);
  assert.match(again.stdout, /message 1: Essai 1, suite device.*: 11 verdicts the same\n$/);
  assert.equal(replay(example('pulse.json')).status, 0);
  const other = replay(example('cholesterol.json'));
  assert.equal(other.status, 1);
  assert.match(other.stdout, /no entry of the ledger is about it/);
  evidence.rewrite((line) => line.replace(/("MES-02 [0-9a-f]+":)"PASS"/, '$1"FAIL"'));
  const differs = replay();
  assert.equal(differs.status, 1);
  assert.match(differs.stdout, /differs MES-02: FAIL, now PASS/);
});

test('verdicts that hang on answers and deliveries are replayed; what was changed, or is gone, is told by name', (t) => {
  const folder = folderOf(t);
  const label = (verb, ...more) => passerelle('label', verb, '--data', folder, ...more);
  label('run', '--product', 'Essai', '--version', '1', '--suite', 'platform', example('1-imaging.hl7'), example('ack.hl7'),
    example('2-imaging-replaced.hl7'));
  const ledger = path.join(folder, 'ledger.ndjson');
  const entries = fs.readFileSync(ledger, 'utf8').trim().split('\n').map((line) => JSON.parse(line));
  assert.equal(entries.length, 3);
  const verdict = (entry, id) => Object.entries(entry.verdicts).find(([key]) => key.startsWith(`${id} `))[1];
  for (const id of ['HL7-07', 'CNF-02', 'REP-06']) assert.equal(verdict(entries[2], id), 'PASS', id);
  const replayed = label('replay');
  assert.equal(replayed.status, 0, replayed.stdout);
  assert.equal(replayed.stdout.match(/\d+ verdicts the same/g).length, 3);
  assert.doesNotMatch(replayed.stdout, /decided in one of both|differs/);
  const run = path.join(folder, 'runs', entries[0].run);
  const answer = path.join(run, 'messages/3.json');
  const text = fs.readFileSync(answer, 'utf8');
  fs.writeFileSync(answer, text.replace('MSA|AA', 'MSA|AE'));
  const changed = label('replay');
  assert.equal(changed.status, 1);
  assert.match(changed.stdout, /message 3: .*changed since: 3\.json has other bytes/);
  const shown = label('replay', example('2-imaging-replaced.hl7')); // the file itself does not stand in for what was changed
  assert.equal(shown.status, 1);
  assert.match(shown.stdout, /changed since: 3\.json has other bytes/);
  fs.writeFileSync(answer, text);
  fs.rmSync(path.join(run, 'inputs', entries[0].input));
  const gone = label('replay');
  assert.equal(gone.status, 0, gone.stdout);
  assert.match(gone.stdout, /message 3: [^]*decided in one of both REP-08: N-A, now INDETERMINATE \(missing: the messages before this one\)/);
  assert.match(gone.stdout, /1 inputs are not here/);
});

test('a replay that differs says where; a step of a scenario is replayed too', (t) => {
  const evidence = new Evidence(folderOf(t));
  const scenario = passerelle('label', 'run', '--product', 'Essai', '--version', '2', '--data', evidence.folder, '--scenario',
    'CI-SIS-CR-BIO-Create_doc-Sc2', '--examples', examples);
  assert.equal(scenario.status, 0, scenario.stderr);
  const wrong = path.join(folderOf(t), 'wrong.hl7');
  fs.writeFileSync(wrong, fs.readFileSync(example('1-laboratory.hl7'), 'latin1').replaceAll('1.2.250.1.213.1.4.10', '1.2.250.1.213.1.4.2'), 'latin1');
  passerelle('label', 'run', '--product', 'Essai', '--version', '2', '--data', evidence.folder, '--suite', 'biology', wrong);
  const replay = () => passerelle('label', 'replay', '--data', evidence.folder);
  assert.equal(replay().status, 0, replay().stdout);
  assert.doesNotMatch(replay().stdout, / step 1/);
  evidence.rewrite((line) => line.replace(/("CI-SIS-CR-BIO-Create_doc-Sc2 step 1 -":)"PASS"/, '$1"FAIL"')
    .replace(/("INS-03 [0-9a-f]+":)"FAIL"/, '$1"PASS"'));
  const differs = replay();
  assert.equal(differs.status, 1);
  assert.match(differs.stdout, /differs CI-SIS-CR-BIO-Create_doc-Sc2 step 1: FAIL, now PASS/);
  assert.match(differs.stdout, /differs INS-03: PASS, now FAIL \(PID-3\S* line 2 column \d+: expected .+\)/);
});

test('a clock that was set back is told, and nothing is lost', (t) => {
  const evidence = new Evidence(folderOf(t));
  evidence.run();
  evidence.rewrite((line) => line.replace(/"time":"20\d\d/, '"time":"2099'));
  assert.ok(!/set back/.test(evidence.verify().stdout));
  assert.equal(evidence.run().status, 0);
  const verdict = evidence.verify();
  assert.equal(verdict.status, 0);
  assert.match(verdict.stdout, /2 entries hold.*the clock was set back in between/);
});

test('a version gets one label for a suite, whatever is run after it', (t) => {
  const evidence = new Evidence(folderOf(t));
  evidence.run();
  const first = evidence.grant();
  assert.equal(first.status, 0, first.stderr);
  evidence.run('1', 'device', 'cholesterol.json');
  const second = evidence.grant();
  assert.equal(second.status, 1);
  assert.match(second.stderr, /has a label for this suite already/);
  assert.match(evidence.verify(label(first)).stdout, /label .* holds\n/);
  evidence.run('2');
  assert.equal(evidence.grant('2').status, 0);
});

test('runs that end in one new folder at the same time all find their place in the ledger', async (t) => {
  const evidence = new Evidence(folderOf(t));
  const versions = ['1', '2', '3', '4'];
  const codes = await Promise.all(versions.map((version) => new Promise((resolve) => {
    spawn(binary, ['label', 'run', '--product', 'Essai', '--version', version, '--data', evidence.folder, '--suite', 'device',
      example('pulse.json')], { stdio: 'ignore' }).on('exit', resolve);
  })));
  assert.deepEqual(codes, [0, 0, 0, 0]);
  assert.match(evidence.verify().stdout, /4 entries hold/);
});

test('a label that was withdrawn holds no more, and does not come back without a new run', (t) => {
  const evidence = new Evidence(folderOf(t));
  evidence.run();
  const granted = label(evidence.grant());
  const revoked = passerelle('label', 'revoke', '--data', evidence.folder, granted);
  assert.equal(revoked.status, 0, revoked.stderr);
  const verdict = evidence.verify(granted);
  assert.equal(verdict.status, 1);
  assert.match(verdict.stderr, /it was revoked/);
  assert.match(evidence.grant().stderr, /it was revoked: run again/);
  evidence.run('1', 'device', 'cholesterol.json');
  const other = evidence.grant();
  assert.equal(other.status, 0, other.stderr);
  assert.match(evidence.verify(label(other)).stdout, /label .* holds\n/);
  assert.equal(passerelle('label', 'revoke', '--data', evidence.folder, example('pulse.json')).status, 1);
});

// Messages over their own connections at once; the answers, in no order.
const flood = (port, messages) => Promise.all(messages.map((message) => new Promise((resolve, reject) => {
  let answer = '';
  const socket = net.connect(port, '127.0.0.1', () => socket.write(`\x0b${message}\x1c\r`));
  socket.setEncoding('utf8').on('error', reject).on('data', (data) => {
    answer += data;
    if (answer.endsWith('\x1c\r')) socket.end(() => resolve(answer));
  });
})));

test('a product that floods the bench is slowed down: each message is answered, judged once and kept', async (t) => {
  const evidence = new Evidence(folderOf(t));
  const bench = spawn(binary, ['label', 'run', '--product', 'Essai', '--version', '1', '--data', evidence.folder, '--suite', 'platform',
    '--listen', '127.0.0.1:0', '--seconds', '120', '--format', 'json']);
  let out = '';
  bench.stdout.on('data', (data) => { out += data; });
  const port = await new Promise((resolve) => bench.stdout.on('data', () => {
    const told = /mllp:\/\/127\.0\.0\.1:(\d+)/.exec(out);
    if (told) resolve(Number(told[1]));
  }));
  const ended = new Promise((resolve) => bench.on('exit', resolve));
  const admission = fs.readFileSync(example('admission.hl7'), 'utf8');
  const ids = Array.from({ length: 60 }, (_, i) => `FLOOD${i}`);
  const answers = await flood(port, ids.map((id) => admission.replace('ADT0001', id)));
  assert.deepEqual(answers.map((answer) => /MSA\|AA\|(FLOOD\d+)/.exec(answer)?.[1]), ids);
  bench.kill('SIGINT');
  await ended;
  const verdicts = out.split('\n').filter((line) => line.startsWith('{')).map((line) => JSON.parse(line));
  assert.equal(verdicts.length, ids.length);
  // What was delivered belongs to its message, however many came at once.
  for (const verdict of verdicts) assert.equal(verdict.results.find((r) => r.requirement === 'HL7-07').verdict, 'PASS');
  assert.match(evidence.verify().stdout, new RegExp(`${ids.length} entries hold`));
});

test('a step of a scenario that was never sent is not decided, in the report and in the evidence', async (t) => {
  const folder = temporaryFolder();
  const gateway = await new Gateway({ folder, toml: benchToml(folder) }).start();
  t.after(() => gateway.remove());
  const post = (what, body) => fetch(`${gateway.http}/api/bench/runs${what}`, { method: 'POST', body });
  const opened = await (await post('', JSON.stringify({ product: 'Essai', version: '1', scenario: 'CI-SIS-CR-BIO-Create_doc-Sc2' }))).json();
  await post(`/${opened.id}/messages`, fs.readFileSync(example('1-laboratory.hl7')));
  assert.equal((await post(`/${opened.id}/close`)).status, 200);
  const [line] = fs.readFileSync(path.join(folder, 'bench/ledger.ndjson'), 'utf8').trim().split('\n').map((text) => JSON.parse(text));
  assert.equal(line.verdicts['CI-SIS-CR-BIO-Create_doc-Sc2 step 1 -'], 'PASS');
  assert.equal(line.verdicts['CI-SIS-CR-BIO-Create_doc-Sc2 step 2 -'], 'INDETERMINATE');
  const report = await (await fetch(`${gateway.http}/api/bench/runs/${opened.id}/report?format=junit`)).text();
  assert.match(report, /step 2[^<]*"><error message="it was never sent"/);
  const replayed = passerelle('label', 'replay', '--data', path.join(folder, 'bench'));
  assert.equal(replayed.status, 0, replayed.stdout);
});

test('a message that the bench cannot keep is refused, to its sender too, and is no part of the run', async (t) => {
  const folder = temporaryFolder();
  const gateway = await new Gateway({ folder, toml: benchToml(folder) }).start();
  t.after(() => gateway.remove());
  const post = (what, body) => fetch(`${gateway.http}/api/bench/runs${what}`, { method: 'POST', body });
  const opened = await (await post('', JSON.stringify({ product: 'Essai', version: '1', suite: 'biology' }))).json();
  const message = fs.readFileSync(example('1-laboratory.hl7'), 'latin1').replace(/\r?\n/g, '\r');
  fs.writeFileSync(path.join(folder, 'bench/runs', opened.id, 'inputs'), 'no folder');
  const sender = await Sender.connect(opened.port);
  const answer = await sender.send(message);
  sender.close();
  assert.equal(acknowledged(answer), 'AR');
  assert.match(answer, /FileUnwritable/);
  assert.ok(!answer.includes(folder));
  const sent = await post(`/${opened.id}/messages`, message);
  assert.equal(sent.status, 500);
  assert.ok(!(await sent.text()).includes(folder));
  const run = await (await fetch(`${gateway.http}/api/bench/runs/${opened.id}`)).json();
  assert.equal(run.message_count, 0);
  fs.rmSync(path.join(folder, 'bench/runs', opened.id, 'inputs'));
  assert.equal((await post(`/${opened.id}/messages`, message)).status, 200);
});
