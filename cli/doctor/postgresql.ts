// What PostgreSQL's own facts mean for Jalon, and what to do where they are wrong. Judges; asks nobody.

import type { DatabaseFacts, TroubleFacts } from '../../db/inspection.ts';
import { RUN } from '../words.ts';
import { type Finding, fail, ok, okIf, warn } from './finding.ts';

/** The major version that the tests run on. */
const TESTED_VERSION = 18;

/** Clocks further apart than this make records hard to put in order; this far, they are wrong. */
const DOUBTFUL_SKEW_MS = 2_000;
const WRONG_SKEW_MS = 60_000;

/** When our clock asked and was answered. */
interface Asking {
  readonly asked: number;
  readonly answered: number;
}

export function judgeDatabase(facts: DatabaseFacts, { asked, answered }: Asking): Finding[] {
  const { version, versionNumber, pending, lacking, role } = facts;
  const major = Math.floor(versionNumber / 10_000);
  return [
    okIf(
      major === TESTED_VERSION,
      ok('PostgreSQL', `answers, version ${version}`),
      warn(
        'PostgreSQL',
        `answers, version ${version}`,
        `Jalon is tested with PostgreSQL ${TESTED_VERSION}: move to that version.`,
      ),
    ),
    okIf(
      pending.length === 0,
      ok('Migrations', 'up to date'),
      fail('Migrations', `${pending.join(', ')} not applied`, 'Run `npm run db:migrate`.'),
    ),
    privileges(role, facts.canRewriteLedger, lacking),
    skew(Date.parse(facts.clock) - (asked + answered) / 2),
  ];
}

export function judgeTrouble({ needingAttention, brokenSources, brokenWebhooks }: TroubleFacts): Finding[] {
  const sources = brokenSources.map(({ source, state, theses }) => `${source} is ${state} (${theses})`);
  return [
    okIf(
      needingAttention === 0,
      ok('Theses', 'none needs attention'),
      warn(
        'Theses',
        needingAttention === 1 ? '1 thesis needs attention' : `${needingAttention} theses need attention`,
        `\`${RUN} list --needs-attention\` names them, and \`show\` says what to do.`,
      ),
    ),
    okIf(
      sources.length === 0,
      ok('Sources', 'all deliver'),
      warn('Sources', sources.join(', '), `\`${RUN} show\` says why, for each thesis that binds the source.`),
    ),
    okIf(
      brokenWebhooks.length === 0,
      ok('Webhooks', 'none is failing'),
      warn(
        'Webhooks',
        brokenWebhooks.map(webhookState).join(', '),
        'GET /v1/webhooks/{id}/deliveries says why. A disabled one is sent what it missed once it is enabled (PATCH).',
      ),
    ),
  ];
}

function webhookState({ webhookId, description, disabled, since }: TroubleFacts['brokenWebhooks'][number]) {
  const name = description === '' ? webhookId : `${description} (${webhookId})`;
  return disabled === null ? `${name} fails since ${since}` : `${name} was disabled: ${disabled}`;
}

function privileges(role: string, canRewriteLedger: boolean, lacking: readonly string[]): Finding {
  if (lacking.length > 0) {
    const grants = 'Run `npm run db:migrate`: it gives the login of DATABASE_URL what it needs.';
    return fail('Privileges', `${role} has no ${lacking.join(', no ')}`, grants);
  }
  if (canRewriteLedger) {
    return warn(
      'Privileges',
      `${role} could rewrite the ledger`,
      'Migrate with a login of its own, DATABASE_OWNER_URL: docs/operation.md says how.',
    );
  }
  return ok('Privileges', `${role} may do what it must, and not rewrite the ledger`);
}

function skew(milliseconds: number): Finding {
  const apart = Math.abs(milliseconds);
  const check = 'Clock of PostgreSQL';
  const says = `${(apart / 1_000).toFixed(1)} s ${milliseconds < 0 ? 'behind' : 'ahead of'} this machine`;
  const todo = 'Let both machines keep time (NTP): deadlines and the order of records depend on it.';
  if (apart < DOUBTFUL_SKEW_MS) return ok(check, 'agrees with this machine');
  return apart < WRONG_SKEW_MS ? warn(check, says, todo) : fail(check, says, todo);
}
