/** The twin of the protocol's document, as a check of frames. */
import { readFileSync } from 'node:fs'
import { Ajv2020 } from 'ajv/dist/2020.js'

const schema: object = JSON.parse(readFileSync(new URL('../../../docs/uplink-v1.schema.json', import.meta.url), 'utf8')) as object
const ajv = new Ajv2020({ strictTypes: false })
ajv.addSchema(schema, 'uplink.v1')

/** What is wrong with a frame that one end sends, or with a page of history; null if nothing. */
export function checker(end: 'client' | 'server' | 'history_page'): (text: string) => string | null {
  const validate = ajv.compile({ $ref: `uplink.v1#/$defs/${end}` })
  return (text) => (validate(JSON.parse(text)) ? null : `${text.slice(0, 300)}: ${ajv.errorsText(validate.errors)}`)
}
