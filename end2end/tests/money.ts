import { type Browser, type Locator, type Page, expect } from '@playwright/test';
import { alive } from './desk';

export const OWNER = 'wanjiru@baraka.example';
export const ASKER = 'njeri@baraka.example';
export const APPROVER = 'daniel@baraka.example';

/** The code that the demo shows where one is asked for. Each works once: the newest shown is the one that will be taken. */
export async function typeCode(where: Page | Locator) {
  const shown = where.getByText('Demo: your app would show').locator('code').last();
  await where.getByLabel('Code', { exact: true }).fill((await shown.innerText()).trim());
}

/** Types the code and presses until the code is taken: the next one is good half a minute later at the most. */
export async function sign(page: Page, where: Page | Locator, button: string | RegExp, done: () => Promise<void>) {
  await expect(async () => {
    await typeCode(where);
    await where.getByRole('button', { name: button }).click();
    await done();
  }).toPass({ timeout: 70_000, intervals: [2_000, 5_000, 5_000] });
}

/** Somebody in a browser of their own, by the hint that the sign-in page gives, with the second factor that the demo shows. */
export async function inBrowserOf(browser: Browser, email: string, phone = false): Promise<Page> {
  const context = await browser.newContext(
    phone ? { viewport: { width: 390, height: 844 }, hasTouch: true, isMobile: true } : {},
  );
  const page = await context.newPage();
  await signInWithFactor(page, email);
  return page;
}

export async function signInWithFactor(page: Page, email: string) {
  await page.goto('/sign-in');
  await alive(page);
  const password = await page.locator('code').first().innerText();
  await page.getByLabel('E-mail address').fill(email);
  await page.getByLabel('Password', { exact: true }).fill(password.trim());
  await page.getByRole('button', { name: 'Sign in', exact: true }).click();
  await page.waitForURL(/\/(sign-in\/code|start|inbox|approvals|$)/);
  if (page.url().includes('/sign-in/code')) {
    await expect(async () => {
      await page.reload();
      await alive(page);
      await typeCode(page);
      await page.getByRole('button', { name: 'Sign in', exact: true }).click();
      await expect(page).not.toHaveURL(/sign-in/, { timeout: 3_000 });
    }).toPass({ timeout: 70_000, intervals: [2_000, 5_000, 5_000] });
  }
}

/** Asks for a withdrawal to the first account that can be used; answers the address of the request. */
export async function ask(page: Page, amount: string, note: string): Promise<string> {
  await page.goto('/wallet/withdraw');
  await alive(page);
  await page.getByRole('radio').and(page.locator(':enabled')).first().check();
  await page.getByLabel(/^Amount/).fill(amount);
  await page.getByLabel(/^Note/).fill(note);
  await page.getByRole('button', { name: 'Go on' }).click();
  await expect(page.getByRole('heading', { name: 'You ask for exactly this' })).toBeVisible();
  await sign(page, page, 'Ask for it', async () => {
    await expect(page).toHaveURL(/\/approvals\/apr_/, { timeout: 3_000 });
  });
  return new URL(page.url()).pathname;
}

/** What the payload's hash is on the page. */
export async function hash(page: Page): Promise<string> {
  await page.getByText('As it is signed').click();
  return (await page.getByTestId('payload-hash').innerText()).trim();
}
