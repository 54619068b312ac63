// kill -9 under load: nothing acknowledged is lost, nothing is applied twice; and the drill sees a gateway that lies.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { acknowledgeFirst } from './gateway.mjs';
import { faults, killDrill, killLargeDrill, none } from './kill.mjs';

test('200 kills under load from 8 connections: nothing lost, nothing twice', async () => {
  const result = await killDrill({ cycles: 200, seed: 1 });
  console.log(`# ${result.cycles} kills, ${result.acknowledged} acknowledged, ${result.kept} kept`);
  assert.ok(result.acknowledged > 200, 'the drill hardly sent anything');
  assert.deepEqual(faults(result), none);
});

test('30 kills while scans come in: none acknowledged is lost or changed, and nothing is left on the disk', async () => {
  const { acknowledged, kept, ...wrong } = await killLargeDrill({ cycles: 30, seed: 3 });
  console.log(`# ${acknowledged} scans acknowledged, ${kept} kept`);
  assert.ok(acknowledged > 5, 'the drill hardly sent anything');
  assert.deepEqual(wrong, { refused: [], lost: [], doubled: [], changed: [], undecided: 0, orphans: [] });
});

test('the drill catches a gateway that acknowledges before it keeps', async () => {
  const result = await killDrill({ cycles: 40, seed: 2, program: acknowledgeFirst });
  console.log(`# ${result.acknowledged} acknowledged, ${result.lost.length} of them lost`);
  assert.notEqual(result.lost.length, 0);
});

test('the drill with scans catches it too', async () => {
  const result = await killLargeDrill({ cycles: 15, seed: 4, program: acknowledgeFirst });
  console.log(`# ${result.acknowledged} scans acknowledged, ${result.lost.length} of them lost`);
  assert.notEqual(result.lost.length, 0);
});
