// One growth thesis, from proposal to retex. It sleeps until the next appointment of its agenda, wakes when people
// act, and does the one thing that is due.

import { allHandlersFinished, condition, continueAsNew, workflowInfo } from '@temporalio/workflow';
import { between, HOUR, later } from '../domain/duration.ts';
import { isSameAppointment, nextAppointment } from '../domain/thesis/agenda.ts';
import { isUnreadable, readCarried } from '../domain/thesis/carried-state.ts';
import type { Outcome, ThesisState } from '../domain/thesis.ts';
import { keep } from './appointments.ts';
import { openClock } from './clock.ts';
import type { ThesisStart } from './contract.ts';
import { openJournal } from './journal.ts';
import { listen } from './messages.ts';
import { database } from './profiles.ts';
import { openPublisher } from './search-attributes.ts';

export async function thesisWorkflow(start: ThesisStart): Promise<Outcome | null> {
  const carried = readCarried(start.state);
  // Not a failure of the thesis but of this release: the task is tried again until one comes that can read it.
  if (isUnreadable(carried)) throw new TypeError(`The carried state lacks ${carried.lacks.join(', ')}.`);
  const clock = openClock(start.clock);
  const record = (batch: Parameters<typeof database.recordEvents>[0]) => database.recordEvents(batch);
  const journal = openJournal(start.thesisId, carried, clock, (batch) =>
    record({ ...batch, clock: start.clock }),
  );
  listen(journal, clock);
  const publisher = openPublisher(clock);

  await condition(() => journal.state !== null);
  const begun = chapter(journal.state);
  for (;;) {
    // What an appointment does reads PostgreSQL: all that was decided is there before it looks.
    await journal.settled();
    const { state } = journal;
    if (state === null || state.closed) break;
    publisher.publish(state);
    if (chapter(state) !== begun || workflowInfo().continueAsNewSuggested) {
      await condition(allHandlersFinished);
      await journal.settled();
      // What the last handlers did is carried too: the state is read after they finished.
      return await continueAsNew<typeof thesisWorkflow>({ ...start, state: journal.state });
    }
    const now = clock.now();
    const appointment = nextAppointment(state, now);
    const changed = (): boolean => journal.state?.sequence !== state.sequence;
    // A vote that decides nothing leaves the sleeper asleep: waking would cancel its timer and start the same again.
    let slept: ThesisState | null = null;
    const turned = (): boolean => {
      const next = journal.state;
      if (next === null || next.sequence === state.sequence) return false;
      if (workflowInfo().continueAsNewSuggested) return true;
      // The SDK asks after each job of a task, mostly about the same state.
      if (next === slept) return false;
      slept = next;
      if (next.closed || chapter(next) !== begun || !publisher.isPublished(next)) return true;
      return !isSameAppointment(nextAppointment(next, clock.now()), appointment);
    };
    if (appointment === null) await condition(turned);
    else if (between(appointment.at, now) < 0) await clock.sleepUntil(appointment.at, turned);
    else {
      await keep(appointment, journal, clock);
      // An appointment that changed nothing must not be kept again at once, or the workflow would spin.
      if (!changed()) await clock.sleepUntil(later(now, HOUR), changed);
    }
  }
  await condition(allHandlersFinished);
  await journal.settled();
  return journal.state?.outcome ?? null;
}

/** A run of the workflow carries one round of one stage: a thesis's history stays short however long it lives. */
function chapter(state: ThesisState | null): string {
  return state === null ? '' : `${state.stage}/${state.round}`;
}
