// The official French messages and documents, sent to a running gateway: each is accepted, or refused for the reason that
// an independent look at its bytes gives. Skipped, visibly, where the corpora are not there.

import assert from 'node:assert/strict';
import fs from 'node:fs';
import path from 'node:path';
import { test } from 'node:test';
import { Sender, acknowledged, gatewayFor } from './gateway.mjs';

const corpora = path.resolve(import.meta.dirname, '../../../shared/corpora');
const skip = fs.existsSync(corpora) ? false : 'skipped: the corpora are not there';

// The examples' people are invented, though some carry a root of production.
const toml = `
[http]
listen = "127.0.0.1:0"
access = "open"
fictitious = true
[mllp]
listen = "127.0.0.1:0"
fictitious = true
`;

const filesBelow = (folder) => fs.readdirSync(folder, { recursive: true }).map((name) => path.join(folder, name)).sort();
const messages = () => filesBelow(path.join(corpora, 'hl7v2/ans')).filter((file) => fs.statSync(file).isFile() &&
  /^MSH/.test(fs.readFileSync(file, 'latin1').trimStart()));
const documents = () => filesBelow(path.join(corpora, 'cda/ans')).filter((file) => /\.xml$/i.test(file));

const fold = (text) => (text ?? '').normalize('NFD').replace(/\p{M}/gu, '').toUpperCase().replace(/[^A-Z0-9]+/g, ' ').trim();
const insRoots = ['8', '9', '10', '11'].map((n) => `1.2.250.1.213.1.4.${n}`);

// What a document's header says of its patient, by plain search in its text.
function patientOf(xml) {
  const role = xml.match(/<(?:\w+:)?patientRole[\s\S]*?<\/(?:\w+:)?patientRole>/)?.[0] ?? '';
  const ids = [...role.split(/<(?:\w+:)?patient[ >]/)[0].matchAll(/<(?:\w+:)?id\b[^>]*>/g)].map(([tag]) => ({
    root: tag.match(/root="([^"]*)"/)?.[1], value: tag.match(/extension="([^"]*)"/)?.[1] }));
  return {
    ids,
    name: role.match(/<(?:\w+:)?family[^>]*qualifier="BR"[^>]*>([^<]*)/)?.[1],
    birth: role.match(/<(?:\w+:)?birthTime[^>]*value="(\d{8})/)?.[1],
    sex: role.match(/<(?:\w+:)?administrativeGenderCode[^>]*code="([FM])"/)?.[1],
  };
}

// Why a message of the transmission profiles must be refused; null: it must be accepted.
function reasonFor(text) {
  const segments = text.split(/[\r\n]+/).filter(Boolean).map((line) => line.split('|'));
  const of = (name) => segments.find((s) => s[0] === name) ?? [];
  const [type, trigger] = of('MSH')[8].split('^');
  if (type === 'ZAM') return 'EventNotClaimed'; // a business acknowledgement is the gateway's to send
  if (!/CISIS_CDA_HL7/.test(of('MSH')[20] ?? '') || !['ORU', 'MDM'].includes(type)) return null;
  for (const obx of segments.filter((s) => s[0] === 'OBX' && s[2] === 'ED')) {
    const [, kind, form, , base64] = obx[5].split('^');
    if (!/^text$/i.test(kind) || !/^xml$/i.test(form)) continue;
    const bytes = base64.replace(/=+$/, '');
    if (bytes.length % 4 === 1) return 'Base64Malformed';
    const xml = Buffer.from(bytes, 'base64').toString('utf8');
    if (!xml.includes('ClinicalDocument')) return 'PayloadNotCda';
    const patient = patientOf(xml);
    const repetition = /˜/.test(of('MSH')[1]) ? /[~˜]/ : /~/;
    const own = of('PID')[3].split(repetition).map((cx) => ({ value: cx.split('^')[0], root: (cx.split('^')[3] ?? '').split('&')[1] }));
    const compare = (mine, theirs) => mine.length && theirs.length && !mine.some((m) => theirs.some((t) => t.value === m.value && t.root === m.root));
    const ins = ({ root }) => insRoots.includes(root);
    if (compare(own.filter(ins), patient.ids.filter(ins))) return 'PatientDiffers';
    const name = of('PID')[5].split(repetition)[0].split('^')[0];
    if (patient.name && fold(patient.name) !== fold(name)) return 'PatientDiffers';
    if (patient.birth && of('PID')[7] && patient.birth !== of('PID')[7].slice(0, 8)) return 'PatientDiffers';
    if (patient.sex && /^[FM]$/.test(of('PID')[8]) && patient.sex !== of('PID')[8]) return 'PatientDiffers';
  }
  // Nothing was sent before that could be deleted.
  const deleted = trigger === 'T04' || of('ORC')[1] === 'CA' || segments.some((s) => s[0] === 'OBX' && s[2] === 'ED' && s[11] === 'D');
  if (deleted) return 'DocumentUnknown';
  const replaced = trigger === 'T10' || of('ORC')[1] === 'RO' || segments.some((s) => s[0] === 'OBX' && s[2] === 'ED' && s[11] === 'C');
  return replaced ? 'ReplacedNotHere' : null;
}

// Refusals that depend on what was accepted before.
const byHistory = { DocumentUnknown: 'AE', ReplacedNotHere: 'AR' };

test('every official message is accepted or refused for the right reason', { skip }, async (t) => {
  const gateway = await gatewayFor(t, { toml });
  const sender = await Sender.connect(gateway.mllp);
  t.after(() => sender.close());
  let sent = 0;
  for (const file of messages()) {
    const bytes = fs.readFileSync(file, 'latin1');
    const text = Buffer.from(bytes, 'latin1').toString('utf8');
    if (/\|ACK\^/.test(text.split(/[\r\n]/)[0])) continue; // never answered
    const ack = await sender.send(bytes);
    const name = path.relative(corpora, file);
    const reason = reasonFor(text);
    sent += 1;
    if (byHistory[reason] && acknowledged(ack) !== 'AA') {
      assert.equal(acknowledged(ack), byHistory[reason], name);
      assert.match(ack, new RegExp(reason), name);
    } else if (byHistory[reason]) {
      continue; // its first version was accepted before
    } else if (reason) {
      assert.equal(acknowledged(ack), 'AE', name);
      assert.match(ack, new RegExp(reason), name);
    } else {
      assert.equal(acknowledged(ack), 'AA', `${name}: ${ack?.split('\r').slice(1).join(' ')}`);
    }
  }
  assert.ok(sent > 20);
});

test('every official document is taken and read back as its DocumentReference and its bytes', { skip }, async (t) => {
  const gateway = await gatewayFor(t, { toml });
  for (const file of documents()) {
    const name = path.basename(file);
    const bytes = fs.readFileSync(file);
    const answer = await fetch(`${gateway.http}/inbox`, { method: 'POST', body: bytes, headers: { 'Content-Type': 'text/xml' } });
    assert.equal(answer.status, 200, `${name}: ${answer.status} ${await answer.text()}`);
  }
  const all = await (await fetch(`${gateway.http}/messages?count=500`)).json();
  assert.ok(all.messages.length > 0);
  const search = await fetch(`${gateway.http}/fhir/DocumentReference/_search`, {
    method: 'POST', body: '_count=1000', headers: { 'Content-Type': 'application/x-www-form-urlencoded' } });
  const found = (await search.json()).entry ?? [];
  assert.ok(found.length > 0);
  const attachments = found.flatMap(({ resource }) => (resource.content ?? []).map(({ attachment }) => attachment));
  const carried = attachments.filter(({ contentType, url }) => contentType === 'text/xml' && url);
  assert.ok(carried.length > 50);
  for (const attachment of carried) {
    const binary = await fetch(`${gateway.http}/fhir/${attachment.url}`, { headers: { Accept: attachment.contentType } });
    const read = Buffer.from(await binary.arrayBuffer());
    assert.equal(read.length, attachment.size, `${attachment.url}: ${read.subarray(0, 300)}`);
  }
});
