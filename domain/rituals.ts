// The rituals that the method lives by: when people meet, what for, and what they leave with. Data for people; no
// code acts on it.

export interface Ritual {
  readonly rhythm: 'daily' | 'weekly' | 'monthly' | 'quarterly';
  readonly purpose: string;
  readonly participants: readonly string[];
  readonly deliverable: string;
  readonly tool: string;
}

export const RITUALS: readonly Ritual[] = [
  {
    rhythm: 'daily',
    purpose: 'Blockers',
    participants: ['Marketing squad'],
    deliverable: 'Checklist',
    tool: 'Slack',
  },
  {
    rhythm: 'weekly',
    purpose: 'Priorities',
    participants: ['Marketing', 'Sales'],
    deliverable: 'Roadmap',
    tool: 'Salesforce',
  },
  {
    rhythm: 'monthly',
    purpose: 'Budget and ROAS',
    participants: ['CMO', 'Finance'],
    deliverable: 'Dashboard',
    tool: 'Google Marketing Platform',
  },
  {
    rhythm: 'quarterly',
    purpose: 'Strategy',
    participants: ['Executive committee (Comex)'],
    deliverable: 'Growth theses',
    tool: 'Adobe Experience Cloud',
  },
];
