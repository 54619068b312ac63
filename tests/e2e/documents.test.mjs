// The imaging trio of the official examples (first version, replacement, deletion): the record ends in one state,
// whichever way each of them came in. Skipped, visibly, where the corpora are not there.

import assert from 'node:assert/strict';
import fs from 'node:fs';
import path from 'node:path';
import { test } from 'node:test';
import { Sender, acknowledged, gatewayFor, plainToml, temporaryFolder, waitFor } from './gateway.mjs';

const folder = path.resolve(import.meta.dirname, '../../../shared/corpora/hl7v2/ans/Vague 2/RIS');
const skip = fs.existsSync(folder) ? false : 'skipped: the corpora are not there';
const [first, replacement] = skip ? [] : ['transmission_initiale', 'remplacement'].map((name) =>
  fs.readFileSync(path.join(folder, `${name}_cr_imagerie.xml`)));
const oldName = '1.2.250.1.213.4.5.4.402';
const newName = '1.2.250.1.213.4.5.4.403';

// The transmission of a document: T02 first, T10 replacement, T04 deletion.
const message = (event, order, name, parent, bytes) => [
  `MSH|^~\\&|RIS|CABINET|PASSERELLE|DOSSIER|20260301120000+0100||MDM^${event}^MDM_T02|${event}|P|2.6|||||FRA|UNICODE UTF-8`,
  'EVN||20260301120000',
  'PID|||279035121518989^^^ASIP-SANTE-INS-NIR&1.2.250.1.213.1.4.10&ISO^INS~IPP101^^^ES&1.2.250.1.213.4.5.2.4&ISO^PI||' +
    'PAT-TROIS^DOMINIQUE^DOMINIQUE^^^^L||19790328|F',
  'PV1|1|O',
  `ORC|${order}`,
  'OBR|1|||18748-4^CR^LN',
  `TXA|1|18748-4|TEXT|202603011200||||||||${name}|${parent}||||AU`,
  `OBX|1|ED|18748-4^CR^LN||^text^XML^Base64^${bytes.toString('base64')}||||||${order === 'CA' ? 'D' : 'F'}`,
  ''].join('\r');

async function gatewayWithFolder(t) {
  const inbox = temporaryFolder();
  t.after(() => fs.rmSync(inbox, { recursive: true }));
  const gateway = await gatewayFor(t, { toml: `${plainToml}[[folder]]\nname = "drop"\npath = "${inbox}"\n` });
  const sender = await Sender.connect(gateway.mllp);
  t.after(() => sender.close());
  return {
    gateway,
    byMessage: async (...parts) => {
      const ack = await sender.send(message(...parts));
      assert.equal(acknowledged(ack), 'AA', ack);
    },
    byHttp: async (bytes) => {
      const answer = await fetch(`${gateway.http}/inbox`, {
        method: 'POST', body: bytes, headers: { 'Content-Type': 'text/xml' } });
      assert.equal(answer.status, 200, await answer.text());
    },
    byFolder: async (bytes) => {
      fs.writeFileSync(path.join(inbox, 'd.xml.part'), bytes);
      fs.renameSync(path.join(inbox, 'd.xml.part'), path.join(inbox, 'd.xml'));
      await waitFor('the file', () => fs.existsSync(path.join(inbox, 'processed/d.xml')));
    },
  };
}

// What stands in the record of the two documents and of all that was made of them. Ids are each installation's own.
async function stateOf(gateway) {
  const rows = await gateway.rows(
    `SELECT v.json FROM resource r JOIN version v ON r.latest = v.key
     WHERE r.type IN ('DocumentReference', 'DiagnosticReport', 'Observation', 'Procedure', 'ImagingStudy')`);
  const named = ({ masterIdentifier, identifier, code }) => (masterIdentifier ?? identifier?.[0] ?? code?.coding?.[0])?.value;
  return rows.map(({ json }) => JSON.parse(json)).map((r) => `${r.resourceType} ${named(r)} ${r.status}`).sort();
}

async function statusOf(gateway, name) {
  const rows = await gateway.rows(
    "SELECT v.json FROM resource r JOIN version v ON r.latest = v.key WHERE r.type = 'DocumentReference'");
  return rows.map(({ json }) => JSON.parse(json)).find(
    ({ masterIdentifier }) => masterIdentifier?.value === `urn:oid:${name}`)?.status;
}

test('first, replacement, deletion: one state whichever way they came in', { skip }, async (t) => {
  const ways = [
    async ({ byMessage }) => {
      await byMessage('T02', 'NW', oldName, '', first);
      await byMessage('T10', 'RO', newName, oldName, replacement);
    },
    async ({ byHttp }) => {
      await byHttp(first);
      await byHttp(replacement);
    },
    async ({ byFolder, byHttp }) => {
      await byFolder(first);
      await byHttp(first); // again, by another way: nothing new
      await byHttp(replacement);
    },
  ];
  const replaced = [], ended = [];
  for (const way of ways) {
    const entrance = await gatewayWithFolder(t);
    await way(entrance);
    assert.equal(await statusOf(entrance.gateway, oldName), 'superseded');
    assert.equal(await statusOf(entrance.gateway, newName), 'current');
    replaced.push(await stateOf(entrance.gateway));
    await entrance.byMessage('T04', 'CA', newName, oldName, replacement);
    assert.equal(await statusOf(entrance.gateway, newName), 'entered-in-error');
    ended.push(await stateOf(entrance.gateway));
  }
  assert.ok(replaced[0].length > 3);
  for (const states of [replaced, ended]) for (const state of states.slice(1)) assert.deepEqual(state, states[0]);
});
