// The kill drill at length: 10,000 kills by default, in rounds of 500 on a new installation each.
//
//     node tests/long/kills.mjs [KILLS] [SEED]
//
// One JSON line a round; ends with 1 when anything acknowledged was lost or anything was done twice.

import { faults, killDrill, none } from '../e2e/kill.mjs';

const kills = Number(process.argv[2] ?? 10_000);
const seed = Number(process.argv[3] ?? 1);
const roundMax = 500;

let sound = true;
const total = { kills: 0, acknowledged: 0 };
for (let done = 0; done < kills; done += roundMax) {
  const result = await killDrill({ cycles: Math.min(roundMax, kills - done), seed: seed + done });
  total.kills += result.cycles;
  total.acknowledged += result.acknowledged;
  const round = JSON.stringify(faults(result)) === JSON.stringify(none);
  sound &&= round;
  console.log(JSON.stringify(round ? { kills: total.kills, acknowledged: total.acknowledged, faults: 0 } : faults(result)));
}
process.exit(sound ? 0 : 1);
