import { createHash } from 'node:crypto';
import AxeBuilder from '@axe-core/playwright';
import { type Page, expect, test } from '@playwright/test';
import { alive } from './desk';
import { APPROVER, ASKER, OWNER, ask, hash, inBrowserOf, sign } from './money';

/** Codes are good once, and the next one comes half a minute later. */
test.describe.configure({ timeout: 300_000 });

async function noFaults(page: Page, what: string) {
  const found = await new AxeBuilder({ page }).withTags(['wcag2a', 'wcag2aa', 'wcag21aa', 'wcag22aa']).analyze();
  expect.soft(found.violations.map((fault) => `${what} ${fault.id}: ${fault.nodes[0]?.html}`)).toEqual([]);
  const wide = await page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth);
  expect.soft(wide, `${what} does not scroll sideways`).toBeLessThanOrEqual(0);
}

test('a withdrawal: asked for, not approved by whoever asked, approved on a phone in at most six taps, and paid', async ({ browser }) => {
  const asker = await inBrowserOf(browser, ASKER);
  const approver = await inBrowserOf(browser, APPROVER, true);
  await asker.goto('/wallet');
  await alive(asker);
  const before = await asker.getByTestId('available').innerText();
  await noFaults(asker, 'wallet');
  await asker.screenshot({ path: 'shots/money-wallet.png', fullPage: true });
  await approver.goto('/approvals');
  await alive(approver);
  const badge = approver.getByRole('link', { name: /^Approvals/ });
  const waited = Number(/\d+/.exec(await badge.innerText())?.[0] ?? 0);

  const request = await ask(asker, '1,200', 'Rent of the stall');
  await expect(asker.getByText('Your request is made')).toBeVisible();
  await expect(asker.getByTestId('amount')).toHaveText('KES 1,200');
  // Whoever asked sees why they can't decide, and has nothing to press.
  await expect(asker.getByRole('heading', { name: 'You asked for this' })).toBeVisible();
  await expect(asker.getByRole('radio', { name: 'Approve' })).toHaveCount(0);
  await noFaults(asker, 'own request');
  await asker.goto('/wallet');
  await expect(asker.getByTestId('held')).not.toHaveText('KES 0');
  expect(await asker.getByTestId('available').innerText()).not.toBe(before);

  // And the server refuses what the page does not offer.
  const refused = await asker.request.post('/api/approvals/reject', {
    form: {
      'decide[id]': request.split('/').pop() ?? '',
      'decide[verdict]': 'reject',
      'decide[reason]': 'I decide on my own request',
      'decide[seen_hash]': 'x',
      'decide[seen_version]': '1',
    },
    headers: { accept: 'application/json', origin: new URL(asker.url()).origin },
  });
  expect(refused.status()).toBe(403);
  expect((await refused.json()).code).toBe('four_eyes.self_approval');

  // The approver hears of it without a reload; from the list on, taps are counted.
  await expect(badge).toHaveAccessibleName(new RegExp(`${waited + 1} waiting for you`));
  await noFaults(approver, 'queue on a phone');
  await approver.screenshot({ path: 'shots/money-queue-phone.png' });
  let taps = 0;
  const tap = async (what: ReturnType<Page['locator']>) => {
    taps += 1;
    await what.tap();
  };
  await tap(approver.getByTestId('approval').filter({ hasText: 'KES 1,200' }).first());
  await expect(approver.getByRole('heading', { name: 'You approve exactly this' })).toBeVisible();
  await tap(approver.getByText('Approve', { exact: true }));
  await expect(approver.getByLabel('Code', { exact: true })).toBeInViewport();
  await approver.screenshot({ path: 'shots/money-approve-phone.png' });
  await noFaults(approver, 'deciding on a phone');
  taps += 2; // The field, and the button.
  expect(taps).toBeLessThanOrEqual(6);

  // What is signed is what is shown.
  const seen = await hash(approver);
  const payload = await approver.getByTestId('payload').innerText();
  expect(createHash('sha256').update(payload).digest('hex')).toBe(seen);

  await sign(approver, approver, /^Approve KES 1,200$/, async () => {
    await expect(approver.getByText('Your approval counts.')).toBeVisible({ timeout: 3_000 });
  });

  // Carried out by the worker; the other browser sees it come.
  await asker.goto(request);
  await alive(asker);
  await expect(asker.getByText('Done', { exact: true }).first()).toBeVisible();
  await asker.screenshot({ path: 'shots/money-done.png', fullPage: true });
  const report = asker.getByText('Write down what became of it');
  if (await report.isVisible()) {
    await report.click();
    await asker.getByLabel('It was paid', { exact: true }).check();
    await asker.getByLabel('Reference of the bank').fill('EQ-2026-1129-001');
    await sign(asker, asker, 'Write it down', async () => {
      await expect(asker.getByText('It is written down.')).toBeVisible({ timeout: 3_000 });
    });
    await expect(asker.getByText('EQ-2026-1129-001').first()).toBeVisible();
  }
  await expect(asker.getByText('Paid', { exact: true }).first()).toBeVisible();
  await asker.goto('/wallet');
  const held = asker.getByTestId('entry').filter({ hasText: /1,200/ });
  await expect(held.first()).toBeVisible();
  await expect(asker.getByText('−KES 1,200').first()).toBeVisible();
});

test('a rejection says why, gives the hold back, and is told to whoever asked', async ({ browser }) => {
  const asker = await inBrowserOf(browser, ASKER);
  const approver = await inBrowserOf(browser, APPROVER);
  await asker.goto('/wallet');
  const before = await asker.getByTestId('available').innerText();
  const request = await ask(asker, '350', 'Something that nobody knows');

  await approver.goto(request);
  await alive(approver);
  await approver.getByText('Reject', { exact: true }).click();
  const why = approver.getByLabel('Why not');
  await why.fill('No');
  await approver.getByRole('button', { name: 'Reject the request' }).click();
  // The browser itself says that it is too short.
  await expect(approver.getByText('You rejected it.')).toHaveCount(0);
  await why.fill('There is no bill for this: bring one.');
  await approver.getByRole('button', { name: 'Reject the request' }).click();
  await expect(approver.getByText('You rejected it.')).toBeVisible();

  // The page of whoever asked changed by itself.
  await expect(asker.getByText('There is no bill for this: bring one.').first()).toBeVisible();
  await expect(asker.getByText('Rejected').first()).toBeVisible();
  await asker.goto('/wallet');
  await expect(asker.getByTestId('available')).toHaveText(before);
});
