// How long until the first row of the message list is on the screen, in a browser that has nothing of the page yet. One
// JSON line.
//
//     node tests/bench/console.mjs [TIMES]

import { openBrowser } from '../e2e/console.mjs';
import { Gateway, Sender, admission } from '../e2e/gateway.mjs';

const times = Number(process.argv[2] ?? 20);
const gateway = await new Gateway().start();
const sender = await Sender.connect(gateway.mllp);
for (let i = 0; i < 100; ++i) await sender.send(admission(`M${i}`));
sender.close();
const browser = await openBrowser();
const took = [];
for (let i = 0; i < times; ++i) {
  const context = await browser.newContext();
  const page = await context.newPage();
  await page.goto('about:blank');
  const begun = performance.now();
  await page.goto(`${gateway.http}/#/messages`, { waitUntil: 'commit' });
  await page.locator('tbody tr').first().waitFor();
  took.push(Math.round(performance.now() - begun));
  await context.close();
}
took.sort((a, b) => a - b);
console.log(JSON.stringify({ first_row_ms: { p50: took[times >> 1], max: took.at(-1) }, times }));
await browser.close();
await gateway.remove();
