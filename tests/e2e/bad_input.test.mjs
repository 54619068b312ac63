// Bad input, each sent to a running gateway: the answer says what is wrong, the bytes are kept as they came, and the next
// message is taken as if nothing had been.

import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import fs from 'node:fs';
import path from 'node:path';
import { after, before, test } from 'node:test';
import { Gateway, Sender, acknowledged, admission } from './gateway.mjs';

const example = (name) => fs.readFileSync(path.resolve(import.meta.dirname, '../../examples', name));
const report = example('laboratory/1-report.hl7').toString('latin1');
const document = example('laboratory/report.xml').toString();
const changed = (text, from, to) => {
  assert.ok(text.includes(from), from);
  return text.replace(from, to);
};
const payload = report.match(/\^Base64\^([A-Za-z0-9+/=]+)/)[1];
const carrying = (base64) => changed(report, payload, base64);
const observation = (more) => `{"resourceType":"Observation","status":"final","code":{"text":"x"}${more}}`;
const declaration = '<?xml version="1.0" encoding="UTF-8"?>';
const doctype = (subset) => changed(document, declaration, `${declaration}<!DOCTYPE ClinicalDocument ${subset}>`);
const bomb = `[<!ENTITY a "aaaaaaaaaa">${'bcdefghij'.replace(/./g, (name, at) =>
  `<!ENTITY ${name} "${`&${'abcdefghij'[at]};`.repeat(10)}">`)}]`;

// By MLLP: MSA-1, and what ERR must say.
const byMllp = {
  'base64 of length 4n+1': [carrying(`${payload.replace(/=+$/, '').slice(0, 40)}A`), 'AE', /ERR.*Base64Malformed/],
  'base64 without its padding': [carrying(payload.replace(/=+$/, '')), 'AA'],
  'base64 that is no document': [carrying(Buffer.from('placeholder').toString('base64')), 'AE', /ERR.*PayloadNotCda/],
  'PID-3 that differs from the document': [changed(report, '285067599900116', '179031399904205'), 'AE', /ERR[^\r]*PID\^1\^3[^\r]*\|207\^/],
  'U+02DC between repetitions': [
    changed(admission('TILDE'), '^~\\&', '^\xcb\x9c\\&').replace('^PI||', '^PI\xcb\x9c7^^^AUTRE&1.2.250.1.999.2&ISO^PI||'), 'AA'],
};
// By HTTP: the status, and what the OperationOutcome must say.
const byHttp = {
  'a CDA with a document type': [doctype('SYSTEM "cda.dtd"'), 400, /XmlDoctypeRefused/],
  'a CDA with an entity bomb': [changed(doctype(bomb), '<title>', '<title>&j;'), 400, /XmlDoctypeRefused/],
  'a CDA with a byte order mark': [`\ufeff${document}`, 200],
  'a CDA in ISO-8859-15': [Buffer.from(changed(document, 'UTF-8', 'ISO-8859-15'), 'latin1'), 200],
  'a CDA in a style sheet': [
    `<xsl:stylesheet version="1.0" xmlns:xsl="http://www.w3.org/1999/XSL/Transform"><xsl:template match="/">` +
      `${changed(document, declaration, '')}</xsl:template></xsl:stylesheet>`, 200],
  'JSON 100,000 levels deep': ['['.repeat(100_000) + ']'.repeat(100_000), 415],
  'FHIR 100,000 levels deep': [observation(`,"extension":${'[{"extension":'.repeat(100_000)}[]${'}]'.repeat(100_000)}`), 422, /InputTooDeep/],
  'JSON with duplicate keys': [observation(',"id":"a","id":"b"'), 400, /JsonDuplicateMember/],
  'a number with a huge exponent': [observation(',"valueQuantity":{"value":0.000000000001e-2147483639}'), 200],
  'a Bundle with a dangling reference': [
    `{"resourceType":"Bundle","type":"collection","entry":[{"resource":${observation(
      ',"subject":{"reference":"urn:uuid:00000000-0000-4000-8000-000000000000"}')}}]}`, 422, /ReferenceDangling/],
};

const gateway = new Gateway();
before(() => gateway.start());
after(() => gateway.remove());

async function newestKept() {
  const [{ sha, state }] = await gateway.rows('SELECT hex(sha256) AS sha, state FROM message ORDER BY seq DESC LIMIT 1');
  return { sha: sha.toLowerCase(), refused: state === 2 };
}
async function unharmed(bytes, accepted) {
  assert.deepEqual(await newestKept(), { sha: createHash('sha256').update(bytes).digest('hex'), refused: !accepted });
  assert.equal((await fetch(`${gateway.http}/health/ready`)).status, 200);
}

for (const [name, [message, code, says]] of Object.entries(byMllp))
  test(`by MLLP: ${name}`, async () => {
    const sender = await Sender.connect(gateway.mllp);
    const ack = await sender.send(message);
    assert.equal(acknowledged(ack), code, ack);
    if (says) assert.match(ack, says);
    await unharmed(Buffer.from(message, 'latin1'), code === 'AA');
    sender.close();
  });

for (const [name, [body, status, says]] of Object.entries(byHttp))
  test(`by HTTP: ${name}`, async () => {
    const answer = await fetch(`${gateway.http}/inbox`, { method: 'POST', body });
    const outcome = await answer.text();
    assert.equal(answer.status, status, outcome);
    if (status >= 400) assert.equal(JSON.parse(outcome).resourceType, 'OperationOutcome');
    if (says) assert.match(outcome, says);
    await unharmed(Buffer.from(body), status === 200);
  });

test('no trait of all that stands in the log, the metrics or the name of a file', async () => {
  const metrics = await (await fetch(`${gateway.http}/metrics`)).text();
  const files = fs.readdirSync(gateway.folder, { recursive: true }).join('\n');
  for (const trait of ['LAGRANGE', 'CAMILLE', '285067599900116', '179031399904205', '19850612', 'ESSAI'])
    for (const text of [gateway.output, gateway.errors, metrics, files]) assert.ok(!text.includes(trait), trait);
});
