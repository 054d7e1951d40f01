// The loser: live shopping for garden furniture. People watch and click, but those who see the show spend less: the
// controlled test catches it, and the committee stops without regret before the roll-out is paid for.

import { cents, type DailyFigure, type DayInLife, near, nps, type Story, sample } from './story.ts';

export const LOSER: Story = {
  key: 'loser',
  owner: 'tom-bernard',
  launch: {
    title: 'Live shopping for garden furniture',
    statement: 'A weekly live show raises the conversion of garden furniture by 10 % at the same basket.',
    portfolio: 'New formats',
    market: 'France',
    channels: ['social'],
    tags: ['live-shopping'],
    currency: 'EUR',
    playbook: { name: 'cmo-cycle' },
    sources: [
      {
        id: 'shop',
        kind: 'push',
        metrics: ['visitors', 'conversions'],
        stages: ['prototype', 'measure'],
        maximumStaleness: 'P5D',
      },
    ],
    businessCase: {
      prototype: forecast(3_500, 40),
      measure: forecast(28_000, 500),
      scale: forecast(260_000, 5_000),
    },
    economics: {
      ltv: 'margin_over_churn',
      monthlyRevenuePerCustomer: '21',
      marginRate: '0.42',
      monthlyChurn: '0.06',
    },
  },
  pushed,
  warehouse: null,
  outage: () => false,
  interviews: ({ stage, day }) =>
    stage === 'detect' && day === 6
      ? {
          held: 15,
          withNeed: 7,
          method: 'Telephone interviews with buyers of the last season',
          notes: 'Seven of fifteen would like to see the furniture in use before they buy.',
        }
      : null,
  votes: ({ recommendation, stage }) =>
    recommendation === 'advance'
      ? {
          ballot: 'advance',
          reason: null,
          probability: { detect: 0.5, prototype: 0.55, measure: 0.4, scale: 0.4 }[stage],
        }
      : {
          ballot: 'kill',
          reason: 'Those who see the show spend less than those who do not: we stop here, without regret.',
          probability: 0.1,
        },
  retex: {
    summary:
      'The show entertains and lowers the basket: discounts shown live pull the price down for everybody.',
    learnings: [{ topic: 'format', text: 'Live shows draw visitors who buy the cheapest line only.' }],
    tags: ['live-shopping', 'basket'],
  },
};

function forecast(spend: number, customers: number): object {
  return {
    spend: String(spend),
    newCustomers: String(customers),
    orders: String(customers),
    revenue: String(customers * 210),
    productCost: String(customers * 118),
    fulfilmentCost: String(customers * 22),
    paymentFees: String(customers * 3),
    serviceCost: String(customers * 5),
  };
}

function pushed({ stage, day }: DayInLife): DailyFigure[] {
  switch (stage) {
    case 'detect':
      return [{ metric: 'demand_mentions', sum: near(24, 0.3, 21, day) }];
    case 'prototype':
      return [
        { metric: 'impressions', sum: near(4_400, 0.1, 22, day), channel: 'social' },
        { metric: 'clicks', sum: near(74, 0.1, 23, day), channel: 'social' },
        { metric: 'visitors', sum: near(140, 0.1, 24, day) },
        { metric: 'conversions', sum: near(5, 0.2, 25, day) },
        ...sales(180, 2, day),
      ];
    case 'measure':
      return [
        ...arm('control', near(1_400, 0.05, 26, day), 0.04, 8.6, day),
        ...arm('treatment', near(1_400, 0.05, 27, day), 0.041, 7.3, day),
        nps(9, 8, 3),
        sample('willingness_to_pay', 20, 31, 9),
        ...sales(820, 11, day),
      ];
    case 'scale':
      return [];
  }
}

function arm(name: string, visitors: number, rate: number, perVisitor: number, day: number): DailyFigure[] {
  return [
    { metric: 'visitors', sum: visitors, arm: name },
    { metric: 'conversions', sum: near(visitors * rate, 0.06, name.length, day), arm: name },
    { ...sample('revenue_per_visitor', visitors, perVisitor, 32), arm: name },
  ];
}

function sales(spend: number, customers: number, day: number): DailyFigure[] {
  const newCustomers = near(customers, 0.2, 28, day);
  const revenue = cents(newCustomers * 198);
  return [
    { metric: 'spend', sum: spend, currency: 'EUR' },
    { metric: 'new_customers', sum: newCustomers },
    { metric: 'orders', sum: newCustomers },
    { metric: 'revenue', sum: revenue, currency: 'EUR' },
    { metric: 'product_cost', sum: cents(revenue * 0.58), currency: 'EUR' },
    { metric: 'fulfilment_cost', sum: cents(newCustomers * 22), currency: 'EUR' },
    { metric: 'payment_fees', sum: cents(newCustomers * 3), currency: 'EUR' },
    { metric: 'service_cost', sum: cents(newCustomers * 5), currency: 'EUR' },
  ];
}
