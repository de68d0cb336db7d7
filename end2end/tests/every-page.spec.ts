import AxeBuilder from '@axe-core/playwright';
import { expect, test } from '@playwright/test';
import { alive, signIn } from './desk';

const PAGES = ['/inbox', '/products', '/products/new', '/start', '/channels', '/channels/log', '/settings/bot', '/settings/members', '/settings/roles', '/settings/api-keys', '/wallet', '/wallet/withdraw', '/wallet/correct', '/wallet/destinations', '/wallet/destinations?add=1', '/approvals', '/approvals?ended=1', '/approvals/policies', '/audit', '/security', '/account', '/simulator', '/gallery', '/mailbox', '/forgot', '/register', '/sign-in/code'];

for (const theme of ['light', 'dark'] as const) {
  test(`every page is free of accessibility faults and errors (${theme})`, async ({ browser }) => {
    // Twenty-seven pages, twice, on a machine that may be busy.
    test.setTimeout(560_000);
    const context = await browser.newContext({ colorScheme: theme });
    const page = await context.newPage();
    const errors: string[] = [];
    page.on('console', (message) => message.type() === 'error' && errors.push(`${page.url()}: ${message.text()}`));
    page.on('pageerror', (error) => errors.push(`${page.url()}: ${error.message}`));
    await signIn(page, 'wanjiru@baraka.example');
    for (const path of PAGES) {
      for (const width of [1440, 390]) {
        await page.setViewportSize({ width, height: 900 });
        await page.goto(path);
        await alive(page);
        await page.screenshot({ path: `shots/${theme}-${width}${path.replaceAll(/[/?=]/g, '_')}.png`, fullPage: false });
        const found = await new AxeBuilder({ page }).withTags(['wcag2a', 'wcag2aa', 'wcag21aa', 'wcag22aa']).analyze();
        expect.soft(found.violations.map((fault) => `${path} ${width} ${fault.id}: ${fault.nodes[0]?.html}`)).toEqual([]);
        const wide = await page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth);
        expect.soft(wide, `${path} at ${width} does not scroll sideways`).toBeLessThanOrEqual(0);
      }
    }
    expect(errors).toEqual([]);
  });
}

// Sign-in is where everybody's first load happens; the inbox is the largest page that people come to directly.
for (const [path, limit] of [['/sign-in', 350_000], ['/inbox', 350_000]] as const) {
  test(`the first load of ${path} stays under ${limit / 1000} kB of brotli, and is cached for ever`, async ({ browser, request }) => {
    const context = await browser.newContext();
    const page = await context.newPage();
    if (path !== '/sign-in') {
      await signIn(page, 'wanjiru@baraka.example');
    }
    const loaded = new Set<string>();
    page.on('request', (asked) => /\/pkg\/.*\.(wasm|js)$/.test(asked.url()) && loaded.add(asked.url()));
    await page.goto(path);
    await alive(page);
    expect(loaded.size).toBeGreaterThanOrEqual(2);
    let bytes = 0;
    for (const url of loaded) {
      const answer = await request.fetch(url, { method: 'HEAD', headers: { 'accept-encoding': 'br' } });
      expect(answer.headers()['content-encoding']).toBe('br');
      expect(answer.headers()['cache-control']).toContain('immutable');
      bytes += Number(answer.headers()['content-length']);
    }
    expect(bytes).toBeGreaterThan(0);
    expect(bytes).toBeLessThanOrEqual(limit);
  });
}
