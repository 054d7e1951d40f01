// A program of its own: lets Temporal's SDK download one of its servers into a folder, then ends. It runs
// apart because the SDK can only download by starting the server, and because that would fix the SDK's
// process-wide runtime before the worker chooses its options.
// Usage: node sdk-download.ts <dev-server|test-server> <folder>
import { TestWorkflowEnvironment } from '@temporalio/testing';
import { reasonOf } from './machine.ts';

const [kind, downloadDir] = process.argv.slice(2);
if ((kind !== 'dev-server' && kind !== 'test-server') || downloadDir === undefined) {
  throw new Error('usage: sdk-download.ts <dev-server|test-server> <folder>');
}
const server = { executable: { type: 'cached-download' as const, downloadDir } };
try {
  const environment =
    kind === 'dev-server'
      ? await TestWorkflowEnvironment.createLocal({ server })
      : await TestWorkflowEnvironment.createTimeSkipping({ server });
  await environment.teardown();
} catch (error) {
  // One plain line: it is shown to a person as the reason of this attempt. The SDK's own message repeats
  // its parts.
  console.error([...new Set(reasonOf(error).split(': '))].join(': '));
  process.exitCode = 1;
}
