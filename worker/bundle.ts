// The workflows as one file, built ahead of time so that a worker need not do it at its start: for every way in which
// a worker may be configured, with payloads sealed or not, traced or not. Run as a program, it writes dist/.

import { mkdir, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { bundleWorkflowCode, DefaultLogger } from '@temporalio/worker';
import { FAILURE_CONVERTER } from './payload-codec.ts';
import { WORKFLOWS_PATH } from './worker.ts';

/** What the tracing plugin adds to workflows. Without a collector its spans lead nowhere. */
const TRACING = import.meta.resolve('@temporalio/interceptors-opentelemetry/lib/workflow-interceptors.js');

/** The code of the bundle, its source map inside. */
export async function buildWorkflowBundle(workflowsPath = WORKFLOWS_PATH): Promise<string> {
  const { code } = await bundleWorkflowCode({
    workflowsPath,
    failureConverterPath: FAILURE_CONVERTER,
    workflowInterceptorModules: [fileURLToPath(TRACING)],
    logger: new DefaultLogger('WARN'),
  });
  return code;
}

if (import.meta.main) {
  const file = fileURLToPath(new URL('../dist/workflow-bundle.js', import.meta.url));
  await mkdir(path.dirname(file), { recursive: true });
  await writeFile(file, await buildWorkflowBundle());
  console.log(`${path.relative('', file)} is made: name it in JALON_WORKFLOW_BUNDLE`);
}
