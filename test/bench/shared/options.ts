/** What every benchmark's command line does alike. */
import { OutlayError } from '@outlay/core'

const WRONG_USAGE = 2

/** A flag's whole number. Fails with `E_NUMBER` outside its range. */
export const wholeNumber = (flag: string, text: string, least: number, most: number): number => {
  const number = /^\d{1,9}$/.test(text) ? Number(text) : Number.NaN
  if (number >= least && number <= most) return number
  throw new OutlayError('E_NUMBER', 'not a number in range', {
    where: flag,
    got: JSON.stringify(text),
    want: `${least} to ${most}`,
  })
}

/** The options of this process; ends it where help was asked for (`undefined`) or the usage is wrong. */
export const optionsOrExit = <Options>(
  parse: (args: readonly string[]) => Options | undefined,
  usage: string,
): Options => {
  try {
    const options = parse(process.argv.slice(2))
    if (options !== undefined) return options
    process.stdout.write(usage)
    process.exit(0)
  } catch (error) {
    process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n\n${usage}`)
    process.exit(WRONG_USAGE)
  }
}
