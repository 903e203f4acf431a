/** The documented shapes of `--json`, from `docs/reference/cli`. */
import { readFileSync } from 'node:fs'
import { Ajv2020 } from 'ajv/dist/2020.js'
import addFormats from 'ajv-formats'
import { expect } from 'vitest'

/** Fails with the places where the answer differs from its documented shape. */
export const expectDocumentedShape = (schema: string, answer: unknown): void => {
  const ajv = new Ajv2020({ allErrors: true, allowUnionTypes: true })
  addFormats.default(ajv)
  const path = `${import.meta.dirname}/../../docs/reference/cli/${schema}.schema.json`
  ajv.validate(JSON.parse(readFileSync(path, 'utf8')) as object, answer)
  expect(ajv.errors ?? []).toEqual([])
}
