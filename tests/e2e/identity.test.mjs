// Which identities may enter which environment (safety rule 10): each message is sent to a running gateway, which answers,
// keeps the bytes, and writes nothing of what it refuses. The environment is a setting, never read from the message.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Sender, acknowledged, gatewayFor, plainToml, qualified } from './gateway.mjs';

const production = `environment = "production"\n${plainToml}`;
const roots = { nir: '1.2.250.1.213.1.4.8', nia: '1.2.250.1.213.1.4.9', test: '1.2.250.1.213.1.4.10', demo: '1.2.250.1.213.1.4.11' };

// An admission whose INS has that root; `wrongKey`: one digit of the key is another.
function withIns(root, { wrongKey = false, processing = 'P' } = {}) {
  const message = qualified(1).replace(roots.test, root).replace('|P|2.5', `|${processing}|2.5`);
  return wrongKey ? message.replace(/(~\d{13}\d)(\d)\^/, (_, front, last) => `${front}${(+last + 1) % 10}^`) : message;
}

const cases = [
  { what: 'production takes a NIR', toml: production, message: withIns(roots.nir), ack: 'AA' },
  { what: 'production takes a NIA', toml: production, message: withIns(roots.nia), ack: 'AA' },
  { what: 'production refuses a test INS', toml: production, message: withIns(roots.test), error: 'FictitiousInsInProduction' },
  { what: 'production refuses a demonstration INS', toml: production, message: withIns(roots.demo), error: 'FictitiousInsInProduction' },
  { what: 'production refuses a wrong key', toml: production, message: withIns(roots.nir, { wrongKey: true }), error: 'InsKeyWrong' },
  { what: 'production refuses what MSH-11 calls training', toml: production, message: withIns(roots.nir, { processing: 'T' }), error: 'NotForProduction' },
  { what: 'test takes a test INS, though MSH-11 says P', message: withIns(roots.test), ack: 'AA' },
  { what: 'test takes a demonstration INS', message: withIns(roots.demo), ack: 'AA' },
  { what: 'test refuses a real INS', message: withIns(roots.nir), error: 'RealInsInTest' },
  { what: 'test takes a real INS from a feed marked fictitious', toml: `${plainToml}fictitious = true\n`, message: withIns(roots.nir), ack: 'AA' },
  { what: 'test notes a wrong key', message: withIns(roots.test, { wrongKey: true }), ack: 'AA', finding: 'access.ins-key' },
];

for (const { what, toml = plainToml, message, ack = 'AE', error, finding } of cases) {
  test(what, async (t) => {
    const gateway = await gatewayFor(t, { toml });
    const sender = await Sender.connect(gateway.mllp);
    t.after(() => sender.close());
    const answer = await sender.send(message);
    assert.equal(acknowledged(answer), ack, answer);
    if (error) assert.match(answer, new RegExp(error));
    const [{ bytes }] = await gateway.rows('SELECT body_bytes AS bytes FROM message');
    assert.equal(bytes, message.length);
    if (finding) {
      const shown = await (await fetch(`${gateway.http}/messages/1`)).json();
      assert.ok(shown.findings.some(({ rule }) => rule === finding), JSON.stringify(shown.findings));
    }
    const [{ patients }] = await gateway.rows("SELECT count(*) AS patients FROM resource WHERE type = 'Patient'");
    assert.equal(patients > 0, ack === 'AA');
  });
}
