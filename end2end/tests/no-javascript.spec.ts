import { type Page, expect, test } from '@playwright/test';
import { signIn } from './desk';

test.use({ javaScriptEnabled: false });

test('without JavaScript one signs in, reads and replies', async ({ page }) => {
  await signIn(page, 'asha@baraka.example');
  await page.goto('/inbox?filter=mine');
  await page.getByRole('list', { name: 'Conversations' }).getByRole('link').first().click();
  await expect(page.getByRole('region', { name: 'Messages' })).toBeVisible();
  await page.getByLabel('Write a reply').fill('Sent without a single script.');
  await page.getByRole('button', { name: 'Send', exact: true }).click();
  await expect(page.getByRole('region', { name: 'Messages' }).getByText('Sent without a single script.')).toBeVisible();
});

test('a wrong password and an unknown address get the same answer', async ({ page }) => {
  const answers: string[] = [];
  for (const email of ['wanjiru@baraka.example', 'nobody@nowhere.example']) {
    await page.goto('/sign-in');
    await page.getByLabel('E-mail address').fill(email);
    await page.getByLabel('Password', { exact: true }).fill('not the password');
    await page.getByRole('button', { name: 'Sign in', exact: true }).click();
    answers.push(await page.getByRole('alert').innerText());
  }
  expect(answers[0]).toBe(answers[1]);
});

test('without JavaScript a correction of the wallet is asked for, with a wrong code first, and approved by somebody else', async ({ browser }) => {
  const inBrowserOf = async (email: string) => {
    const page = await (await browser.newContext({ javaScriptEnabled: false })).newPage();
    await signIn(page, email);
    return page;
  };
  const typeCode = async (page: Page) => {
    const code = await page.getByText('Demo: your app would show').locator('code').last().innerText();
    await page.getByLabel('Code', { exact: true }).fill(code.trim());
  };
  const asker = await inBrowserOf('njeri@baraka.example');
  await asker.goto('/wallet/correct');
  await asker.getByLabel(/^Amount/).fill('125');
  await asker.getByLabel(/^Reason/).fill('Cash of the market day, counted twice');
  await asker.getByRole('button', { name: 'Go on' }).click();
  await asker.getByLabel('Code', { exact: true }).fill('not a code');
  await asker.getByRole('button', { name: 'Ask for it' }).click();
  await expect(asker.getByText('You ask for exactly this')).toBeVisible();
  await expect(asker).toHaveURL(/wallet\/correct/);
  await typeCode(asker);
  await asker.getByRole('button', { name: 'Ask for it' }).click();
  await expect(asker).toHaveURL(/\/approvals\/apr_/);

  const approver = await inBrowserOf('daniel@baraka.example');
  await approver.goto(new URL(asker.url()).pathname);
  await approver.getByText('Approve', { exact: true }).click();
  await typeCode(approver);
  await approver.getByRole('button', { name: 'Approve KES 125' }).click();
  await expect(approver.getByText('Your approval counts.')).toBeVisible();
});
