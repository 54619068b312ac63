// passerelle send: what it prints and how it ends.

import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import fs from 'node:fs';
import path from 'node:path';
import { test } from 'node:test';
import { admission, binary, gatewayFor, temporaryFolder } from './gateway.mjs';

const send = (...words) => spawnSync(binary, ['send', ...words], { encoding: 'utf8' });

test('each acknowledgement is printed; the worst file decides how it ends', async (t) => {
  const gateway = await gatewayFor(t);
  const folder = temporaryFolder();
  t.after(() => fs.rmSync(folder, { recursive: true }));
  const good = path.join(folder, 'good.hl7');
  const bad = path.join(folder, 'bad.hl7');
  fs.writeFileSync(good, admission('SEND1').replaceAll('\r', '\n'));
  fs.writeFileSync(bad, 'PID|1\n');
  const to = `mllp://127.0.0.1:${gateway.mllp}`;
  const one = send('--to', to, good);
  assert.equal(one.status, 0, one.stderr);
  assert.match(one.stdout, /good\.hl7: accepted\n[^]*MSA\|AA\|SEND1\n/);
  const two = send('--to', to, bad, good);
  assert.equal(two.status, 1);
  assert.match(two.stdout, /bad\.hl7: not accepted[^]*good\.hl7: accepted/);
  assert.equal(send('--to', to, path.join(folder, 'none.hl7')).status, 3);
});

test('usage and a gateway that is not there', () => {
  assert.equal(send('a.hl7').status, 2);
  assert.equal(send('--to', 'ftp://h:1', 'a.hl7').status, 2);
  const { status, stderr } = send('--to', 'mllp://127.0.0.1:1', path.join(import.meta.dirname, 'package.json'));
  assert.equal(status, 1);
  assert.match(stderr, /3007 ConnectionFailed/);
});
