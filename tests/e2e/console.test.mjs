// The console in a real browser: every screen in both languages and widths, with axe; what its user would do; hostile text
// in a message shows as text.

import assert from 'node:assert/strict';
import fs from 'node:fs';
import path from 'node:path';
import { after, before, test } from 'node:test';
import { benchToml, openBrowser, pageFor, picture, skip, violations } from './console.mjs';
import { Gateway, Sender, acknowledged, admission, temporaryFolder } from './gateway.mjs';

const screens = ['now', 'messages', 'message/1', 'parked', 'convert', 'patient', 'bench', 'evidence', 'campaign', 'access'];
const hostile = admission('HOSTILE', 'HOSTILE', 'NTE|1||<script>document.title="taken"</script><img src=x onerror=alert(1)>\r')
  .replace('CAMILLE', '<img src=x onerror=alert(1)>');

let gateway, browser;

before(async () => {
  if (skip) return;
  const folder = temporaryFolder();
  gateway = await new Gateway({ folder, toml: benchToml(folder) }).start();
  const sender = await Sender.connect(gateway.mllp);
  assert.equal(acknowledged(await sender.send(admission('M1'))), 'AA');
  await sender.send(hostile);
  sender.close();
  browser = await openBrowser();
});

after(async () => {
  await browser?.close();
  await gateway?.remove();
});

const views = [
  { width: 1280, locale: 'en-GB', colorScheme: 'light' },
  { width: 390, locale: 'fr-FR', colorScheme: 'dark' },
  { width: 1280, locale: 'fr-FR', colorScheme: 'dark' },
  { width: 390, locale: 'en-GB', colorScheme: 'light' },
];

for (const view of views) {
  test(`every screen at ${view.width} in ${view.locale}: shown, without faults, accessible`, { skip }, async (t) => {
    const page = await pageFor(t, browser, view);
    for (const screen of screens) {
      await page.goto(`${gateway.http}/#/${screen}`);
      await page.waitForSelector('main h1');
      await page.waitForTimeout(300);
      const wide = await page.evaluate(() => document.documentElement.scrollWidth > window.innerWidth + 1);
      assert.equal(wide, false, `${screen} is wider than the window`);
      assert.deepEqual(await violations(page), [], screen);
      await picture(page, `${screen.replace('/', '-')}-${view.width}-${view.locale}`);
    }
    assert.deepEqual(page.faults, []);
  });
}

test('hostile text in a message shows as text and runs nowhere', { skip }, async (t) => {
  const page = await pageFor(t, browser);
  for (const screen of ['messages', 'message/2', 'now']) {
    await page.goto(`${gateway.http}/#/${screen}`);
    await page.waitForTimeout(300);
  }
  await page.goto(`${gateway.http}/#/convert`);
  await page.locator('textarea').fill(hostile.replaceAll('\r', '\n'));
  await page.getByRole('button', { name: 'Convert', exact: true }).click();
  await page.waitForSelector('.tree li');
  assert.match(await page.locator('.tree').innerText(), /<img src=x onerror=alert\(1\)>/);
  assert.equal(page.dialogs, 0);
  assert.equal(await page.title(), 'Convert – Passerelle');
  assert.equal(await page.locator('main img').count(), 0);
});

test('a message pasted to be converted is not stored', { skip }, async (t) => {
  const page = await pageFor(t, browser);
  const rows = async () => (await gateway.rows('SELECT count(*) AS n FROM message'))[0].n;
  const stored = await rows();
  await page.goto(`${gateway.http}/#/convert`);
  await page.locator('textarea').fill(admission('PASTED').replaceAll('\r', '\n'));
  await page.getByRole('button', { name: 'Convert', exact: true }).click();
  await page.waitForSelector('.badge.good');
  assert.equal(await rows(), stored);
});

test('the policy lets nothing in from elsewhere; files are compressed and cached by their hash', { skip }, async () => {
  const page = await fetch(`${gateway.http}/`);
  assert.match(page.headers.get('content-security-policy'), /default-src 'self'/);
  const html = await page.text();
  const script = html.match(/\/app-\w+\.js/)[0];
  const file = await fetch(`${gateway.http}${script}`, { headers: { 'Accept-Encoding': 'br' } });
  assert.equal(file.headers.get('content-encoding'), 'br');
  assert.match(file.headers.get('cache-control'), /immutable/);
  const again = await fetch(`${gateway.http}${script}`, { headers: { 'If-None-Match': file.headers.get('etag') } });
  assert.equal(again.status, 304);
  let firstLoad = 0;
  for (const name of ['/', script, html.match(/\/style-\w+\.css/)[0]])
    firstLoad += +(await fetch(`${gateway.http}${name}`, { method: 'HEAD', headers: { 'Accept-Encoding': 'br' } })).headers.get('content-length');
  assert.ok(firstLoad > 10_000 && firstLoad <= 60_000, `the first load is ${firstLoad} bytes`);
});

test('who is not signed in signs in, stays where he was, and is out after leaving', { skip }, async (t) => {
  const closed = await new Gateway({ toml: '[http]\nlisten = "127.0.0.1:0"\n[mllp]\nlisten = "127.0.0.1:0"\n' }).start();
  t.after(() => closed.remove());
  const page = await pageFor(t, browser);
  await page.goto(`${closed.http}/#/messages?state=refused`);
  await page.getByRole('button', { name: 'Access token' }).click();
  await page.getByLabel('Access token').fill(fs.readFileSync(path.join(closed.folder, 'data/access-token'), 'utf8').trim());
  await page.getByRole('button', { name: 'Sign in' }).last().click();
  await page.waitForSelector('nav a[aria-current]');
  assert.match(page.url(), /messages\?state=refused/);
  await page.getByRole('button', { name: /Sign out/ }).click();
  await page.waitForSelector('.sign-in');
});
