// The console in a real browser, for the tests of its screens.

import assert from 'node:assert/strict';
import fs from 'node:fs';
import path from 'node:path';
import { Gateway, Sender, acknowledged, temporaryFolder } from './gateway.mjs';

const executablePath = ['/usr/bin/chromium', '/usr/bin/chromium-browser'].find((file) => fs.existsSync(file));
export const skip = executablePath ? false : 'skipped: there is no Chromium';
const axe = fs.readFileSync(path.resolve(import.meta.dirname, 'node_modules/axe-core/axe.min.js'), 'utf8');
const artefacts = path.resolve(process.env.PASSERELLE_BUILD ?? path.resolve(import.meta.dirname, '../../build'), 'screens');

export const benchToml = (folder, more = '') => `
[http]
listen = "127.0.0.1:0"
access = "open"
[mllp]
listen = "127.0.0.1:0"
[bench]
data = "${folder}/bench"
${more}`;

// A gateway with a bench that has accepted one message.
export async function gatewayWith(message) {
  const folder = temporaryFolder();
  const gateway = await new Gateway({ folder, toml: benchToml(folder) }).start();
  const sender = await Sender.connect(gateway.mllp);
  assert.equal(acknowledged(await sender.send(message)), 'AA');
  sender.close();
  return gateway;
}

export async function openBrowser() {
  const { chromium } = await import('playwright-core');
  fs.mkdirSync(artefacts, { recursive: true });
  return await chromium.launch({ executablePath, args: ['--no-sandbox'] });
}

// A page of its own; `page.faults` holds what its scripts could not do.
export async function pageFor(t, browser, { width = 1280, locale = 'en-GB', colorScheme = 'light' } = {}) {
  // axe is run by the test, past the policy that the page itself is held to.
  const context = await browser.newContext({ viewport: { width, height: 900 }, locale, colorScheme, bypassCSP: true, acceptDownloads: true });
  t.after(() => context.close());
  const page = await context.newPage();
  page.faults = [];
  page.dialogs = 0;
  page.on('pageerror', (fault) => page.faults.push(fault.message));
  page.on('dialog', (dialog) => {
    page.dialogs += 1;
    dialog.accept();
  });
  page.setDefaultTimeout(10_000);
  return page;
}

// What axe finds against the screen as it is.
export async function violations(page) {
  await page.evaluate(axe);
  const result = await page.evaluate(() => window.axe.run());
  return result.violations.map(({ id, nodes }) => `${id}: ${nodes.map((n) => n.target).join(' ')}`);
}

export const picture = (page, name) => page.screenshot({ path: path.join(artefacts, `${name}.png`), fullPage: true });

export const standingToken = (gateway) => fs.readFileSync(path.join(gateway.folder, 'data/access-token'), 'utf8').trim();

// Issues a token for a role, and signs in with it.
export async function signInAs(page, gateway, role, more = {}) {
  const answer = await fetch(`${gateway.http}/api/tokens`, {
    method: 'POST', headers: { Authorization: `Bearer ${standingToken(gateway)}` }, body: JSON.stringify({ name: `${role} ${Date.now()}`, role, ...more }),
  });
  const { token } = await answer.json();
  await page.goto(`${gateway.http}/`);
  await page.waitForSelector('.sign-in, header'); // who is not signed in has no token left
  await page.evaluate((value) => sessionStorage.setItem('token', value), token);
  await page.reload();
  await page.waitForSelector('header');
  return token;
}
