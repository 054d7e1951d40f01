// What a kill is credited with: the stages not entered, by forecast or envelope, and nothing else.
import { expect, test } from 'vitest';
import { moneyNotSpent } from '../../../domain/economics/money-not-spent.ts';
import { sampleContract } from '../../support/sample-contract.ts';

const eur = (amount: string) => ({ amount, currency: 'EUR' });

test('killed in detect: every later stage, the forecast before the envelope, and never more than the envelope', () => {
  expect(moneyNotSpent(sampleContract(), 'detect', eur('640.50'))).toEqual({
    definition: 'money_not_spent/1',
    amount: eur('117000'),
    stages: [
      { stage: 'prototype', planned: eur('5000'), basis: 'envelope' },
      { stage: 'measure', planned: eur('12000'), basis: 'business_case' },
      { stage: 'scale', planned: eur('100000'), basis: 'envelope' },
    ],
    spent: eur('640.50'),
  });
});

test('killed in scale: nothing, for the unspent rest of the stage is not claimed', () => {
  expect(moneyNotSpent(sampleContract(), 'scale', null)).toMatchObject({
    amount: eur('0'),
    stages: [],
    spent: null,
  });
});

test('an envelope in another currency is a fault, not a sum', () => {
  expect(() => moneyNotSpent(sampleContract({ currency: 'USD' }), 'detect', null)).toThrow('two currencies');
});
