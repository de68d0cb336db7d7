import { type Page, expect } from '@playwright/test';

export const PASSWORD_HINT = /The password is the same for all of them/;

/** Signs in as one of the demo's people, by the hint that the page itself gives. */
export async function signIn(page: Page, email: string) {
  await page.goto('/sign-in');
  const password = await page.locator('code').first().innerText();
  await page.getByLabel('E-mail address').fill(email);
  await page.getByLabel('Password', { exact: true }).fill(password.trim());
  await page.getByRole('button', { name: 'Sign in', exact: true }).click();
  await expect(page).not.toHaveURL(/sign-in/);
}

/** Writes on the simulated phone and answers how many bubbles of the business there were before. */
export async function say(phone: Page, text: string) {
  await phone.getByLabel('Message', { exact: true }).fill(text);
  await phone.getByRole('button', { name: 'Send', exact: true }).click();
  await expect(phone.getByText(text).last()).toBeVisible();
}

/** Nothing that a person can do is lost before the page is alive. */
export async function alive(page: Page) {
  await expect(page.locator('html[data-alive=yes]')).toBeAttached();
}
