import { createSchema, migrations, protect } from './migrations.ts'
import type { Migration } from './migrations.ts'
import { queryThrough } from './postgres-client.ts'
import type { PostgresClient } from './postgres-client.ts'
import { failureOf } from './postgres-failure.ts'
import { namesOf } from './tables.ts'
import type { TableOptions } from './tables.ts'

/**
 * Creates or updates the tables of a store. Call it when the host starts, or in a step of its deployment. Several
 * processes may call it concurrently, and the tables are ready when each call returns.
 *
 * It is one statement, so it is atomic through any driver and any pooler.
 * @throws ConnectorError `CONFIGURATION_ERROR` if this role may not create tables
 */
export async function migrate(client: PostgresClient, options: TableOptions = {}): Promise<void> {
  const query = queryThrough(client)
  const names = namesOf(options)
  const steps = migrations(options).map((each) => runOnce(names.migrations, each))
  try {
    // Stores with other tables may share a schema, so there is one lock for all of them.
    await query(`do $migrate$
begin
  perform pg_advisory_xact_lock(hashtextextended('@mcpclient/postgres', 0));
  execute $run$${createSchema(names)}$run$;
  if to_regclass('${names.migrations}') is null then
    create table ${names.migrations} (id text primary key, applied_at timestamptz not null default now());
    execute $run$${protect(names.migrations)}$run$;
  end if;
${steps.join('\n')}
end
$migrate$`)
  } catch (error) {
    throw failureOf(error, 'write')
  }
}

const runOnce = (record: string, { id, sql }: Migration): string => `
  if not exists (select from ${record} where id = '${id}') then
    execute $run$${sql}$run$;
    insert into ${record} (id) values ('${id}');
  end if;`
