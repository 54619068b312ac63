// Bench, Evidence and Campaign: a vendor watches his product turn green, an auditor follows a verdict to the byte.

import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import fs from 'node:fs';
import path from 'node:path';
import { after, before, test } from 'node:test';
import { benchToml, openBrowser, pageFor, picture, signInAs, skip, violations } from './console.mjs';
import { Gateway, Sender, acknowledged, binary, temporaryFolder } from './gateway.mjs';

const root = path.resolve(import.meta.dirname, '../..');
const example = (name) => fs.readFileSync(path.join(root, 'examples/labelling', name), 'latin1').replace(/\r?\n/g, '\r');
// The French value sets and the CDA schema, without which no label is earned.
const shared = path.join(root, '../shared');
const skipLabel = skip || (fs.existsSync(path.join(shared, 'value-sets-fr')) ? false : 'skipped: there are no value sets');
let gateway, browser;

before(async () => {
  if (skip) return;
  if (!skipLabel) {
    process.env.PASSERELLE_VALUE_SETS = ['value-sets-fr', 'value-sets-fr-extra'].map((name) => path.join(shared, name)).join(':');
    process.env.PASSERELLE_CDA_SCHEMA = path.join(shared, 'schemas/cda/CDA_extended.xsd');
  }
  const folder = temporaryFolder();
  const bench = benchToml(folder, `examples = "${root}/examples/labelling"`);
  gateway = await new Gateway({ folder, toml: bench.replace('access = "open"\n', '') }).start();
  browser = await openBrowser();
});

after(async () => {
  await browser?.close();
  await gateway?.remove();
});

async function as(t, role) {
  const page = await pageFor(t, browser);
  await signInAs(page, gateway, role);
  return page;
}

// Opens a run on the screen; gives its port.
async function begin(page, version) {
  await page.goto(`${gateway.http}/#/bench`);
  await page.getByLabel('Product').fill('Essai');
  await page.getByLabel('Version').fill(version);
  await page.getByLabel('Suite').selectOption('biology');
  await page.getByRole('button', { name: 'Open', exact: true }).click();
  return Number((await page.locator('.connect b').innerText()).split(':')[1]);
}

test('a vendor opens a run, sends from his product, and sees requirements turn green and red as they are judged', { skip }, async (t) => {
  const page = await as(t, 'vendor');
  const port = await begin(page, '1');
  await page.getByText('waiting for a message').waitFor();
  const sender = await Sender.connect(port);
  assert.equal(acknowledged(await sender.send(example('1-laboratory.hl7'))), 'AA');
  await page.locator('.tiles .PASS').first().waitFor();
  assert.equal(await page.locator('.tiles .FAIL').count(), 0);
  await sender.send(example('1-laboratory.hl7').replace('|LAB0001|', '|LAB0002|').replace('INS-NIR-TEST&1.2.250.1.213.1.4.10', 'INS-NIR-TEST&1.2.3'));
  sender.close();
  await page.locator('.tiles .FAIL').first().waitFor();
  assert.deepEqual(await violations(page), []);
  await picture(page, 'bench-run');
  await page.locator('.tiles .FAIL').first().click();
  await page.locator('td button.link', { hasText: 'PID-3' }).first().click();
  await page.locator('.source .byte').first().waitFor(); // where it is wrong, to the byte
  await picture(page, 'bench-byte');
  assert.match(await page.locator('table').first().innerText(), /Expected|Place/);
  const [download] = await Promise.all([page.waitForEvent('download'), page.getByRole('button', { name: 'JUnit' }).click()]);
  assert.match(fs.readFileSync(await download.path(), 'utf8'), /<testsuites[^]*<failure/);
  await page.getByRole('button', { name: 'Close the run' }).click();
  await page.getByText('closed', { exact: false }).first().waitFor();
  assert.equal(await page.locator('.connect').count(), 0);
  assert.deepEqual(page.faults, []);
});

// The files of a ZIP in which nothing is compressed, into a folder.
function unpack(bytes, folder) {
  for (let at = 0; bytes.readUInt32LE(at) === 0x04034b50; ) {
    const [size, name, extra] = [bytes.readUInt32LE(at + 18), bytes.readUInt16LE(at + 26), bytes.readUInt16LE(at + 28)];
    const file = path.join(folder, bytes.toString('utf8', at + 30, at + 30 + name));
    fs.mkdirSync(path.dirname(file), { recursive: true });
    at += 30 + name + extra + size;
    fs.writeFileSync(file, bytes.subarray(at - size, at));
  }
}

test('a vendor follows a scenario step by step, and looks at what arrived and what came back', { skip }, async (t) => {
  const page = await as(t, 'vendor');
  await page.goto(`${gateway.http}/#/bench`);
  await page.getByLabel('Product').fill('Essai');
  await page.getByLabel('Version').fill('scenario');
  await page.getByLabel('Suite').selectOption('biology');
  await page.getByLabel('Scenario').selectOption('CI-SIS-CR-BIO-Create_doc-Sc2');
  await page.getByRole('button', { name: 'Open', exact: true }).click();
  await page.locator('.steps .next', { hasText: '1-laboratory.hl7' }).waitFor();
  const sender = await Sender.connect(Number((await page.locator('.connect b').innerText()).split(':')[1]));
  await sender.send(example('1-laboratory.hl7'));
  await page.locator('.steps .next', { hasText: '2-laboratory-replaced.hl7' }).waitFor();
  await sender.send(example('2-laboratory-replaced.hl7'));
  sender.close();
  await page.locator('.steps .done').nth(1).waitFor();
  await page.getByRole('button', { name: 'Message 2' }).click();
  await page.locator('.source .row', { hasText: 'LAB0002' }).first().waitFor();
  await page.getByText(/MSA\|AA\|/).waitFor();
  await page.locator('.tree .fold', { hasText: 'Bundle 1' }).waitFor();
  assert.deepEqual(await violations(page), []);
  await picture(page, 'bench-exchange');
  await page.getByRole('button', { name: 'Close', exact: true }).click();
  await page.getByRole('button', { name: 'Close the run' }).click();
  await page.locator('.connect').waitFor({ state: 'detached' });
  await page.getByRole('button', { name: 'Message 1' }).click();
  await page.getByText(/MSA\|AA\|/).waitFor();
  assert.deepEqual(page.faults, []);
});

test('files dropped on the bench are judged; another vendor sees nothing of it', { skip }, async (t) => {
  const page = await as(t, 'vendor');
  await begin(page, 'secret');
  await page.getByLabel('Or paste a message').fill(example('1-laboratory.hl7').replaceAll('\r', '\n'));
  await page.getByRole('button', { name: 'Send', exact: true }).click();
  await page.locator('.tiles .PASS').first().waitFor();
  const run = page.url().split('/').at(-1);
  await page.getByRole('button', { name: 'Close the run' }).click();
  await page.locator('.connect').waitFor({ state: 'detached' });
  const other = await pageFor(t, browser);
  const token = await signInAs(other, gateway, 'vendor');
  await other.goto(`${gateway.http}/#/bench`);
  await other.getByRole('heading', { name: /Runs/ }).waitFor();
  assert.equal(await other.getByText('secret').count(), 0);
  for (const what of ['', '/report?format=html', '/events']) {
    const answer = await fetch(`${gateway.http}/api/bench/runs/${run}${what}`, { headers: { Authorization: `Bearer ${token}` } });
    assert.equal(answer.status, 404, what);
  }
  const evidence = await (await fetch(`${gateway.http}/api/evidence`, { headers: { Authorization: `Bearer ${token}` } })).json();
  assert.deepEqual(evidence.products, []);
});

test('an auditor sees how far the chain holds, what changed since the version before, and gets the bytes', { skip }, async (t) => {
  const page = await as(t, 'auditor');
  const port = await begin(page, '2');
  const sender = await Sender.connect(port);
  await sender.send(example('1-laboratory.hl7'));
  sender.close();
  await page.locator('.tiles .PASS').first().waitFor();
  await page.getByRole('button', { name: 'Close the run' }).click();
  await page.locator('.connect').waitFor({ state: 'detached' });
  await page.goto(`${gateway.http}/#/evidence?product=Essai&version=2`);
  await page.getByText(/Chain verified up to \d/).first().waitFor();
  await page.getByText(/Compared with version/).waitFor();
  assert.deepEqual(await violations(page), []);
  await picture(page, 'evidence');
  const verdict = page.getByRole('row', { name: /^INS-01/ }).getByRole('link', { name: 'met' });
  await verdict.click();
  await page.getByRole('region', { name: 'Message 1' }).getByText('At the target').waitFor();
  assert.equal(await page.getByRole('button', { name: 'INS-01' }).getAttribute('aria-pressed'), 'true');
  await page.goBack();
  const [download] = await Promise.all([page.waitForEvent('download'), page.locator('button.link').first().click()]);
  assert.equal(fs.readFileSync(await download.path(), 'latin1'), example('1-laboratory.hl7'));
  await page.getByRole('button', { name: 'Replay the verdicts' }).click();
  await page.getByText(/\d+ the same, 0 different/).waitFor();
  const [taken] = await Promise.all([page.waitForEvent('download'), page.getByRole('button', { name: 'Take the evidence' }).click()]);
  const folder = temporaryFolder();
  t.after(() => fs.rmSync(folder, { recursive: true }));
  unpack(fs.readFileSync(await taken.path()), folder);
  for (const verb of ['verify', 'replay']) {
    const done = spawnSync(binary, ['label', verb, '--data', folder], { encoding: 'utf8' });
    assert.equal(done.status, 0, done.stdout + done.stderr);
  }
  const ledger = path.join(gateway.folder, 'bench/ledger.ndjson');
  const text = fs.readFileSync(ledger, 'utf8');
  fs.writeFileSync(ledger, text.replace('"PASS"', '"WARN"'));
  await page.reload();
  await page.getByText('The chain is broken').waitFor();
  await picture(page, 'evidence-broken');
  fs.writeFileSync(ledger, text);
});

test('a label shows what it let go and what is left to a person; an auditor revokes it, a vendor may not', { skip: skipLabel }, async (t) => {
  const page = await as(t, 'auditor');
  await begin(page, 'label');
  await page.getByLabel('Or paste a message').fill(example('1-laboratory.hl7').replaceAll('\r', '\n'));
  await page.getByRole('button', { name: 'Send', exact: true }).click();
  await page.locator('.tiles .PASS').first().waitFor();
  await page.getByRole('button', { name: 'Close the run' }).click();
  await page.locator('.connect').waitFor({ state: 'detached' });
  await page.goto(`${gateway.http}/#/evidence?product=Essai&version=label`);
  await page.getByRole('button', { name: 'Grant a label' }).focus();
  await page.keyboard.press('Enter');
  const dialog = page.getByRole('dialog');
  const sign = dialog.getByRole('button', { name: 'Sign the label' });
  assert.equal(await sign.isDisabled(), true); // not without a reason for each
  for (const field of await dialog.getByLabel('Waived because').all()) await field.fill('the value set is not at hand');
  assert.deepEqual(await violations(page), []);
  await picture(page, 'evidence-grant');
  for (let i = 0; i < 12; i++) {
    await page.keyboard.press('Tab');
    assert.ok(await page.evaluate(() => document.activeElement === document.body || document.activeElement.closest('dialog') !== null));
  }
  await page.keyboard.press('Escape');
  await dialog.waitFor({ state: 'detached' });
  await page.waitForFunction(() => document.activeElement.innerText === 'Grant a label');
  await page.keyboard.press('Enter');
  assert.equal(await dialog.getByLabel('Waived because').first().inputValue(), 'the value set is not at hand');
  await sign.click();
  await page.getByRole('heading', { name: /^Labels/ }).waitFor();
  await page.getByText('the value set is not at hand').waitFor();
  assert.deepEqual(await violations(page), []);
  await picture(page, 'evidence-label');
  const file = path.join(gateway.folder, 'bench/labels', fs.readdirSync(path.join(gateway.folder, 'bench/labels'))[0]);
  const label = path.basename(file, '.jws');
  const vendor = await signInAs(await pageFor(t, browser), gateway, 'vendor');
  const refused = await fetch(`${gateway.http}/api/evidence/labels/${label}/revoke`, { method: 'POST', headers: { Authorization: `Bearer ${vendor}` } });
  assert.equal(refused.status, 403);
  const unearned = await fetch(`${gateway.http}/api/evidence/labels`, { method: 'POST', headers: { Authorization: `Bearer ${vendor}` }, body: '{}' });
  assert.equal(unearned.status, 403);
  await page.getByRole('button', { name: 'Revoke' }).click();
  await page.getByRole('button', { name: 'Revoke' }).waitFor({ state: 'detached' });
  assert.equal(page.dialogs, 1);
  const verified = spawnSync(binary, ['label', 'verify', '--data', path.join(gateway.folder, 'bench'), file], { encoding: 'utf8' });
  assert.equal(verified.status, 1);
});

test('an auditor starts a campaign, follows it, and has its figures', { skip }, async (t) => {
  const page = await as(t, 'auditor');
  await page.goto(`${gateway.http}/#/campaign`);
  await page.getByText('No campaign was simulated yet').waitFor();
  await page.getByLabel('Weeks').fill('2');
  await page.getByRole('button', { name: 'Start', exact: true }).click();
  await page.getByText(/Week \d of 2 is simulated/).waitFor();
  await page.locator('.chart').first().waitFor({ timeout: 60_000 });
  await page.getByRole('button', { name: 'Start', exact: true }).waitFor();
  assert.deepEqual(page.faults, []);
});

test('a figure of the campaign is marked and leads to the runs behind it', { skip }, async (t) => {
  const made = spawnSync(binary, ['campaign', 'simulate', '--weeks', '42', '--out', path.join(gateway.folder, 'bench/campaign')], { cwd: root, encoding: 'utf8' });
  assert.equal(made.status, 0, made.stderr);
  const page = await as(t, 'auditor');
  await page.goto(`${gateway.http}/#/campaign`);
  await page.locator('.chart').first().waitFor();
  for (const figure of await page.locator('figcaption').all()) assert.match(await figure.innerText(), /fact|fit|model|counted/);
  assert.deepEqual(await violations(page), []);
  await picture(page, 'campaign');
  const chart = page.getByRole('group', { name: 'Labels over time' });
  await chart.focus();
  await page.keyboard.press('ArrowLeft');
  const told = await chart.locator('.told-at').innerText();
  assert.match(told, /^\d\d\/\d\d\/\d{4}: Labelled \d+/);
  await page.keyboard.press('Enter');
  await page.getByText('All figures').waitFor();
  assert.match(page.url(), /week=41&event=grant/);
  await page.goBack();
  await page.getByRole('link', { name: /^[A-Z0-9]+-\d+$/ }).first().click();
  await page.getByText('All figures').waitFor();
  assert.match(page.url(), /requirement=/);
  await page.locator('tbody tr').first().waitFor();
  await picture(page, 'campaign-runs');
});
