import { createSchema, migrations, protect } from './migrations.ts'
import type { Migration } from './migrations.ts'
import { askThrough } from './postgres-client.ts'
import type { PostgresClient } from './postgres-client.ts'
import { failureOf } from './postgres-failure.ts'
import { namesOf } from './tables.ts'
import type { TableOptions } from './tables.ts'

/**
 * Brings the tables of a store up to date; what is done already is left alone. Call it when the host starts, or in a step
 * of its deployment: several processes may do so at once, and each finds everything ready when its call returns.
 *
 * All of it is one statement, so either everything happens or nothing, through any driver and any pooler.
 * @throws ConnectorError `CONFIGURATION_ERROR` where this role may not create tables
 */
export async function migrate(client: PostgresClient, options: TableOptions = {}): Promise<void> {
  const ask = askThrough(client)
  const names = namesOf(options)
  const steps = migrations(options).map((each) => runOnce(names.migrations, each))
  try {
    // Schemas are shared by stores with other tables, so there is one lock for all of them.
    await ask(`do $migrate$
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
