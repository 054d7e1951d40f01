// What Temporal's own facts mean for Jalon, and what to do where they are wrong. Judges; asks nobody.

import type { TemporalFacts } from '../../worker/inspection.ts';
import { type Finding, fail, ok, warn } from './finding.ts';

/** A worker asks again within a minute at the latest; Temporal remembers those that are gone for five. */
const FRESH_MS = 90_000;

/** A worker cannot have asked in the future. */
const SKEW_MS = 5_000;

export function judgeTemporal(facts: TemporalFacts, namespace: string, now: number): Finding[] {
  const answers = ok('Temporal', `answers, version ${facts.serverVersion}`);
  if (!facts.namespaceExists) {
    const todo = `Make it (\`temporal operator namespace create --namespace ${namespace}\`), or correct TEMPORAL_NAMESPACE.`;
    return [answers, fail('Namespace', `there is no ${namespace}`, todo)];
  }
  return [
    answers,
    ok('Namespace', namespace),
    attributes(facts.missingAttributes),
    workers(facts.pollers, now),
    ...clock(facts.pollers, now),
    payloads(facts.payloads),
  ];
}

function attributes(missing: TemporalFacts['missingAttributes']): Finding {
  const todo =
    'A worker makes them when it starts; on Temporal Cloud make them by hand, see docs/operation.md.';
  if (missing === null) return warn('Search attributes', 'Temporal does not tell', todo);
  if (missing.length > 0) return fail('Search attributes', `missing: ${missing.join(', ')}`, todo);
  return ok('Search attributes', 'all there');
}

function workers(pollers: TemporalFacts['pollers'], now: number): Finding {
  const fresh = pollers.filter(({ askedAt }) => Date.parse(askedAt) > now - FRESH_MS);
  const asking = (kind: 'workflows' | 'activities') =>
    new Set(fresh.filter((poller) => poller.kind === kind).map(({ identity }) => identity)).size;
  const [deciding, acting] = [asking('workflows'), asking('activities')];
  const says = `${deciding} for workflows, ${acting} for activities`;
  if (deciding > 0 && acting > 0) return ok('Workers', says);
  return fail(
    'Workers',
    says,
    'Start a worker (`node worker/main.ts`) against this Temporal and namespace: theses wait until then, and lose nothing.',
  );
}

/** Temporal does not tell its time; when it last heard a worker is as near as it comes. */
function clock(pollers: TemporalFacts['pollers'], now: number): Finding[] {
  const newest = Math.max(...pollers.map(({ askedAt }) => Date.parse(askedAt)));
  if (!Number.isFinite(newest)) return [];
  const check = 'Clock of Temporal';
  if (newest <= now + SKEW_MS) return [ok(check, 'not ahead of this machine')];
  const says = `at least ${Math.round((newest - now) / 1_000)} s ahead of this machine`;
  return [warn(check, says, 'Let both machines keep time (NTP): timers fire by that clock.')];
}

function payloads(state: TemporalFacts['payloads']): Finding {
  const check = 'Payload key';
  if (state === 'opened') return ok(check, 'opens what Temporal keeps');
  if (state === 'none yet') return ok(check, 'there is no thesis yet to try it on');
  if (state === 'in the clear') return ok(check, 'not needed: the newest thesis is kept in the clear');
  return fail(
    check,
    'does not open what Temporal keeps',
    'Give JALON_PAYLOAD_KEY (or JALON_SECRET_KEY) the value that the workers have; old keys follow behind a comma.',
  );
}
