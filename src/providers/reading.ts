/**
 * A request with its body parsed on demand, at most once for each form. Most schemes ask for neither.
 */
import { parseBoundedJson } from '../base/lib/bounded-json.ts'
import { type FormFields, readForm } from './form.ts'
import type { InboundRequest } from './request.ts'

export class Reading {
  readonly request: InboundRequest
  #json: { readonly value: unknown } | undefined
  #form: { readonly fields: FormFields | undefined } | undefined

  constructor(request: InboundRequest) {
    this.request = request
  }

  /** `undefined` for a body that is no JSON within bounds. */
  get json(): unknown {
    if (this.#json === undefined) {
      const parsed = parseBoundedJson(this.request.body)
      this.#json = { value: parsed.ok ? parsed.value : undefined }
    }
    return this.#json.value
  }

  get form(): FormFields | undefined {
    this.#form ??= { fields: readForm(this.request.body) }
    return this.#form.fields
  }
}
