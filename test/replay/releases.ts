// What each release left behind, as the tests read it: the histories of its theses, and the workflows that lived them.

import { readdirSync, readFileSync } from 'node:fs';
import { gunzipSync } from 'node:zlib';
import protocol from '@temporalio/proto';

const { History } = protocol.temporal.api.history.v1;

const HERE = new URL('./', import.meta.url);

/** Every release that has a folder here. */
export const RELEASES = readdirSync(HERE, { withFileTypes: true })
  .filter((entry) => entry.isDirectory())
  .map(({ name }) => name);

/** The runs of a story, in order. */
export function runsOf(release: string, story: string) {
  return readdirSync(new URL(`${release}/`, HERE))
    .filter((file) => file.startsWith(`${story}-`) && file.endsWith('.history.gz'))
    .sort()
    .map((file) => ({
      workflowId: file.replace('.history.gz', ''),
      history: History.decode(unpacked(release, file)),
    }));
}

/** The workflows of a release, as its workers ran them. */
export function bundleOf(release: string): { readonly code: string } {
  return { code: unpacked(release, 'workflow-bundle.js.gz').toString() };
}

function unpacked(release: string, file: string): Buffer {
  return gunzipSync(readFileSync(new URL(`${release}/${file}`, HERE)));
}
