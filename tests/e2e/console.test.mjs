// The console in a real browser: every screen in both languages, widths and themes, with axe; how fast it is there; by
// keyboard alone.

import assert from 'node:assert/strict';
import fs from 'node:fs';
import path from 'node:path';
import { after, before, test } from 'node:test';
import { gatewayWith, openBrowser, pageFor, picture, skip, violations } from './console.mjs';
import { Gateway, admission } from './gateway.mjs';

const screens = ['now', 'messages', 'message/1', 'parked', 'convert', 'patient', 'bench', 'evidence', 'campaign', 'access'];
let gateway, browser;

before(async () => {
  if (skip) return;
  gateway = await gatewayWith(admission('M1'));
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

test('the first row is there within half a second', { skip }, async (t) => {
  const times = [];
  for (let i = 0; i < 3; i++) {
    const page = await pageFor(t, browser);
    await page.addInitScript(() => {
      new MutationObserver((_, observer) => {
        if (!document.querySelector('tbody tr')) return;
        observer.disconnect();
        requestAnimationFrame(() => (window.firstRow = performance.now()));
      }).observe(document, { childList: true, subtree: true });
    });
    await page.goto(`${gateway.http}/#/messages`);
    times.push(await (await page.waitForFunction(() => window.firstRow)).jsonValue());
  }
  t.diagnostic(`the first row was there after ${times.map(Math.round).join(', ')} ms`);
  assert.ok(Math.min(...times) <= 500, times.join());
});

test('by keyboard: past the menu into the screen, each stop visible, and through the menu in its order', { skip }, async (t) => {
  const page = await pageFor(t, browser);
  await page.goto(`${gateway.http}/#/messages`);
  await page.waitForSelector('tbody tr');
  const focused = () => page.evaluate(() => {
    const { outlineStyle, outlineWidth } = getComputedStyle(document.activeElement);
    const box = document.activeElement.getBoundingClientRect();
    return { text: document.activeElement.innerText.trim(), seen: outlineStyle !== 'none' && outlineWidth !== '0px' && box.width > 0 && box.left >= 0 };
  });
  await page.keyboard.press('Tab');
  assert.deepEqual(await focused(), { text: 'Skip to content', seen: true });
  await page.keyboard.press('Enter');
  assert.equal(await page.evaluate(() => document.activeElement.id), 'content');
  await page.keyboard.press('Tab');
  assert.equal(await page.evaluate(() => document.activeElement.tagName), 'SELECT');
  await page.reload();
  await page.waitForSelector('tbody tr');
  await page.keyboard.press('Tab');
  const stops = [];
  for (let i = 0; i < 9; i++) {
    await page.keyboard.press('Tab');
    const stop = await focused();
    assert.ok(stop.seen, stop.text);
    stops.push(stop.text);
  }
  assert.deepEqual(stops, await page.locator('nav[aria-label=Menu] a').allInnerTexts());
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
