/** What a call must say of itself, as the collector of the ledger is configured: who settles again must ask the same. */
import type { ConfigValues } from '@outlay/collector'
import type { Command } from 'commander'
import type { CommandContext } from '#src/command-context.ts'
import { collectTexts } from '#src/parse-option.ts'

export interface RequirementOptions {
  readonly config?: readonly string[]
  readonly set?: readonly string[]
}

export const withRequirementOptions = (command: Command): Command =>
  command
    .option(
      '--config <file>',
      'the collector.yaml of the ledger, for what a call must say of itself; repeatable',
      collectTexts,
    )
    .option('--set <key=value>', 'one setting of it, such as processors.attribution.require=[tenant]', collectTexts)

export const requirementsOf = async (
  context: CommandContext,
  { config, set }: RequirementOptions,
): Promise<ConfigValues['require']> => {
  const { readConfig } = await import('#src/up/read-config.ts')
  const { values } = await readConfig(context, { ...(config && { config }), ...(set && { set }) })
  return values.require
}
