// A watched folder: files that are renamed in are taken, sorted away, and told why they were refused.

import assert from 'node:assert/strict';
import fs from 'node:fs';
import path from 'node:path';
import { test } from 'node:test';
import { Gateway, admission, plainToml, temporaryFolder, waitFor } from './gateway.mjs';

async function watched(t) {
  const inbox = temporaryFolder();
  const gateway = new Gateway({ toml: `${plainToml}[[folder]]\nname = "drop"\npath = "${inbox}"\n` });
  t.after(async () => {
    await gateway.remove();
    fs.rmSync(inbox, { recursive: true });
  });
  await gateway.start();
  const drop = (name, text) => {
    fs.writeFileSync(path.join(inbox, `${name}.part`), text);
    fs.renameSync(path.join(inbox, `${name}.part`), path.join(inbox, name));
  };
  const arrives = (file) => waitFor(file, () => fs.existsSync(path.join(inbox, file)));
  return { gateway, inbox, drop, arrives };
}

test('a file is taken and moves to processed, its labels with it', async (t) => {
  const { gateway, inbox, drop, arrives } = await watched(t);
  fs.writeFileSync(path.join(inbox, 'a.hl7.labels'), 'MASQUE_PS\n');
  drop('a.hl7', admission('F1').replaceAll('\r', '\n'));
  await arrives('processed/a.hl7');
  await arrives('processed/a.hl7.labels');
  const [row] = await gateway.rows('SELECT feed, labels FROM message');
  assert.equal(row.feed, 'drop');
  assert.equal(row.labels, 'MASQUE_PS\n');
});

test('a file that is no message moves to refused with the reason beside it', async (t) => {
  const { inbox, drop, arrives } = await watched(t);
  drop('b.txt', 'hello');
  await arrives('refused/b.txt');
  const outcome = JSON.parse(fs.readFileSync(path.join(inbox, 'refused/b.txt.outcome.json'), 'utf8'));
  assert.equal(outcome.resourceType, 'OperationOutcome');
});

test('a file that is still being written is left alone', async (t) => {
  const { gateway, inbox, drop, arrives } = await watched(t);
  fs.writeFileSync(path.join(inbox, 'c.hl7.part'), admission('F2').slice(0, 40));
  drop('d.hl7', admission('F3'));
  await arrives('processed/d.hl7');
  assert.equal((await gateway.rows('SELECT count(*) AS n FROM message'))[0].n, 1);
  assert.ok(fs.existsSync(path.join(inbox, 'c.hl7.part')));
});

test('a batch in a file is several messages', async (t) => {
  const { gateway, drop, arrives } = await watched(t);
  drop('e.hl7', `BHS|^~\\&\r${admission('F4')}${admission('F5')}BTS|2\r`);
  await arrives('processed/e.hl7');
  assert.equal((await gateway.rows("SELECT count(*) AS n FROM message WHERE format = 'hl7v2'"))[0].n, 2);
});
