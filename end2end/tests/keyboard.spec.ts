import { expect, test } from '@playwright/test';
import { alive, signIn } from './desk';

test('the palette and the help open by key, although they are loaded by it', async ({ page }) => {
  await signIn(page, 'wanjiru@baraka.example');
  await alive(page);
  await page.keyboard.press('Control+k');
  const words = page.locator('#palette').getByRole('combobox');
  await expect(words).toBeFocused();
  await words.fill('audit');
  await page.keyboard.press('Enter');
  await expect(page).toHaveURL(/\/audit$/);
  await expect(page.locator('#palette')).toBeHidden();

  await page.keyboard.press('?');
  await expect(page.locator('#keyboard-help')).toBeVisible();
  await page.keyboard.press('Escape');
  await expect(page.locator('#keyboard-help')).toBeHidden();

  await page.keyboard.press('Control+k');
  await expect(words).toBeFocused();
  await expect(words).toHaveValue('');
});

test('the look changes at once and is remembered', async ({ page }) => {
  await signIn(page, 'wanjiru@baraka.example');
  await alive(page);
  await page.locator('header details summary').click();
  const saved = page.waitForResponse((answer) => answer.url().includes('/api/access/theme'));
  await page.getByRole('button', { name: 'Dark' }).click();
  await expect(page.locator('html')).toHaveAttribute('data-theme', 'wabotiq-dark');
  expect((await saved).ok()).toBe(true);
  await page.reload();
  await expect(page.locator('html')).toHaveAttribute('data-theme', 'wabotiq-dark');
});
