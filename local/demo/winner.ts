// The winner: refurbished phones by subscription. Demand is real, the offer converts, and the economics hold through
// every step of the ramp. Its sales figures come from the company's own warehouse, which fails for two days.

import { cents, type DailyFigure, type DayInLife, near, nps, type Story, sample } from './story.ts';

const SPEND_BY_STEP = [2_000, 3_000, 4_500, 6_000];

export const WINNER: Story = {
  key: 'winner',
  owner: 'lea-martin',
  launch: {
    title: 'Refurbished phones by subscription, Lyon 25-34',
    statement: 'People of 25 to 34 in Lyon subscribe to a refurbished phone, at a CAC under 40 EUR.',
    portfolio: 'Circular economy',
    market: 'Lyon',
    channels: ['search', 'social'],
    tags: ['subscription', 'second-hand'],
    currency: 'EUR',
    playbook: { name: 'cmo-cycle' },
    terms: { scale: { targets: { 'cac-guardrail': '40' } } },
    sources: [
      {
        id: 'ads',
        kind: 'push',
        metrics: ['impressions', 'clicks'],
        stages: ['prototype', 'measure'],
        maximumStaleness: 'P5D',
      },
      {
        id: 'sales',
        kind: 'warehouse',
        connection: 'company-warehouse',
        metrics: [
          'spend',
          'new_customers',
          'orders',
          'revenue',
          'product_cost',
          'fulfilment_cost',
          'payment_fees',
          'service_cost',
        ],
        parameters: { campaign: 'refurbished-phones' },
        stages: ['prototype', 'measure', 'scale'],
        maximumStaleness: 'P5D',
      },
    ],
    businessCase: {
      prototype: forecast(2_000, 18),
      measure: forecast(30_000, 600),
      scale: forecast(220_000, 5_800),
    },
    economics: { ltv: 'orders_over_horizon', ordersPerCustomer: '7.5', months: 24 },
  },
  pushed,
  warehouse,
  outage: ({ stage, day }) => stage === 'measure' && (day === 11 || day === 12),
  interviews: ({ stage, day }) =>
    stage === 'detect' && day === 8
      ? {
          held: 18,
          withNeed: 12,
          method: 'Semi-structured interviews, 30 minutes, recruited in two shops',
          notes: 'Twelve of eighteen would rather rent than buy; the battery is their main doubt.',
        }
      : null,
  votes: ({ recommendation, stage }) => ({
    ballot: recommendation === 'advance' ? 'advance' : 'extend',
    reason: recommendation === 'advance' ? null : 'The evidence is on its way; we give it time.',
    probability: { detect: 0.5, prototype: 0.6, measure: 0.75, scale: 0.9 }[stage],
  }),
  retex: {
    summary: 'The need was there, the offer converts, and the margin holds up to the last budget step.',
    learnings: [
      { topic: 'offer', text: 'A battery guarantee moved conversion more than any discount.' },
      { topic: 'channel', text: 'Search scales further than social before CAC rises.' },
    ],
    tags: ['subscription', 'second-hand', 'pricing'],
  },
};

function forecast(spend: number, customers: number): object {
  const orders = customers * 1.6;
  return {
    spend: String(spend),
    newCustomers: String(customers),
    orders: String(orders),
    revenue: String(orders * 58),
    productCost: String(orders * 22),
    fulfilmentCost: String(orders * 4),
    paymentFees: String(orders),
    serviceCost: String(orders * 2),
  };
}

function pushed({ stage, day }: DayInLife): DailyFigure[] {
  switch (stage) {
    case 'detect':
      return [
        { metric: 'demand_mentions', sum: near(32, 0.3, 1, day) },
        { metric: 'category_mentions', sum: near(410, 0.2, 2, day) },
        { metric: 'search_queries', sum: near(900, 0.2, 3, day) },
      ];
    case 'prototype':
      return [
        { metric: 'impressions', sum: near(5_200, 0.1, 4, day), channel: 'search' },
        { metric: 'clicks', sum: near(98, 0.1, 5, day), channel: 'search' },
        { metric: 'visitors', sum: near(150, 0.1, 6, day) },
        { metric: 'conversions', sum: near(7, 0.2, 7, day) },
      ];
    case 'measure':
      return [
        ...arm('control', near(1_500, 0.05, 8, day), 0.04, 2.4, day),
        ...arm('treatment', near(1_500, 0.05, 9, day), 0.047, 2.8, day),
        { metric: 'impressions', sum: near(90_000, 0.1, 4, day), channel: 'search' },
        { metric: 'clicks', sum: near(1_600, 0.1, 5, day), channel: 'search' },
        nps(near(11, 0.2, 10, day), 6, 3),
        sample('willingness_to_pay', 20, 29.5, 8),
      ];
    case 'scale':
      return [];
  }
}

function arm(name: string, visitors: number, rate: number, perVisitor: number, day: number): DailyFigure[] {
  return [
    { metric: 'visitors', sum: visitors, arm: name },
    { metric: 'conversions', sum: near(visitors * rate, 0.06, name.length, day), arm: name },
    { ...sample('revenue_per_visitor', visitors, perVisitor, 11), arm: name },
  ];
}

function warehouse({ stage, day, rampStep }: DayInLife) {
  const spend = { detect: 0, prototype: 130, measure: 950, scale: SPEND_BY_STEP[rampStep] ?? 2_000 }[stage];
  if (spend === 0) return null;
  const cac = stage === 'scale' ? 33 + rampStep : 42;
  const newCustomers = near(spend / cac, 0.08, 11, day);
  const orders = Math.round(newCustomers * 1.6);
  return { spend: cents(spend), newCustomers, orders, revenue: cents(orders * 61) };
}
