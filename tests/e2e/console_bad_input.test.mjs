// What strangers write and what fails: markup in every field is text on every screen, nothing of a message is run or
// fetched; who is no longer signed in goes on where he was.

import assert from 'node:assert/strict';
import fs from 'node:fs';
import path from 'node:path';
import { after, before, test } from 'node:test';
import { gatewayWith, openBrowser, pageFor, picture, skip, standingToken } from './console.mjs';
import { Gateway, admission } from './gateway.mjs';

const root = path.resolve(import.meta.dirname, '../..');
const example = (name) => fs.readFileSync(path.join(root, 'examples', name), 'utf8');
const markup = '<img src=x onerror=alert(1)>', script = '<script>document.title="taken"</script>';
const escaped = (text) => text.replaceAll('<', '&lt;').replaceAll('>', '&gt;');
const elsewhere = 'http://stylesheet.example/taken.xsl';

// Each names its fault in another field: PID-5 and OBX-5, the narrative, a display.
const v2 = admission('HOSTILE', 'HOSTILE', `OBX|1|ST|8867-4^Pulse ${markup}^LN||${script}${markup}||||||F|||20260301\r`).replace('CAMILLE', markup);
const cda = example('labelling/laboratory.xml')
  .replace(/<text>/, `<text><paragraph>${escaped(script + markup)}</paragraph>`)
  .replace(/<title>[^<]*/, `<title>${escaped(markup)}`)
  .replace(/(<\?xml [^>]*\?>)/, `$1<?xml-stylesheet type="text/xsl" href="${elsewhere}"?>`);
const fhir = JSON.stringify({
  resourceType: 'Bundle', type: 'transaction', entry: [
    { resource: { resourceType: 'Patient', name: [{ family: markup, given: [script] }] }, fullUrl: 'urn:uuid:7a0e0d2e-6c1f-4a55-9d3a-000000000001', request: { method: 'POST', url: 'Patient' } },
    { resource: { resourceType: 'Observation', status: 'final', subject: { reference: 'urn:uuid:7a0e0d2e-6c1f-4a55-9d3a-000000000001' }, code: { coding: [{ system: 'http://loinc.org', code: '8867-4', display: markup }] }, valueString: script, effectiveDateTime: '2026-03-01' }, request: { method: 'POST', url: 'Observation' } },
  ],
});

let gateway, browser;

before(async () => {
  if (skip) return;
  gateway = await gatewayWith(v2);
  assert.equal((await fetch(`${gateway.http}/inbox`, { method: 'POST', body: cda })).status, 200);
  assert.equal((await fetch(`${gateway.http}/inbox`, { method: 'POST', body: fhir })).status, 200);
  browser = await openBrowser();
});

after(async () => {
  await browser?.close();
  await gateway?.remove();
});

async function guarded(t) {
  const page = await pageFor(t, browser);
  page.asked = [];
  page.on('request', (request) => page.asked.push(request.url()));
  return page;
}

// Nothing ran, nothing was fetched from elsewhere, no element came out of a field.
async function isText(page, screen) {
  assert.equal(page.dialogs, 0, screen);
  assert.match(await page.title(), /Passerelle$/, screen);
  assert.equal(await page.locator('main img, main script, main iframe, main object').count(), 0, screen);
  assert.deepEqual(page.asked.filter((url) => !url.startsWith(gateway.http)), [], screen);
  assert.deepEqual(page.faults, [], screen);
}

test('markup in a message, a document and a resource is text on every screen', { skip }, async (t) => {
  const page = await guarded(t);
  const patients = (await (await fetch(`${gateway.http}/fhir/Patient`)).json()).entry.map(({ resource }) => resource.id);
  assert.ok(patients.length >= 3);
  for (const screen of ['now', 'messages', 'message/1', 'message/2', 'message/3', 'parked', 'bench', 'evidence', 'campaign', 'access', ...patients.map((id) => `patient/${id}`)]) {
    await page.goto(`${gateway.http}/#/${screen}`);
    await page.waitForTimeout(400);
    await isText(page, screen);
  }
  for (const [number, what] of [[1, 'PID-5 and OBX-5'], [2, 'the narrative'], [3, 'a display']]) {
    await page.goto(`${gateway.http}/#/message/${number}`);
    await page.locator('.tree li').first().waitFor();
    await picture(page, `hostile-${number}`);
    assert.match(await page.locator('.two').innerText(), /onerror=alert/, what);
  }
});

test('markup that is pasted or put on the bench is text', { skip }, async (t) => {
  const page = await guarded(t);
  for (const [text, kind] of [[v2.replaceAll('\r', '\n'), /^ADT/], [cda, /^ClinicalDocument/], [fhir, /^(Bundle|fhir)/]]) {
    await page.goto(`${gateway.http}/#/convert`);
    await page.locator('textarea').fill(text);
    await page.getByRole('button', { name: 'Convert', exact: true }).click();
    await page.locator('main [role=status]', { hasText: kind }).waitFor();
    await page.locator('.tree li').first().waitFor();
    await isText(page, 'convert');
  }
  await page.goto(`${gateway.http}/#/bench`);
  await page.getByLabel('Product').fill(markup);
  await page.getByLabel('Version').fill('1');
  await page.getByLabel('Suite').selectOption('biology');
  await page.getByRole('button', { name: 'Open', exact: true }).click();
  await page.getByLabel('Or paste a message').fill(cda);
  await page.getByRole('button', { name: 'Send', exact: true }).click();
  await page.locator('.tiles .PASS').first().waitFor();
  await page.getByRole('button', { name: 'Message 1' }).click();
  await page.locator('.source', { hasText: 'onerror' }).waitFor();
  await isText(page, 'run');
  await picture(page, 'hostile-run');
});

test('a session that ended asks to sign in, also at a press of a button, and goes on where it was', { skip }, async (t) => {
  const closed = await new Gateway({ toml: '[http]\nlisten = "127.0.0.1:0"\n[mllp]\nlisten = "127.0.0.1:0"\n' }).start();
  t.after(() => closed.remove());
  await fetch(`${closed.http}/api/users/nora`, { method: 'PUT', headers: { Authorization: `Bearer ${standingToken(closed)}` }, body: JSON.stringify({ role: 'operator', password: 'a long enough password' }) });
  const page = await pageFor(t, browser);
  const signIn = async () => {
    await page.getByLabel('User').fill('nora');
    await page.getByLabel('Password').fill('a long enough password');
    await page.getByRole('button', { name: 'Sign in' }).last().click();
    await page.locator('nav a').first().waitFor();
  };
  await page.goto(`${closed.http}/#/convert`);
  await signIn();
  await page.context().clearCookies();
  await page.locator('textarea').fill('MSH|^~\\&|');
  await page.getByRole('button', { name: 'Convert', exact: true }).click();
  await page.waitForSelector('.sign-in');
  await picture(page, 'sign-in');
  await signIn();
  assert.match(page.url(), /#\/convert$/);
  await page.goto(`${closed.http}/#/messages?state=refused&format=hl7v2`);
  await page.locator('.empty').waitFor();
  await page.context().clearCookies();
  await page.getByLabel('State').selectOption('stored');
  await page.waitForSelector('.sign-in');
  await signIn();
  assert.match(page.url(), /#\/messages\?state=stored&format=hl7v2$/);
});
