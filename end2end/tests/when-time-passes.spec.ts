// Last of all: the demo's clock goes a day ahead here, and stays there.
import { expect, test } from '@playwright/test';
import { alive } from './desk';
import { APPROVER, ASKER, OWNER, ask, inBrowserOf } from './money';

test('what nobody approves in time expires, and its hold is given back', async ({ browser }) => {
  test.setTimeout(300_000);
  const asker = await inBrowserOf(browser, ASKER);
  await asker.goto('/wallet');
  const before = await asker.getByTestId('available').innerText();
  const request = await ask(asker, '520', 'Nobody looks in time');

  const owner = await inBrowserOf(browser, OWNER);
  await owner.goto('/simulator');
  await alive(owner);
  await owner.getByRole('button', { name: 'Ahead 1 day' }).click();
  await expect(owner.getByText(/The clock is .*ahead/)).toBeVisible();

  const approver = await inBrowserOf(browser, APPROVER);
  await approver.goto(request);
  await alive(approver);
  await expect(approver.getByText('Expired', { exact: true }).first()).toBeVisible();
  await expect(approver.getByRole('radio', { name: 'Approve' })).toHaveCount(0);

  const later = await inBrowserOf(browser, ASKER);
  await expect(async () => {
    await later.goto('/wallet');
    await expect(later.getByTestId('available')).toHaveText(before, { timeout: 1_000 });
  }).toPass();
});
