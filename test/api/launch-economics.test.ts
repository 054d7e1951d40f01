// A launch that declares a lifetime model: fitted and sealed with the contract, or refused by the field of its table.
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { ensureBuiltInPlaybooks } from '../../db/playbooks.ts';
import type { Contract } from '../../domain/thesis.ts';
import { createTestApi, type TestApi } from '../support/api.ts';

let api: TestApi;
let sealed: Contract | null = null;

beforeAll(async () => {
  api = await createTestApi({
    theses: {
      propose: async (thesisId, contract) => {
        sealed = contract;
        return { thesisId, sequence: 1 };
      },
      send: async (thesisId) => ({ refused: 'thesis_unknown', detail: thesisId }),
    },
  });
  await ensureBuiltInPlaybooks(api.db);
});

afterAll(async () => {
  await api?.close();
});

beforeEach(() => {
  sealed = null;
});

async function launch(economics: object) {
  return await api.send('growth_lead', 'POST', '/v1/theses', {
    title: 'Boxes by subscription',
    statement: 'People subscribe to a box a month.',
    portfolio: 'boxes',
    market: 'Lyon',
    currency: 'EUR',
    playbook: { name: 'cmo-cycle' },
    economics,
  });
}

const subscription = {
  ltv: 'shifted_beta_geometric',
  cohort: { initial: 1000, alive: [869, 743, 653, 593, 551, 517, 491] },
  periodMonths: 12,
  revenuePerPeriod: '240',
  marginRate: '0.4',
  yearlyDiscount: '0.1',
  months: 36,
};

test('a cohort is fitted when the contract is sealed', async () => {
  expect(await launch(subscription)).toMatchObject({ status: 201 });
  expect(sealed?.economics).toMatchObject({
    ltv: 'shifted_beta_geometric',
    fit: { parameters: { alpha: expect.stringMatching(/^0\.668/), beta: expect.stringMatching(/^3\.80/) } },
  });
});

test('two tables are fitted in the same way', async () => {
  const rows = [0, 1, 2, 3, 5, 8].flatMap((repeats) =>
    [10, 30].map((recency) => ({
      repeats,
      recency: repeats === 0 ? 0 : recency,
      age: 39,
      customers: 100 - 10 * repeats,
    })),
  );
  const answer = await launch({
    ltv: 'bg_nbd_gamma_gamma',
    purchases: rows,
    unit: 'week',
    spend: [20, 30, 45, 80].map((value) => ({ orders: 2, meanValue: String(value), customers: 50 })),
    ...{ marginRate: '0.3', yearlyDiscount: '0.08', months: 24 },
  });
  expect(answer).toMatchObject({ status: 201 });
  expect(sealed?.economics).toHaveProperty('fit.value', expect.stringMatching(/^\d+\.\d+$/));
});

test.each([
  [
    'customers who come back to life',
    { ...subscription, cohort: { initial: 10, alive: [5, 7] } },
    'economics.cohort',
  ],
  ['a horizon that finance does not use', { ...subscription, months: 18 }, 'economics.months'],
  ['a margin above the price', { ...subscription, marginRate: '1.2' }, 'economics.marginRate'],
  [
    'a figure that only we compute',
    { ...subscription, fit: { value: '1', parameters: {}, atBoundary: false } },
    'economics.fit',
  ],
])('%s: refused by name', async (_what, economics, path) => {
  const answer = await launch(economics);
  expect(answer).toMatchObject({ status: 422, body: { code: 'invalid_input' } });
  expect(JSON.stringify(answer.body)).toContain(`"path":"${path}"`);
  expect(sealed).toBeNull();
});
