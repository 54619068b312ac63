// Starting, refusing to start, and stopping.

import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import fs from 'node:fs';
import net from 'node:net';
import path from 'node:path';
import { test } from 'node:test';
import { backlogDrill, soundBacklog } from './backlog.mjs';
import { Gateway, Sender, acknowledged, admission, binary, gatewayFor, plainToml, temporaryFolder } from './gateway.mjs';

function serve(t, toml, folder = temporaryFolder()) {
  t.after(() => fs.rmSync(folder, { recursive: true, force: true }));
  const config = path.join(folder, 'c.toml');
  if (toml !== null) fs.writeFileSync(config, `data = "${folder}/data"\n${toml}`);
  const { status, stderr } = spawnSync(binary, ['serve', '--config', config], { encoding: 'utf8', timeout: 10_000 });
  return { status, stderr };
}

test('a configuration that cannot be read ends with 3 and names the file', (t) => {
  const { status, stderr } = serve(t, null);
  assert.equal(status, 3);
  assert.match(stderr, /5001 SettingsUnreadable.*c\.toml/);
});

test('an unknown key ends with 2, file and line', (t) => {
  const { status, stderr } = serve(t, '[http]\nlissen = "127.0.0.1:0"\n');
  assert.equal(status, 2);
  assert.match(stderr, /5002 SettingUnknown.*lissen.*c\.toml line 3/);
});

test('open access off loopback ends with 2', (t) => {
  const { status, stderr } = serve(t, 'environment = "test"\n[http]\nlisten = "0.0.0.0:0"\naccess = "open"\n');
  assert.equal(status, 2);
  assert.match(stderr, /5004 SettingsUnsafe/);
});

test('a port that is taken ends with 1 and says which', async (t) => {
  const taken = net.createServer().listen(0, '127.0.0.1');
  t.after(() => taken.close());
  await new Promise((ready) => taken.on('listening', ready));
  const { port } = taken.address();
  const { status, stderr } = serve(t, plainToml.replace('[mllp]\nlisten = "127.0.0.1:0"', `[mllp]\nlisten = "127.0.0.1:${port}"`));
  assert.equal(status, 1);
  assert.match(stderr, new RegExp(`3008 PortUnusable.*127\\.0\\.0\\.1:${port}`));
});

test('a data folder belongs to one process and to one environment', async (t) => {
  const gateway = await gatewayFor(t);
  const config = path.join(gateway.folder, 'passerelle.toml');
  const second = spawnSync(binary, ['serve', '--config', config], { encoding: 'utf8' });
  assert.equal(second.status, 1);
  assert.match(second.stderr, /4007 StoreInUse/);
  await gateway.stop();
  fs.writeFileSync(config, `data = "${gateway.folder}/data"\nenvironment = "production"\n${plainToml}`);
  const other = spawnSync(binary, ['serve', '--config', config], { encoding: 'utf8' });
  assert.equal(other.status, 1);
  assert.match(other.stderr, /4008 EnvironmentFixed/);
});

test('a data folder that cannot be opened ends with 1 and is named', (t) => {
  const folder = temporaryFolder();
  fs.writeFileSync(path.join(folder, 'data'), 'in the way');
  const { status, stderr } = serve(t, plainToml, folder);
  assert.equal(status, 1);
  assert.ok(stderr.includes(`(${folder}/data: `), stderr);
});

test('the console\'s bench does not open a gateway\'s folder', (t) => {
  const folder = temporaryFolder();
  fs.writeFileSync(path.join(folder, 'access-token'), 'x');
  const { status, stderr } = serve(t, `${plainToml}[bench]\ndata = "${folder}"\n`, folder);
  assert.equal(status, 1);
  assert.match(stderr, /4306 ProductionRefused/);
});

test('ack = "commit" is refused for a feed with a document profile', (t) => {
  const { status } = serve(t, `${plainToml}ack = "commit"\nprofile = "CISIS_CDA_HL7_V2"\n`);
  assert.equal(status, 2);
});

test('the access token is the owner\'s alone and stays over a restart', async (t) => {
  const gateway = await gatewayFor(t);
  const file = path.join(gateway.folder, 'data/access-token');
  assert.match(gateway.output, /access token: .*data\/access-token$/m);
  assert.equal(fs.statSync(file).mode & 0o777, 0o600);
  const token = fs.readFileSync(file, 'utf8');
  assert.match(token, /^[0-9a-f]{64}\n$/);
  await gateway.stop();
  await gateway.start();
  assert.equal(fs.readFileSync(file, 'utf8'), token);
});

test('nobody but the owner may read the data folder', async (t) => {
  const gateway = await gatewayFor(t);
  for (const name of ['.', 'passerelle.db', 'passerelle.db-wal', 'bodies'])
    assert.equal(fs.statSync(path.join(gateway.folder, 'data', name)).mode & 0o077, 0, name);
});

test('SIGTERM under load ends with 0, and every acknowledged message is kept', async (t) => {
  const gateway = new Gateway();
  t.after(() => gateway.remove());
  await gateway.start();
  const senders = await Promise.all([1, 2, 3, 4].map(() => Sender.connect(gateway.mllp)));
  const kept = [];
  const sending = senders.map(async (sender, line) => {
    for (let i = 0; sender.open; ++i) {
      const id = `S${line}${i.toString(36).toUpperCase()}`;
      if (acknowledged(await sender.send(admission(id))) === 'AA') kept.push(id);
    }
  });
  await new Promise((done) => setTimeout(done, 200));
  const begun = Date.now();
  assert.deepEqual(await gateway.stop(), { code: 0, signal: null });
  assert.ok(Date.now() - begun < 2_000);
  await Promise.all(sending);
  assert.ok(kept.length > 20);
  const rows = new Set((await gateway.rows('SELECT control_id AS id FROM message')).map(({ id }) => id));
  assert.deepEqual(kept.filter((id) => !rows.has(id)), []);
});

test('thousands acknowledged on receipt before a kill are all decided, once, and new ones need not wait', { timeout: 60_000 }, async () => {
  const { left, answeredMs, ...drill } = await backlogDrill(4_000);
  console.log(`# ${left} were left to decide; acknowledging again after ${answeredMs} ms`);
  assert.ok(left > 100);
  assert.deepEqual(drill, soundBacklog(4_000));
});
