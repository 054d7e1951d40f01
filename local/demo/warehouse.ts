// The company's own warehouse, as the demo has one: another database with daily sales, a role that may only read
// them, and an outage of two thesis days while the winner measures.

import { randomBytes } from 'node:crypto';
import pg from 'pg';
import type { Platform } from '../platform.ts';
import type { WriteSales } from './life.ts';
import type { Story, WarehouseDay } from './story.ts';

export interface DemoWarehouse {
  /** The body that PUT /v1/connections/company-warehouse takes. */
  readonly connection: object;
  write(story: Story): WriteSales;
  /** Makes the table unreadable, or readable again. */
  out(isOut: boolean): Promise<void>;
  close(): Promise<void>;
}

const COLUMNS = {
  spend: 'spend',
  new_customers: 'new_customers',
  orders: 'orders',
  revenue: 'revenue',
  product_cost: 'product_cost',
  fulfilment_cost: 'fulfilment_cost',
  payment_fees: 'payment_fees',
  service_cost: 'service_cost',
} as const;

const COUNTS = ['new_customers', 'orders'];

export async function openWarehouse({
  createDatabase,
  databaseUrl,
}: Pick<Platform, 'createDatabase' | 'databaseUrl'>): Promise<DemoWarehouse> {
  if (createDatabase === null) {
    throw new Error('the demo makes a warehouse beside the embedded PostgreSQL: run it without DATABASE_URL');
  }
  const url = await createDatabase('company_warehouse');
  const pool = new pg.Pool({ connectionString: url, max: 2 });
  // PostgreSQL may be stopped while a connection is idle: that is no fault of the demo.
  pool.on('error', () => undefined);
  const password = randomBytes(18).toString('base64url');
  await pool.query(`create table daily_sales (
    day timestamptz not null, campaign text not null, spend numeric not null, new_customers integer not null,
    orders integer not null, revenue numeric not null, product_cost numeric not null,
    fulfilment_cost numeric not null, payment_fees numeric not null, service_cost numeric not null,
    primary key (day, campaign))`);
  await pool.query(`create role jalon_reader login password '${password}'`);
  await pool.query('grant select on daily_sales to jalon_reader');
  const { hostname, port } = new URL(databaseUrl);
  return {
    connection: {
      kind: 'warehouse',
      settings: {
        host: hostname,
        port: Number(port),
        database: 'company_warehouse',
        user: 'jalon_reader',
        tls: 'off',
        statementTimeout: 'PT10S',
      },
      secret: password,
      queries: Object.entries(COLUMNS).map(([metric, column]) => query(metric, column)),
    },
    write: () => async (day, sales) => {
      await pool.query(
        `insert into daily_sales values ($1, 'refurbished-phones', $2, $3, $4, $5, $6, $7, $8, $9)
         on conflict (day, campaign) do nothing`,
        [day, sales.spend, sales.newCustomers, sales.orders, sales.revenue, ...costs(sales)],
      );
    },
    async out(isOut) {
      const right = isOut ? 'revoke select on daily_sales from' : 'grant select on daily_sales to';
      await pool.query(`${right} jalon_reader`);
    },
    close: () => pool.end(),
  };
}

function query(metric: string, column: string): object {
  const money = COUNTS.includes(metric) ? '' : ", 'EUR' as currency";
  return {
    metric,
    parameters: ['campaign'],
    grade: 'attributed',
    sql: `select day as period_from, day + interval '1 day' as period_to, ${column} as sum${money}
      from daily_sales where campaign = :campaign and day >= :from and day < :to`,
  };
}

/** Product, fulfilment, payment and service cost of a day. */
function costs({ revenue, orders }: WarehouseDay): number[] {
  const cents = (value: number): number => Math.round(value * 100) / 100;
  return [cents(revenue * 0.36), cents(orders * 4), cents(orders * 0.9), cents(orders * 1.8)];
}
