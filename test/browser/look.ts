/**
 * Opens a report in a real browser and tells what is there, as JSON: `node look.js REPORT [--no-axe]`. A program of its own,
 * because what drives the browser does not run inside of the test runner.
 */
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { pathToFileURL } from 'node:url';
import { chromium } from 'playwright-core';
import type { Browser, Page } from 'playwright-core';

/** What a look at a report gives. */
export interface Look {
  /** Messages of the console, errors, and addresses that were asked for beside the file. */
  readonly complaints: readonly string[];
  /** Milliseconds from asking for the file to its last byte being laid out; the best of three. */
  readonly opened: number;
  readonly headings: readonly string[];
  /** Rules of axe that are broken, with the place, by appearance. */
  readonly violations: Readonly<Record<string, readonly string[]>>;
  /** By how many pixels the window scrolls sideways at 360, in the fonts of this machine and with letters far apart. */
  readonly overflows: Readonly<Record<'asItIs' | 'wideFont', number>>;
  readonly folded: { readonly before: number; readonly after: number; readonly printed: number };
  readonly filtered: string;
  /** What the explorer says first, after Enter on a neighbour, and after Back. */
  readonly explored: readonly string[];
  readonly withoutScript: { readonly rows: number; readonly tools: boolean };
  readonly navigationIsPrinted: boolean;
}

const ARGUMENTS = [
  '--headless',
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
];
const AXE = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');
/** Tabs after which the explorer must have been reached, however many links there are. */
const MOST_TABS = 400;

type Settings = NonNullable<Parameters<Browser['newPage']>[0]>;

async function open(browser: Browser, address: string, settings: Settings): Promise<Page> {
  const page = await browser.newPage(settings);
  await page.goto(address);
  return page;
}

async function violationsOf(browser: Browser, address: string, settings: Settings): Promise<string[]> {
  const page = await open(browser, address, settings);
  // All that is folded is looked at, too.
  await page.evaluate("for (const d of document.querySelectorAll('details')) d.open = true");
  await page.evaluate(AXE);
  const found: unknown = await page.evaluate(
    "axe.run(document, { resultTypes: ['violations'] }).then((r) => r.violations.flatMap((v) => v.nodes.map((n) => `${v.impact} ${v.id}: ${n.target.join(' ')}`)))",
  );
  await page.close();
  return found as string[];
}

async function overflowsOf(
  browser: Browser,
  address: string,
  viewport: { width: number; height: number },
): Promise<Look['overflows']> {
  // The policy of the page lets no style in but its own.
  const page = await open(browser, address, { viewport, bypassCSP: true });
  const overflow = async (): Promise<number> =>
    Number(
      await page.evaluate('document.documentElement.scrollWidth - document.documentElement.clientWidth'),
    );
  const asItIs = await overflow();
  await page.addStyleTag({ content: '* { letter-spacing: .25em !important }' });
  return { asItIs, wideFont: await overflow() };
}

async function visibleEqualLines(page: Page): Promise<number> {
  const count: unknown = await page.evaluate(
    "[...document.querySelectorAll('tr.e')].filter((row) => getComputedStyle(row).display !== 'none').length",
  );
  return Number(count);
}

async function explore(page: Page): Promise<string[]> {
  const said = async (): Promise<string> => (await page.locator('#found').textContent()) ?? '';
  const told = [await said()];
  await page.locator('#find').focus();
  for (let k = 0; k < MOST_TABS; k++) {
    await page.keyboard.press('Tab');
    const place: unknown = await page.evaluate(
      "document.activeElement?.closest('#graph') && !document.activeElement.classList.contains('here')",
    );
    if (place !== true) continue;
    await page.keyboard.press('Enter');
    told.push(await said());
    break;
  }
  await page.locator('#back').press('Enter');
  told.push(await said());
  return told;
}

async function look(file: string, withAxe: boolean): Promise<Look> {
  const check = (browser: Browser, address: string, settings: Settings): Promise<string[]> =>
    withAxe ? violationsOf(browser, address, settings) : Promise.resolve([]);
  const address = pathToFileURL(file).href;
  const browser = await chromium.launch({ executablePath: '/usr/bin/chromium', args: ARGUMENTS });
  try {
    const complaints: string[] = [];
    const page = await browser.newPage({ viewport: { width: 1200, height: 900 } });
    page.on('console', (message) => complaints.push(`console: ${message.text()}`));
    page.on('pageerror', (error) => complaints.push(`error: ${error.message}`));
    page.on('request', (request) => {
      if (request.url() !== address) complaints.push(`request: ${request.url()}`);
    });
    const times: number[] = [];
    for (let k = 0; k < 3; k++) {
      const begin = performance.now();
      await page.goto(address);
      times.push(performance.now() - begin);
    }
    const headings = await page.locator('h1, h2, h3').allTextContents();
    const before = await visibleEqualLines(page);
    await page.locator('#fold').press('Space');
    const after = await visibleEqualLines(page);
    await page.locator('#fold').press('Space');
    await page.locator('#filter').fill('set_flags');
    const filtered = (await page.locator('#matches').textContent()) ?? '';
    await page.locator('#filter').fill('');
    const explored = await explore(page);
    await page.emulateMedia({ media: 'print' });
    const printed = await visibleEqualLines(page);
    const navigationIsPrinted = await page.locator('nav').isVisible();
    const narrow = { width: 360, height: 700 };
    const overflows = await overflowsOf(browser, address, narrow);
    const plain = await open(browser, address, { javaScriptEnabled: false });
    const rows = await visibleEqualLines(plain);
    const tools = await plain.locator('#tools').isVisible();
    return {
      complaints,
      opened: Math.min(...times),
      headings,
      violations: {
        light: await check(browser, address, { colorScheme: 'light' }),
        dark: await check(browser, address, { colorScheme: 'dark' }),
        narrow: await check(browser, address, { viewport: narrow }),
      },
      overflows,
      folded: { before, after, printed },
      filtered,
      explored,
      withoutScript: { rows, tools },
      navigationIsPrinted,
    };
  } finally {
    await browser.close();
  }
}

process.stdout.write(`${JSON.stringify(await look(process.argv[2], process.argv[3] !== '--no-axe'))}\n`);
