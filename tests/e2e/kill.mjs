// The kill drill: senders on eight connections, kill -9 at a random moment, restart, repeat what was not acknowledged.
// Afterwards every acknowledged message must stand in the journal, decided once, with its effects once.

import fs from 'node:fs';
import path from 'node:path';
import { Gateway, Sender, acknowledged, admission, sleep, waitFor } from './gateway.mjs';
import { hashOf, scanHash, scanned, sendLarge } from './large.mjs';

const eight = [...'ABCDEFGH'].map((letter) => `K${letter}`);

// Repeatable randomness (mulberry32).
function dice(seed) {
  return () => {
    seed = (seed + 0x6d2b79f5) | 0;
    let t = Math.imul(seed ^ (seed >>> 15), 1 | seed);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32;
  };
}

// Sends until the connection ends. `open` is the message that nobody acknowledged yet: the next one starts with it.
async function sendUntilCut(port, line, drill, send) {
  const sender = await Sender.connect(port).catch(() => null);  // killed before it accepted
  while (sender?.open) {
    line.open ??= `${line.name}${(line.count++).toString(36).toUpperCase()}`;
    const code = await send(sender, line.open);
    if (code === null) break;
    if (code !== 'AA') drill.refused.push(line.open);
    drill.acknowledged.add(line.open);
    line.open = null;
  }
  sender?.close();
}

// Starts, sends on a line for each of `names`, kills after between `least` and `most` ms, `cycles` times over.
async function kills(gateway, { cycles, seed, names, least, most, send }) {
  const random = dice(seed);
  const drill = { acknowledged: new Set(), refused: [], lines: names.map((name) => ({ name, count: 0, open: null })) };
  for (let cycle = 0; cycle < cycles; ++cycle) {
    await gateway.start();
    const sending = drill.lines.map((line) => sendUntilCut(gateway.mllp, line, drill, send));
    await sleep(least + random() * (most - least));
    await gateway.kill();
    await Promise.all(sending);
  }
  return drill;
}

const sendAdmission = async (sender, id) => acknowledged(await sender.send(admission(id)));

const scanBytes = 3e6;  // a frame of 4 MB
const sendScan = (sender, id) => sendLarge(sender, scanned(id), scanBytes, id);

// Kills while large frames come, are kept and are decided. Afterwards each acknowledged scan is read back as it was sent,
// and the disk holds no file that no message names.
export async function killLargeDrill({ cycles, seed, program, toml }) {
  const gateway = new Gateway({ program, toml });
  const drill = await kills(gateway, { cycles, seed, names: ['SA', 'SB'], least: 20, most: 370, send: sendScan });
  await gateway.start();
  await waitFor('what was kept to be decided', async () => (await gateway.rows('SELECT 1 FROM message WHERE state = 0')).length === 0);
  const kept = await gateway.rows(
    "SELECT m.control_id AS id, lower(hex(m.sha256)) AS sha256, s.resources FROM message m JOIN step s ON s.id = m.step");
  const changed = [];
  for (const { id, resources } of kept) {
    const binary = JSON.parse(resources).find((one) => one.startsWith('Binary/'));
    if ((await hashOf(`${gateway.http}/fhir/${binary}`)).hash !== scanHash(id, scanBytes)) changed.push(id);
  }
  const [{ n: rows }] = await gateway.rows('SELECT count(*) AS n FROM message');
  await gateway.stop();
  const files = (folder) => fs.readdirSync(path.join(gateway.folder, 'data', folder), { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile()).map(({ name }) => name);
  const known = new Set(kept.map(({ sha256 }) => sha256));
  const ids = kept.map(({ id }) => id);
  const result = {
    acknowledged: drill.acknowledged.size,
    kept: rows,
    refused: drill.refused,
    lost: [...drill.acknowledged].filter((id) => !ids.includes(id)),
    doubled: ids.filter((id, i) => ids.indexOf(id) !== i),
    changed,
    undecided: rows - kept.length,
    orphans: [...files('spool'), ...files('bodies').filter((name) => !known.has(name))],
  };
  await gateway.remove();
  return result;
}

// Gives what went wrong; all lists are empty when nothing did.
export async function killDrill({ cycles, seed, program, toml }) {
  const gateway = new Gateway({ program, toml });
  const drill = await kills(gateway, { cycles, seed, names: eight, least: 5, most: 80, send: sendAdmission });
  await gateway.start();  // what was kept and not decided is decided now
  await Promise.all(drill.lines.filter((line) => line.open).map(async (line) => {
    const sender = await Sender.connect(gateway.mllp);
    if (await sendAdmission(sender, line.open) === 'AA') drill.acknowledged.add(line.open);
    sender.close();
  }));
  await gateway.stop();

  const kept = await gateway.rows('SELECT seq, control_id AS id, state, attempts FROM message');
  const versions = await gateway.rows(
    "SELECT r.id, count(*) AS n FROM version v JOIN resource r ON r.key = v.resource WHERE r.type = 'Patient' GROUP BY r.key");
  const times = new Map();
  for (const { id } of kept) times.set(id, (times.get(id) ?? 0) + 1);
  const result = {
    cycles,
    acknowledged: drill.acknowledged.size,
    kept: kept.length,
    refused: drill.refused,
    lost: [...drill.acknowledged].filter((id) => !times.has(id)),
    doubled: [...times].filter(([, n]) => n > 1).map(([id]) => id),
    undecided: kept.filter(({ state, id }) => state === 0 && drill.acknowledged.has(id)).map(({ id }) => id),
    decidedTwice: kept.filter(({ attempts }) => attempts > 1).map(({ id }) => id),
    patients: versions.length,
    appliedTwice: versions.filter(({ n }) => n > 1).map(({ id }) => id),
  };
  await gateway.remove();
  return result;
}

export const faults = ({ refused, lost, doubled, undecided, decidedTwice, appliedTwice }) => ({
  refused, lost, doubled, undecided, decidedTwice, appliedTwice,
});
export const none = { refused: [], lost: [], doubled: [], undecided: [], decidedTwice: [], appliedTwice: [] };
