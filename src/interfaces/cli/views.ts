/** What commands read of the API's answers; the API may say more. */
export interface IntegrationView {
  readonly id: string
  readonly provider: string
  readonly name: string
  readonly status: string
  readonly receivePath: string
  readonly scheme: string
  readonly coverage: string
  readonly weakness: string | null
  readonly publicUrl: string | null
  readonly settings: Readonly<Record<string, string>>
  readonly eventTypes: readonly string[] | null
  readonly destinations: readonly { readonly id: string; readonly url: string; readonly status: string }[]
  readonly keys: readonly {
    readonly id: string
    readonly slot: string | null
    readonly notBefore: string | null
    readonly notAfter: string | null
  }[]
}
