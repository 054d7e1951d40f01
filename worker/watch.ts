// What a worker looks at beside its work, every few seconds: theses that are stuck, the ledger, and keys of requests
// whose time is over. Several workers take turns. A look that fails is logged and comes again; it never disturbs the work.

import type { Logger } from 'pino';
import type { Gauge } from 'prom-client';
import { takeTurn } from '../db/attention.ts';
import { forgetOldKeys } from '../db/idempotency.ts';
import { verifyLedger } from '../db/ledger.ts';
import { noteLedgerCheck } from '../db/ledger-checks.ts';
import type { ActivityWatch } from './activity-watch.ts';
import { lookAt, type ScanDependencies, scanPass } from './attention-scan.ts';
import { pauseFor } from './patience.ts';

export interface WatchSettings extends ScanDependencies {
  readonly activities: Pick<ActivityWatch, 'take'>;
  readonly log: Logger;
  /** Set to the present, in seconds, after each look that succeeded. */
  readonly lastLook: Gauge<'what'>;
  readonly everySeconds?: number;
  readonly ledgerEverySeconds?: number;
  readonly forgetEverySeconds?: number;
}

const REMEMBERED_SLICE = 100;

/** Looks until the signal is aborted, and resolves when the look in hand is over. */
export async function watch(settings: WatchSettings, signal: AbortSignal): Promise<void> {
  const { everySeconds = 15, ledgerEverySeconds = 900, forgetEverySeconds = 3_600 } = settings;
  let after = '';
  while (!signal.aborted) {
    await look(settings, 'remembered', async () => {
      for (const thesisId of settings.activities.take(REMEMBERED_SLICE)) await lookAt(settings, thesisId);
    });
    await look(settings, 'attention', async () => {
      // A turn a little shorter than the pause: the same worker may take the next one too.
      if (await takeTurn(settings.db, 'attention', everySeconds * 0.9))
        after = await scanPass(settings, after);
    });
    await look(settings, 'ledger', async () => {
      if (await takeTurn(settings.db, 'ledger', ledgerEverySeconds)) await checkLedger(settings);
    });
    await look(settings, 'old keys', async () => {
      if (await takeTurn(settings.db, 'old keys', forgetEverySeconds)) await forgetOldKeys(settings.db);
    });
    await pauseFor(everySeconds * 1_000, signal);
  }
}

async function checkLedger({ db, log, now }: WatchSettings): Promise<void> {
  const check = await verifyLedger(db);
  if (check.broken !== null) log.error({ broken: check.broken }, 'the ledger does not hold');
  await noteLedgerCheck(db, check, now().toISOString());
}

async function look(
  { log, lastLook }: WatchSettings,
  what: string,
  once: () => Promise<void>,
): Promise<void> {
  try {
    await once();
    lastLook.set({ what }, Date.now() / 1_000);
  } catch (error) {
    log.warn({ err: error, what }, 'a look failed and comes again');
  }
}
