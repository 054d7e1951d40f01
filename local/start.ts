// `npm start`: the embedded platform, kept under .jalon/, until Ctrl-C.

import { loadConfig } from '../config.ts';
import { reasonOf } from './machine.ts';
import { startPlatform } from './platform.ts';

const say = (line: string): void => console.log(line);

try {
  const platform = await startPlatform(loadConfig(), say);
  say('');
  say(`API            ${platform.apiUrl}`);
  say(`Documentation  ${platform.apiUrl}/docs`);
  if (platform.temporalUiUrl !== null) say(`Temporal's UI  ${platform.temporalUiUrl}`);
  if (platform.firstAdminToken !== null) {
    say('');
    say(`First administrator's API key, shown this once: ${platform.firstAdminToken}`);
  }
  say('\nCtrl-C stops everything; what is recorded stays under .jalon/.');
  await new Promise<void>((resolve) => {
    for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => resolve());
  });
  say('\nStopping.');
  await platform.stop();
} catch (error) {
  console.error(reasonOf(error));
  process.exitCode = 1;
}
