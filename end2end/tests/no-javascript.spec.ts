import { expect, test } from '@playwright/test';
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
