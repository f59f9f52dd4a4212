#!/usr/bin/env node
import { relative } from 'node:path'
import process from 'node:process'
import { parseArgs } from 'node:util'
import { createConnector } from './create-connector.ts'
import type { CreateConnectorOptions } from './create-connector.ts'

const USAGE = `Usage: npm create @mcpclient/connector <name> -- [--base-url <url>]

  <name>        in kebab-case, with or without a scope: acme, @my-org/acme-mail
  --base-url    the https URL that every path of the API starts with

Example: npm create @mcpclient/connector acme -- --base-url https://api.acme.example/v1/
`

/** @throws Error if the arguments are not valid */
function readArguments(): CreateConnectorOptions | undefined {
  const { values, positionals } = parseArgs({
    options: { 'base-url': { type: 'string' }, help: { type: 'boolean', short: 'h' } },
    allowPositionals: true,
  })
  if (values.help === true) return undefined
  const [name, extra] = positionals
  if (name === undefined) throw new Error('The name of the connector is missing.')
  if (extra !== undefined) throw new Error(`Unexpected argument "${extra}". npm needs -- before options.`)
  return { name, baseUrl: values['base-url'] }
}

async function main(): Promise<void> {
  let options: CreateConnectorOptions | undefined
  try {
    options = readArguments()
  } catch (error) {
    return fail(2, error, `\n${USAGE}`)
  }
  if (options === undefined) return void process.stdout.write(USAGE)
  try {
    const { packageName, folder, files } = await createConnector(options)
    const place = relative(process.cwd(), folder)
    const list = files.map((file) => `  ${place}/${file}\n`).join('')
    process.stdout.write(`Created ${packageName}:\n${list}\nNext:\n  cd ${place}\n  npm install\n  npm test\n`)
  } catch (error) {
    fail(1, error)
  }
}

function fail(code: number, error: unknown, advice = ''): void {
  process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n${advice}`)
  process.exitCode = code
}

await main()
