// The systems where marketing happens, and what each is used for in the cycle. Data for people; which of them a
// connection can read is for activities/connectors to say.

import type { Stage } from './stage.ts';

export interface MarketingSystem {
  readonly name: string;
  readonly use: string;
  readonly stages: readonly Stage[];
}

export const SYSTEMS: readonly MarketingSystem[] = [
  { name: 'Salesforce', use: 'Pipeline, customer cohorts, scoring, nurturing', stages: ['measure', 'scale'] },
  { name: 'HubSpot', use: 'Pipeline, customer cohorts, scoring, nurturing', stages: ['measure', 'scale'] },
  {
    name: 'Google Marketing Platform',
    use: 'Media impact, attribution, incrementality',
    stages: ['measure', 'scale'],
  },
  {
    name: 'Adobe Experience Cloud',
    use: 'Experience scenarios, recommendations, audiences',
    stages: ['prototype', 'measure'],
  },
  { name: 'Meta', use: 'Reach, credibility, conversion', stages: ['prototype', 'scale'] },
  { name: 'LinkedIn', use: 'Reach, credibility, conversion', stages: ['prototype'] },
  {
    name: 'Hootsuite',
    use: 'Publishing, conversations, social listening, share of voice',
    stages: ['prototype', 'scale'],
  },
  {
    name: 'Sprinklr',
    use: 'Publishing, conversations, social listening, share of voice',
    stages: ['detect'],
  },
  {
    name: 'Slack',
    use: 'Briefs, dashboards, minutes, daily alignment',
    stages: ['detect', 'prototype', 'measure', 'scale', 'retex'],
  },
  { name: 'Mailchimp', use: 'Targeted relationship programmes', stages: ['prototype', 'scale'] },
];
