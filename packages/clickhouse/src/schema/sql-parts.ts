/** Text that several views share, and whole views inside another one, pasted before placeholders are filled in. */
import { readFileSync } from 'node:fs'
import { times } from './view-fragments.ts'

const partsDirectory = new URL('../../sql/parts/', import.meta.url)

/**
 * What several views share, pasted as text. A view that calls another view has its statement analysed again at every
 * level, which costs more than to run it.
 */
export const readPart = (argument: string): string => {
  const [name = '', ...fixed] = argument.split(' ')
  const text = readFileSync(new URL(`${name}.sql`, partsDirectory), 'utf8').trim()
  return fixed.includes('all-tiers') ? text.replaceAll('{{filters:tenants tiers}}', '{{filters:tenants}}') : text
}

const viewsDirectory = new URL('../../sql/views/', import.meta.url)

const withPartsOf = (text: string): string =>
  text.replaceAll(/\{\{part:([^}]*)\}\}/g, (_, part: string) => withPartsOf(readPart(part)))

const statementOf = (name: string): string => {
  if (!name.startsWith('kpi-')) return readPart(name)
  const text = readFileSync(new URL(`${name}.sql`, viewsDirectory), 'utf8')
  return text.slice(text.indexOf(' AS\n') + ' AS\n'.length).trim()
}

/**
 * The statement of a view, or of a part that is one, as a subquery with every filter open and the moment at the end of
 * the window.
 */
export const wholeStatement = (argument: string): string => {
  const [name = '', by = ''] = argument.split(' ')
  return `(${withPartsOf(statementOf(name))
    .replaceAll('{{month}}', times.month)
    .replaceAll('{{in_month}}', times.in_month)
    .replaceAll(/\{\{by:[^}]*\}\}/g, by === 'all' ? "'all'" : by)
    .replaceAll(/\{\{filters:[^}]*\}\}/g, '1')
    .replaceAll(/\{as_of:[^}]*\}/g, "{to_time:DateTime('UTC')}")
    .replaceAll(/\{\w+:Array\(String\)\}/g, "['*']")
    .replaceAll('{by:String}', `'${by}'`)})`
}
