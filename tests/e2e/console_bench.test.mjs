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
let gateway, browser;

before(async () => {
  if (skip) return;
  const folder = temporaryFolder();
  gateway = await new Gateway({ folder, toml: benchToml(folder).replace('access = "open"\n', '') }).start();
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
  assert.match(await page.locator('table').first().innerText(), /Expected|Place/);
  const [download] = await Promise.all([page.waitForEvent('download'), page.getByRole('button', { name: 'JUnit' }).click()]);
  assert.match(fs.readFileSync(await download.path(), 'utf8'), /<testsuites[^]*<failure/);
  await page.getByRole('button', { name: 'Close the run' }).click();
  await page.getByText('closed', { exact: false }).first().waitFor();
  assert.equal(await page.locator('.connect').count(), 0);
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
  const [download] = await Promise.all([page.waitForEvent('download'), page.locator('button.link').first().click()]);
  assert.equal(fs.readFileSync(await download.path(), 'latin1'), example('1-laboratory.hl7'));
  const ledger = path.join(gateway.folder, 'bench/ledger.ndjson');
  const text = fs.readFileSync(ledger, 'utf8');
  fs.writeFileSync(ledger, text.replace('"PASS"', '"WARN"'));
  await page.reload();
  await page.getByText('The chain is broken').waitFor();
  await picture(page, 'evidence-broken');
  fs.writeFileSync(ledger, text);
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
  await page.getByRole('link', { name: /^[A-Z0-9]+-\d+$/ }).first().click();
  await page.getByText('All figures').waitFor();
  assert.match(page.url(), /requirement=/);
  await page.locator('tbody tr').first().waitFor();
  await picture(page, 'campaign-runs');
});
