// The inconclusive one: podcasts on energy efficiency for plant managers. The conversion rate stays within a hair of
// its bound: extended, refined, and in the end killed, because a bet that does not prove its value stops.

import { type DailyFigure, type DayInLife, near, type Story } from './story.ts';

export const INCONCLUSIVE: Story = {
  key: 'inconclusive',
  owner: 'ines-garcia',
  launch: {
    title: 'Podcasts on energy efficiency for plant managers',
    statement: 'Plant managers who listen to a technical podcast ask for an audit, at a conversion of 2 %.',
    portfolio: 'B2B content',
    market: 'Industry, DACH',
    channels: ['linkedin'],
    tags: ['b2b', 'podcast'],
    currency: 'EUR',
    playbook: { name: 'cmo-cycle' },
    sources: [
      {
        id: 'linkedin',
        kind: 'push',
        metrics: ['impressions', 'clicks'],
        stages: ['prototype'],
        maximumStaleness: 'P5D',
      },
    ],
    businessCase: {
      prototype: forecast(4_000, 30),
      measure: forecast(24_000, 220),
      scale: forecast(180_000, 1_600),
    },
    economics: {
      ltv: 'margin_over_churn',
      monthlyRevenuePerCustomer: '60',
      marginRate: '0.5',
      monthlyChurn: '0.06',
    },
  },
  pushed,
  warehouse: null,
  outage: () => false,
  interviews: ({ stage, day }) =>
    stage === 'detect' && day === 7
      ? {
          held: 14,
          withNeed: 8,
          method: 'Interviews at two trade fairs',
          notes: 'Eight of fourteen listen to technical podcasts on the road.',
        }
      : null,
  votes: ({ recommendation, stage, round, extensions }) => {
    if (recommendation === 'advance') return { ballot: 'advance', reason: null, probability: 0.4 };
    if (stage === 'prototype' && round === 0 && extensions === 0) {
      return {
        ballot: 'extend',
        reason: 'The rate sits on its bound: two more weeks of data.',
        probability: 0.35,
      };
    }
    if (stage === 'prototype' && round === 0) {
      return {
        ballot: 'refine',
        reason: 'Still undecided: we shorten the episodes and try once more.',
        probability: 0.3,
      };
    }
    return {
      ballot: 'kill',
      reason: 'Two forms of the offer, neither proves its value: the money goes to a better bet.',
      probability: 0.1,
    };
  },
  retex: {
    summary: 'Nobody could show that listeners ask for an audit more often than the bound, in either form.',
    learnings: [
      { topic: 'channel', text: 'On LinkedIn the rate was within noise of its bound for fourteen weeks.' },
    ],
    tags: ['b2b', 'podcast', 'inconclusive'],
  },
};

function forecast(spend: number, customers: number): object {
  return {
    spend: String(spend),
    newCustomers: String(customers),
    orders: String(customers),
    revenue: String(customers * 480),
    productCost: String(customers * 150),
    fulfilmentCost: String(customers * 20),
    paymentFees: String(customers * 6),
    serviceCost: String(customers * 30),
  };
}

function pushed({ stage, day }: DayInLife): DailyFigure[] {
  if (stage === 'detect') return [{ metric: 'demand_mentions', sum: near(19, 0.3, 31, day) }];
  if (stage !== 'prototype') return [];
  // Two conversions a day among a hundred visitors: exactly the bound, so that no amount of patience settles it.
  return [
    { metric: 'impressions', sum: near(3_900, 0.1, 32, day), channel: 'linkedin' },
    { metric: 'clicks', sum: near(66, 0.1, 33, day), channel: 'linkedin' },
    { metric: 'visitors', sum: 100 },
    { metric: 'conversions', sum: 2 },
    { metric: 'spend', sum: 110, currency: 'EUR' },
    { metric: 'new_customers', sum: 1 },
    { metric: 'orders', sum: 1 },
    { metric: 'revenue', sum: near(470, 0.1, 34, day), currency: 'EUR' },
    { metric: 'product_cost', sum: 150, currency: 'EUR' },
    { metric: 'fulfilment_cost', sum: 20, currency: 'EUR' },
    { metric: 'payment_fees', sum: 6, currency: 'EUR' },
    { metric: 'service_cost', sum: 30, currency: 'EUR' },
  ];
}
