// The backlog drill: messages acknowledged on receipt, faster than they can be decided; kill -9; restart. What was
// acknowledged is decided, once, and what comes meanwhile is acknowledged without waiting for it.

import { Gateway, Sender, acknowledged, admission, plainToml, waitFor } from './gateway.mjs';

const connections = 64;  // so that they are acknowledged faster than decided

export async function backlogDrill(count) {
  const gateway = new Gateway({ toml: `${plainToml}ack = "commit"\n` });
  const one = async (sql) => Object.values((await gateway.rows(sql))[0])[0];
  const undecided = () => one('SELECT count(*) FROM message WHERE state = 0');

  await gateway.start();
  const senders = await Promise.all(Array.from({ length: connections }, () => Sender.connect(gateway.mllp)));
  const codes = await Promise.all(Array.from({ length: count }, async (_, i) =>
    acknowledged(await senders[i % connections].send(admission(`R${i.toString(36).toUpperCase()}`)))));
  await gateway.kill();
  const left = await undecided();

  const begun = performance.now();
  await gateway.start();
  const sender = await Sender.connect(gateway.mllp);
  codes.push(acknowledged(await sender.send(admission('NEW'))));
  const answeredMs = Math.round(performance.now() - begun);
  const answeredBeforeTheOthers = (await undecided()) > 1;
  await waitFor('all to be decided', async () => (await undecided()) === 0, 30_000 + 2 * count);
  const result = {
    left, answeredMs, answeredBeforeTheOthers,
    refused: codes.filter((code) => code !== 'AA').length,
    messages: await one('SELECT count(*) FROM message'),
    decidedOnce: await one('SELECT count(*) FROM message WHERE attempts = 1'),
    patients: await one("SELECT count(DISTINCT resource) FROM version WHERE type = 'Patient'"),
    versionsOfPatients: await one("SELECT count(*) FROM version WHERE type = 'Patient'"),
  };
  sender.close();
  await gateway.stop();
  await gateway.remove();
  return result;
}

export const soundBacklog = (count) => ({
  answeredBeforeTheOthers: true, refused: 0, messages: count + 1, decidedOnce: count + 1, patients: count + 1,
  versionsOfPatients: count + 1,
});
