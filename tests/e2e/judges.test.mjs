// MLLP senders that we did not write.

import assert from 'node:assert/strict';
import { createRequire } from 'node:module';
import { test } from 'node:test';
import { Client, HL7_2_5 } from 'node-hl7-client';
import { admission, gatewayFor } from './gateway.mjs';

const hl7 = createRequire(import.meta.url)('simple-hl7');

test('simple-hl7 sends an ADT and reads our acknowledgement', async (t) => {
  const gateway = await gatewayFor(t);
  const client = hl7.Server.createTcpClient({ host: '127.0.0.1', port: gateway.mllp, keepalive: false });
  const message = new hl7.Parser().parse(admission('SIMPLE1'));
  const ack = await new Promise((done, failed) =>
    client.send(message, (wrong, answer) => (wrong ? failed(wrong) : done(answer))));
  assert.equal(ack.getSegment('MSA').getField(1).toString(), 'AA');
  assert.equal(ack.getSegment('MSA').getField(2).toString(), 'SIMPLE1');
  client.close?.();
});

test('node-hl7-client sends an ADT and reads our acknowledgement', async (t) => {
  const gateway = await gatewayFor(t);
  const client = new Client({ host: '127.0.0.1', version: '2.5' });
  t.after(() => client.closeAll());
  const answered = Promise.withResolvers();
  const connection = client.createConnection({ port: gateway.mllp }, (response) => answered.resolve(response));
  const message = new HL7_2_5()
    .buildMSH({ msh_3: 'SIH', msh_4: 'HOPITAL', msh_5: 'PASSERELLE', msh_6: 'DOSSIER', msh_9_1: 'ADT', msh_9_2: 'A01',
      msh_10: 'NODE1', msh_11_1: 'P' })
    .buildEVN({ evn_2: new Date('2026-03-01T12:00:00Z') })
    .buildPID({ pid_3: '4712^^^CHU-E2E^PI', pid_5: 'ESSAIB^CAMILLE', pid_7: new Date('1980-01-01'),
      pid_8: 'F' })
    .toMessage();
  await connection.sendMessage(message);
  const ack = (await answered.promise).getMessage();
  assert.equal(ack.get('MSA.1').toString(), 'AA');
  assert.equal(ack.get('MSA.2').toString(), 'NODE1');
});
