import { defineProvider } from '../definition.ts'

export const datadog = defineProvider({
  id: 'datadog',
  name: 'Datadog',
  category: 'observability',
  docs: 'https://docs.datadoghq.com/integrations/webhooks/',
  schemes: [
    {
      family: 'token',
      name: 'custom-header',
      token: { in: 'header', name: 'X-Webhook-Token', nameSetting: 'headerName' },
      weakness: 'Datadog signs nothing. The token does not cover the body: who sees one request can make any other.',
    },
  ],
  keyForm: 'The value of the custom header, as text: make a long random one.',
  settings: [
    {
      name: 'headerName',
      what: 'The name of the header, where it is not `X-Webhook-Token`.',
      example: 'X-Webhook-Token',
      schemes: ['custom-header'],
    },
  ],
  setup: [
    'Open Integrations, find Webhooks, and add one with the URL of the integration.',
    'Under Custom Headers enter `{"X-Webhook-Token": "…"}` with a long random text, and paste that text here as the key.',
    'Keep `"id": "$ID"`, `"event_type": "$EVENT_TYPE"` and `"date": "$DATE"` in the payload, and write quotes around text values.',
    'Write `@webhook-` and its name into a monitor’s message, and send a test notification.',
  ],
  rotation:
    'Add the new value here as a second key, change it in the webhook’s custom headers, then remove the old key.',
  payload: [{ kind: 'json-object' }, { kind: 'form' }],
  methods: ['POST'],
  // The names are those of the payload that Datadog proposes; who changes it changes what is found here.
  event: {
    id: 'body:$.id | form:id',
    type: 'body:$.event_type | form:event_type',
    tenant: 'body:$.org.id | body:$.org_id | form:org_id',
    subject: 'body:$.alert_id | form:alert_id',
    occurredAt: 'body:$.date | form:date',
  },
  delivery: {
    success: '2xx',
    retries: 'unknown; rely on none',
    addresses: 'https://ip-ranges.datadoghq.com/ (webhooks)',
  },
  pitfalls: [
    'There is no signature; a header of your own is all there is. Restrict the source addresses as well.',
    'The payload is a text of your own: a variable with a quote in it can make it invalid JSON.',
    'Without `$ID` in the payload two alerts with the same text count as one.',
  ],
  sample: {
    type: 'query_alert_monitor',
    contentType: 'application/json',
    body: '{"id":"{{id}}","event_type":"{{type}}","title":"[Triggered] The door is open","body":"door.open > 1","date":"{{seconds}}000","last_updated":"{{seconds}}000","alert_id":"1234","org":{"id":"1","name":"Postern"}}',
  },
  vectors: {
    accepted: [
      {
        why: 'the right token',
        headers: [['X-Webhook-Token', 'datadog_test_token_0123456789']],
        body: '{"id":"4567","event_type":"query_alert_monitor","title":"Grüße 🚀 $&"}',
        key: 'datadog_test_token_0123456789',
      },
      {
        why: 'a header of another name, as set',
        headers: [['X-Alert-Key', 'datadog_test_token_0123456789']],
        body: '{"id":"4567","event_type":"query_alert_monitor","title":"Grüße 🚀 $&"}',
        key: 'datadog_test_token_0123456789',
        settings: { headerName: 'X-Alert-Key' },
      },
    ],
    refused: [
      {
        why: 'another token',
        headers: [['X-Webhook-Token', 'datadog_test_token_012345678z']],
        body: '{"id":"4567","event_type":"query_alert_monitor","title":"Grüße 🚀 $&"}',
        key: 'datadog_test_token_0123456789',
      },
      {
        why: 'one character more',
        headers: [['X-Webhook-Token', 'datadog_test_token_0123456789x']],
        body: '{"id":"4567","event_type":"query_alert_monitor","title":"Grüße 🚀 $&"}',
        key: 'datadog_test_token_0123456789',
      },
      {
        why: 'the last character missing',
        headers: [['X-Webhook-Token', 'datadog_test_token_012345678']],
        body: '{"id":"4567","event_type":"query_alert_monitor","title":"Grüße 🚀 $&"}',
        key: 'datadog_test_token_0123456789',
      },
      {
        why: 'no token',
        headers: [],
        body: '{"id":"4567","event_type":"query_alert_monitor","title":"Grüße 🚀 $&"}',
        key: 'datadog_test_token_0123456789',
      },
      {
        why: 'an empty token',
        headers: [['X-Webhook-Token', '']],
        body: '{"id":"4567","event_type":"query_alert_monitor","title":"Grüße 🚀 $&"}',
        key: 'datadog_test_token_0123456789',
      },
      {
        why: 'the token twice',
        headers: [
          ['X-Webhook-Token', 'datadog_test_token_0123456789'],
          ['X-Webhook-Token', 'datadog_test_token_0123456789'],
        ],
        body: '{"id":"4567","event_type":"query_alert_monitor","title":"Grüße 🚀 $&"}',
        key: 'datadog_test_token_0123456789',
      },
      {
        why: 'the usual name where another is set',
        headers: [['X-Webhook-Token', 'datadog_test_token_0123456789']],
        body: '{"id":"4567","event_type":"query_alert_monitor","title":"Grüße 🚀 $&"}',
        key: 'datadog_test_token_0123456789',
        settings: { headerName: 'X-Alert-Key' },
      },
    ],
  },
})
