// What a test will cost, over HTTP: the answer that is documented, refusals by field, and who may ask.
import { afterAll, beforeAll, expect, test } from 'vitest';
import { designSchema } from '../../api/experiment-designs.ts';
import { ROLE_NAMES } from '../../domain/role.ts';
import { createTestApi, type TestApi } from '../support/api.ts';

const PATH = '/v1/experiment-designs';

const request = {
  baseline: { kind: 'proportion', rate: 0.04 },
  minimumEffect: 0.1,
  alpha: 0.05,
  power: 0.8,
  arms: 2,
  dailyUnits: 3000,
  costPerUnit: { amount: '0.35', currency: 'EUR' },
  method: 'group_sequential',
};

let api: TestApi;

beforeAll(async () => {
  api = await createTestApi();
});

afterAll(async () => {
  await api.close();
});

test('a design, as the documentation describes it', async () => {
  const { status, body } = await api.send('growth_lead', 'POST', PATH, request);
  expect(status).toBe(200);
  expect(designSchema.parse(body)).toEqual(body);
  expect(body).toMatchObject({
    weeks: 5,
    plannedUnits: 105_000,
    cost: { amount: '36750', currency: 'EUR' },
  });
});

test('an expected correlation with the period before shortens a test of a mean, and of nothing else', async () => {
  const mean = {
    ...request,
    baseline: { kind: 'mean', mean: 50, standardDeviation: 80 },
    minimumEffect: 0.05,
  };
  const weeksWith = async (change: object) => {
    const { body } = await api.send('finance', 'POST', PATH, { ...mean, ...change });
    return designSchema.parse(body).weeks;
  };
  expect([await weeksWith({}), await weeksWith({ covariateCorrelation: 0.8 })]).toEqual([2, 1]);
  expect(await api.send('finance', 'POST', PATH, { ...request, covariateCorrelation: 0.8 })).toMatchObject({
    status: 422,
    body: { errors: [{ path: 'covariateCorrelation' }] },
  });
});

test('every role may ask, nobody without a key', async () => {
  for (const role of ROLE_NAMES) {
    const { status } = await api.send(role, 'POST', PATH, { ...request, method: 'fixed_horizon' });
    expect(status).toBe(200);
  }
  expect((await api.send(null, 'POST', PATH, request)).status).toBe(401);
});

test('impossible figures are refused by field', async () => {
  const errorsOf = async (change: object) => {
    const { status, body } = await api.send('finance', 'POST', PATH, { ...request, ...change });
    const { errors } = body as { errors: readonly { path: string }[] };
    return [status, errors.map(({ path }) => path)];
  };
  expect(await errorsOf({ alpha: 0, arms: 1 })).toEqual([422, ['alpha', 'arms']]);
  expect(await errorsOf({ dailyUnits: 1 })).toEqual([422, ['minimumEffect']]);
  expect(await errorsOf({ baseline: { kind: 'median' } })).toEqual([422, ['baseline.kind']]);
  expect(await errorsOf({ horizon: 3 })).toEqual([422, ['horizon']]);
});
