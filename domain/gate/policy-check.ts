// Whether a gate policy can reach a decision at any spend: enough seats for its quorum and threshold, a deadline
// with its reminders, and a meaning for silence. Errors are relative to the policy.

import { milliseconds } from '../duration.ts';
import type { GatePolicy } from '../gate.ts';
import { checkAmount, type Report } from '../playbook/fault-report.ts';

const MOST_SEATS = 20;
const MOST_REMINDERS = 10;

export function checkGatePolicy(policy: GatePolicy, currency: string, report: Report): void {
  checkSeats(policy, currency, report);
  checkVotes(policy, report);
  checkTimes(policy, report);
  const { mode, autoBelow, onSilence, escalation } = policy;
  if (mode === 'auto' && autoBelow === undefined) {
    report('autoBelow', 'Mode auto needs the spend below which rules decide.');
  }
  if (mode !== 'auto' && autoBelow !== undefined) report('autoBelow', 'Only mode auto has it.');
  if (autoBelow !== undefined) checkAmount(autoBelow, currency, 'autoBelow', report);
  if (onSilence === 'escalate' && escalation === undefined) {
    report('escalation', 'Silence that escalates needs the committee to escalate to.');
  }
  if (onSilence !== 'escalate' && escalation !== undefined) {
    report('escalation', 'Never used: onSilence does not escalate.');
  }
}

function checkSeats(
  { seats, committee, againstRecommendation }: GatePolicy,
  currency: string,
  report: Report,
): void {
  if (committee.trim() === '') report('committee', 'Must name a committee.');
  if (seats.length === 0) report('seats', 'A gate needs at least one seat.');
  if (seats.length > MOST_SEATS) report('seats', `At most ${MOST_SEATS} seats.`);
  const names = seats.map(({ seat }) => seat);
  seats.forEach(({ seat, count, aboveSpend }, index) => {
    const path = `seats[${index}]`;
    if (seat.trim() === '') report(`${path}.seat`, 'Must name a function at the table.');
    if (names.indexOf(seat) < index)
      report(`${path}.seat`, `${seat} is named twice: raise its count instead.`);
    if (!Number.isInteger(count) || count < 1) report(`${path}.count`, 'Must be a whole number, 1 or more.');
    if (aboveSpend !== undefined) checkAmount(aboveSpend, currency, `${path}.aboveSpend`, report);
  });
  if (againstRecommendation === undefined) return;
  const asked = seats.find(({ seat }) => seat === againstRecommendation.seat);
  if (asked === undefined) report('againstRecommendation.seat', 'Is no seat of this gate.');
  else if (asked.aboveSpend !== undefined) {
    report('againstRecommendation.seat', 'Must be a seat at any spend: without it nobody could disagree.');
  }
}

/** Below every spend level only the unconditional seats exist, and they must be able to decide. */
function checkVotes({ seats, quorum, threshold }: GatePolicy, report: Report): void {
  const votes = seats.reduce(
    (total, { count, aboveSpend }) => total + (aboveSpend === undefined ? count : 0),
    0,
  );
  const few = `must not be more than the ${votes} votes that exist at any spend.`;
  if (!Number.isInteger(quorum) || quorum < 1) report('quorum', 'Must be a whole number, 1 or more.');
  else if (quorum > votes) report('quorum', `The quorum ${few}`);
  if (threshold.kind !== 'at_least') return;
  if (!Number.isInteger(threshold.votes) || threshold.votes < 1) {
    report('threshold.votes', 'Must be a whole number, 1 or more.');
  } else if (threshold.votes > votes) report('threshold.votes', `The threshold ${few}`);
}

function checkTimes({ deadline, reminders, silentHold, escalation }: GatePolicy, report: Report): void {
  const positive: [string, string | undefined][] = [
    ['deadline', deadline],
    ['silentHold', silentHold],
    ['escalation.deadline', escalation?.deadline],
  ];
  for (const [path, duration] of positive) {
    if (duration !== undefined && milliseconds(duration) === 0) report(path, 'Must be longer than nothing.');
  }
  if (reminders.length > MOST_REMINDERS) report('reminders', `At most ${MOST_REMINDERS} reminders.`);
  reminders.forEach((reminder, index) => {
    const before = milliseconds(reminder);
    if (before > 0 && before < milliseconds(deadline)) return;
    report(
      `reminders[${index}]`,
      `Must be before the deadline and after the opening: less than ${deadline}.`,
    );
  });
}
