// Gives a test a customer's warehouse: a database of its own with daily figures, and a role that may only read.
import { randomBytes } from 'node:crypto';
import pg from 'pg';
import type { ConnectionQuery, WarehouseSettings } from '../../domain/connection.ts';
import { createTestDatabase } from './database.ts';

export interface TestWarehouse {
  readonly settings: WarehouseSettings;
  readonly password: string;
  /** Runs a statement as the warehouse's owner. */
  run(sql: string): Promise<Record<string, unknown>[]>;
  drop(): Promise<void>;
}

/** One row a day, arm and campaign; a second table holds amounts. */
const TABLES = `
  create table visits (day date, arm text, campaign text, clicks bigint, spend numeric(12, 2));
  create table secrets (password text)`;

export async function createTestWarehouse(): Promise<TestWarehouse> {
  const database = await createTestDatabase();
  const owner = new pg.Client({ connectionString: database.url });
  await owner.connect();
  const user = `reader_${randomBytes(4).toString('hex')}`;
  const password = randomBytes(12).toString('base64');
  await owner.query(TABLES);
  await owner.query(`create role ${user} login password '${password}'`);
  await owner.query(`grant select on visits to ${user}`);
  const { hostname, port } = new URL(database.url);
  return {
    settings: {
      host: hostname,
      port: Number(port),
      database: database.name,
      user,
      tls: 'off',
      statementTimeout: 'PT5S',
      rowCap: 10_000,
    },
    password,
    run: async (sql) => (await owner.query<Record<string, unknown>>(sql)).rows,
    async drop() {
      await owner.query(`drop owned by ${user}`);
      await owner.query(`drop role ${user}`);
      await owner.end();
      await database.drop();
    },
  };
}

/** Clicks of one campaign by day and arm. */
export const CLICKS: ConnectionQuery = {
  metric: 'clicks',
  sql: `select day, arm, sum(clicks) as sum from visits
        where day >= :from and day < :to and campaign = :campaign group by day, arm`,
  grade: 'randomised',
};

/** Spend by day. */
export const SPEND: ConnectionQuery = {
  metric: 'spend',
  sql: `select day, sum(spend) as sum, 'EUR' as currency from visits
        where day >= :from::date and day < :to::date group by day`,
};
