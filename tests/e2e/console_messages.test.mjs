// Messages and one message: what an operator does with them, whatever they hold and whatever happens to the connection.

import assert from 'node:assert/strict';
import fs from 'node:fs';
import { after, before, test } from 'node:test';
import { openBrowser, pageFor, picture, signInAs, skip, standingToken, violations } from './console.mjs';
import { Gateway, Sender, acknowledged, admission, gatewayFor, plainToml, waitFor } from './gateway.mjs';

const tokens = '[http]\nlisten = "127.0.0.1:0"\n[mllp]\nlisten = "127.0.0.1:0"\n';
const refused = admission('REFUSED').replace('|ADT^A01^ADT_A01|', '|ZZZ^Z99^ZZZ_Z99|');
// Its birth date cannot be read: a finding with its place.
const faulty = admission('FAULTY', 'P7').replace('|19800101|', '|19809999|');
let gateway, browser;

before(async () => {
  if (skip) return;
  gateway = await new Gateway({ toml: tokens }).start();
  const sender = await Sender.connect(gateway.mllp);
  assert.equal(acknowledged(await sender.send(admission('M1'))), 'AA');
  await sender.send(faulty);
  await sender.send(refused);
  sender.close();
  browser = await openBrowser();
});

after(async () => {
  await browser?.close();
  await gateway?.remove();
});

async function as(t, role, view) {
  const page = await pageFor(t, browser, view);
  await signInAs(page, gateway, role);
  return page;
}

test('an operator filters messages; nothing of a patient stands in the address', { skip }, async (t) => {
  const page = await as(t, 'operator');
  await page.goto(`${gateway.http}/#/messages`);
  await page.getByLabel('State').selectOption('refused');
  await page.waitForFunction(() => document.querySelectorAll('tbody tr').length === 1);
  assert.match(page.url(), /#\/messages\?state=refused$/);
});

test('messages are found by a finding, and by an identifier of the patient that stands in no address', { skip }, async (t) => {
  const page = await as(t, 'auditor');
  const asked = [];
  page.on('request', (request) => asked.push(request.url()));
  await page.goto(`${gateway.http}/#/messages`);
  await page.waitForFunction(() => document.querySelectorAll('tbody tr').length === 3);
  await page.getByLabel('Patient identifier').fill('1.2.250.1.999.1|P7');
  await page.keyboard.press('Enter');
  await page.waitForFunction(() => document.querySelectorAll('tbody tr').length === 0);
  await page.getByLabel('Patient identifier').fill('P7');
  await page.keyboard.press('Enter');
  await page.getByText('FAULTY').waitFor();
  await page.waitForFunction(() => document.querySelectorAll('tbody tr').length === 1);
  await page.getByText('The identity is not qualified').waitFor();
  assert.deepEqual([page.url(), ...asked].filter((url) => url.includes('P7')), []);
  assert.equal((await gateway.rows("SELECT count(*) n FROM audit WHERE action = 'search'"))[0].n, 2);
  await page.getByLabel('Patient identifier').fill('');
  await page.keyboard.press('Enter');
  await page.waitForFunction(() => document.querySelectorAll('tbody tr').length === 3);
  const [{ rule }] = await gateway.rows("SELECT rule FROM finding JOIN message USING (seq) WHERE control_id = 'FAULTY'");
  await page.getByLabel('Finding').fill(rule);
  await page.keyboard.press('Enter');
  await page.getByText('FAULTY').waitFor();
  assert.deepEqual(await violations(page), []);
  await picture(page, 'messages-found');
});

test('what was refused is found by whom it names; a page further down keeps that over a reload', { skip }, async (t) => {
  const page = await as(t, 'operator', { locale: 'fr-FR' });
  const asked = [];
  page.on('request', (request) => asked.push(request.url()));
  await page.goto(`${gateway.http}/#/messages`);
  await page.getByLabel('Identifiant du patient').fill('1.2.250.1.999.1|REFUSED');
  await page.keyboard.press('Enter');
  await page.waitForFunction(() => document.querySelectorAll('tbody tr').length === 0);
  await page.getByLabel('Identifiant du patient').fill('REFUSED');
  await page.keyboard.press('Enter');
  await page.getByText("Aucune table ne").waitFor();
  await page.waitForFunction(() => document.querySelectorAll('tbody tr').length === 1);
  await page.goto(`${gateway.http}/#/messages?before=3`);
  await page.waitForFunction(() => document.querySelectorAll('tbody tr').length === 0);
  await page.reload();
  await page.waitForSelector('.empty');
  assert.equal(await page.getByLabel('Identifiant du patient').inputValue(), 'REFUSED');
  assert.deepEqual([page.url(), ...asked].filter((url) => url.includes('REFUSED')), []);
  await page.getByRole('button', { name: 'Se déconnecter' }).click();
  await page.waitForSelector('.sign-in');
  assert.equal(await page.evaluate(() => JSON.stringify({ ...sessionStorage }).includes('REFUSED')), false);
});

test('what was asked last is shown, in whatever order the answers come', { skip }, async (t) => {
  const own = await gatewayFor(t, { toml: tokens });
  const page = await pageFor(t, browser);
  await signInAs(page, own, 'operator');
  await page.goto(`${own.http}/#/messages`);
  await page.waitForSelector('.empty');
  let release;
  const held = new Promise((done) => { release = done; });
  await page.route(/\/api\/messages\?/, async (route) => {
    const response = await route.fetch();
    await held;
    await route.fulfill({ response });
  }, { times: 1 });
  const live = page.waitForRequest(/\/api\/messages\?/);
  const sender = await Sender.connect(own.mllp);
  await sender.send(admission('LATE'));
  sender.close();
  const request = await live;
  const found = page.waitForResponse(/_search/);
  await page.getByLabel('Patient identifier').fill('1.2.250.1.999.1|NOBODY');
  await page.keyboard.press('Enter');
  await found;
  release();
  await request.response().then((response) => response.finished());
  await page.evaluate(() => new Promise((done) => requestAnimationFrame(() => setTimeout(done, 50))));
  assert.equal(await page.getByText('LATE').count(), 0);
});

test('what comes in appears without asking, and a lost connection shows and recovers', { skip }, async (t) => {
  const own = await gatewayFor(t, { toml: tokens });
  const port = new URL(own.http).port;
  const page = await pageFor(t, browser);
  await signInAs(page, own, 'operator');
  await page.goto(`${own.http}/#/messages`);
  await page.waitForSelector('.empty');
  const sender = await Sender.connect(own.mllp);
  await sender.send(admission('LIVE1'));
  await page.getByText('LIVE1').waitFor();
  sender.close();
  await own.stop();
  await page.getByText('The connection to the gateway is lost').waitFor();
  await picture(page, 'messages-lost');
  own.toml = tokens.replace('127.0.0.1:0', `127.0.0.1:${port}`);
  await own.start();
  await page.getByText('The connection to the gateway is lost').waitFor({ state: 'detached' });
  const again = await Sender.connect(own.mllp);
  await again.send(admission('LIVE2'));
  await page.getByText('LIVE2').waitFor();
  again.close();
});

test('an operator says why before he sees a source; then both sides light up and the fault is marked', { skip }, async (t) => {
  const page = await as(t, 'operator');
  await page.goto(`${gateway.http}/#/message/2`);
  await page.getByText('The source and the record are masked').waitFor();
  assert.equal((await page.content()).includes('CAMILLE'), false);
  await page.getByLabel('Reason').fill('the ward called about it');
  await page.getByRole('button', { name: 'Reveal' }).click();
  await page.locator('.source .row').first().waitFor();
  assert.match(await page.locator('.source .offending').first().innerText(), /19809999/);
  await page.getByRole('button', { name: /PID-7/ }).click();
  await page.locator('.source .field', { hasText: 'CAMILLE' }).hover();
  await page.locator('.tree .lit').first().waitFor();
  assert.match(await page.locator('.tree').innerText(), /CAMILLE/);
  assert.match(await page.locator('.mapping').innerText(), /PID-5.*Patient\.name.*\.map:\d+/s);
  await page.locator('.tree li li', { hasText: /^gender/ }).first().hover();
  await page.locator('.source .field.lit').first().waitFor();
  assert.deepEqual(await violations(page), []);
  await picture(page, 'message-revealed');
});

test('the way of a message is told, with its acknowledgement; a sandbox shows what would change, a replay asks first', { skip }, async (t) => {
  const page = await as(t, 'admin');
  await page.goto(`${gateway.http}/#/message/1`);
  await page.locator('.way li').nth(1).waitFor();
  assert.match(await page.locator('.way').innerText(), /received[^]*withheld|stored/);
  assert.match(await page.locator('pre').innerText(), /MSA\|AA\|M1/);
  await page.getByRole('button', { name: 'Try in the sandbox' }).click();
  await page.getByText('In the sandbox:').waitFor();
  await page.getByText('No difference.').waitFor();  // the same tables: other names for the same resources are none
  await page.getByRole('button', { name: 'Replay for real' }).click();
  await page.getByText('The first answer stands').waitFor();
  assert.equal(page.dialogs, 1);
  await picture(page, 'message-again');
});

test('a refused message is tried anew once the settings have changed', { skip }, async (t) => {
  const own = await gatewayFor(t, { toml: plainToml });
  const sender = await Sender.connect(own.mllp);
  await sender.send(refused);
  sender.close();
  await own.stop();
  own.toml = `${plainToml}\n# other settings\n`;
  await own.start();
  const page = await pageFor(t, browser);
  await page.goto(`${own.http}/#/message/1`);
  await page.getByRole('button', { name: 'Replay for real' }).click();
  await page.getByText('Tried anew: refused.').waitFor();
  await page.locator('.way li').nth(2).waitFor();
});

test('a message of sixteen megabytes opens without freezing the page', { skip }, async (t) => {
  const body = Buffer.alloc(11_500_000, 'Passerelle ').toString('base64');
  const big = admission('BIG', 'BIG', `OBX|1|ED|11502-2^CR^LN||^TEXT^^Base64^${body}||||||F\r`);
  assert.ok(big.length > 15_000_000 && big.length < 16 << 20);
  const answer = await fetch(`${gateway.http}/inbox`, { method: 'POST', headers: { Authorization: `Bearer ${standingToken(gateway)}` }, body: big });
  const seq = answer.headers.get('location').split('/').at(-1);
  const page = await as(t, 'admin');
  await page.evaluate(() => {
    window.longest = 0;
    let last = performance.now();
    const tick = () => {
      window.longest = Math.max(window.longest, performance.now() - last);
      last = performance.now();
      setTimeout(tick, 5);
    };
    tick();
  });
  await page.goto(`${gateway.http}/#/message/${seq}`);
  await page.locator('.source .row').nth(3).waitFor({ timeout: 30_000 });
  const longest = await page.evaluate(() => window.longest);
  t.diagnostic(`the page stood still for at most ${Math.round(longest)} ms`);
  assert.ok(longest < 1000, `the page stood still for ${longest} ms`);
});

test('an expired session asks to sign in again and goes on where it was', { skip }, async (t) => {
  const page = await as(t, 'operator');
  await page.goto(`${gateway.http}/#/messages?state=refused`);
  await page.locator('tbody tr').first().waitFor();
  const tokensOf = await (await fetch(`${gateway.http}/api/tokens`, { headers: { Authorization: `Bearer ${standingToken(gateway)}` } })).json();
  for (const { name } of tokensOf.tokens)
    await fetch(`${gateway.http}/api/tokens/${encodeURIComponent(name)}`, { method: 'DELETE', headers: { Authorization: `Bearer ${standingToken(gateway)}` } });
  const sender = await Sender.connect(gateway.mllp);
  await sender.send(admission('LATE'));
  sender.close();
  await page.waitForSelector('.sign-in', { timeout: 30_000 });
  await page.getByRole('button', { name: 'Access token' }).click();
  await page.getByLabel('Access token').fill(standingToken(gateway));
  await page.getByRole('button', { name: 'Sign in' }).last().click();
  await page.locator('tbody tr').first().waitFor();
  assert.match(page.url(), /#\/messages\?state=refused$/);
});
