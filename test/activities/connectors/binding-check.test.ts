// A source is bound only to a connection that has its metrics, with exactly the parameters of their queries.
import { expect, test } from 'vitest';
import { checkBinding } from '../../../activities/connectors/binding-check.ts';
import { CLICKS, SPEND } from '../../support/warehouse.ts';

const SHOP = { name: 'shop', queries: [CLICKS, SPEND] };

test('a binding that fits has no fault', () => {
  expect(checkBinding({ metrics: ['clicks', 'spend'], parameters: { campaign: 'phones' } }, SHOP)).toEqual(
    [],
  );
  expect(checkBinding({ metrics: ['spend'], parameters: {} }, SHOP)).toEqual([]);
});

test('what is missing and what is too much is named by its path', () => {
  expect(checkBinding({ metrics: ['orders', 'clicks'], parameters: { region: 'lyon' } }, SHOP)).toEqual([
    { path: 'metrics[0]', message: 'The connection shop has no query for orders.' },
    { path: 'parameters.campaign', message: 'Required by the query of clicks.' },
    { path: 'parameters.region', message: 'No query of the bound metrics has this parameter.' },
  ]);
});
