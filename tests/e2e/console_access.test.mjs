// Access, Patient, Parked and Now: who may do what, who sees what, and what waits for somebody.

import assert from 'node:assert/strict';
import fs from 'node:fs';
import http from 'node:http';
import { after, before, test } from 'node:test';
import { openBrowser, pageFor, picture, signInAs, skip, standingToken, violations } from './console.mjs';
import { Gateway, Sender, gatewayFor, qualified, takenBy } from './gateway.mjs';

const tokens = '[http]\nlisten = "127.0.0.1:0"\n[mllp]\nlisten = "127.0.0.1:0"\n';
let gateway, browser;

before(async () => {
  if (skip) return;
  gateway = await new Gateway({ toml: tokens }).start();
  browser = await openBrowser();
});

after(async () => {
  await browser?.close();
  await gateway?.remove();
});

const call = (target, init = {}) => fetch(`${gateway.http}${target}`, { ...init, headers: { Authorization: `Bearer ${standingToken(gateway)}`, 'Content-Type': 'application/fhir+json' } });

test('an admin makes a user, who signs in and sees what his role lets him; removed, he is out', { skip }, async (t) => {
  const page = await pageFor(t, browser);
  await signInAs(page, gateway, 'admin');
  await page.goto(`${gateway.http}/#/access`);
  const users = page.locator('section', { has: page.getByRole('heading', { name: 'Users' }) });
  await users.getByLabel('Name').fill('nora');
  await users.getByLabel('Role').selectOption('auditor');
  await users.getByLabel('Password').fill('a long enough password');
  await users.getByRole('button', { name: 'Add or change' }).click();
  await users.getByRole('cell', { name: 'nora' }).waitFor();
  assert.deepEqual(await violations(page), []);
  await picture(page, 'access-users');
  const hers = await pageFor(t, browser);
  await hers.goto(`${gateway.http}/#/evidence`);
  await hers.getByLabel('User').fill('nora');
  await hers.getByLabel('Password').fill('a long enough password');
  await hers.getByRole('button', { name: 'Sign in' }).last().click();
  await hers.locator('nav a').first().waitFor();
  assert.match(hers.url(), /evidence/);
  const places = await hers.locator('nav a').allInnerTexts();
  assert.ok(places.includes('Evidence') && !places.includes('Patient') && !places.includes('Parked'), places.join());
  await users.getByRole('button', { name: 'Remove' }).click();
  await users.getByRole('cell', { name: 'nora' }).waitFor({ state: 'detached' });
  await hers.goto(`${gateway.http}/#/now`);
  await hers.waitForSelector('.sign-in');
  await page.reload();
  assert.match(await page.getByRole('table', { name: 'Audit' }).innerText(), /removes a user/);
});

test('an issued token is shown once and works; revoked, it does not', { skip }, async (t) => {
  const page = await pageFor(t, browser);
  await signInAs(page, gateway, 'admin');
  await page.goto(`${gateway.http}/#/access`);
  const section = page.locator('section', { has: page.getByRole('heading', { name: 'Tokens' }) });
  await section.getByLabel('Name').fill('laboratory');
  await section.getByLabel('Role').selectOption('feed');
  await section.getByRole('button', { name: 'Issue' }).click();
  const token = await section.locator('[role=status] code').innerText();
  const send = () => fetch(`${gateway.http}/inbox`, { method: 'POST', headers: { Authorization: `Bearer ${token}` }, body: qualified(1) });
  assert.equal((await send()).status, 200);
  await section.getByRole('row', { name: /laboratory/ }).getByRole('button', { name: 'Revoke' }).click();
  await section.getByRole('row', { name: /laboratory/ }).waitFor({ state: 'detached' });
  assert.equal((await send()).status, 401);
});

test('a patient sees his own record with its curves, who read it and what is masked from whom; nobody else’s', { skip }, async (t) => {
  const put = async (type, id, body) => assert.ok((await call(`/fhir/${type}/${id}`, { method: 'PUT', body: JSON.stringify({ resourceType: type, id, ...body }) })).ok, type);
  const subject = { reference: 'Patient/p1' };
  // As laboratories write it: the text is the whole line of the report.
  const glucose = (value) => ({ coding: [{ system: 'http://loinc.org', code: '2345-7', display: 'Glucose' }], text: `Glucose ${value} mmol/L` });
  await put('Patient', 'p1', { name: [{ family: 'ESSAI-PATIENTE', given: ['Camille'] }], birthDate: '1980-01-01' });
  await put('Patient', 'p2', { name: [{ family: 'AUTRE' }] });
  for (const [day, value] of [['01', 5.1], ['02', 5.6], ['03', 4.9]])
    await put('Observation', `o${day}`, { status: 'final', subject, code: glucose(value), effectiveDateTime: `2026-${day}-05`, valueQuantity: { value, unit: 'mmol/L' } });
  await put('Observation', 'wrong', { status: 'entered-in-error', subject, code: glucose(99), effectiveDateTime: '2026-04-05', valueQuantity: { value: 99, unit: 'mmol/L' } });
  await put('Binary', 'b1', { contentType: 'application/pdf', data: Buffer.from('%PDF-1.4 essai').toString('base64') });
  await put('DocumentReference', 'd3', { status: 'current', subject, type: { text: 'Summary' }, date: '2026-01-06T10:00:00Z', content: [{ attachment: { url: 'Binary/b1', contentType: 'application/pdf' } }] });
  const system = 'https://mos.esante.gouv.fr/NOS/TRE_A07-StatutVisibiliteDocument/FHIR/TRE-A07-StatutVisibiliteDocument';
  await put('DocumentReference', 'd1', { status: 'current', subject, type: { text: 'Letter' }, date: '2026-01-05T10:00:00Z', content: [{ attachment: { title: 'x' } }], securityLabel: [{ coding: [{ system, code: 'MASQUE_PS' }] }] });
  await put('DocumentReference', 'd2', { status: 'current', subject, type: { text: 'Hidden from her' }, content: [{ attachment: { title: 'x' } }], securityLabel: [{ coding: [{ system, code: 'INVISIBLE_PATIENT' }] }] });
  const page = await pageFor(t, browser);
  await signInAs(page, gateway, 'patient', { patient: 'Patient/p1' });
  await page.getByText('ESSAI-PATIENTE Camille').waitFor();
  await page.locator('figure', { hasText: 'Glucose 4.9 mmol/L' }).waitFor();
  assert.doesNotMatch(await page.getByRole('table', { name: 'Results' }).innerText(), /99/); // what was found to be wrong is no part of the record
  assert.match(await page.locator('.facts').innerText(), /01\/01\/1980/);
  assert.match(await page.getByRole('table', { name: 'Documents' }).innerText(), /Letter[^]*professionals/);
  assert.equal(await page.getByText('Hidden from her').count(), 0);
  assert.match(await page.getByRole('table', { name: 'Who read what' }).innerText(), /read/);
  assert.deepEqual(await violations(page), []);
  await picture(page, 'patient-own');
  await page.goto(`${gateway.http}/#/patient/p2`);
  await page.waitForTimeout(500);
  assert.equal(await page.getByText('AUTRE').count(), 0);
});

test('a professional saves a document of the record', { skip }, async (t) => {
  const page = await pageFor(t, browser);
  await signInAs(page, gateway, 'care');
  await page.goto(`${gateway.http}/#/patient/p1`);
  const row = page.getByRole('row', { name: /Summary/ });
  const [saved] = await Promise.all([page.waitForEvent('download'), row.getByRole('button', { name: 'Download' }).click()]);
  assert.equal(saved.suggestedFilename(), 'document.pdf');
  assert.equal(fs.readFileSync(await saved.path(), 'utf8'), '%PDF-1.4 essai');
});

test('what is parked is grouped by its cause, tried without moving, and replayed in order', { skip }, async (t) => {
  let takes = false;
  const server = http.createServer((request, response) => {
    let body = '';
    request.on('data', (bytes) => (body += bytes)).on('end', () => {
      if (takes) return takenBy(response, JSON.parse(body));
      response.statusCode = 422;
      response.end('{"resourceType":"OperationOutcome","issue":[{"severity":"error","code":"invalid"}]}');
    });
  });
  await new Promise((ready) => server.listen(0, '127.0.0.1', ready));
  t.after(() => server.close());
  const own = await gatewayFor(t, { toml: `${tokens}[[target]]\nname = "dpi"\nkind = "fhir"\nurl = "http://127.0.0.1:${server.address().port}/fhir"\n` });
  const sender = await Sender.connect(own.mllp);
  for (const number of [11, 12]) await sender.send(qualified(number));
  sender.close();
  const page = await pageFor(t, browser);
  await signInAs(page, own, 'operator');
  await page.goto(`${own.http}/#/parked`);
  await page.getByRole('button', { name: 'Dry run' }).first().click();
  await page.getByText('2 would leave again').waitFor();
  await picture(page, 'parked-dry-run');
  await page.goto(`${own.http}/#/now`);
  await page.getByText('deliveries to dpi are parked').waitFor();
  assert.deepEqual(await violations(page), []);
  await picture(page, 'now-parked');
  takes = true;
  await page.goto(`${own.http}/#/parked`);
  await page.getByRole('button', { name: 'Dry run' }).first().click();
  await page.getByRole('button', { name: 'Replay all in order' }).click();
  await page.locator('.empty').waitFor();
  await page.goto(`${own.http}/#/now`);
  await page.getByText('All is well').waitFor();
});
