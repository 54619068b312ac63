// A site's own tables, taken over by a running gateway on SIGHUP without losing a message.

import assert from 'node:assert/strict';
import fs from 'node:fs';
import path from 'node:path';
import { test } from 'node:test';
import { Gateway, Sender, acknowledged, admission, plainToml, temporaryFolder, waitFor } from './gateway.mjs';

const overlay = '# What this site keeps in PID-2\nsegment PID -> Patient\nPID-2 -> language\n';
const speaking = (id) => admission(id).replace('PID|||', 'PID||fr|');
const languageOf = async (gateway, id) => {
  const search = await fetch(`${gateway.http}/fhir/Patient/_search`, { method: 'POST', body: `identifier=${id}`,
    headers: { 'Content-Type': 'application/x-www-form-urlencoded' } });
  return (await search.json()).entry[0].resource.language;
};

test('a table that is changed under load is in force after SIGHUP; one that is wrong changes nothing', async (t) => {
  const folder = temporaryFolder();
  const site = path.join(folder, 'site.map');
  fs.writeFileSync(site, '# nothing yet\n');
  const gateway = new Gateway({ toml: `${plainToml}[mapping]\noverlays = ["${folder}"]\n` });
  t.after(async () => {
    await gateway.remove();
    fs.rmSync(folder, { recursive: true });
  });
  await gateway.start();
  const sender = await Sender.connect(gateway.mllp);
  let sent = 0;
  let sending = true;
  const load = (async () => {
    for (; sending; ++sent) assert.equal(acknowledged(await sender.send(speaking(`R${sent}`))), 'AA');
  })();
  await waitFor('the first message', () => sent > 0);
  assert.equal(await languageOf(gateway, 'R0'), undefined);

  fs.writeFileSync(site, overlay);
  gateway.child.kill('SIGHUP');
  await waitFor('the new tables', () => gateway.errors.includes('tables reloaded'));
  const after = sent + 1;
  await waitFor('a message under them', () => sent > after + 1);
  assert.equal(await languageOf(gateway, `R${after}`), 'fr');

  fs.writeFileSync(site, overlay.replace('-> language', '-> nothingOfTheKind'));
  gateway.child.kill('SIGHUP');
  await waitFor('the refusal', () => gateway.errors.includes('tables stay as they were'));
  assert.match(gateway.errors, /site\.map line 3/);
  const later = sent + 1;
  await waitFor('another message', () => sent > later + 1);
  assert.equal(await languageOf(gateway, `R${later}`), 'fr');
  sending = false;
  await load;
  assert.equal((await gateway.rows('SELECT count(*) AS n FROM message'))[0].n, sent);
  sender.close();
});
