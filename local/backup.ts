// `npm run backup -- FILE` and `npm run restore -- FILE`: the embedded platform's data as one file, taken while nothing
// runs, so that PostgreSQL, Temporal and the secret key are of one moment.

import { parseArgs } from 'node:util';
import { loadConfig } from '../config.ts';
import { backUp, restore } from './archive.ts';
import { reasonOf } from './machine.ts';

const { positionals } = parseArgs({ allowPositionals: true });
const [action, file] = positionals;

try {
  if (file === undefined || (action !== 'backup' && action !== 'restore')) {
    console.error('Name a file: npm run backup -- FILE, or npm run restore -- FILE.');
    process.exitCode = 2;
  } else if (action === 'backup') {
    await backUp(loadConfig().dataDir, file);
    console.log(`Everything is in ${file}. It holds the secret key: keep it as you would keep that.`);
  } else {
    await restore(loadConfig().dataDir, file);
    console.log('Restored. npm start goes on from there.');
  }
} catch (error) {
  console.error(reasonOf(error));
  process.exitCode = 1;
}
