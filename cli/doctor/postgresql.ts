// What PostgreSQL's own facts mean for Jalon, and what to do where they are wrong. Judges; asks nobody.

import type { DatabaseFacts, TroubleFacts } from '../../db/inspection.ts';
import { RUN } from '../words.ts';
import { type Finding, fail, ok, okIf, warn } from './finding.ts';

/** The major version that the tests run on. */
const TESTED_VERSION = 18;

/** Clocks further apart than this make records hard to put in order; this far, they are wrong. */
const DOUBTFUL_SKEW_MS = 2_000;
const WRONG_SKEW_MS = 60_000;

/** When our clock asked and was answered, and whether it is the embedded PostgreSQL, which has one role for all. */
interface Asking {
  readonly asked: number;
  readonly answered: number;
  readonly embedded: boolean;
}

export function judgeDatabase(facts: DatabaseFacts, { asked, answered, embedded }: Asking): Finding[] {
  const { version, versionNumber, pending, lacking, role, isSuperuser } = facts;
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
    privileges(role, isSuperuser && !embedded, lacking),
    skew(Date.parse(facts.clock) - (asked + answered) / 2),
  ];
}

export function judgeTrouble({ needingAttention, brokenSources }: TroubleFacts): Finding[] {
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
  ];
}

function privileges(role: string, isSuperuser: boolean, lacking: readonly string[]): Finding {
  if (lacking.length > 0) {
    const grants = 'Grant them to the role of DATABASE_URL, or connect as the owner of the tables.';
    return fail('Privileges', `${role} has no ${lacking.join(', no ')}`, grants);
  }
  if (isSuperuser) {
    return warn(
      'Privileges',
      `${role} is a superuser`,
      'Connect as the owner of the tables only: a superuser can rewrite the ledger unseen by its triggers.',
    );
  }
  return ok('Privileges', `${role} may read and add to every table`);
}

function skew(milliseconds: number): Finding {
  const apart = Math.abs(milliseconds);
  const check = 'Clock of PostgreSQL';
  const says = `${(apart / 1_000).toFixed(1)} s ${milliseconds < 0 ? 'behind' : 'ahead of'} this machine`;
  const todo = 'Let both machines keep time (NTP): deadlines and the order of records depend on it.';
  if (apart < DOUBTFUL_SKEW_MS) return ok(check, 'agrees with this machine');
  return apart < WRONG_SKEW_MS ? warn(check, says, todo) : fail(check, says, todo);
}
