// A full disk: nothing is acknowledged that was not kept, no NACK is sent, and the gateway goes on when there is room.

import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import fs from 'node:fs';
import path from 'node:path';
import { test } from 'node:test';
import { Gateway, Sender, acknowledged, admission, plainToml, sleep, temporaryFolder, waitFor } from './gateway.mjs';

// A mount namespace with a small tmpfs over the data folder; as root, else in a user namespace.
const worlds = [['unshare', '--mount'], ['unshare', '--user', '--map-root-user', '--mount']];
const world = worlds.find((words) =>
  spawnSync(words[0], [...words.slice(1), 'mount', '-t', 'tmpfs', 'tmpfs', '/mnt']).status === 0);

const skip = world ? false : 'no tmpfs may be mounted here; SQLite\'s page limit is tested in store_test';

test('a full tmpfs silences the gateway until there is room again', { skip }, async (t) => {
  console.log(`# the disk is a tmpfs, by ${world.join(' ')}`);
  const folder = temporaryFolder();
  fs.mkdirSync(path.join(folder, 'data'));
  const gateway = new Gateway({
    folder,
    toml: `${plainToml}[store]\nfree_mib_min = 0\n`,
    around: [...world, 'sh', '-c', `mount -t tmpfs -o size=16m tmpfs ${folder}/data && exec "$@"`, 'sh'],
  });
  t.after(() => gateway.remove());
  await gateway.start();
  const inside = path.join('/proc', String(gateway.child.pid), 'root', folder, 'data');
  const ballast = path.join(inside, 'ballast');
  fs.writeFileSync(ballast, Buffer.alloc(8 << 20));

  const sender = await Sender.connect(gateway.mllp);
  const filler = 'NTE|1||' + 'x'.repeat(40_000) + '\r';
  const kept = [];
  let open = null;
  for (let i = 0; i < 500 && !open; ++i) {
    const id = `D${i}`;
    const code = await Promise.race([sender.send(admission(id, id, filler)).then(acknowledged), sleep(2_000, 'silence')]);
    if (code === 'AA') kept.push(id);
    else open = { id, code };
  }
  assert.ok(kept.length > 5, `only ${kept.length} fitted`);
  assert.equal(open?.code, undefined, 'a full disk is no reason for a NACK');
  assert.equal((await fetch(`${gateway.http}/health/ready`)).status, 503);
  assert.equal((await fetch(`${gateway.http}/health/live`)).status, 200);

  fs.rmSync(ballast);
  await waitFor('readiness', async () => (await fetch(`${gateway.http}/health/ready`)).status === 200, 6_000);
  const again = await Sender.connect(gateway.mllp);
  assert.equal(acknowledged(await again.send(admission(open.id, open.id, filler))), 'AA');
  again.close();

  // The tmpfs ends with the process: what it kept is read from a copy.
  for (const file of ['passerelle.db', 'passerelle.db-wal']) fs.copyFileSync(path.join(inside, file), path.join(folder, file));
  await gateway.stop();
  for (const file of ['passerelle.db', 'passerelle.db-wal'])
    fs.renameSync(path.join(folder, file), path.join(folder, 'data', file));
  const rows = new Set((await gateway.rows('SELECT control_id AS id FROM message')).map(({ id }) => id));
  assert.deepEqual([...kept, open.id].filter((id) => !rows.has(id)), []);
});
