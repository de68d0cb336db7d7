import { expect, test } from '@playwright/test';
import { alive, signIn } from './desk';

test('a person sees where they are signed in, and signs the other browser out', async ({ browser }) => {
  const [here, there] = [await (await browser.newContext()).newPage(), await (await browser.newContext()).newPage()];
  await signIn(here, 'asha@baraka.example');
  await signIn(there, 'asha@baraka.example');
  await here.goto('/account');
  await alive(here);
  await expect(here.getByText('this browser')).toHaveCount(1);
  await here.getByRole('button', { name: 'Sign out everywhere else' }).click();
  await expect(here.getByText('You are signed out in 1 other browser.')).toBeVisible();
  await expect(here.getByText('You are signed in nowhere else.')).toBeVisible();
  await there.goto('/account');
  await expect(there).toHaveURL(/sign-in/);
});

test('a new password is measured while it is typed, and a wrong current one is told at its field', async ({ page }) => {
  await signIn(page, 'asha@baraka.example');
  await page.goto('/account');
  await alive(page);
  const next = page.getByLabel('New password');
  await next.fill('12345678');
  await expect(page.getByText('Weak')).toBeVisible();
  await next.fill('boda tatu za asubuhi');
  await expect(page.getByText('Strong')).toBeVisible();
  const current = page.getByLabel('Current password');
  await current.fill('not my password');
  await page.getByRole('button', { name: 'Change the password' }).click();
  await expect(page.getByText('This is not your password.')).toBeVisible();
  await expect(current).toHaveAttribute('aria-invalid', 'true');
});
