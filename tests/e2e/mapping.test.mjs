// A site's own tables, from the command line: what convert makes of them, what maps check refuses.

import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import fs from 'node:fs';
import path from 'node:path';
import { test } from 'node:test';
import { binary, temporaryFolder } from './gateway.mjs';

const message = ['MSH|^~\\&|APP|SITE|GW|GW|20260301120000||ADT^A01^ADT_A01|M1|P|2.5', 'EVN||20260301120000',
  'PID|1||P1^^^SITE^PI||MARTIN^Lise||19800101|F', 'PV1|1|I', 'ZAL|FALL|gets up at night|202603011200|jd', ''].join('\r');

// A folder of the site's with one table and one message.
function site(t, table) {
  const folder = temporaryFolder();
  t.after(() => fs.rmSync(folder, { recursive: true, force: true }));
  fs.mkdirSync(path.join(folder, 'overlays'));
  fs.writeFileSync(path.join(folder, 'overlays', 'ZAL.map'), table);
  fs.writeFileSync(path.join(folder, 'message.hl7'), message);
  return (...words) => {
    const done = spawnSync(binary, words, { cwd: folder, encoding: 'utf8' });
    return { code: done.status, out: done.stdout, errors: done.stderr, said: done.stdout + done.stderr };
  };
}

// docs/mapping.md, "A new Z segment, as rows".
const alerts = `message ADT_A01 = ADT^A01
ZAL -> Flag

segment ZAL -> Flag
identity Patient code
"active" -> status
ZAL-1    -> code           CWE SITE-ALERTS
ZAL-2    -> code.text
ZAL-3    -> period.start
(PID)    -> subject        reference Patient
(PV1)    -> encounter      reference Encounter
ZAL-4    -> drop "who typed it, in our own system"

codes SITE-ALERTS -> https://hospital.example/alerts
FALL -> fall-risk "Risk of falling"
*    -> =
`;

test('convert --overlay maps a segment that only the site knows', (t) => {
  const run = site(t, alerts);
  assert.equal(run('maps', 'check', 'overlays').code, 0);
  const { code, out } = run('convert', '--overlay', 'overlays', 'message.hl7');
  assert.equal(code, 0);
  const flags = JSON.parse(out).entry.map(({ resource }) => resource).filter((r) => r.resourceType === 'Flag');
  assert.equal(flags.length, 1);
  assert.equal(flags[0].code.text, 'gets up at night');
  assert.deepEqual(flags[0].code.coding,
    [{ system: 'https://hospital.example/alerts', code: 'fall-risk', display: 'Risk of falling' },
      ...flags[0].code.coding.slice(1)]);
  const plain = JSON.parse(run('convert', 'message.hl7').out);
  assert.ok(plain.entry.every(({ resource }) => resource.resourceType !== 'Flag'));
});

test('bad input: an overlay that names an element that does not exist is refused at check, with file and line', (t) => {
  const run = site(t, alerts.replace('ZAL-3    -> period.start', 'ZAL-3    -> period.begin'));
  const { code, said } = run('maps', 'check', 'overlays');
  assert.equal(code, 1);
  assert.match(said, /ZAL\.map:9: /);
  assert.notEqual(run('convert', '--overlay', 'overlays', 'message.hl7').code, 0);
});

test('bad input: site maps that call each other in a circle are refused at check, with file and line', (t) => {
  const run = site(t, `${alerts}
datatype CWE:a -> CodeableConcept
. -> .   CWE:b
datatype CWE:b -> CodeableConcept
. -> .   CWE:a
`.replace('ZAL-1    -> code           CWE SITE-ALERTS', 'ZAL-1    -> code           CWE:a'));
  const { code, said } = run('maps', 'check', 'overlays');
  assert.equal(code, 1);
  assert.match(said, /ZAL\.map:\d+: .*itself/);
});
