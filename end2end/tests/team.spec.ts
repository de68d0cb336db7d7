import { type Browser, type Page, expect, test } from '@playwright/test';
import { alive } from './desk';

const OWNER = 'mama@majaribio.example';
const NEWCOMER = 'kijana@majaribio.example';
const PASSWORD = 'boda tatu za asubuhi';

async function fresh(browser: Browser): Promise<Page> {
  return (await browser.newContext()).newPage();
}

/** The link of the newest mail to this address, as the demo's mailbox shows it. */
async function mailedLink(page: Page, to: string): Promise<string> {
  await page.goto('/mailbox');
  const mail = page.locator('article').filter({ hasText: `To ${to}` }).first();
  await expect(async () => {
    await page.reload();
    await expect(mail.locator('a')).toBeVisible({ timeout: 500 });
  }).toPass();
  return (await mail.locator('a').first().getAttribute('href')) ?? '';
}

/** Sets up an app; a demo shows the code that it would show. */
async function setUpApp(page: Page) {
  await page.goto('/account');
  await alive(page);
  await page.getByRole('button', { name: 'Set up an app' }).click();
  await expect(page.getByRole('img', { name: 'Picture for the app’s camera' })).toBeVisible();
  const code = await page.getByText('Demo: your app would show').locator('code').innerText();
  await page.getByLabel('Code', { exact: true }).fill(code);
  await page.getByRole('button', { name: 'Turn it on' }).click();
  await expect(page.getByText('Keep these recovery codes')).toBeVisible();
}

test('a business opens, its owner invites somebody, and what the owner changes counts at once', async ({ browser }) => {
  test.setTimeout(120_000);
  const owner = await fresh(browser);
  await owner.goto('/register');
  await alive(owner);
  await owner.getByLabel('Name of the business').fill('Duka la Majaribio');
  await owner.getByLabel('Your name').fill('Mama Majaribio');
  await owner.getByLabel('E-mail address').fill(OWNER);
  await owner.getByLabel('Password', { exact: true }).fill(PASSWORD);
  await owner.getByRole('button', { name: 'Open it' }).click();
  await expect(owner.getByText(`A link is on its way to ${OWNER}`)).toBeVisible();
  await owner.goto(await mailedLink(owner, OWNER));
  await alive(owner);
  await owner.getByRole('button', { name: 'Open my business' }).click();
  await owner.waitForURL('**/start');

  // Without a second factor nobody is invited; the page says what to do.
  await owner.goto('/settings/members');
  await alive(owner);
  await owner.getByLabel('E-mail address').fill(NEWCOMER);
  await owner.getByLabel('Agent').check();
  await owner.getByRole('button', { name: 'Send the invitation' }).click();
  await expect(owner.getByText('This needs a second factor')).toBeVisible();
  await setUpApp(owner);
  await owner.goto('/settings/members');
  await alive(owner);
  await owner.getByLabel('E-mail address').fill(NEWCOMER);
  await owner.getByLabel('Agent').check();
  await owner.getByRole('button', { name: 'Send the invitation' }).click();
  await expect(owner.getByText(`An invitation is on its way to ${NEWCOMER}`)).toBeVisible();
  await owner.screenshot({ path: 'shots/members.png', fullPage: true });

  const newcomer = await fresh(browser);
  await newcomer.goto(await mailedLink(newcomer, NEWCOMER));
  await alive(newcomer);
  await newcomer.screenshot({ path: 'shots/invitation.png' });
  await newcomer.getByLabel('Your name').fill('Kijana Mpya');
  await newcomer.getByLabel('New password').fill(PASSWORD);
  await newcomer.getByRole('button', { name: 'Join' }).click();
  await newcomer.waitForURL(/\/(start|inbox)/);
  await setUpApp(newcomer);
  await newcomer.screenshot({ path: 'shots/recovery-codes.png', fullPage: true });

  // Signs in again, now in two steps.
  await newcomer.context().clearCookies();
  await newcomer.goto('/sign-in');
  await alive(newcomer);
  await newcomer.getByLabel('E-mail address').fill(NEWCOMER);
  await newcomer.getByLabel('Password', { exact: true }).fill(PASSWORD);
  await newcomer.getByRole('button', { name: 'Sign in', exact: true }).click();
  await newcomer.waitForURL('**/sign-in/code');
  const code = await newcomer.getByText('Demo: your app would show').locator('code').innerText();
  await newcomer.getByLabel('Code', { exact: true }).fill(code);
  await newcomer.getByRole('button', { name: 'Sign in', exact: true }).click();
  await newcomer.waitForURL(/\/(start|inbox)/);

  // The very next click of the other browser.
  expect((await newcomer.goto('/audit'))?.status()).toBe(403);
  await owner.goto('/settings/members');
  await alive(owner);
  await owner.getByRole('link', { name: /Kijana Mpya/ }).click();
  await expect(owner.getByRole('heading', { name: 'Kijana Mpya' })).toBeVisible();
  await owner.getByRole('button', { name: 'Give: Admin' }).click();
  await expect(owner.getByRole('button', { name: 'Take away: Admin' })).toBeVisible();
  await owner.screenshot({ path: 'shots/member.png', fullPage: true });
  expect((await newcomer.goto('/audit'))?.status()).toBe(200);
  await owner.getByRole('button', { name: 'Take away: Admin' }).click();
  await expect(owner.getByRole('button', { name: 'Give: Admin' })).toBeVisible();
  expect((await newcomer.goto('/audit'))?.status()).toBe(403);
});
