// Measures the running gateway: start-up, resident memory, ADT messages a second over MLLP at 1, 8 and 64 connections
// with the verdict in the acknowledgement and with ack = "commit", and the time to drain what a burst left behind. One
// JSON line each.
//
//     node tests/bench/gateway.mjs [SECONDS]

import { spawnSync } from 'node:child_process';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { Gateway, plainToml, sleep } from '../e2e/gateway.mjs';

const seconds = process.argv[2] ?? '10';
const build = process.env.PASSERELLE_BUILD ?? path.resolve(import.meta.dirname, '../../build');
const print = (line) => console.log(JSON.stringify(line));

const cpuOf = (pid) => {
  const fields = fs.readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ')[1].split(' ');
  return (+fields[11] + +fields[12]) / 100;
};

print({ cores: os.cpus().length, cpu: os.cpus()[0].model, node: process.version });
for (const ack of ['processed', 'commit']) {
  for (const connections of ['1', '8', '64']) {
    const gateway = new Gateway({ toml: `${plainToml}ack = "${ack}"\n` });
    const begun = performance.now();
    await gateway.start();
    const start_ms = Math.round(performance.now() - begun);
    const idle_mib = Math.round(gateway.residentMiB());
    const { stdout } = spawnSync(path.join(build, 'mllp_load'), [gateway.mllp, connections, seconds], { encoding: 'utf8' });
    const sent = performance.now();
    while ((await gateway.rows('SELECT count(*) AS n FROM message WHERE state = 0'))[0].n > 0) await sleep(20);
    const drain_s = +((performance.now() - sent) / 1000).toFixed(2);
    print({ ack, ...JSON.parse(stdout), drain_s, gateway_cpu_s: cpuOf(gateway.child.pid), start_ms, idle_mib,
      loaded_mib: Math.round(gateway.residentMiB()) });
    await gateway.remove();
  }
}
