// Two projects: `domain` is pure and needs nothing, `platform` gets one PostgreSQL and one Temporal server
// for its whole run from test/global-setup.ts.
import { configDefaults, defineConfig } from 'vitest/config';

const pure = [
  'test/domain/**/*.test.ts',
  'test/architecture.test.ts',
  'test/docs.test.ts',
  'test/compose.test.ts',
  'test/local/licences.test.ts',
];

export default defineConfig({
  test: {
    pool: 'forks',
    maxWorkers: 2,
    teardownTimeout: 30_000,
    projects: [
      {
        extends: true,
        test: { name: 'domain', environment: 'node', include: pure, testTimeout: 30_000 },
      },
      {
        extends: true,
        test: {
          name: 'platform',
          environment: 'node',
          include: ['test/**/*.test.ts'],
          exclude: [...configDefaults.exclude, ...pure],
          globalSetup: ['test/global-setup.ts'],
          testTimeout: 60_000,
          hookTimeout: 60_000,
          // Real processes on a shared machine: a test that fails once and then passes is shown as retried.
          retry: 1,
        },
      },
    ],
  },
});
