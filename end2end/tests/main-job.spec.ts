import { expect, test } from '@playwright/test';
import { alive, say, signIn } from './desk';

test('a price asked on the phone is the row of the catalogue, and the inbox shows it without a reload', async ({ browser }) => {
  const staff = await browser.newContext();
  const inbox = await staff.newPage();
  await signIn(inbox, 'wanjiru@baraka.example');

  // The price as the catalogue has it.
  await inbox.goto('/products?search=Travel+Kettle');
  await expect(inbox.getByText('Von Travel Kettle 0.8L').first()).toBeVisible();
  await expect(inbox.getByText('KES 1,650').first()).toBeVisible();

  await inbox.goto('/inbox');
  await alive(inbox);
  await inbox.evaluate(() => ((window as unknown as { kept: string }).kept = 'same page'));

  const phone = await staff.newPage();
  await phone.goto('/simulator?customer=%2B254733000777&name=Njeri');
  await alive(phone);
  await say(phone, 'how much is the von travel kettle 0.8l');
  await expect(phone.getByRole('log').getByText('KES 1,650').last()).toBeVisible();

  await expect(inbox.getByRole('list', { name: 'Conversations' }).getByText(/KES 1,650|von travel kettle/).first()).toBeVisible();
  expect(await inbox.evaluate(() => (window as unknown as { kept?: string }).kept)).toBe('same page');
});

test('who takes over silences the bot, and giving back brings it again', async ({ browser }) => {
  const staff = await browser.newContext();
  const inbox = await staff.newPage();
  await signIn(inbox, 'otieno@baraka.example');

  const phone = await staff.newPage();
  await phone.goto('/simulator?customer=%2B254733000888&name=Barasa');
  await alive(phone);
  await say(phone, 'price of the ramtons glass kettle 1.8l');
  await expect(phone.getByRole('log').getByText('KES 3,200').last()).toBeVisible();

  await inbox.goto('/inbox?search=254733000888');
  await alive(inbox);
  await inbox.getByRole('list', { name: 'Conversations' }).getByRole('link').first().click();
  await inbox.getByRole('button', { name: 'Take over' }).click();
  await expect(inbox.getByRole('button', { name: 'Give back to the bot' })).toBeVisible();
  await expect(inbox.getByLabel('Write a reply'), 'the keyboard goes on where one writes').toBeFocused();

  await say(phone, 'and the von travel kettle 0.8l?');
  await expect(inbox.getByRole('region', { name: 'Messages' }).getByText('and the von travel kettle 0.8l?').first()).toBeVisible();
  await inbox.getByLabel('Write a reply').fill('Karibu, a person here. The small one is in the window.');
  await inbox.getByRole('button', { name: 'Send', exact: true }).click();
  await expect(phone.getByRole('log').getByText('a person here').last()).toBeVisible();
  // The person's answer is the next thing the phone shows: the bot said nothing in between.
  await expect(phone.getByRole('log').getByText('KES 1,650')).toHaveCount(0);

  await inbox.getByRole('button', { name: 'Give back to the bot' }).click();
  await expect(inbox.getByRole('button', { name: 'Take over' })).toBeVisible();
  await expect(inbox.getByLabel('Write a reply')).toBeFocused();
  await say(phone, 'price of the von travel kettle 0.8l');
  await expect(phone.getByRole('log').getByText('KES 1,650').last()).toBeVisible();
});
