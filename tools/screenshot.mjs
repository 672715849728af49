// Takes a picture of the demo's local Slack with Debian's chromium:
//   node tools/screenshot.mjs <url> <out.png> [--thread [--about <text>] [--top]] [--user <id>]
// --thread opens the newest thread (of a message with the text of --about), at its end or at its top.
import { parseArgs } from 'node:util';
import { chromium } from 'playwright-core';

const { positionals, values } = parseArgs({
  allowPositionals: true,
  options: {
    thread: { type: 'boolean', default: false },
    about: { type: 'string', default: '' },
    user: { type: 'string', default: '' },
    top: { type: 'boolean', default: false },
    width: { type: 'string', default: '1500' },
    height: { type: 'string', default: '1000' },
  },
});
const [url, out] = positionals;
if (!url || !out) {
  console.error(
    'usage: node tools/screenshot.mjs <url> <out.png> [--thread [--about <text>] [--top]] [--user <id>] [--width 1500] [--height 1000]',
  );
  process.exit(2);
}

const browser = await chromium.launch({
  executablePath: process.env.CHROMIUM ?? '/usr/bin/chromium',
  args: [
    '--headless',
    '--no-sandbox',
    '--disable-gpu',
    '--disable-quic',
    '--no-first-run',
    '--disable-background-networking',
    '--disable-component-update',
    '--disable-sync',
  ],
});

const openThread = async (page) => {
  const summaries = page.locator('.messages .msg', { hasText: values.about }).locator('.thread-summary');
  await summaries.last().click();
  await page.locator('.thread-body .msg').nth(1).waitFor();
  // The pane is 380 pixels wide; a plan wants more.
  await page.addStyleTag({
    content:
      '.thread-pane { width: 780px !important; flex: 0 0 780px !important; max-width: none !important; }',
  });
  await page
    .locator('.thread-body')
    .evaluate((body, top) => body.scrollTo(0, top ? 0 : body.scrollHeight), values.top);
};

try {
  const page = await browser.newPage({
    viewport: { width: Number(values.width), height: Number(values.height) },
  });
  await page.goto(url);
  await page.locator('.messages .msg').first().waitFor({ timeout: 10_000 });
  if (values.user) await page.locator('select').last().selectOption(values.user);
  if (values.thread) await openThread(page);
  await page.waitForTimeout(300);
  await page.screenshot({ path: out });
  console.log(`wrote ${out}`);
} finally {
  await browser.close();
}
