import { type Page, expect, test } from '@playwright/test';
import { alive, signIn } from './desk';

/** A phone made of software, that its owner always unlocks. */
async function device(page: Page) {
  const chromium = await page.context().newCDPSession(page);
  await chromium.send('WebAuthn.enable');
  const { authenticatorId } = await chromium.send('WebAuthn.addVirtualAuthenticator', {
    options: {
      protocol: 'ctap2',
      transport: 'internal',
      hasResidentKey: true,
      hasUserVerification: true,
      isUserVerified: true,
      automaticPresenceSimulation: true,
    },
  });
  return {
    count: async () => (await chromium.send('WebAuthn.getCredentials', { authenticatorId })).credentials.length,
    unlocks: (isUserVerified: boolean) => chromium.send('WebAuthn.setUserVerified', { authenticatorId, isUserVerified }),
  };
}

test('a passkey is set up, signs in without a password, shows again who is there, and is removed', async ({ browser }) => {
  const page = await (await browser.newContext()).newPage();
  const phone = await device(page);
  await signIn(page, 'kevin@baraka.example');
  await page.goto('/account');
  await alive(page);
  const name = page.getByLabel('Name of the passkey');
  await expect(name).toHaveValue(/Chrom/);
  await name.fill('');
  await name.fill('My phone');
  await page.getByRole('button', { name: 'Add a passkey' }).click();
  await expect(page.getByText('Your passkey is ready')).toBeVisible();
  await expect(page.getByText('Keep these recovery codes')).toBeVisible();
  const row = page.getByRole('row', { name: /My phone/ });
  await expect(row.getByText('not yet')).toBeVisible();
  expect(await phone.count()).toBe(1);

  // The same device again: it says so itself.
  await page.getByRole('button', { name: 'Add a passkey' }).click();
  await expect(page.getByText('This device has a passkey for your account already.')).toBeVisible();

  await page.context().clearCookies();
  await page.goto('/sign-in?next=/account');
  await alive(page);
  await page.getByRole('button', { name: 'Sign in with a passkey' }).click();
  await expect(page).toHaveURL(/:\d+\/account$/);
  await alive(page);
  await expect(row.getByText('not yet')).toHaveCount(0);

  // With the password alone nobody is in any more; the passkey is the second step.
  await page.context().clearCookies();
  await signInHalf(page, 'kevin@baraka.example');
  await alive(page);
  await page.getByRole('button', { name: 'Sign in with a passkey' }).click();
  await expect(page).not.toHaveURL(/sign-in/);

  // A device that its owner does not unlock.
  await page.context().clearCookies();
  await phone.unlocks(false);
  await page.goto('/sign-in');
  await alive(page);
  await page.getByRole('button', { name: 'Sign in with a passkey' }).click();
  await expect(page.getByText('No passkey was used')).toBeVisible();
  await expect(page).toHaveURL(/sign-in/);
  await phone.unlocks(true);
  await page.getByRole('button', { name: 'Sign in with a passkey' }).click();
  await expect(page).not.toHaveURL(/sign-in/);

  await page.goto('/account');
  await alive(page);
  await page.getByRole('button', { name: 'Remove: My phone' }).click();
  await expect(row).toHaveCount(0);
  await page.context().clearCookies();
  await signIn(page, 'kevin@baraka.example');
});

async function signInHalf(page: Page, email: string) {
  await page.goto('/sign-in');
  const password = await page.locator('code').first().innerText();
  await page.getByLabel('E-mail address').fill(email);
  await page.getByLabel('Password', { exact: true }).fill(password.trim());
  await page.getByRole('button', { name: 'Sign in', exact: true }).click();
  await expect(page).toHaveURL(/sign-in\/code/);
}
